import { randomBytes } from 'node:crypto';
import { open, SealError, seal } from './seal.js';

const KEY = randomBytes(32);
const PLAINTEXT = Buffer.from('a credential');
const AAD = Buffer.from('channel:1:credential');

describe('seal', () => {
  it('opens with the same key and binding', () => {
    expect(open(KEY, seal(KEY, PLAINTEXT, AAD), AAD)).toEqual(PLAINTEXT);
  });

  it('never gives the same bytes twice', () => {
    expect(seal(KEY, PLAINTEXT, AAD)).not.toEqual(seal(KEY, PLAINTEXT, AAD));
  });

  it('does not open when any single byte was changed', () => {
    const sealed = seal(KEY, PLAINTEXT, AAD);
    for (let i = 0; i < sealed.length; i++) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(i) ^ 1, i);
      expect(() => open(KEY, changed, AAD)).toThrow(SealError);
    }
  });

  it.each([
    ['another key', randomBytes(32), AAD],
    ['another binding', KEY, Buffer.from('channel:2:credential')],
  ])('does not open with %s', (_, key, aad) => {
    expect(() => open(key, seal(KEY, PLAINTEXT, AAD), aad)).toThrow(SealError);
  });

  it('refuses bytes that are too short to be sealed ones', () => {
    expect(() => open(KEY, Buffer.alloc(27), AAD)).toThrow(SealError);
  });
});
