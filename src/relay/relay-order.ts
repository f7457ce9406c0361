import type { OutputBound } from '../billing/order.js';
import type { HoldKind } from '../quota/core/ledger-store.js';
import type { Choice } from './route-choice.js';

/** A validated and routed request, as *admit* takes it. */
export interface RelayOrder {
  readonly choice: Choice;
  /** For the usage event, such as `chat/completions`. */
  readonly endpoint: string;
  readonly kind: Extract<HoldKind, 'sync' | 'stream'>;
  /** As the hub counts them. */
  readonly promptTokens: number;
  /** The parsed body, as it came from the caller. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly output: OutputBound;
  /** Service tier that is asked for, other than the usual one. */
  readonly serviceTier?: string;
  /** SHA-256 of what was asked; worked out only for a request with an Idempotency-Key. */
  readonly hash: (route: string) => Buffer | Promise<Buffer>;
}
