import type { TranscriptFormat } from '../../canonical/transcriptions.js';

/** How a vendor's /completions differs from OpenAI's. */
export interface CompletionsDialect {
  /** Default `/completions`. */
  readonly path?: string;
  /** True when the prompt is one text: lists of texts, and token numbers, are refused. */
  readonly takesOnePromptOnly?: boolean;
  /** False when there is one choice only, so that `n` and `best_of` above 1 are refused. Default true. */
  readonly canGiveChoices?: boolean;
  /** Fields the vendor refuses; they are removed and reported. */
  readonly refusedFields?: readonly string[];
}

/** How a vendor's /moderations differs. */
export interface ModerationsDialect {
  /** Default `/moderations`. */
  readonly path?: string;
  /** Only texts are taken, no pictures. */
  readonly isTextOnly?: boolean;
}

/** How a vendor's /audio/transcriptions differs. */
export interface TranscriptionsDialect {
  /** Default `/audio/transcriptions`. */
  readonly path?: string;
  /** True when there is `/audio/translations` too. */
  readonly hasTranslations?: boolean;
  /** True when transcripts come as OpenAI's events when `stream` is asked for. */
  readonly hasEvents?: boolean;
  /** What it can write; the hub makes `text` out of `json`. Left out: all that OpenAI has. */
  readonly formats?: readonly TranscriptFormat[];
  /** Fields of the form that are not known; they are removed and reported. Name without `[]`. */
  readonly refusedFields?: readonly string[];
}

/** How a vendor's /audio/speech differs. */
export interface SpeechDialect {
  /** Default `/audio/speech`. */
  readonly path?: string;
  /** True when `stream_format: sse` is known. */
  readonly hasEvents?: boolean;
  /** Fields the vendor refuses; they are removed and reported. */
  readonly refusedFields?: readonly string[];
}

/** How a vendor's /rerank differs from what Jina, Cohere, SiliconFlow and vLLM share. */
export interface RerankDialect {
  /** Default `/rerank`. */
  readonly path?: string;
  /** How many documents one request may carry. */
  readonly documentsMax?: number;
  /** Fields the vendor refuses; they are removed and reported. */
  readonly refusedFields?: readonly string[];
  /** Fields known under another name, e.g. `top_n` as `top_k`; the value keeps its bytes. */
  readonly renamedFields?: Readonly<Record<string, string>>;
  /** Fields that are sent where the caller gives none, as JSON text; `return_documents` in place of the caller's. */
  readonly addedFields?: Readonly<Record<string, string>>;
}
