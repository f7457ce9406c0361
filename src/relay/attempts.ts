import { Inject, Injectable } from '@nestjs/common';
import { type Caller, mayUseModel } from '../auth/caller.js';
import type { CatalogModel } from '../channels/catalog.types.js';
import { describeModel } from '../jobs/describe-model.js';
import type { PriceTable } from '../pricing/price-table.js';
import { modelNotPriced } from '../pricing/pricing.errors.js';
import { ProviderError } from '../providers/canonical/provider-error.js';
import { ableCandidates, type OperationName, pricedCandidates } from '../routing/able-candidates.js';
import type { Candidate } from '../routing/candidate.js';
import { drawOrder } from '../routing/draw-order.js';
import { ChannelHealth } from '../routing/health/channel-health.js';
import { ModelCatalog } from '../routing/model-catalog.js';
import { modelNotFound } from '../routing/routing.errors.js';
import { operationNotSupported } from './relay.errors.js';
import type { RelayRun } from './relay-run.js';

const OPERATION_TITLES: Readonly<Record<OperationName, string>> = {
  chat: 'chat completions',
  embeddings: 'embeddings',
  images: 'image generation',
  imageEdits: 'image edits',
};

const VIDEO_HINT = 'It makes videos: send them to POST /api/video/submit.';

/** What a request may be served by, all of one moment. */
export interface Choice {
  readonly model: CatalogModel;
  readonly prices: PriceTable;
  /** In the order in which they are tried; each has a price. */
  readonly candidates: readonly Candidate[];
}

/** Chooses the channels of a request and tries them one after another. */
@Injectable()
export class Attempts {
  /** Candidates live as long as their table, so that each is looked at once. */
  private readonly videoCandidates = new WeakMap<Candidate, boolean>();

  constructor(
    @Inject(ModelCatalog) private readonly catalog: ModelCatalog,
    @Inject(ChannelHealth) private readonly health: ChannelHealth,
  ) {}

  /**
   * The channels that may serve a model for this caller, in the order in which they are tried.
   * @throws HubError 404 for an unknown model or one the key may not use, 400 when no channel offers the operation, 503
   * `model_not_priced` when none of them has a price.
   */
  choose(caller: Caller, id: string, operation: OperationName): Choice {
    const { table } = this.catalog;
    const model = mayUseModel(caller, id) ? table.models.get(id) : undefined;
    if (model === undefined) throw modelNotFound(id);
    const able = ableCandidates(table.candidatesOf(id), operation, (one) => this.makesVideos(one, model));
    if (able.length === 0) {
      const isForVideos = table.candidatesOf(id).some((candidate) => this.makesVideos(candidate, model));
      throw operationNotSupported(id, OPERATION_TITLES[operation], isForVideos ? VIDEO_HINT : undefined);
    }
    const priced = pricedCandidates(able, table.prices);
    if (priced.length === 0) throw modelNotPriced(id);
    return { model, prices: table.prices, candidates: drawOrder(priced, Math.random) };
  }

  /**
   * Tries the candidates in order until one succeeds. An attempt that throws ProviderError lets the next one have its
   * turn, unless the fault is the caller's or `mayGoOn` forbids it.
   * @throws HubError of the last failure when none is left.
   */
  async tryEach<T>(run: RelayRun, candidates: readonly Candidate[], attempt: (c: Candidate) => Promise<T>): Promise<T> {
    for (const candidate of this.awake(run, candidates)) {
      run.beginAttempt(candidate);
      try {
        return await attempt(candidate);
      } catch (error) {
        this.noteFailure(run, candidate, error);
      }
    }
    throw run.failure();
  }

  /** Like {@link tryEach} for streams: once `hasContent` says so, no other channel is tried. */
  async *streamEach<T>(
    run: RelayRun,
    candidates: readonly Candidate[],
    attempt: (c: Candidate) => AsyncGenerator<T, void>,
    hasContent: () => boolean,
  ): AsyncGenerator<T, void> {
    for (const candidate of this.awake(run, candidates)) {
      run.beginAttempt(candidate);
      try {
        yield* attempt(candidate);
        return;
      } catch (error) {
        this.noteFailure(run, candidate, error);
        if (hasContent()) break;
      }
    }
    throw run.failure();
  }

  private makesVideos(candidate: Candidate, model: CatalogModel): boolean {
    const known = this.videoCandidates.get(candidate);
    if (known !== undefined) return known;
    const isForVideos = describeModel(candidate, model.video) !== undefined;
    this.videoCandidates.set(candidate, isForVideos);
    return isForVideos;
  }

  /** Passes over resting channels; their reasons count as failures, so that the caller learns the right one. */
  private *awake(run: RelayRun, candidates: readonly Candidate[]): Generator<Candidate> {
    for (const candidate of candidates) {
      const reason = this.health.reasonFor(candidate);
      if (reason === undefined) yield candidate;
      else run.failAttempt(candidate, reason);
    }
  }

  private noteFailure(run: RelayRun, candidate: Candidate, error: unknown): void {
    if (!(error instanceof ProviderError)) throw error;
    if (!run.signal.aborted) this.health.note(candidate, error);
    run.failAttempt(candidate, error);
  }
}
