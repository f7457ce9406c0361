import type { SseEvent } from './chat.js';
import type { ProviderError } from './provider-error.js';
import type { Usage } from './usage.js';

/** Text of one choice on its way to the caller; it is counted. */
export interface AnswerText {
  /** Counted from 0; 0 where there is only one. */
  readonly choice: number;
  readonly text: string;
}

/**
 * What one upstream event means in a stream that is no chat:
 * - `event`: goes to the caller, `value` as its data. `texts` is what of it is text, `hasContent` is true when the caller can use it (text
 *   or sound), after which no other channel may be tried, and `finished` names the choices that end with it by their finish reasons.
 * - `usage`: the last word so far on consumption. Never summed, the last wins.
 * - `error`: the upstream failed inside the stream.
 * - `done`: the upstream said `[DONE]`; nothing after it counts.
 * - `malformed`: an event that could not be read; it is dropped and counted.
 */
export type AnswerEvent =
  | {
      readonly type: 'event';
      readonly value: Readonly<Record<string, unknown>>;
      readonly texts: readonly AnswerText[];
      readonly hasContent: boolean;
      readonly begun: readonly number[];
      readonly finished: readonly { readonly choice: number; readonly reason: string }[];
    }
  | { readonly type: 'usage'; readonly usage: Usage; readonly wire: Readonly<Record<string, unknown>> }
  | { readonly type: 'error'; readonly error: ProviderError }
  | { readonly type: 'done' }
  | { readonly type: 'malformed' };

/** Turns upstream events into {@link AnswerEvent}s. Holds the state of one stream; a new attempt opens a new one. */
export interface AnswerEventReader {
  /** Takes one SSE event and returns what it means, in order; an event without meaning gives an empty list. */
  push(event: SseEvent): readonly AnswerEvent[];
}
