import { Inject } from '@nestjs/common';
import { Args, Context, createUnionType, Mutation, Resolver } from '@nestjs/graphql';
import type { AdminContext } from '../../graphql/admin-context.js';
import { Allow } from '../../graphql/allow.decorator.js';
import { VersionConflict } from '../../graphql/version-conflict.js';
import {
  CreateChannelInput,
  RemoveChannelInput,
  SetChannelEnabledInput,
  TestChannelInput,
  UpdateChannelInput,
} from './channel.input.js';
import { ChannelNode } from './channel.type.js';
import { ChannelEditor } from './channel-editor.js';
import { type ChannelFails, type ChannelWorks, TestChannelResult } from './channel-test.type.js';
import { ChannelTester } from './channel-tester.js';

/** What became of a change of a channel. */
export const ChangeChannelResult = createUnionType({
  name: 'ChangeChannelResult',
  description: 'The channel as it is now, or that somebody else was faster.',
  types: () => [ChannelNode, VersionConflict] as const,
  resolveType: (value: ChannelNode | VersionConflict) => ('currentVersion' in value ? VersionConflict : ChannelNode),
});

/** What operators do to channels. */
@Resolver()
export class ChannelMutationsResolver {
  constructor(
    @Inject(ChannelEditor) private readonly editor: ChannelEditor,
    @Inject(ChannelTester) private readonly tester: ChannelTester,
  ) {}

  @Mutation(() => ChannelNode, { description: 'Makes a channel. It serves when it has routes: see `addRoute`.' })
  @Allow('channels:write')
  createChannel(
    @Context() context: AdminContext,
    @Args('input', { description: 'What it is made of.' }) input: CreateChannelInput,
  ): Promise<ChannelNode> {
    return this.editor.create(context, input);
  }

  @Mutation(() => ChangeChannelResult, {
    description: 'Changes a channel; requests under way go on with what they began with.',
  })
  @Allow('channels:write')
  updateChannel(
    @Context() context: AdminContext,
    @Args('input', { description: 'What is changed.' }) input: UpdateChannelInput,
  ): Promise<ChannelNode | VersionConflict> {
    return this.editor.update(context, input);
  }

  @Mutation(() => ChangeChannelResult, { description: 'Switches a channel on or off.' })
  @Allow('channels:write')
  setChannelEnabled(
    @Context() context: AdminContext,
    @Args('input', { description: 'Which one, and how.' }) input: SetChannelEnabledInput,
  ): Promise<ChannelNode | VersionConflict> {
    return this.editor.setEnabled(context, input);
  }

  @Mutation(() => ChangeChannelResult, {
    description:
      'Takes a channel out of use for good. Requests and jobs that run there are finished; usage keeps pointing at it.',
  })
  @Allow('channels:write')
  removeChannel(
    @Context() context: AdminContext,
    @Args('input', { description: 'Which one.' }) input: RemoveChannelInput,
  ): Promise<ChannelNode | VersionConflict> {
    return this.editor.remove(context, input);
  }

  @Mutation(() => TestChannelResult, {
    description:
      'Tries a channel out with one real call of at most ten seconds. Ten in a minute for each person, one at a time for each channel; nobody is charged by the hub.',
  })
  @Allow('channels:test')
  testChannel(
    @Context() context: AdminContext,
    @Args('input', { description: 'Which one, and how.' }) input: TestChannelInput,
  ): Promise<ChannelWorks | ChannelFails> {
    return this.tester.test(context, input);
  }
}
