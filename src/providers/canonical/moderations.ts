import type { JsonSource } from '../../common/json-source.js';
import type { Usage } from './usage.js';

/** A moderation as the caller asked for it, validated. `source` is OpenAI's `/moderations` body. */
export interface ModerationsRequest {
  readonly source: JsonSource;
  readonly model: string;
  /** How many results are due; a list of parts (text and picture) is one input. */
  readonly inputCount: number;
}

/** A whole answer: `bytes` is OpenAI's body with the public model name in it. */
export interface ModerationsAnswer {
  readonly bytes: Uint8Array;
  readonly usage: Usage | undefined;
}
