import { describe, expect, it } from '@jest/globals';
import { keysOf } from './channel-keys.js';

const texts = (key: string) => keysOf({ key }).map(({ text }) => text);

describe('the keys of a channel', () => {
  it.each([
    ['one a line', 'sk-a\r\n sk-b \n\nsk-c', ['sk-a', 'sk-b', 'sk-c']],
    ['one an element of a JSON list', '[{"a": 1},\n "sk-b"]', ['{"a":1}', 'sk-b']],
    [
      'one for a key file of several lines',
      '{\n  "project_id": "p",\n  "x": "y z"\n}',
      ['{"project_id":"p","x":"y z"}'],
    ],
    ['one a line where each is a key file', '{"a":1}\n{"b":2}', ['{"a":1}', '{"b":2}']],
    [
      'one in ASCII for a key file in another alphabet',
      '{"name":"ключ 🔑"}',
      [String.raw`{"name":"\u043a\u043b\u044e\u0447 \ud83d\udd11"}`],
    ],
    ['one for a text that only begins like JSON', '[sk-a', ['[sk-a']],
    ['none for nothing', ' \n ', []],
  ])('are %s', (_what, key, expected) => {
    expect(texts(key)).toEqual(expected);
  });

  it('keep their numbers and states', () => {
    const channel_info = '{"is_multi_key":true,"multi_key_status_list":{"0":2,"3":3}}';
    expect(keysOf({ key: 'a\n\nb\nc', channel_info })).toEqual([
      { index: 0, text: 'a', isEnabled: false },
      { index: 2, text: 'b', isEnabled: true },
      { index: 3, text: 'c', isEnabled: false },
    ]);
  });
});
