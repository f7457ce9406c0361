import type { CompletionsRequest } from '../../providers/canonical/completions.js';
import type { RerankRequest } from '../../providers/canonical/rerank.js';
import type { SoundLength } from '../../upload/sound/sound-file.js';
import type { PassedRequest } from './passed-requests.js';
import type { ReadTranscription } from './read-transcription.js';
import type { ReadCompletions } from './validate-completions.js';
import type { ReadModerations } from './validate-moderations.js';
import type { ReadSpeech } from './validate-speech.js';

/** The slowest sound that speech can be understood in, 8 kbit/s, has a byte for each millisecond. */
const BYTES_PER_MS_MIN = 1;
/** Of usual recordings, 64 kbit/s; for what no header and no upstream tells the length of. */
const BYTES_PER_MS_USUAL = 8;
/** Cohere's unit: one query with up to 100 documents, of which a long one counts once for each 500 tokens. https://cohere.com/pricing */
const DOCUMENTS_PER_SEARCH = 100;
const TOKENS_PER_DOCUMENT = 500;

/** What is counted, routed and billed of completions. */
export function ofCompletions({ request, writtenCount }: ReadCompletions): PassedRequest {
  const { isStream, outputTokensCap, choiceCount } = request;
  return {
    ...bodyOf(request),
    operation: 'completions',
    endpoint: 'completions',
    isStream,
    choiceCount,
    outputTokensCap,
    toOutput: () => ({ kind: 'tokens', cap: outputTokensCap, choices: writtenCount }),
  };
}

/** The same of moderations. */
export function ofModerations(request: ReadModerations): PassedRequest {
  return {
    ...bodyOf(request),
    isModelGiven: request.isModelGiven,
    operation: 'moderations',
    endpoint: 'moderations',
    isStream: false,
    toOutput: () => ({ kind: 'none' }),
  };
}

/** The same of a text to be spoken. */
export function ofSpeech({ request, speedPercent }: ReadSpeech): PassedRequest {
  const { characters } = request;
  return {
    ...bodyOf(request),
    operation: 'speech',
    endpoint: 'audio/speech',
    // Also bare sound is passed on as it comes.
    isStream: true,
    given: { characters },
    toOutput: () => ({ kind: 'speech', characters, speedPercent }),
  };
}

/** The same of documents to be put in order. */
export function ofRerank(request: RerankRequest): PassedRequest {
  const { length } = request.documents;
  const count = Math.ceil(length / DOCUMENTS_PER_SEARCH);
  return {
    ...bodyOf(request),
    operation: 'rerank',
    endpoint: 'rerank',
    isStream: false,
    given: { searches: count },
    toOutput: (promptTokens) => {
      const pieces = length + Math.floor(promptTokens / TOKENS_PER_DOCUMENT);
      return { kind: 'searches', count, countMax: Math.ceil(pieces / DOCUMENTS_PER_SEARCH) };
    },
  };
}

/** The same of sound to be written down, whose `value` and `bytes` are the text fields of its form. */
export function ofTranscription({ request, sound }: ReadTranscription): PassedRequest {
  const { model, task, isStream, fields, fileBytes } = request;
  const value: Record<string, string> = {};
  for (const field of fields) value[field.name] ??= field.value;
  const { ms, msMax } = lengthsOf(sound, fileBytes);
  return {
    operation: 'transcriptions',
    endpoint: task === 'translate' ? 'audio/translations' : 'audio/transcriptions',
    model,
    value,
    bytes: Buffer.from(JSON.stringify(value)),
    isStream,
    given: { audioMs: ms },
    toOutput: () => ({ kind: 'sound', ms, msMax }),
  };
}

function bodyOf({ model, source }: Pick<CompletionsRequest, 'model' | 'source'>) {
  return { model, value: source.value, bytes: source.bytes };
}

/** A length that was only declared may be less than the truth: what is held is not. */
function lengthsOf(sound: SoundLength | undefined, bytes: number): { ms: number; msMax: number } {
  const usual = Math.ceil(bytes / BYTES_PER_MS_USUAL);
  if (sound === undefined) return { ms: usual, msMax: Math.ceil(bytes / BYTES_PER_MS_MIN) };
  return { ms: sound.ms, msMax: sound.isCounted ? sound.ms : Math.max(sound.ms, usual) };
}
