import { Inject, Injectable } from '@nestjs/common';
import type { StoredChannel } from '../../../channels/stored-channel.js';
import type { ProviderErrorKind } from '../../../providers/canonical/provider-error.js';
import { ChannelRests } from '../../../routing/channel-rests.js';
import { ModelCatalog } from '../../../routing/model-catalog.js';
import { ChannelRest, type ChannelStatus, type RestReason } from './channel.type.js';

/** What a channel is doing and, where that needs a word, why. */
export interface ChannelState {
  readonly status: ChannelStatus;
  readonly reason: string | null;
}

const REASONS: Partial<Record<ProviderErrorKind, RestReason>> = {
  credential: 'credential',
  out_of_money: 'outOfMoney',
  rate_limited: 'rateLimited',
};

/** Says what channels are doing at this moment, as this instance routes by them. */
@Injectable()
export class ChannelStates {
  constructor(
    @Inject(ModelCatalog) private readonly catalog: ModelCatalog,
    @Inject(ChannelRests) private readonly rests: ChannelRests,
  ) {}

  stateOf(channel: StoredChannel): ChannelState {
    if (channel.removedAt !== null) return { status: 'removed', reason: null };
    if (!channel.isEnabled) return { status: 'disabled', reason: null };
    const { table } = this.catalog;
    const candidates = table.candidatesOfChannel(channel.id);
    if (candidates === undefined) {
      const reason = table.unusable.find(({ name }) => name === channel.name)?.reason;
      return { status: 'unusable', reason: reason ?? 'its credential does not open, or it has not been loaded yet' };
    }
    if (candidates.length === 0) return { status: 'unrouted', reason: null };
    const rest = this.restsOf(channel).find(({ upstreamModel }) => upstreamModel === null);
    return rest === undefined ? { status: 'active', reason: null } : { status: 'resting', reason: TEXTS[rest.reason] };
  }

  /** Its rests at this moment: of the whole channel once, and of each model that the upstream asked to wait with. */
  restsOf(channel: StoredChannel): ChannelRest[] {
    const rests = new Map<string | null, ChannelRest>();
    for (const candidate of this.catalog.table.candidatesOfChannel(channel.id) ?? []) {
      const error = this.rests.reasonFor(candidate);
      const reason = error && REASONS[error.kind];
      if (error === undefined || reason === undefined) continue;
      const upstreamModel = reason === 'rateLimited' ? candidate.target.upstreamModel : null;
      const until = new Date(Date.now() + (error.retryAfterMs ?? 0));
      rests.set(upstreamModel, Object.assign(new ChannelRest(), { reason, upstreamModel, until }));
    }
    return [...rests.values()];
  }
}

const TEXTS: Readonly<Record<RestReason, string>> = {
  credential: 'the upstream refuses its credential',
  outOfMoney: 'its account at the upstream is out of credit',
  rateLimited: 'the upstream asked to wait',
};
