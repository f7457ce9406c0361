import type { JsonSource } from '../../common/json-source.js';

/** A text to be spoken, validated. `source` is OpenAI's `/audio/speech` body. */
export interface SpeechRequest {
  readonly source: JsonSource;
  readonly model: string;
  readonly input: string;
  /** Of `input`, counted as Unicode code points. */
  readonly characters: number;
  /** `response_format`; `mp3` when the caller did not say. */
  readonly format: string;
  /** `stream_format: sse`: events instead of the bare sound. */
  readonly isEvents: boolean;
}
