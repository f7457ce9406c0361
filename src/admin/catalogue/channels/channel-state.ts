import { Inject, Injectable } from '@nestjs/common';
import type { StoredChannel } from '../../../channels/stored-channel.js';
import type { ProviderError, ProviderErrorKind } from '../../../providers/canonical/provider-error.js';
import type { Candidate } from '../../../routing/candidate.js';
import { ChannelHealth } from '../../../routing/health/channel-health.js';
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
    @Inject(ChannelHealth) private readonly health: ChannelHealth,
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
    const rest = wholeRestOf(this.restsOf(channel), candidates);
    return rest === undefined ? { status: 'active', reason: null } : { status: 'resting', reason: TEXTS[rest.reason] };
  }

  /**
   * Its rests at this moment: of each credential that the upstream refuses, and of each model that it asked to wait with or that the
   * circuit breaker has taken out.
   */
  restsOf(channel: StoredChannel): ChannelRest[] {
    const rests = new Map<string, ChannelRest>();
    for (const candidate of this.catalog.table.candidatesOfChannel(channel.id) ?? []) {
      const rest = this.restOf(candidate);
      if (rest !== undefined) rests.set(`${rest.credential} ${rest.upstreamModel ?? ''}`, rest);
    }
    return [...rests.values()];
  }

  private restOf(candidate: Candidate): ChannelRest | undefined {
    const told = this.health.reasonFor(candidate);
    const toldReason = told && REASONS[told.kind];
    if (told !== undefined && toldReason !== undefined) return toRest(candidate, toldReason, told);
    const ejection = this.health.ejectionOf(candidate);
    if (ejection === undefined) return undefined;
    return toRest(candidate, ejection.phase === 'open' ? 'ejected' : 'halfOpen', ejection.error);
  }
}

function toRest(
  { target, credentialIndex }: Candidate,
  reason: RestReason,
  { retryAfterMs }: ProviderError,
): ChannelRest {
  const isOfAll = reason === 'credential' || reason === 'outOfMoney';
  return Object.assign(new ChannelRest(), {
    reason,
    upstreamModel: isOfAll ? null : target.upstreamModel,
    credential: credentialIndex + 1,
    until: new Date(Date.now() + (retryAfterMs ?? 0)),
  });
}

/** The rest of a channel none of whose credentials is left. */
function wholeRestOf(rests: readonly ChannelRest[], candidates: readonly Candidate[]): ChannelRest | undefined {
  const whole = rests.filter(({ upstreamModel }) => upstreamModel === null);
  return whole.length === candidates[0]?.credentialCount ? whole[0] : undefined;
}

const TEXTS: Readonly<Record<RestReason, string>> = {
  credential: 'the upstream refuses its credential',
  outOfMoney: 'its account at the upstream is out of credit',
  rateLimited: 'the upstream asked to wait',
  ejected: 'it failed again and again',
  halfOpen: 'the next request will show whether it works again',
};
