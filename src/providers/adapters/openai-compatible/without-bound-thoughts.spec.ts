import { withoutBoundThoughts } from './without-bound-thoughts.js';

const bound = { type: 'reasoning.encrypted', format: 'openai-responses-v1', model: 'gpt-6-sol', data: 'x' };
const own = { type: 'reasoning.text', format: 'a-vendor-v1', text: 'y' };
const call = { id: 'call_1', type: 'function', function: { name: 'f', arguments: '{}' } };

describe('thoughts that are bound to a model', () => {
  it('do not go to a vendor that cannot read them, while its own do', () => {
    const signed = { google: { thought_signature: 's', model: 'gemini-3' } };
    const messages = [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'b', reasoning_details: [bound, own], extra_content: signed },
      {
        role: 'assistant',
        content: null,
        reasoning_details: [bound],
        tool_calls: [{ ...call, extra_content: signed }],
      },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ ...call, extra_content: { google: { thought_signature: 's' } } }],
      },
    ];
    const before = structuredClone(messages);
    expect(withoutBoundThoughts(messages)).toEqual([
      messages[0],
      { role: 'assistant', content: 'b', reasoning_details: [own] },
      { role: 'assistant', content: null, tool_calls: [call] },
      messages[3],
    ]);
    expect(messages).toEqual(before);
  });

  it('leave a conversation without any as it is', () => {
    const messages = [
      { role: 'user', content: 'a' },
      null,
      'odd',
      { role: 'assistant', reasoning_details: [own, null] },
    ];
    expect(withoutBoundThoughts(messages)).toBe(messages);
  });
});
