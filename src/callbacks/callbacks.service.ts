import type { IncomingHttpHeaders } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { ChannelStore } from '../channels/channel-store.js';
import { Jobs } from '../jobs/jobs.service.js';
import { callbackOf } from '../providers/callback-of.js';
import type { TaskApi } from '../providers/provider.js';
import { ProviderRegistry } from '../providers/provider-registry.js';
import { callbackForged, callbackUnknown, taskUnknown } from './callbacks.errors.js';

/** A channel that takes callbacks. */
export interface CallbackReceiver {
  readonly channelId: string;
  readonly secret: string;
  /** As upstreams are told it, whatever a proxy makes of it on the way. */
  readonly url: string;
  readonly operation: NonNullable<TaskApi['callback']>;
}

/**
 * What providers report of their tasks. A report is only a reason to look: what it says of the task's state is not read, so a
 * repeated, late or lying one changes nothing.
 */
@Injectable()
export class CallbacksService {
  constructor(
    @Inject(ChannelStore) private readonly channels: ChannelStore,
    @Inject(ProviderRegistry) private readonly providers: ProviderRegistry,
    @Inject(Jobs) private readonly jobs: Pick<Jobs, 'callbackUrlOf' | 'wakeByTask'>,
  ) {}

  /** @throws HubError 404 when there is no such channel, or its callbacks are not signed. */
  async receiverOf(channelName: string): Promise<CallbackReceiver> {
    const channel = await this.channels.findChannelNamed(channelName);
    const provider = channel && this.providers.get(channel.provider);
    const operation = provider && callbackOf(provider);
    const secret = channel?.callbackSecret ?? '';
    const url = channel && this.jobs.callbackUrlOf(channel);
    if (url === undefined || channel === undefined || operation === undefined) throw callbackUnknown();
    return { channelId: channel.id, secret, url, operation };
  }

  /**
   * Has the job of a task looked after now.
   *
   * @param nowMs Unix time in milliseconds, for the age of the signature.
   * @throws HubError 401 when it is not genuine, 404 when the task is none of this channel's.
   */
  async take(
    { channelId, secret, url, operation }: CallbackReceiver,
    headers: IncomingHttpHeaders,
    body: Uint8Array,
    nowMs: number,
  ): Promise<void> {
    if (!operation.isGenuine(secret, flatten(headers), body, nowMs, url)) throw callbackForged();
    const task = operation.read(body);
    if (task === undefined || (await this.jobs.wakeByTask(channelId, task)) === 'absent') throw taskUnknown();
  }
}

function flatten(headers: IncomingHttpHeaders): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}
