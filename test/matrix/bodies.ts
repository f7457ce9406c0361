import type { Dialect } from './upstreams.js';

// What upstreams say of requests, in the words of each format.

/** The prompt does not fit. */
export const TOO_LONG: Readonly<Record<Dialect, object>> = {
  openai: {
    error: {
      message: "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
      type: 'invalid_request_error',
      param: 'messages',
      code: 'context_length_exceeded',
    },
  },
  anthropic: anthropicError('invalid_request_error', 'prompt is too long: 9000 tokens > 8192 maximum'),
  gemini: googleError('The input token count (9000) exceeds the maximum number of tokens allowed (8192).'),
};

/** A content policy refuses the prompt. */
export const BLOCKED: Readonly<Record<Dialect, object>> = {
  openai: {
    error: {
      message: 'The response was filtered due to the prompt triggering a content management policy.',
      type: 'invalid_request_error',
      param: 'prompt',
      code: 'content_filter',
    },
  },
  anthropic: anthropicError('invalid_request_error', 'Output blocked by content filtering policy'),
  gemini: { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' }, usageMetadata: { promptTokenCount: 7 } },
};

/** The request is wrong. */
export const INVALID: Readonly<Record<Dialect, object>> = {
  openai: { error: { message: 'Invalid value.', type: 'invalid_request_error', param: 'messages', code: null } },
  anthropic: anthropicError('invalid_request_error', 'messages.0.content: Input should be a valid string'),
  gemini: googleError('Invalid value at contents[0].'),
};

/** The conversation must not end with the beginning of an answer. */
export const NO_PREFILL: Readonly<Record<Dialect, object>> = {
  openai: INVALID.openai,
  anthropic: anthropicError(
    'invalid_request_error',
    'This model does not support assistant message prefill. The conversation must end with a user message.',
  ),
  gemini: googleError('Please ensure that multiturn requests end with a user role or a function response.'),
};

/** An answer without a word. */
export const EMPTY: Readonly<Record<Dialect, object>> = {
  openai: { id: 'chatcmpl-empty', object: 'chat.completion', created: 1, model: 'some-model', choices: [] },
  anthropic: {
    id: 'msg_empty',
    type: 'message',
    role: 'assistant',
    model: 'claude-haiku-4-5',
    content: [],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 7, output_tokens: 0 },
  },
  gemini: { candidates: [], usageMetadata: { promptTokenCount: 7, totalTokenCount: 7 } },
};

/** The same as a stream. */
export const EMPTY_STREAM: Readonly<Record<Dialect, string>> = {
  openai: `data: ${JSON.stringify({ id: 'chatcmpl-empty', object: 'chat.completion.chunk', choices: [] })}\n\ndata: [DONE]\n\n`,
  anthropic: [
    ['message_start', { message: { ...EMPTY.anthropic, stop_reason: null } }],
    ['message_delta', { delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 0 } }],
    ['message_stop', {}],
  ]
    .map(([type, rest]) => `event: ${type}\ndata: ${JSON.stringify({ type, ...Object(rest) })}\n\n`)
    .join(''),
  gemini: `data: ${JSON.stringify(EMPTY.gemini)}\r\n\r\n`,
};

function anthropicError(type: string, message: string): object {
  return { type: 'error', error: { type, message } };
}

function googleError(message: string): object {
  return { error: { code: 400, message, status: 'INVALID_ARGUMENT' } };
}
