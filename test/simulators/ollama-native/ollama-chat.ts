import {
  type Heard,
  type ModelAnswer,
  pieces,
  refuseUnknown,
  type SimulatedChat,
  textOf,
  type Wire,
  wireOf,
} from '../simulated-chat.js';

const FIELDS = [
  'model',
  'messages',
  'tools',
  'stream',
  'format',
  'think',
  'keep_alive',
  'options',
  'truncate',
  'shift',
];
const MESSAGE_FIELDS = ['role', 'content', 'thinking', 'images', 'tool_calls', 'tool_name', 'tool_call_id'];
const OPTIONS = [
  'num_ctx',
  'num_predict',
  'temperature',
  'top_p',
  'top_k',
  'min_p',
  'stop',
  'seed',
  'repeat_penalty',
  'presence_penalty',
  'frequency_penalty',
];
const HEAD = { model: 'qwen3:8b', created_at: '2026-01-02T03:04:05.678901Z' };

/** Ollama's api/chat: https://docs.ollama.com/api/chat */
export const ollamaChat: SimulatedChat = {
  framing: 'ndjson',
  hear(body) {
    refuseUnknown(body, FIELDS);
    textOf(body['model'], 'model');
    if (body['options'] !== undefined) refuseUnknown(wireOf(body['options'], 'options'), OPTIONS);
    const { format, messages } = body;
    if (format !== undefined && format !== 'json') wireOf(format, 'format');
    if (!Array.isArray(messages)) throw new Error('messages must be a list');
    return messages.flatMap((message) => hearMessage(wireOf(message, 'a message')));
  },
  whole: (answer) => JSON.stringify(lastLine(answer, messageOf(answer))),
  stream(answer) {
    const lines = [
      ...pieces(answer.thoughts).map((thinking) => line({ content: '', thinking })),
      ...pieces(answer.text).map((content) => line({ content })),
      ...answer.calls.map((call, i) => line({ content: '', tool_calls: [toCall(call, i)] })),
      lastLine(answer, { content: '' }),
    ];
    return lines.map((one) => `${JSON.stringify(one)}\n`).join('');
  },
};

function hearMessage(message: Wire): readonly Heard[] {
  refuseUnknown(message, MESSAGE_FIELDS);
  const { role, content, images, tool_calls: calls } = message;
  if (typeof content !== 'string') throw new Error('content must be a string');
  switch (role) {
    case 'system':
      return [{ by: role, text: content }];
    case 'user': {
      const pictures = Array.isArray(images) ? images : [];
      return [
        ...(content === '' ? [] : [{ by: role, text: content } as const]),
        ...pictures.map((picture): Heard => ({ by: role, picture: base64Of(picture) })),
      ];
    }
    case 'assistant':
      return [
        ...(content === '' ? [] : [{ by: role, text: content } as const]),
        ...(Array.isArray(calls) ? calls.map(hearCall) : []),
      ];
    case 'tool':
      return [{ by: role, text: content, for: textOf(message['tool_name'], 'tool_name') }];
    default:
      throw new Error(`invalid role ${String(role)}`);
  }
}

function hearCall(call: unknown): Heard {
  const { name, arguments: given } = wireOf(wireOf(call, 'a tool call')['function'], 'a function');
  return { by: 'assistant', calls: textOf(name, 'name'), with: wireOf(given, 'arguments') };
}

function base64Of(picture: unknown): string {
  const text = textOf(picture, 'a picture');
  if (!/^[A-Za-z0-9+/]+=*$/.test(text)) throw new Error('illegal base64 data');
  return text;
}

function messageOf({ text, thoughts, calls }: ModelAnswer): Wire {
  return {
    content: text,
    ...(thoughts !== '' && { thinking: thoughts }),
    ...(calls.length > 0 && { tool_calls: calls.map(toCall) }),
  };
}

function toCall({ name, arguments: given }: ModelAnswer['calls'][number], i: number): Wire {
  // Older servers give no ids; here every second call has one.
  return { ...(i % 2 === 0 && { id: `${name}_${i}` }), function: { name, arguments: given } };
}

function line(message: Wire): Wire {
  return { ...HEAD, message: { role: 'assistant', ...message }, done: false };
}

function lastLine({ isCut, tokens }: ModelAnswer, message: Wire): Wire {
  const counts = { prompt_eval_count: tokens.input, eval_count: tokens.output };
  return { ...line(message), done_reason: isCut ? 'length' : 'stop', done: true, ...counts };
}
