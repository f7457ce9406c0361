import { Inject, type Type } from '@nestjs/common';
import { Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { AdminContext } from '../graphql/admin-context.js';
import { Allow } from '../graphql/allow.decorator.js';
import { NameReader } from './name-reader.js';

interface AccountRow {
  readonly accountId: string | null;
}

interface KeyRow {
  readonly keyId: string | null;
}

interface ChannelRow {
  readonly channelId: string | null;
}

/** Adds `accountName` to a type with an `accountId`. */
export function accountNameOf(node: Type<AccountRow>): Type {
  @Resolver(() => node)
  class AccountName {
    constructor(@Inject(NameReader) private readonly names: NameReader) {}

    @ResolveField(() => String, { nullable: true, description: 'Name of the account.' })
    @Allow('accounts:read')
    accountName(@Parent() { accountId }: AccountRow, @Context() context: AdminContext): Promise<string | null> {
      return this.names.nameOf(context, 'account', accountId);
    }
  }
  return AccountName;
}

/** Adds `keyName` to a type with a `keyId`. */
export function keyNameOf(node: Type<KeyRow>): Type {
  @Resolver(() => node)
  class KeyName {
    constructor(@Inject(NameReader) private readonly names: NameReader) {}

    @ResolveField(() => String, { nullable: true, description: 'Name of the API key.' })
    @Allow('keys:read')
    keyName(@Parent() { keyId }: KeyRow, @Context() context: AdminContext): Promise<string | null> {
      return this.names.nameOf(context, 'key', keyId);
    }
  }
  return KeyName;
}

/** Adds `channelName` to a type with a `channelId`. */
export function channelNameOf(node: Type<ChannelRow>): Type {
  @Resolver(() => node)
  class ChannelName {
    constructor(@Inject(NameReader) private readonly names: NameReader) {}

    @ResolveField(() => String, { nullable: true, description: 'Name of the channel, while there is one.' })
    @Allow('channels:read')
    channelName(@Parent() { channelId }: ChannelRow, @Context() context: AdminContext): Promise<string | null> {
      return this.names.nameOf(context, 'channel', channelId);
    }
  }
  return ChannelName;
}
