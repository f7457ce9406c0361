import type { JsonSource } from '../../common/json-source.js';
import type { Usage } from './usage.js';

/** A text completion as the caller asked for it, validated. `source` is OpenAI's `/completions` body. */
export interface CompletionsRequest {
  readonly source: JsonSource;
  readonly model: string;
  readonly isStream: boolean;
  /** The caller asked for the usage chunk (`stream_options.include_usage`). */
  readonly includeUsage: boolean;
  /** How many choices there will be: `n` for each prompt. */
  readonly choiceCount: number;
  /** `max_tokens` of each choice; 16 when the caller did not say, as at OpenAI, also where a vendor has another default. */
  readonly outputTokensCap: number;
}

/** A whole answer: `bytes` is OpenAI's `text_completion` with the public model name in it. */
export interface CompletionsAnswer {
  readonly bytes: Uint8Array;
  /** Of all choices, for the hub's own count. */
  readonly texts: readonly string[];
  readonly usage: Usage | undefined;
}
