import type { SseEvent } from '../../../src/providers/canonical/chat.js';
import type { Dialect, WireCopy } from '../dialect.js';

const usage = { billed_units: { input_tokens: 1, output_tokens: 1 }, tokens: { input_tokens: 1, output_tokens: 1 } };

const event = (value: WireCopy): SseEvent => ({ name: String(value['type']), data: JSON.stringify(value) });

/** Cohere's API v2: https://docs.cohere.com/reference/chat and .../chat-stream. */
export const DIALECT: Dialect = {
  upstreamModel: 'command-a-03-2025',
  hasDone: true,
  isPassedThrough: false,
  finishPattern: /"finish_reason"\s*:\s*"[A-Z_]+"/,
  withoutUsage(event) {
    delete event['usage'];
    delete (event as { delta?: WireCopy }).delta?.['usage'];
  },
  outputCapOf: ({ max_tokens }) => max_tokens,
  answerOf: (finish_reason) => ({
    id: 'a',
    message: { role: 'assistant', content: [{ type: 'text', text: 'a' }] },
    finish_reason,
    usage,
  }),
  eventsOf: (finish_reason) => [
    event({ type: 'message-start', id: 'a', delta: { message: { role: 'assistant', content: [] } } }),
    event({ type: 'message-end', delta: { finish_reason, usage } }),
  ],
  notAnswers: [
    '{"id":"a","message":{"role":"assistant","content":[]},"finish_reason":"COMPLETE"}',
    '{"id":"a","message":{"role":"assistant","content":[{"type":"text","text":"a"}]}}',
    '{"message":1}',
    '{"choices":[]}',
  ],
  metUnsent: [],
};
