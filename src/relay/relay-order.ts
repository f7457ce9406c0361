import type { OutputBound } from '../billing/order.js';
import type { HoldKind } from '../quota/core/ledger-store.js';
import type { PromptKind } from '../tokens/prompt-parts.js';
import type { Choice } from './attempts.js';

/** A validated and routed request, as *admit* takes it. */
export interface RelayOrder {
  readonly choice: Choice;
  /** For the usage event, such as `chat/completions`. */
  readonly endpoint: string;
  readonly kind: Extract<HoldKind, 'sync' | 'stream'>;
  /** What its prompt tokens are counted from. */
  readonly prompt: {
    readonly kind: PromptKind;
    readonly value: Readonly<Record<string, unknown>>;
    readonly byteLength: number;
  };
  readonly output: OutputBound;
  /** SHA-256 of what was asked; worked out only for a request with an Idempotency-Key. */
  readonly hash: (route: string) => Buffer | Promise<Buffer>;
}
