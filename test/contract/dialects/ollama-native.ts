import type { SseEvent } from '../../../src/providers/canonical/chat.js';
import type { Dialect, WireCopy } from '../dialect.js';

const COUNTS = ['prompt_eval_count', 'eval_count'];

const answer = (done_reason: string): WireCopy => ({
  model: 'qwen3:8b',
  created_at: '2026-01-02T03:04:05.678901Z',
  message: { role: 'assistant', content: 'a' },
  done_reason,
  done: true,
  prompt_eval_count: 1,
  eval_count: 1,
});

const event = (value: WireCopy): SseEvent => ({ name: '', data: JSON.stringify(value) });

/** Ollama's own API: https://docs.ollama.com/api/chat */
export const DIALECT: Dialect = {
  upstreamModel: 'qwen3:8b',
  hasDone: true,
  isPassedThrough: false,
  finishPattern: /"done_reason"\s*:\s*"[a-z]+"/,
  withoutUsage(event) {
    for (const name of COUNTS) delete event[name];
  },
  outputCapOf: ({ options }) => (options as WireCopy | undefined)?.['num_predict'],
  answerOf: answer,
  eventsOf: (reason) => [event(answer(reason))],
  notAnswers: [
    '{"model":"m","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop"}',
    '{"model":"m","message":{"role":"assistant","content":"a"},"done":false}',
    '{"message":1,"done":true}',
    '{"choices":[]}',
  ],
  metUnsent: [],
};
