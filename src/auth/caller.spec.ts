import { describe, expect, it } from '@jest/globals';
import { mayComeFrom, type StoredApiKey, toCaller } from './caller.js';

const KEY: StoredApiKey = {
  id: '1',
  accountId: '2',
  accountStatus: 'active',
  keyHash: Buffer.alloc(32),
  scopes: null,
  models: null,
  ipAllowList: null,
  expiresAtMs: null,
  isRevoked: false,
};

const comesFrom = (ipAllowList: readonly string[] | null, address: string): boolean =>
  mayComeFrom(toCaller({ ...KEY, ipAllowList }), address);

describe('mayComeFrom', () => {
  it.each([
    [null, '203.0.113.9', true],
    [[], '203.0.113.9', false],
    [['203.0.113.9'], '203.0.113.9', true],
    [['203.0.113.9'], '203.0.113.10', false],
    [['203.0.113.0/24'], '203.0.113.255', true],
    [['203.0.113.0/24'], '203.0.114.0', false],
    [['203.0.113.9'], '::ffff:203.0.113.9', true],
    [['203.0.113.0/24'], '::ffff:203.0.114.1', false],
    [['2001:db8::/32'], '2001:db8:1::1', true],
    [['2001:db8::/32'], '2001:db9::1', false],
    [['2001:db8::1', '203.0.113.9'], '203.0.113.9', true],
    [['203.0.113.9'], 'unknown', false],
    [['0.0.0.0/0'], '', false],
  ])('of a list %j, %s: %s', (list, address, expected) => {
    expect(comesFrom(list, address)).toBe(expected);
  });
});

describe('toCaller', () => {
  it('keeps an empty list apart from none: an empty one allows nothing', () => {
    expect(toCaller({ ...KEY, scopes: [], models: [] })).toMatchObject({ scopes: new Set(), models: new Set() });
    expect(toCaller(KEY)).toMatchObject({ scopes: null, models: null, addresses: undefined });
  });
});
