import { Inject, Injectable } from '@nestjs/common';
import { insertChannel, removeChannel, setChannelEnabled, updateOwnChannel } from '../../../channels/own-channels.js';
import { readStoredChannels, type StoredChannel } from '../../../channels/stored-channel.js';
import { invalidRequest } from '../../../common/hub-error.js';
import type { SqlSession } from '../../../database/sql.js';
import type { Provider } from '../../../providers/provider.js';
import { ProviderRegistry } from '../../../providers/provider-registry.js';
import { CredentialCipher } from '../../../secrets/credential-cipher.js';
import type { AdminContext } from '../../graphql/admin-context.js';
import { declaredElsewhere, nameTaken, notFound } from '../../graphql/graphql.errors.js';
import { readId } from '../../graphql/read-id.js';
import { readOptionalReason } from '../../graphql/read-reason.js';
import { type VersionConflict, versionConflict } from '../../graphql/version-conflict.js';
import { CatalogueChanges } from '../catalogue-changes.js';
import type {
  CreateChannelInput,
  RemoveChannelInput,
  SetChannelEnabledInput,
  UpdateChannelInput,
} from './channel.input.js';
import { type ChannelNode, toChannelNode } from './channel.type.js';
import { checkChannelChange, checkNewChannel } from './channel-settings.js';

/** Changes channels of operators' own; declared ones are refused. Each change takes effect with the next request. */
@Injectable()
export class ChannelEditor {
  constructor(
    @Inject(CatalogueChanges) private readonly changes: CatalogueChanges,
    @Inject(ProviderRegistry) private readonly providers: ProviderRegistry,
    @Inject(CredentialCipher) private readonly cipher: CredentialCipher,
  ) {}

  /** @throws HubError 400 naming the field, 409 `name_taken`. */
  async create(context: AdminContext, input: CreateChannelInput): Promise<ChannelNode> {
    const provider = this.providerNamed(input.provider);
    const { settings, secrets } = checkNewChannel(input, provider);
    return this.changes.run(context, async (session, trail) => {
      await requireFreeName(session, settings.name);
      const channel = { ...settings, provider: provider.id, isEnabled: input.isEnabled };
      const id = await insertChannel(session, this.cipher, channel, secrets);
      const after = await readChannel(session, id);
      trail.changed({ action: 'channel.create', kind: 'channel', id, after: snapshotOf(after) });
      return toChannelNode(after);
    });
  }

  /** @throws HubError 400 naming the field, 404, 409 `name_taken` or `declared_elsewhere`. */
  async update(context: AdminContext, input: UpdateChannelInput): Promise<ChannelNode | VersionConflict> {
    return this.edit(context, input, 'channel.update', undefined, async (session, before) => {
      const { settings, secrets } = checkChannelChange(input, before, this.providerNamed(before.provider));
      if (settings.name !== before.name) await requireFreeName(session, settings.name);
      await updateOwnChannel(session, this.cipher, before.id, settings, secrets);
      return {
        ...(secrets.credentials !== undefined && { isCredentialReplaced: true }),
        ...(secrets.callbackSecret !== undefined && { isCallbackSecretReplaced: true }),
      };
    });
  }

  /** @throws HubError 404, 409 `declared_elsewhere`. */
  async setEnabled(context: AdminContext, input: SetChannelEnabledInput): Promise<ChannelNode | VersionConflict> {
    const action = input.isEnabled ? 'channel.enable' : 'channel.disable';
    return this.edit(context, input, action, undefined, async (session, before) => {
      await setChannelEnabled(session, before.id, input.isEnabled);
      return {};
    });
  }

  /** @throws HubError 404, 409 `declared_elsewhere`. */
  async remove(context: AdminContext, input: RemoveChannelInput): Promise<ChannelNode | VersionConflict> {
    const reason = readOptionalReason(input.reason);
    return this.edit(context, input, 'channel.remove', reason, async (session, before) => {
      await removeChannel(session, before.id);
      return {};
    });
  }

  /** @param change makes the change; it gives what the snapshot cannot show of it. */
  private async edit(
    context: AdminContext,
    { id, version }: { readonly id: string; readonly version: number },
    action: string,
    reason: string | undefined,
    change: (session: SqlSession, before: StoredChannel) => Promise<object>,
  ): Promise<ChannelNode | VersionConflict> {
    readId('channel', id);
    return this.changes.run(context, async (session, trail) => {
      const before = await findOwnChannel(session, id);
      if (before.version !== version) return trail.refuse(versionConflict(`channel ${id}`, before.version));
      const more = await change(session, before);
      const after = await readChannel(session, id);
      trail.changed({
        action,
        kind: 'channel',
        id,
        reason,
        before: snapshotOf(before),
        after: { ...snapshotOf(after), ...more },
      });
      return toChannelNode(after);
    });
  }

  private providerNamed(id: string): Provider {
    const provider = this.providers.get(id);
    if (provider === undefined) {
      const known = this.providers.list().map((one) => one.id);
      throw invalidRequest(`"provider" must be one of ${known.join(', ')}.`, 'provider', 'provider_unknown');
    }
    return provider;
  }
}

/**
 * A channel that may be changed here.
 * @throws HubError 404 for one that is not there or removed, 409 for a declared one; naming `param`.
 */
export async function findOwnChannel(session: SqlSession, id: string, param = 'id'): Promise<StoredChannel> {
  const channel = (await readStoredChannels(session, [id])).get(id);
  if (channel === undefined || channel.removedAt !== null) throw notFound('channel', id, param);
  if (channel.managedBy !== null) throw declaredElsewhere(`channel "${channel.name}"`, channel.managedBy, param);
  return channel;
}

async function readChannel(session: SqlSession, id: string): Promise<StoredChannel> {
  const channel = (await readStoredChannels(session, [id])).get(id);
  if (channel === undefined) throw new Error(`The channel ${id} was not stored`);
  return channel;
}

async function requireFreeName(session: SqlSession, name: string): Promise<void> {
  const rows = await session.query('select id from channel where name = $1', [name]);
  if (rows.length > 0) throw nameTaken('channel', name);
}

/** What the audit log keeps of a channel. */
function snapshotOf(channel: StoredChannel): object {
  const {
    createdAt: _createdAt,
    updatedAt: _updatedAt,
    hasCredential,
    hasCallbackSecret,
    credentialLast4,
    ...rest
  } = channel;
  // Named so that the masking of secrets leaves them readable.
  return { ...rest, isKeyStored: hasCredential, keyLast4: credentialLast4, isCallbackKeyStored: hasCallbackSecret };
}
