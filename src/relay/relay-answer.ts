import type { CancelSignal } from '../common/cancellation.js';

/** A whole answer, ready to send. */
export interface JsonAnswer {
  readonly kind: 'json';
  /** Default 200; another one only for an answer that is repeated. */
  readonly status?: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/**
 * A streamed answer. Each value of `events` is one whole SSE event, blank line included. When it throws, the error is
 * shown as an error event and the stream ends without `[DONE]`.
 */
export interface StreamAnswer {
  readonly kind: 'stream';
  readonly headers: Readonly<Record<string, string>>;
  readonly events: AsyncIterator<string, void>;
  /** Aborts when the request must end: the writer then stops waiting for a client that does not read. */
  readonly signal: CancelSignal;
  /** Format of an error event; OpenAI's chat streams use plain `data:` events. */
  readonly toErrorEvent: (body: string) => string;
}

/** What a relay service answers. */
export type RelayAnswer = JsonAnswer | StreamAnswer;
