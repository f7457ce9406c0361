import { ProviderError } from '../../canonical/provider-error.js';
import {
  TRANSCRIPT_FORMATS,
  type TranscriptFormat,
  type TranscriptionAnswer,
  type TranscriptionRequest,
  type UploadFields,
} from '../../canonical/transcriptions.js';
import type { Usage } from '../../canonical/usage.js';
import type { Target, TranscriptionsOperation } from '../../provider.js';
import { AudioStream } from './audio-stream.js';
import type { ErrorRules } from './error-rules.js';
import { toInBandError } from './errors.js';
import { invalid, parseAnswer } from './parse-answer.js';
import type { TranscriptionsDialect } from './passed-dialects.js';
import { findInBandError } from './read-error-body.js';
import { toUsage } from './usage.js';
import { isText, type WireObject } from './wire.js';

const JSON_FORMATS: ReadonlySet<TranscriptFormat> = new Set(['json', 'verbose_json', 'diarized_json']);
const PLAIN = 'text/plain; charset=utf-8';

/** `/audio/transcriptions` of a vendor that speaks OpenAI's format. */
export function transcriptionsOperation(
  dialect: TranscriptionsDialect,
  rules: ErrorRules | undefined,
): TranscriptionsOperation {
  return {
    path: dialect.path ?? '/audio/transcriptions',
    ...(dialect.hasTranslations === true && { translationsPath: '/audio/translations' }),
    toFields: (request, target) => toFields(dialect, request, target),
    fromBody: (body, contentType, request) => fromTranscriptionBody(rules, body, contentType, request),
    ...(dialect.hasEvents === true && { openStream: () => new AudioStream('transcript.text', rules) }),
  };
}

/** @throws ProviderError `unsupported_option` naming `stream` or `response_format`. */
function toFields(dialect: TranscriptionsDialect, request: TranscriptionRequest, target: Target): UploadFields {
  const { format, isStream } = request;
  if (isStream && dialect.hasEvents !== true)
    throw refused('stream', 'This model gives whole transcripts only; leave out "stream".');
  const formats = dialect.formats ?? TRANSCRIPT_FORMATS;
  const isMadeHere = format === 'text' && !formats.includes('text');
  if (!formats.includes(format) && !isMadeHere) {
    throw refused(
      'response_format',
      `This model writes no "${format}"; "response_format" may be one of ${formats.join(', ')}.`,
    );
  }
  const fields: Record<string, string | undefined> = { model: target.upstreamModel, user_identifier: undefined };
  // Nothing is lost with either: a stream has been refused, and the format is the only one, or made here.
  if (dialect.hasEvents !== true) fields['stream'] = undefined;
  if (isMadeHere || formats.length === 1) fields['response_format'] = undefined;
  const droppedParams: string[] = [];
  for (const name of dialect.refusedFields ?? []) {
    for (const given of request.fields.filter((field) => field.name === name || field.name === `${name}[]`)) {
      fields[given.name] = undefined;
      if (!droppedParams.includes(name)) droppedParams.push(name);
    }
  }
  return { fields, droppedParams };
}

function refused(param: string, message: string): ProviderError {
  return new ProviderError({ kind: 'unsupported_option', message, param, code: 'unsupported_value' });
}

/** @throws ProviderError `invalid_response` for what is no transcript, or the error that a 200 carries. */
function fromTranscriptionBody(
  rules: ErrorRules | undefined,
  body: Uint8Array,
  contentType: string,
  { format }: TranscriptionRequest,
): TranscriptionAnswer {
  if (JSON_FORMATS.has(format)) {
    const value = readJson(rules, body);
    return { bytes: body, contentType: 'application/json', text: textOf(value), usage: usageOf(value) };
  }
  if (!/\bjson\b/i.test(contentType)) {
    if (/\bhtml\b/i.test(contentType)) throw invalid('The upstream answered with a web page instead of a transcript.');
    return { bytes: body, contentType: PLAIN, text: Buffer.from(body).toString('utf8'), usage: undefined };
  }
  const value = readJson(rules, body);
  if (format !== 'text') throw invalid(`The upstream answered JSON although "${format}" was asked for.`);
  const text = textOf(value);
  return { bytes: Buffer.from(text), contentType: PLAIN, text, usage: usageOf(value) };
}

function readJson(rules: ErrorRules | undefined, body: Uint8Array): WireObject {
  const { value } = parseAnswer(body);
  const error = findInBandError(value);
  if (error !== undefined) throw toInBandError(error, rules);
  return value;
}

/** Empty where nothing was said, which is an answer. */
function textOf(value: WireObject): string {
  if (typeof value['text'] !== 'string') throw invalid('The upstream answer has no text.');
  return value['text'];
}

/** What was consumed; without a word of it, the length that `verbose_json` tells of the sound. */
function usageOf(value: WireObject): Usage | undefined {
  const duration = value['duration'];
  const seconds = isText(duration) ? Number(duration) : duration;
  return toUsage(value['usage']) ?? toUsage({ type: 'duration', seconds });
}
