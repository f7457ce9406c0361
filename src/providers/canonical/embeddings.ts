import type { JsonSource } from '../../common/json-source.js';
import type { Usage } from './usage.js';

/** An embeddings request as the caller sent it, validated. `source` is OpenAI's `/embeddings` body. */
export interface EmbeddingsRequest {
  readonly source: JsonSource;
  readonly model: string;
  /** Number of inputs: 1 for a string or one list of tokens. */
  readonly inputCount: number;
  /** What the caller wants back; OpenAI's default is `float`. */
  readonly encodingFormat: 'float' | 'base64';
}

/** A whole embeddings answer: `bytes` is OpenAI's body in the encoding the caller asked for, ordered by `index`. */
export interface EmbeddingsAnswer {
  readonly bytes: Uint8Array;
  readonly usage: Usage | undefined;
}
