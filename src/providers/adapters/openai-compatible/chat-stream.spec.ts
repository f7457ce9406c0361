import type { ChatStreamItem } from '../../canonical/chat.js';
import { CompatibleChatStream } from './chat-stream.js';

function read(...events: (object | string)[]): ChatStreamItem[] {
  const reader = new CompatibleChatStream({}, undefined);
  return events.flatMap((event) => [
    ...reader.push({ name: '', data: typeof event === 'string' ? event : JSON.stringify(event) }),
  ]);
}

function deltasOf(items: readonly ChatStreamItem[]): unknown[] {
  return items.flatMap((item) => (item.type === 'chunk' ? item.chunk.choices.map((choice) => choice.delta) : []));
}

const delta = (value: object, rest: object = {}): object => ({ choices: [{ index: 0, delta: value, ...rest }] });
const tools = (...calls: object[]): object => delta({ tool_calls: calls });

describe('CompatibleChatStream', () => {
  it('gives chunk, usage and done, and takes usage and padding off the chunk', () => {
    const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };
    const items = read(
      { id: 'a', ...delta({ content: 'Hi' }, { finish_reason: 'stop' }), usage, obfuscation: 'x' },
      '[DONE]',
      delta({ content: 'late' }),
    );
    expect(items).toEqual([
      {
        type: 'chunk',
        hasContent: true,
        isFinish: true,
        chunk: {
          id: 'a',
          object: 'chat.completion.chunk',
          choices: [{ index: 0, delta: { content: 'Hi' }, finish_reason: 'stop' }],
        },
      },
      { type: 'usage', usage: { inputTokens: 1, outputTokens: 2 }, wire: usage },
      { type: 'done' },
    ]);
  });

  it.each([
    ['top level', { choices: [], usage: { prompt_tokens: 4, completion_tokens: 5 } }],
    ['x_groq', { choices: [], x_groq: { usage: { prompt_tokens: 4, completion_tokens: 5 } } }],
    ['first choice', { choices: [{ index: 0, delta: {}, usage: { prompt_tokens: 4, completion_tokens: 5 } }] }],
  ])('finds usage in %s', (_place, event) => {
    expect(read(event).at(-1)).toMatchObject({ type: 'usage', usage: { inputTokens: 4, outputTokens: 5 } });
  });

  it('numbers tool calls that come without index, sends id and name once and adds the type', () => {
    const items = read(
      tools(
        { id: 'a', function: { name: 'f', arguments: '{"x"' } },
        { id: 'b', function: { name: 'g', arguments: '{}' } },
      ),
      tools({ id: 'a', function: { name: 'f', arguments: ':1}' } }),
    );
    expect(deltasOf(items)).toEqual([
      {
        tool_calls: [
          { index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '{"x"' } },
          { index: 1, id: 'b', type: 'function', function: { name: 'g', arguments: '{}' } },
        ],
      },
      { tool_calls: [{ index: 0, function: { arguments: ':1}' } }] },
    ]);
  });

  it('ignores empty ids and names of continued calls and numbers from zero', () => {
    const items = read(
      tools({ index: 1, id: 'a', type: 'function', function: { name: 'f', arguments: '' } }),
      tools({ index: 1, id: '', type: 'function', function: { name: '', arguments: '{}' } }),
      tools({ index: 2, id: 'b', function: { name: 'g', arguments: '{}' } }),
    );
    expect(deltasOf(items)).toEqual([
      { tool_calls: [{ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '' } }] },
      { tool_calls: [{ index: 0, function: { arguments: '{}' } }] },
      { tool_calls: [{ index: 1, id: 'b', type: 'function', function: { name: 'g', arguments: '{}' } }] },
    ]);
  });

  it('tells parallel calls apart that all claim index 0', () => {
    const items = read(
      tools({ index: 0, id: 'a', function: { name: 'f', arguments: '{}' } }),
      tools({ index: 0, id: 'b', function: { name: 'f', arguments: '{}' } }),
    );
    expect(deltasOf(items)).toMatchObject([
      { tool_calls: [{ index: 0, id: 'a' }] },
      { tool_calls: [{ index: 1, id: 'b' }] },
    ]);
  });

  it('gives {} to a call that finished without arguments', () => {
    const items = read(
      tools({ index: 0, id: 'a', function: { name: 'f' } }),
      delta({}, { finish_reason: 'tool_calls' }),
    );
    expect(deltasOf(items).at(-1)).toEqual({ tool_calls: [{ index: 0, function: { arguments: '{}' } }] });
  });

  it('brings reasoning under one name and leaves null content out', () => {
    const items = read(
      delta({ role: 'assistant', content: null, reasoning: 'a' }),
      delta({ role: 'assistant', reasoning_content: 'b', content: null }),
      delta({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'c' }] }] }),
      delta({ content: [{ type: 'text', text: 'd' }] }),
      delta({ reasoning_details: [{ text: 'e' }] }),
      delta({ content: 'f', reasoning_content: null }),
    );
    expect(deltasOf(items)).toEqual([
      { role: 'assistant', reasoning_content: 'a' },
      { reasoning_content: 'b' },
      { reasoning_content: 'c' },
      { content: 'd' },
      { reasoning_details: [{ text: 'e' }], reasoning_content: 'e' },
      { content: 'f' },
    ]);
  });

  it.each([
    ['eos', 'stop'],
    ['model_length', 'length'],
    ['sensitive', 'content_filter'],
    ['never_heard_of', 'stop'],
  ])('maps finish reason %s to %s', (reason, expected) => {
    expect(read(delta({}, { finish_reason: reason }))).toMatchObject([
      { isFinish: true, chunk: { choices: [{ finish_reason: expected }] } },
    ]);
  });

  it.each(['insufficient_system_resource', 'network_error'])(
    'turns finish reason %s into an error, with what it cost',
    (reason) => {
      const items = read(
        { ...delta({}, { finish_reason: reason }), usage: { prompt_tokens: 1, completion_tokens: 1 } },
        '[DONE]',
      );
      expect(items).toMatchObject([{ type: 'usage' }, { type: 'error', error: { kind: 'overloaded' } }]);
      expect(items).toHaveLength(2);
    },
  );

  it.each([
    ['envelope', { error: { message: 'no', type: 'server_error' } }, 'overloaded'],
    ['text', { code: 'x', error: 'no' }, 'overloaded'],
    ['choice', { choices: [{ delta: { content: '' }, error: { code: 502, message: 'no' } }] }, 'overloaded'],
    [
      'beside choices',
      { error: { code: 429, message: 'no' }, choices: [{ delta: {}, finish_reason: 'error' }] },
      'rate_limited',
    ],
    ['flat', { object: 'error', message: 'no', type: 'BadRequestError', code: 400 }, 'invalid_request'],
    ['base_resp', { base_resp: { status_code: 1001, status_msg: 'no' }, choices: null }, 'overloaded'],
  ])('reads an error as %s', (_shape, event, kind) => {
    expect(read(event, delta({ content: 'after' }))).toMatchObject([{ type: 'error', error: { kind, message: 'no' } }]);
  });

  it('drops what cannot be read and what says nothing', () => {
    expect(read('{"choices":', '7', '', '{}', { choices: [] })).toEqual([{ type: 'malformed' }, { type: 'malformed' }]);
  });

  it('gives each choice one finish, though the upstream repeats it', () => {
    const whole = {
      object: 'chat.completion',
      choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
    };
    const items = read(delta({ content: 'Hi' }), delta({}, { finish_reason: 'stop' }), whole);
    expect(deltasOf(items)).toEqual([{ content: 'Hi' }, {}]);
    expect(deltasOf(read(whole))).toEqual([{ role: 'assistant', content: 'Hi' }]);
  });
});
