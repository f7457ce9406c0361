import type { JsonSource } from '../../common/json-source.js';
import type { Usage } from './usage.js';

/** An image generation request as the caller sent it, validated. `source` is OpenAI's `/images/generations` body. */
export interface ImagesRequest {
  readonly source: JsonSource;
  readonly model: string;
  /** How many pictures; 1 when the caller did not say. */
  readonly count: number;
  /** What the caller asked for, or undefined when it left that to the model. */
  readonly responseFormat: 'url' | 'b64_json' | undefined;
  readonly isStream: boolean;
}

/** One picture of an answer, in OpenAI's shape: `url` or `b64_json`, perhaps `revised_prompt`. */
export interface ImageItem {
  url?: string;
  b64_json?: string;
  revised_prompt?: string;
  [key: string]: unknown;
}

/** A whole image answer. `body` is OpenAI's object; the relay brings each item into the asked response format. */
export interface ImagesAnswer {
  readonly body: { created: number; data: ImageItem[]; [key: string]: unknown };
  readonly usage: Usage | undefined;
}
