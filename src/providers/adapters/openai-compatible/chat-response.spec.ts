import { fromChatBody } from './chat-response.js';

const target = { upstreamModel: 'up-1', publicModel: 'public-1' };
const answer = (message: object, rest: object = {}, finish_reason: string | null = 'stop'): string =>
  JSON.stringify({
    id: 'c1',
    object: 'chat.completion',
    created: 5,
    model: 'up-1',
    choices: [{ index: 0, message, finish_reason }],
    ...rest,
  });
const read = (text: string) => {
  const { bytes, ...rest } = fromChatBody({}, undefined, Buffer.from(text), target);
  return { text: Buffer.from(bytes).toString(), ...rest };
};
const messageOf = (text: string): unknown => read(text).completion.choices[0]?.message;

describe('fromChatBody', () => {
  it('changes nothing but the model when the answer is as OpenAI writes it', () => {
    const text =
      '{ "id":"c1", "object":"chat.completion","created":5,"model":"up-1","choices":[{"index":0,"message":{"role":"assistant","content":"\\u00e9"},"finish_reason":"stop"}],"x": 9007199254740993,"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3} }';
    const result = read(text);
    expect(result.text).toBe(text.replace('"up-1"', '"public-1"'));
    expect(result.usage).toEqual({ inputTokens: 1, outputTokens: 2 });
    expect(result.completion.model).toBe('public-1');
  });

  it('skips the blank lines a waiting server sends ahead', () => {
    expect(read(`\n\n\r\n${answer({ role: 'assistant', content: 'Hi' })}`).text).toMatch(/^\{"id"/);
  });

  it.each([
    [
      'reasoning',
      { role: 'assistant', content: 'a', reasoning: 'r' },
      { role: 'assistant', content: 'a', reasoning_content: 'r' },
    ],
    [
      'thinking parts',
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: [{ type: 'text', text: 'r' }] },
          { type: 'text', text: 'a' },
        ],
      },
      { role: 'assistant', content: 'a', reasoning_content: 'r' },
    ],
    [
      'arguments as an object and a missing type',
      { role: 'assistant', content: null, tool_calls: [{ id: 'x', function: { name: 'f', arguments: { a: 1 } } }] },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'x', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }],
      },
    ],
    [
      'empty arguments',
      {
        role: 'assistant',
        content: '',
        tool_calls: [{ id: 'x', type: 'function', function: { name: 'f', arguments: '' } }],
      },
      {
        role: 'assistant',
        content: '',
        tool_calls: [{ id: 'x', type: 'function', function: { name: 'f', arguments: '{}' } }],
      },
    ],
  ])('brings %s into shape', (_what, message, expected) => {
    expect(messageOf(answer(message))).toEqual(expected);
    expect(JSON.parse(read(answer(message)).text).choices[0].message).toEqual(expected);
  });

  it('maps finish reasons and supplies a missing one', () => {
    const finish = (reason: string | null): unknown =>
      read(answer({ role: 'assistant', content: 'a' }, {}, reason)).completion.choices[0]?.finish_reason;
    expect([finish('eos'), finish('model_length'), finish('sensitive'), finish(null)]).toEqual([
      'stop',
      'length',
      'content_filter',
      'stop',
    ]);
    expect(() => finish('insufficient_system_resource')).toThrow(expect.objectContaining({ kind: 'overloaded' }));
  });

  it.each([
    ['a page', '<html>', 'invalid_response'],
    ['cut JSON', '{"choices":[{"ind', 'invalid_response'],
    ['a list', '[]', 'invalid_response'],
    ['nothing', '', 'invalid_response'],
    ['no choices', '{"choices":[]}', 'invalid_response'],
    ['a choice without message', '{"choices":[{"index":0}]}', 'invalid_response'],
    ['an empty answer', answer({ role: 'assistant', content: '' }), 'invalid_response'],
    ['an error in a 200', '{"error":{"message":"m","code":"insufficient_quota"}}', 'out_of_money'],
    ['an error in a choice', '{"choices":[{"index":0,"error":{"code":502,"message":"m"}}]}', 'overloaded'],
    ['base_resp', '{"choices":null,"base_resp":{"status_code":9,"status_msg":"m"}}', 'overloaded'],
  ])('refuses %s', (_what, text, kind) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ kind }));
  });

  it('accepts an empty answer that was cut short, and a base_resp that says all is well', () => {
    expect(messageOf(answer({ role: 'assistant', content: '' }, {}, 'length'))).toEqual({
      role: 'assistant',
      content: '',
    });
    expect(
      messageOf(answer({ role: 'assistant', content: 'a' }, { base_resp: { status_code: 0, status_msg: '' } })),
    ).toBeDefined();
  });
});
