import type { JsonSource } from '../../common/json-source.js';
import type { ProviderError } from './provider-error.js';
import type { Usage } from './usage.js';

/**
 * A chat request as the caller sent it, validated. The canonical shape *is* OpenAI's chat/completions: `source.value`
 * is the parsed body, `source.bytes` the original bytes. Adapters of the OpenAI format splice those bytes
 * (`source.splice`); adapters of another format read `source.value`. Neither may change it: a retry reads it again.
 */
export interface ChatRequest {
  readonly source: JsonSource;
  /** The public model name. */
  readonly model: string;
  readonly isStream: boolean;
  /** The caller asked for the usage chunk (`stream_options.include_usage`). */
  readonly includeUsage: boolean;
  /** How many choices (`n`); 1 when the caller did not say. */
  readonly choiceCount: number;
  /** `max_completion_tokens` or `max_tokens`, whichever the caller gave. */
  readonly outputTokensCap?: number;
  /**
   * True where the caller's format, or the hub itself, has the cap under a name of its own: the body's name for it is then none that the
   * caller chose, and an adapter writes the one that its vendor heeds. Left out: the caller's own word.
   */
  readonly isCapReworded?: boolean;
  /** What the caller's format can say and the body has no member for; an adapter says which of it it has honoured. */
  readonly extensions?: ChatExtensions;
  /** Undefined where the canonical request is the caller's own. */
  readonly original?: ChatOriginal;
}

/** Wishes for which chat/completions has no member. Left out: the caller has none. */
export interface ChatExtensions {
  /** `reasoning.summary` of the Responses format. */
  readonly reasoning_summary?: string;
  /** `truncation` of the Responses format, where it is more than the default. */
  readonly truncation?: string;
}

/** Formats of callers that an upstream may speak as well. */
export type OriginalFormat = 'anthropic';

/**
 * A request in its caller's own words, where these are not the canonical ones. An adapter that speaks the same format (see
 * `ChatOperation.speaks`) takes it as it is, so that nothing is lost in between; all others read the canonical request.
 */
export interface ChatOriginal {
  readonly format: OriginalFormat;
  readonly source: JsonSource;
  /** Headers that belong to the body, such as names of betas; lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Why nobody else can serve it, in a sentence that names the member; undefined when the canonical request says all of it. */
  readonly onlyThere?: string;
}

/** One choice of a chunk, in OpenAI's shape. Unknown keys pass through. */
export interface ChatChunkChoice {
  index: number;
  delta: Record<string, unknown>;
  finish_reason?: string | null;
  [key: string]: unknown;
}

/** One stream chunk in OpenAI's shape. `id`, `created` and `model` are set by the relay, the same on every chunk. */
export interface ChatChunk {
  choices: ChatChunkChoice[];
  [key: string]: unknown;
}

/** A whole chat answer in OpenAI's shape. */
export interface ChatCompletion {
  id: string;
  object: 'chat.completion';
  created: number;
  model: string;
  choices: ChatCompletionChoice[];
  usage?: Record<string, unknown>;
  [key: string]: unknown;
}

/** One choice of a whole answer. */
export interface ChatCompletionChoice {
  index: number;
  message: Record<string, unknown>;
  finish_reason: string;
  [key: string]: unknown;
}

/**
 * What a whole upstream answer means. `bytes` is what the caller gets, with the public model name in it.
 */
export interface ChatAnswer {
  readonly bytes: Uint8Array;
  readonly completion: ChatCompletion;
  readonly usage: Usage | undefined;
  /** The upstream's answer as it came, for a request that it was given in its caller's own words. */
  readonly original?: Readonly<Record<string, unknown>>;
  /** The upstream model that says it has answered, when it is another than was asked for; it may be billed at other prices. */
  readonly servedModel?: string;
  /** The service tier that it says to have been served in, in the vendor's word; it decides the price. Undefined: it says nothing. */
  readonly servedTier?: string;
}

/**
 * What one upstream event means to the relay:
 * - `chunk`: goes to the caller. Its `service_tier`, where it has one, is a word on the service tier, as `servedTier` is. `hasContent` is true when it carries text, reasoning, a refusal, audio or a tool call,
 *   which is the point after which no other channel may be tried. `isFinish` is true when a choice finishes with it. For a request that
 *   was asked in its caller's own words ({@link ChatOriginal}) a delta may have `content_blocks` (blocks that have no counterpart here) and
 *   `citations`, and a choice `original_finish` (what was said of the end, word for word, or as much of it as finish reasons have no word for) and
 *   `original_block_end` (its text so far is a block of its own).
 * - `usage`: the last word so far on consumption; `wire` is the usage object in OpenAI's shape. Never summed, the last wins.
 *   For a request in its caller's own words `wire.original` is the upstream's own object.
 *   `servedModel` and `servedTier` as in {@link ChatAnswer}.
 * - `begun`: the model is at work, but keeps to itself what it thinks. Nothing of it goes to the caller; whoever waits for the first
 *   token knows that it will come.
 * - `error`: the upstream failed inside the stream.
 * - `done`: the upstream said `[DONE]`; nothing after it counts.
 * - `malformed`: an event that could not be read; it is dropped and counted. `isTorn`: it began as an object, so that a part of the answer
 *   may have been in it.
 */
export type ChatStreamItem =
  | { readonly type: 'chunk'; readonly chunk: ChatChunk; readonly hasContent: boolean; readonly isFinish: boolean }
  | {
      readonly type: 'usage';
      readonly usage: Usage;
      readonly wire: Record<string, unknown>;
      readonly servedModel?: string;
      readonly servedTier?: string;
    }
  | { readonly type: 'begun' }
  | { readonly type: 'error'; readonly error: ProviderError }
  | { readonly type: 'done' }
  | { readonly type: 'malformed'; readonly isTorn?: boolean };

/** Turns upstream events into {@link ChatStreamItem}s. Holds the state of one stream; a new attempt opens a new one. */
export interface ChatStreamReader {
  /** Takes one SSE event and returns what it means, in order; an event without meaning gives an empty list. */
  push(event: SseEvent): readonly ChatStreamItem[];
}

/** One server-sent event: `name` is its `event:` field ('' when absent), `data` its `data:` lines joined by newlines. */
export interface SseEvent {
  readonly name: string;
  readonly data: string;
}
