import { readModel } from './models.endpoint.js';
import { parseMultipart } from './multipart.js';
import type { Reply, StreamEvent } from './reply.js';
import { SandboxError } from './sandbox-error.js';
import { type JsonObject, readChoice, type SandboxRequest } from './sandbox-request.js';
import { splitTokens } from './tokens.js';
import { wavMs } from './wav.js';

const FORMATS = ['json', 'text', 'srt', 'verbose_json', 'vtt', 'diarized_json'];
const TEXT =
  'This is a demo transcript from the UG AI Hub sandbox. Connect a real provider and it will listen to your file.';
/** For subtitles of sound whose length the sandbox cannot tell. */
const MS_UNKNOWN = 1_000;

/** A transcript to be written. */
interface Transcript {
  readonly text: string;
  /** Undefined for anything but WAV: then nothing is said of usage, and whoever bills measures for itself. */
  readonly ms: number | undefined;
  readonly usage: object | undefined;
}

/** `POST /v1/audio/transcriptions`. */
export function transcribe(request: SandboxRequest): Reply {
  return write(request, 'transcribe');
}

/** `POST /v1/audio/translations`. */
export function translate(request: SandboxRequest): Reply {
  return write(request, 'translate');
}

function write(request: SandboxRequest, task: 'transcribe' | 'translate'): Reply {
  const { fields, file } = readForm(request);
  readModel(request, fields, 'transcriptions');
  const format = readChoice(fields, 'response_format', FORMATS) ?? 'json';
  const ms = wavMs(file);
  const measured = ms === undefined ? undefined : { type: 'duration', seconds: Math.ceil(ms / 1000) };
  const usage = request.script.usage === 'none' ? undefined : (request.script.usage ?? measured);
  const transcript: Transcript = { text: request.script.text ?? TEXT, ms, usage };
  if (request.script.isStream ?? fields['stream'] === 'true') return { type: 'stream', events: toEvents(transcript) };
  return toWhole(transcript, format, task);
}

function toWhole(transcript: Transcript, format: string, task: string): Reply {
  const { text, ms, usage } = transcript;
  const told = usage === undefined ? {} : { usage };
  const duration = (ms ?? MS_UNKNOWN) / 1000;
  const segment = { id: 0, start: 0, end: duration, text };
  // The length of what cannot be measured is not made up: whoever bills would believe it.
  const known = ms === undefined ? {} : { duration };
  switch (format) {
    case 'json':
      return { type: 'json', body: { text, ...told } };
    case 'verbose_json':
      return { type: 'json', body: { task, language: 'english', ...known, text, segments: [segment], ...told } };
    case 'diarized_json': {
      const spoken = { type: 'transcript.text.segment', ...segment, id: 'seg_001', speaker: 'A' };
      return { type: 'json', body: { task, ...known, text, segments: [spoken], ...told } };
    }
    case 'srt':
      return toText(`1\n${stamp(0, ',')} --> ${stamp(duration, ',')}\n${text}\n\n`);
    case 'vtt':
      return toText(`WEBVTT\n\n${stamp(0, '.')} --> ${stamp(duration, '.')}\n${text}\n\n`);
    default:
      return toText(`${text}\n`);
  }
}

function toText(text: string): Reply {
  return { type: 'bytes', contentType: 'text/plain; charset=utf-8', bytes: Buffer.from(text) };
}

/** Such as `00:00:03.320`. */
function stamp(seconds: number, point: string): string {
  return new Date(Math.round(seconds * 1000)).toISOString().slice(11, 23).replace('.', point);
}

function* toEvents({ text, usage }: Transcript): Generator<StreamEvent> {
  for (const delta of splitTokens(text)) {
    yield { kind: 'token', data: JSON.stringify({ type: 'transcript.text.delta', delta }) };
  }
  const told = usage === undefined ? {} : { usage };
  yield { kind: 'finish', data: JSON.stringify({ type: 'transcript.text.done', text, ...told }) };
}

function readForm({ headers, body }: SandboxRequest): { readonly fields: JsonObject; readonly file: Buffer } {
  const contentType = headers['content-type'] ?? '';
  if (!contentType.startsWith('multipart/form-data')) {
    throw new SandboxError(400, 'Send the sound as multipart/form-data, in a field named "file".', 'file');
  }
  const parts = parseMultipart(body, contentType);
  const file = parts.find(({ name, fileName }) => name === 'file' && fileName !== undefined);
  if (file === undefined || file.bytes.length === 0) {
    throw new SandboxError(400, "Missing required parameter: 'file'.", 'file', 'missing_required_parameter');
  }
  const fields: Record<string, unknown> = {};
  for (const { name, fileName, bytes } of parts) if (fileName === undefined) fields[name] = bytes.toString('utf8');
  return { fields, file: file.bytes };
}
