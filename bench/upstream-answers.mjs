// @ts-check
// What the bench upstream answers in each format: the same text and the same usage, so that rows can be compared.

/** Makes OpenAI's whole answer one of 621 bytes. */
const TEXT_BYTES = 366;
const text = 'lorem ipsum '.repeat(60).slice(0, TEXT_BYTES);

/**
 * @typedef {object} Answers
 * @property {string} path
 * @property {string} answer a whole one
 * @property {string} begin of a stream, ahead of its first content
 * @property {string} eventStart what comes before the text of a content event
 * @property {string} eventEnd and after it
 * @property {(withUsage: boolean) => string} end of a stream
 */

const chunkHead = '{"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1700000000,"model":"bench-model",';
const usage = { prompt_tokens: 60, completion_tokens: 50, total_tokens: 110 };

/** @type {Answers} */
export const OPENAI = {
  path: '/v1/chat/completions',
  answer: JSON.stringify({
    id: 'chatcmpl-bench',
    object: 'chat.completion',
    created: 1700000000,
    model: 'bench-model',
    choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
    usage,
  }),
  begin: '',
  eventStart: `data: ${chunkHead}"choices":[{"index":0,"delta":{"content":"`,
  eventEnd: '"},"finish_reason":null}]}\n\n',
  end: (withUsage) =>
    [
      `data: ${chunkHead}"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`,
      ...(withUsage ? [`data: ${chunkHead}"choices":[],"usage":${JSON.stringify(usage)}}`] : []),
      'data: [DONE]',
      '',
    ].join('\n\n'),
};

const message = {
  id: 'chatcmpl-bench',
  type: 'message',
  role: 'assistant',
  model: 'claude-haiku-4-5',
  stop_sequence: null,
};

/** @type {Answers} */
export const ANTHROPIC = {
  path: '/v1/messages',
  answer: JSON.stringify({
    ...message,
    content: [{ type: 'text', text }],
    stop_reason: 'end_turn',
    usage: { input_tokens: 60, output_tokens: 50 },
  }),
  begin: [
    {
      type: 'message_start',
      message: { ...message, content: [], stop_reason: null, usage: { input_tokens: 60, output_tokens: 1 } },
    },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'ping' },
  ]
    .map(eventOf)
    .join(''),
  eventStart:
    'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"',
  eventEnd: '"}}\n\n',
  end: () =>
    [
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 50 } },
      { type: 'message_stop' },
    ]
      .map(eventOf)
      .join(''),
};

/** @param {{ type: string }} data */
function eventOf(data) {
  return `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
}
