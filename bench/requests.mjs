// @ts-check

const MESSAGES = [
  { role: 'system', content: 'You are a helpful assistant. Answer briefly and to the point, in one paragraph.' },
];
const QUESTION = 'What does a reverse proxy do, and when is it worth having one?';

/** An ordinary small question. */
export const jsonBody = JSON.stringify({
  model: 'bench-model',
  messages: [...MESSAGES, { role: 'user', content: QUESTION }],
  temperature: 0.7,
  max_tokens: 128,
});

/**
 * The same as a stream. The prompt tells the bench upstream what to send.
 *
 * @param {number} events content events
 * @param {number} gapMs pause between two of them
 */
export function streamBody(events, gapMs) {
  return JSON.stringify({
    model: 'bench-model',
    messages: [...MESSAGES, { role: 'user', content: `${QUESTION} events=${events} gapMs=${gapMs}` }],
    temperature: 0.7,
    max_tokens: 128,
    stream: true,
  });
}

/**
 * The same request in another format of callers.
 *
 * @param {string} body of chat/completions
 * @param {import('./targets/target.mjs').Target['format']} format
 */
export function inFormat(body, format = 'chat') {
  if (format === 'chat') return body;
  const { messages, max_tokens, ...rest } = JSON.parse(body);
  const [system, ...said] = messages;
  if (format === 'messages') return JSON.stringify({ ...rest, max_tokens, system: system.content, messages: said });
  return JSON.stringify({ ...rest, max_output_tokens: max_tokens, instructions: system.content, input: said });
}
