import { randomBytes } from 'node:crypto';
import { type ChatAnswer, composeAnswer } from './chat-answer.js';
import { parseChat } from './chat-request.js';
import { type ChunkHead, chatStreamEvents } from './chat-stream.js';
import type { Reply } from './reply.js';
import type { SandboxRequest } from './sandbox-request.js';

/** `POST /v1/chat/completions`. */
export function completeChat(request: SandboxRequest): Reply {
  const chat = parseChat(request);
  const answer = composeAnswer(chat, request.script);
  const head: ChunkHead = {
    id: `chatcmpl-${randomBytes(14).toString('hex')}`,
    created: Math.floor(Date.now() / 1000),
    model: chat.snapshot,
  };
  if (request.script.isStream ?? chat.isStream) {
    return { type: 'stream', events: chatStreamEvents(head, answer, chat) };
  }
  return { type: 'json', body: toCompletion(head, answer, chat.choiceCount) };
}

function toCompletion(head: ChunkHead, answer: ChatAnswer, choiceCount: number): object {
  const message = {
    role: 'assistant',
    content: answer.toolCalls.length > 0 ? null : answer.tokens.join(''),
    ...(answer.toolCalls.length > 0 ? { tool_calls: answer.toolCalls } : {}),
    refusal: null,
    annotations: [],
  };
  return {
    id: head.id,
    object: 'chat.completion',
    created: head.created,
    model: head.model,
    choices: Array.from({ length: choiceCount }, (_, index) => ({
      index,
      message,
      logprobs: null,
      finish_reason: answer.finishReason,
    })),
    ...(answer.usage === undefined ? {} : { usage: answer.usage }),
    ...(answer.serviceTier === undefined ? {} : { service_tier: answer.serviceTier }),
    system_fingerprint: 'fp_sandbox',
  };
}
