import type { Fault } from '../providers/canonical/fault-of.js';
import type { AttemptRecord } from '../routing/attempt-record.js';

/** What a relay request asks for. */
export type RelayOperation =
  | 'chat'
  | 'embeddings'
  | 'images'
  | 'completions'
  | 'moderations'
  | 'transcriptions'
  | 'speech'
  | 'rerank';

/** One relay request, when it is over. Nothing of what was asked or answered is in it. */
export interface RelayReport {
  readonly operation: RelayOperation;
  readonly isStream: boolean;
  /** Public name of the model that was asked for. */
  readonly model: string;
  /** `done`, `failed`, `client_gone`, `shutdown`, `insufficient_quota`. */
  readonly outcome: string;
  /** Whose fault it was that it failed; undefined when it is done. */
  readonly fault: Fault | undefined;
  /** From when the whole request was there; its settlement is not in it. */
  readonly durationMs: number;
  /** To the first content for the caller. */
  readonly firstTokenMs: number | undefined;
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  /** All attempts that were made, in their order. */
  readonly attempts: readonly AttemptRecord[];
}
