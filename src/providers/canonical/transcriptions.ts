import type { Usage } from './usage.js';

/** What a transcript can be written in. `diarized_json` tells the speakers apart. */
export const TRANSCRIPT_FORMATS = ['json', 'text', 'srt', 'verbose_json', 'vtt', 'diarized_json'] as const;
export type TranscriptFormat = (typeof TRANSCRIPT_FORMATS)[number];

/** An upload whose speech is to be written down, validated. The file itself goes from the caller to the upstream unread. */
export interface TranscriptionRequest {
  readonly model: string;
  /** `translate`: into English, by `/audio/translations`. */
  readonly task: 'transcribe' | 'translate';
  readonly format: TranscriptFormat;
  readonly isStream: boolean;
  /** All text fields of the form as they came, `model` included; a name may be there more than once (`timestamp_granularities[]`). */
  readonly fields: readonly { readonly name: string; readonly value: string }[];
  /** Size of the file in bytes. */
  readonly fileBytes: number;
  /** Length of the sound in milliseconds, where its file says it. */
  readonly soundMs: number | undefined;
}

/** Text fields that take the place of the caller's; undefined takes one out. */
export interface UploadFields {
  readonly fields: Readonly<Record<string, string | undefined>>;
  /** Caller options this provider cannot honour and that were left out; reported by name. */
  readonly droppedParams: readonly string[];
}

/** A whole transcript in the format the caller asked for. */
export interface TranscriptionAnswer {
  readonly bytes: Uint8Array;
  /** Such as `application/json` or `text/plain; charset=utf-8`. */
  readonly contentType: string;
  /** What was said, for the hub's own count. */
  readonly text: string;
  /** Tokens, or the length of the sound (`audioMs`). */
  readonly usage: Usage | undefined;
}
