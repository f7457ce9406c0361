import { randomBytes } from 'node:crypto';
import type { ChatAnswer } from './chat-answer.js';
import { DONE_EVENT, type StreamEvent } from './reply.js';

/** What every chunk of one stream has in common. */
export interface ChunkHead {
  readonly id: string;
  readonly created: number;
  readonly model: string;
}

/** How the caller wants its stream. */
export interface ChunkOptions {
  readonly choiceCount: number;
  readonly includeUsage: boolean;
  readonly includeObfuscation: boolean;
}

// Arguments arrive in small pieces, so that readers which expect them whole fail against the sandbox already.
const ARGUMENT_PIECE_LENGTH = 6;

/**
 * The chunks of an answer in the order OpenAI sends them: role, content or tool calls, finish, usage with empty choices
 * (when asked for), `[DONE]`. Choices interleave, one choice per chunk.
 */
export function* chatStreamEvents(head: ChunkHead, answer: ChatAnswer, options: ChunkOptions): Generator<StreamEvent> {
  const envelope = {
    object: 'chat.completion.chunk',
    service_tier: answer.serviceTier,
    system_fingerprint: 'fp_sandbox',
  };
  const toData = (choices: readonly unknown[], usage: ChatAnswer['usage'] | null): string =>
    JSON.stringify({
      id: head.id,
      object: envelope.object,
      created: head.created,
      model: head.model,
      service_tier: envelope.service_tier,
      system_fingerprint: envelope.system_fingerprint,
      choices,
      ...(options.includeUsage ? { usage } : {}),
      ...(options.includeObfuscation ? { obfuscation: padding() } : {}),
    });
  const toChoice = (index: number, delta: object, finishReason: string | null) =>
    toData([{ index, delta, logprobs: null, finish_reason: finishReason }], null);
  const indexes = Array.from({ length: options.choiceCount }, (_, index) => index);

  const content = answer.toolCalls.length > 0 ? null : '';
  for (const index of indexes) {
    yield { kind: 'role', data: toChoice(index, { role: 'assistant', content, refusal: null }, null) };
  }
  for (const delta of contentDeltas(answer)) {
    for (const index of indexes) yield { kind: 'token', data: toChoice(index, delta, null) };
  }
  for (const index of indexes) yield { kind: 'finish', data: toChoice(index, {}, answer.finishReason) };
  if (options.includeUsage && answer.usage !== undefined) yield { kind: 'usage', data: toData([], answer.usage) };
  yield DONE_EVENT;
}

function* contentDeltas(answer: ChatAnswer): Generator<object> {
  for (const token of answer.tokens) yield { content: token };
  for (const [index, call] of answer.toolCalls.entries()) {
    const { name } = call.function;
    yield { tool_calls: [{ index, id: call.id, type: call.type, function: { name, arguments: '' } }] };
    for (const piece of pieces(call.function.arguments)) {
      yield { tool_calls: [{ index, function: { arguments: piece } }] };
    }
  }
}

function* pieces(text: string): Generator<string> {
  const characters = [...text];
  for (let start = 0; start < characters.length; start += ARGUMENT_PIECE_LENGTH) {
    yield characters.slice(start, start + ARGUMENT_PIECE_LENGTH).join('');
  }
}

/** Random padding, as OpenAI adds against guessing tokens from packet sizes. */
function padding(): string {
  const bytes = randomBytes(4);
  return bytes.toString('base64url').slice(0, 1 + ((bytes[0] ?? 0) % 5));
}
