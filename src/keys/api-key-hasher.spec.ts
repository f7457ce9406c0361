import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { generateApiKey } from '../common/api-key.js';
import { ApiKeyHasher } from './api-key-hasher.js';
import { hashApiKey } from './hash-api-key.js';

describe('ApiKeyHasher', () => {
  it('gives the HMAC that is stored, for many keys in a row', () => {
    const pepper = randomBytes(32);
    const hasher = new ApiKeyHasher(pepper);
    for (let i = 0; i < 100; i++) {
      const key = generateApiKey();
      expect(hasher.hash(key)).toBe(hashApiKey(pepper, key).toString('base64'));
    }
  });

  it('refuses what is not a key, rather than hash a part of the one before', () => {
    expect(() => new ApiKeyHasher(randomBytes(32)).hash('sk_live_short')).toThrow(RangeError);
  });
});
