import { randomBytes } from 'node:crypto';
import { composeText } from './chat-text.js';
import { readModel } from './models.endpoint.js';
import { DONE_EVENT, type Reply, type StreamEvent } from './reply.js';
import { SandboxError } from './sandbox-error.js';
import {
  isJsonObject,
  type JsonObject,
  readBoolean,
  readInteger,
  readJsonBody,
  type SandboxRequest,
} from './sandbox-request.js';
import { countTokens, splitTokens } from './tokens.js';

const TOKENS_DEFAULT = 16;

/** One choice: its pieces, and why it ends. */
interface Choice {
  readonly index: number;
  readonly pieces: readonly string[];
  readonly finishReason: 'stop' | 'length';
}

/** `POST /v1/completions`: a text for each prompt, cut at 16 tokens unless `max_tokens` says otherwise, as at OpenAI. */
export function completeText(request: SandboxRequest): Reply {
  const body = readJsonBody(request);
  const { snapshot } = readModel(request, body, 'completions');
  const prompts = readPrompts(body);
  const count = readInteger(body, 'n', 1, 128) ?? 1;
  const max = readInteger(body, 'max_tokens', 0, Number.MAX_SAFE_INTEGER) ?? TOKENS_DEFAULT;
  const choices = prompts.flatMap((prompt, place) =>
    Array.from({ length: count }, (_, i): Choice => toChoice(request, prompt, place * count + i, max)),
  );
  const input = request.script.inputTokens ?? prompts.reduce<number>((sum, prompt) => sum + countPrompt(prompt), 0);
  const output = request.script.outputTokens ?? choices.reduce((sum, { pieces }) => sum + pieces.length, 0);
  const counted = { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
  const usage = request.script.usage ?? counted;
  const head = {
    id: `cmpl-${randomBytes(14).toString('hex')}`,
    object: 'text_completion',
    created: Math.floor(Date.now() / 1000),
    model: snapshot,
  };
  if (request.script.isStream ?? readBoolean(body, 'stream') ?? false) {
    const options = body['stream_options'];
    const isTold = isJsonObject(options) && readBoolean(options, 'include_usage') === true && usage !== 'none';
    return { type: 'stream', events: toEvents(head, choices, isTold ? usage : undefined) };
  }
  const whole = choices.map(({ index, pieces, finishReason }) => toWire(index, pieces.join(''), finishReason));
  return { type: 'json', body: { ...head, choices: whole, ...(usage === 'none' ? {} : { usage }) } };
}

function toChoice({ script }: SandboxRequest, prompt: unknown, index: number, max: number): Choice {
  const question = typeof prompt === 'string' ? prompt : 'token numbers';
  const all = splitTokens(script.text ?? composeText([{ role: 'user', text: question, imageCount: 0 }]));
  return { index, pieces: all.slice(0, max), finishReason: all.length > max ? 'length' : 'stop' };
}

function toWire(index: number, text: string, finish_reason: string | null): object {
  return { text, index, logprobs: null, finish_reason };
}

function* toEvents(head: object, choices: readonly Choice[], usage: object | undefined): Generator<StreamEvent> {
  const toData = (wire: readonly object[], told: object | null): string =>
    JSON.stringify({ ...head, choices: wire, ...(usage !== undefined && { usage: told }) });
  for (const { index, pieces, finishReason } of choices) {
    for (const piece of pieces) yield { kind: 'token', data: toData([toWire(index, piece, null)], null) };
    yield { kind: 'finish', data: toData([toWire(index, '', finishReason)], null) };
  }
  if (usage !== undefined) yield { kind: 'usage', data: toData([], usage) };
  yield DONE_EVENT;
}

/** Texts, or numbers of tokens. */
function readPrompts(body: JsonObject): readonly unknown[] {
  const { prompt } = body;
  if (prompt === undefined || prompt === null) {
    throw new SandboxError(400, "Missing required parameter: 'prompt'.", 'prompt', 'missing_required_parameter');
  }
  const isList = Array.isArray(prompt) && !isTokens(prompt);
  const prompts: readonly unknown[] = isList ? prompt : [prompt];
  if (prompts.length === 0 || !prompts.every((each) => typeof each === 'string' || isTokens(each))) {
    throw new SandboxError(400, "Invalid 'prompt': expected a string, strings, or token ids.", 'prompt');
  }
  return prompts;
}

function isTokens(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => Number.isInteger(item));
}

function countPrompt(prompt: unknown): number {
  return isTokens(prompt) ? prompt.length : countTokens(String(prompt));
}
