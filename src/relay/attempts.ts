import { Inject, Injectable } from '@nestjs/common';
import { mayUseModel } from '../auth/caller.js';
import { ProviderError } from '../providers/canonical/provider-error.js';
import type { Candidate } from './candidate.js';
import { ChannelRests } from './channel-rests.js';
import { ModelCatalog } from './model-catalog.js';
import { modelNotFound, operationNotSupported } from './relay.errors.js';
import type { RelayContext } from './relay-context.js';
import type { RelayRun } from './relay-run.js';
import { drawOrder } from './routing-table.js';

/** The operations a provider may declare. */
export type OperationName = 'chat' | 'embeddings' | 'images' | 'imageEdits';

const OPERATION_TITLES: Readonly<Record<OperationName, string>> = {
  chat: 'chat completions',
  embeddings: 'embeddings',
  images: 'image generation',
  imageEdits: 'image edits',
};

/** Chooses the channels of a request and tries them one after another. */
@Injectable()
export class Attempts {
  constructor(
    @Inject(ModelCatalog) private readonly catalog: ModelCatalog,
    @Inject(ChannelRests) private readonly rests: ChannelRests,
  ) {}

  /**
   * The channels that may serve a model for this caller, in the order in which they are tried.
   * @throws HubError 404 for an unknown model or one the caller may not use, 400 when no channel offers the operation.
   */
  choose(context: RelayContext, model: string, operation: OperationName): readonly Candidate[] {
    const all = mayUseModel(context.caller, model) ? this.catalog.table.candidatesOf(model) : [];
    if (all.length === 0) throw modelNotFound(model);
    const able = all.filter((candidate) => candidate.provider[operation] !== undefined);
    if (able.length === 0) throw operationNotSupported(model, OPERATION_TITLES[operation]);
    return drawOrder(able, Math.random);
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

  /** Passes over resting channels; their reasons count as failures, so that the caller learns the right one. */
  private *awake(run: RelayRun, candidates: readonly Candidate[]): Generator<Candidate> {
    for (const candidate of candidates) {
      const reason = this.rests.reasonFor(candidate);
      if (reason === undefined) yield candidate;
      else run.failAttempt(candidate, reason);
    }
  }

  private noteFailure(run: RelayRun, candidate: Candidate, error: unknown): void {
    if (!(error instanceof ProviderError)) throw error;
    if (!run.signal.aborted) this.rests.note(candidate, error);
    run.failAttempt(candidate, error);
  }
}
