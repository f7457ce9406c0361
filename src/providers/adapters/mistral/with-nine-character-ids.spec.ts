import { withNineCharacterIds } from './with-nine-character-ids.js';

describe('withNineCharacterIds', () => {
  it('gives a call and its result the same id of nine letters and digits', () => {
    const messages = [
      {
        role: 'assistant',
        content: '',
        tool_calls: [{ id: 'call_abcdef0123', function: { name: 'f' } }, { id: 'Abc123xyz' }],
      },
      { role: 'tool', tool_call_id: 'call_abcdef0123', content: '1' },
      { role: 'tool', tool_call_id: 'Abc123xyz', content: '2' },
    ];
    const before = structuredClone(messages);
    const result = JSON.parse(JSON.stringify(withNineCharacterIds(messages)));
    expect(result[0].tool_calls[0].id).toMatch(/^[0-9A-Za-z]{9}$/);
    expect(result[1].tool_call_id).toBe(result[0].tool_calls[0].id);
    expect(result[0].tool_calls[1].id).toBe('Abc123xyz');
    expect(withNineCharacterIds(messages)).toEqual(result);
    expect(messages).toEqual(before);
  });

  it('marks a trailing assistant message, drops tool_calls null and leaves the rest alone', () => {
    expect(
      withNineCharacterIds([
        { role: 'user', content: 'a', tool_calls: null },
        { role: 'assistant', content: 'b' },
      ]),
    ).toEqual([
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'b', prefix: true },
    ]);
    const messages = [{ role: 'user', content: 'a' }];
    expect(withNineCharacterIds(messages)).toBe(messages);
  });
});
