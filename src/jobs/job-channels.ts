import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { ChannelStore } from '../channels/channel-store.js';
import { ProviderRegistry } from '../providers/provider-registry.js';
import { type Candidate, ChannelUnusableError, toCandidate } from '../routing/candidate.js';
import { ModelCatalog } from '../routing/model-catalog.js';
import type { JobOffer } from './job.js';

const KEPT_MS = 10_000;
const KEPT_MAX = 1000;

/** Where work was begun. */
type OfferPlace = Pick<JobOffer, 'channelId' | 'model' | 'upstreamModel'>;

/** Finds the channels of jobs. */
@Injectable()
export class JobChannels {
  private readonly retired = new LRUCache<string, { readonly candidate: Candidate | undefined }>({
    max: KEPT_MAX,
    ttl: KEPT_MS,
  });

  constructor(
    @Inject(ModelCatalog) private readonly catalog: ModelCatalog,
    @Inject(ChannelStore) private readonly store: ChannelStore,
    @Inject(ProviderRegistry) private readonly providers: ProviderRegistry,
  ) {}

  /** The channel of an offer as long as it may be given new work. @param wantedIndex of its credentials. */
  open(offer: OfferPlace, wantedIndex = 0): Candidate | undefined {
    return this.catalog.table
      .candidatesOf(offer.model)
      .find(
        ({ channel, target, credentialIndex }) =>
          channel.id === offer.channelId &&
          target.upstreamModel === offer.upstreamModel &&
          credentialIndex === wantedIndex,
      );
  }

  /** The channel of an offer for work that was begun there, also when it has been switched off since. */
  async pinned(offer: OfferPlace, credentialIndex = 0): Promise<Candidate | undefined> {
    const open = this.open(offer, credentialIndex);
    if (open !== undefined) return open;
    const key = `${offer.channelId} ${credentialIndex} ${offer.model} ${offer.upstreamModel}`;
    const known = this.retired.get(key);
    if (known !== undefined) return known.candidate;
    const candidate = await this.load(offer, credentialIndex);
    this.retired.set(key, { candidate });
    return candidate;
  }

  private async load(offer: OfferPlace, credentialIndex: number): Promise<Candidate | undefined> {
    const channel = await this.store.findChannel(offer.channelId);
    if (channel === undefined) return undefined;
    const target = { publicModel: offer.model, upstreamModel: offer.upstreamModel };
    try {
      return toCandidate(channel, this.providers.get(channel.provider), target, credentialIndex);
    } catch (error) {
      if (error instanceof ChannelUnusableError) return undefined;
      throw error;
    }
  }
}
