import type { SseEvent } from '../../../src/providers/canonical/chat.js';
import type { Dialect, WireCopy } from '../dialect.js';

const usage = { input_tokens: 1, output_tokens: 1 };
const head = { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-sonnet-4-6', stop_sequence: null };

const event = (value: WireCopy): SseEvent => ({ name: String(value['type']), data: JSON.stringify(value) });

/** Anthropic Messages: https://docs.anthropic.com/en/api/messages and .../messages-streaming. */
export const DIALECT: Dialect = {
  upstreamModel: 'claude-sonnet-4-6',
  hasDone: true,
  isPassedThrough: false,
  finishPattern: /"stop_reason"\s*:\s*"[a-z_]+"/,
  withoutUsage(event) {
    delete event['usage'];
    delete (event as { message?: WireCopy }).message?.['usage'];
  },
  outputCapOf: ({ max_tokens }) => max_tokens,
  answerOf: (stop_reason) => ({ ...head, content: [{ type: 'text', text: 'a' }], stop_reason, usage }),
  eventsOf: (stop_reason) => [
    event({ type: 'message_start', message: { ...head, content: [], stop_reason: null, usage } }),
    event({ type: 'message_delta', delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: 1 } }),
  ],
  notAnswers: ['{"type":"message","content":[]}', '{"content":"text"}', '{"choices":[]}'],
  // Nothing is kept unless it is asked for.
  metUnsent: ['store'],
};
