import { Inject } from '@nestjs/common';
import { Args, Context, ID, Mutation, Query, Resolver } from '@nestjs/graphql';
import type { AdminContext } from '../graphql/admin-context.js';
import { Allow } from '../graphql/allow.decorator.js';
import { type Page, PageArgs } from '../graphql/connection.js';
import {
  CaptureChanged,
  type CapturedExchange,
  CapturedExchangeConnection,
  CapturedExchangesArgs,
  type CaptureSetting,
  CaptureSettingConnection,
  OpenCapturedExchangeResult,
  SetCaptureInput,
} from './capture.type.js';
import { CaptureDesk } from './capture-desk.js';

/** Requests and answers of keys whose capture is on. */
@Resolver()
export class CaptureResolver {
  constructor(@Inject(CaptureDesk) private readonly desk: CaptureDesk) {}

  @Query(() => CapturedExchangeConnection, {
    description: 'Captured requests and answers without what was said in them, the newest first.',
  })
  @Allow('capture:read')
  capturedExchanges(@Args() args: CapturedExchangesArgs): Promise<Page<CapturedExchange>> {
    return this.desk.list(args, args.filter ?? {});
  }

  @Query(() => CaptureSettingConnection, { description: 'The API keys whose capture is on.' })
  @Allow('capture:read')
  captureSettings(@Args() args: PageArgs): Promise<Page<CaptureSetting>> {
    return this.desk.settings(args);
  }

  @Mutation(() => OpenCapturedExchangeResult, {
    description: 'Shows what was said in a captured exchange. A mutation, since the audit log tells of it.',
  })
  @Allow('capture:read')
  openCapturedExchange(
    @Args('id', { type: () => ID, description: 'The exchange.' }) id: string,
    @Context() context: AdminContext,
  ): Promise<typeof OpenCapturedExchangeResult> {
    return this.desk.open(context, id);
  }

  @Mutation(() => CaptureChanged, {
    description: "Switches the capture of an API key's requests and answers on until a moment, or off.",
  })
  @Allow('capture:write')
  setCapture(
    @Args('input', { description: 'The key, and until when.' }) input: SetCaptureInput,
    @Context() context: AdminContext,
  ): Promise<CaptureChanged> {
    return this.desk.set(context, input);
  }
}
