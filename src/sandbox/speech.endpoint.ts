import { readModel } from './models.endpoint.js';
import type { Reply, StreamEvent } from './reply.js';
import { SandboxError } from './sandbox-error.js';
import { type JsonObject, readChoice, readJsonBody, readNumber, type SandboxRequest } from './sandbox-request.js';
import { countTokens } from './tokens.js';
import { singSamples, toWav } from './wav.js';

const CHARACTERS_MAX = 4096;
const MS = { perCharacter: 60, min: 300, max: 3_000 };
/** A multiple of three, so that each piece of base64 is whole. */
const PIECE_BYTES = 12_000;
/** OpenAI counts about so many tokens for a second of speech. */
const TOKENS_PER_SECOND = 20;

/** `POST /v1/audio/speech`: a melody of at most three seconds, as WAV unless bare samples are asked for. */
export function speak(request: SandboxRequest): Reply {
  const body = readJsonBody(request);
  readModel(request, body, 'speech');
  const input = readText(body, 'input');
  if (input.length > CHARACTERS_MAX) {
    throw new SandboxError(400, `Invalid 'input': expected at most ${CHARACTERS_MAX} characters.`, 'input');
  }
  readText(body, 'voice');
  const format = body['response_format'] ?? 'wav';
  if (format !== 'wav' && format !== 'pcm') {
    const text = "Invalid value for 'response_format': the sandbox makes wav and pcm only.";
    throw new SandboxError(400, text, 'response_format', 'unsupported_value');
  }
  const speed = readNumber(body, 'speed', 0.25, 4) ?? 1;
  const ms = Math.min(Math.max(input.length * MS.perCharacter, MS.min), MS.max) / speed;
  const samples = singSamples(input, ms);
  const bytes = format === 'wav' ? toWav(samples) : samples;
  if (readChoice(body, 'stream_format', ['audio', 'sse']) !== 'sse') {
    return { type: 'bytes', contentType: format === 'wav' ? 'audio/wav' : 'audio/pcm', bytes };
  }
  const inputTokens = countTokens(input);
  const outputTokens = Math.ceil((ms / 1000) * TOKENS_PER_SECOND);
  const counted = { input_tokens: inputTokens, output_tokens: outputTokens, total_tokens: inputTokens + outputTokens };
  return { type: 'stream', events: toEvents(bytes, request.script.usage ?? counted) };
}

function* toEvents(bytes: Buffer, usage: 'none' | object): Generator<StreamEvent> {
  for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
    const audio = bytes.subarray(start, start + PIECE_BYTES).toString('base64');
    yield { kind: 'token', data: JSON.stringify({ type: 'speech.audio.delta', audio }) };
  }
  const told = usage === 'none' ? {} : { usage };
  yield { kind: 'finish', data: JSON.stringify({ type: 'speech.audio.done', ...told }) };
}

function readText(body: JsonObject, name: string): string {
  const value = body[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new SandboxError(400, `Missing required parameter: '${name}'.`, name, 'missing_required_parameter');
}
