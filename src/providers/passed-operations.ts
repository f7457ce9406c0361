import type { AnswerEventReader } from './canonical/answer-events.js';
import type { CompletionsAnswer, CompletionsRequest } from './canonical/completions.js';
import type { ModerationsAnswer, ModerationsRequest } from './canonical/moderations.js';
import type { RerankAnswer, RerankRequest } from './canonical/rerank.js';
import type { SpeechRequest } from './canonical/speech.js';
import type { TranscriptionAnswer, TranscriptionRequest, UploadFields } from './canonical/transcriptions.js';
import type { OperationPath, Target, UpstreamBody } from './translated.js';

/** completions, the older way to ask for text, both ways; pure. */
export interface CompletionsOperation {
  readonly path: OperationPath;
  /** Throws ProviderError `unsupported_option` with `param` for an option this provider cannot honour. */
  toBody(request: CompletionsRequest, target: Target): UpstreamBody;
  fromBody(body: Uint8Array, request: CompletionsRequest, target: Target): CompletionsAnswer;
  openStream(target: Target, request: CompletionsRequest): AnswerEventReader;
}

/** moderations both ways; pure. */
export interface ModerationsOperation {
  readonly path: OperationPath;
  toBody(request: ModerationsRequest, target: Target): UpstreamBody;
  fromBody(body: Uint8Array, request: ModerationsRequest, target: Target): ModerationsAnswer;
}

/** audio/transcriptions and audio/translations: the upload is passed through with some of its fields replaced; pure. */
export interface TranscriptionsOperation {
  readonly path: OperationPath;
  /** Where translations into English go; left out where there are none. */
  readonly translationsPath?: OperationPath;
  /** Throws ProviderError `unsupported_option` with `param` for an option this provider cannot honour. */
  toFields(request: TranscriptionRequest, target: Target): UploadFields;
  /** @param contentType of the upstream's answer. */
  fromBody(body: Uint8Array, contentType: string, request: TranscriptionRequest): TranscriptionAnswer;
  /** Left out where `stream` is not known, or not heeded: then a request for a stream is refused. */
  openStream?(target: Target, request: TranscriptionRequest): AnswerEventReader;
}

/** audio/speech: the answer is sound, passed through as it comes; pure. */
export interface SpeechOperation {
  readonly path: OperationPath;
  toBody(request: SpeechRequest, target: Target): UpstreamBody;
  /** For `stream_format: sse`. Left out where there are no such events: then a request for them is refused. */
  openStream?(target: Target, request: SpeechRequest): AnswerEventReader;
}

/** rerank both ways; pure. */
export interface RerankOperation {
  readonly path: OperationPath;
  /** How many documents one request may carry. */
  readonly documentsMax?: number;
  toBody(request: RerankRequest, target: Target): UpstreamBody;
  fromBody(body: Uint8Array, request: RerankRequest, target: Target): RerankAnswer;
}
