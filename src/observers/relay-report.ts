import type { Fault } from '../providers/canonical/fault-of.js';
import type { ProviderErrorKind } from '../providers/canonical/provider-error.js';

/** How an attempt at an upstream ended. */
export type AttemptOutcome = 'done' | ProviderErrorKind | 'client_gone' | 'shutdown' | 'insufficient_quota';

/** One attempt at an upstream, when it is over. Nothing of what was asked or answered is in it. */
export interface AttemptReport {
  /** Counts from 1 within the request. */
  readonly number: number;
  /** Name of the channel. */
  readonly channel: string;
  /** Id of the provider. */
  readonly provider: string;
  /** What the upstream calls the model. */
  readonly upstreamModel: string;
  readonly outcome: AttemptOutcome;
  /** Whose fault it was that it failed; undefined when it did not. */
  readonly fault: Fault | undefined;
  /** HTTP status of the upstream, where there was one. */
  readonly status?: number;
  readonly durationMs: number;
  /** From its beginning to its first content. */
  readonly firstTokenMs?: number;
  /** It went on with an answer that another attempt had begun. */
  readonly isResume: boolean;
}

/** One relay request, when it is over. */
export interface RelayReport {
  readonly operation: 'chat' | 'embeddings' | 'images' | 'imageEdits';
  readonly isStream: boolean;
  /** Public name of the model that was asked for. */
  readonly model: string;
  /** `done`, `failed`, `client_gone`, `shutdown`, `insufficient_quota`. */
  readonly outcome: string;
  /** Whose fault it was that it failed; undefined when it is done. */
  readonly fault: Fault | undefined;
  readonly durationMs: number;
  /** To the first content for the caller. */
  readonly firstTokenMs: number | undefined;
  /** What the hub itself took of it: the time in which no upstream had the request. */
  readonly addedMs: number | undefined;
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  /** All attempts, in their order. */
  readonly attempts: readonly AttemptReport[];
}
