import type { SoundAnswer } from '../http/write-sound.js';
import type { StreamAnswer } from '../http/write-stream.js';

/** A whole answer, ready to send. */
export interface JsonAnswer {
  readonly kind: 'json';
  /** Default 200; another one only for an answer that is repeated. */
  readonly status?: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Default `application/json`. */
  readonly contentType?: string;
}

/** What a relay service answers. */
export type RelayAnswer = JsonAnswer | StreamAnswer | SoundAnswer;
