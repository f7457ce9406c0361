import { describe, expect, it } from '@jest/globals';
import { mayComeFrom, mayUseModel, type StoredApiKey, toCaller } from './caller.js';

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
  limits: { rpm: null, tpm: null, concurrency: null },
  accountLimits: { rpm: null, tpm: null, concurrency: null },
  groupId: '1',
  multiplierMillionths: 1_000_000n,
  groupModels: null,
  captureUntilMs: 0,
};
const NO_DEFAULTS = { keyDefaults: {}, accountDefaults: {} };

const comesFrom = (ipAllowList: readonly string[] | null, address: string): boolean =>
  mayComeFrom(toCaller({ ...KEY, ipAllowList }, NO_DEFAULTS), address);

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
    const caller = toCaller({ ...KEY, scopes: [], models: [], groupModels: [] }, NO_DEFAULTS);
    expect(caller).toMatchObject({ scopes: new Set(), models: new Set(), groupModels: new Set() });
    expect(toCaller(KEY, NO_DEFAULTS)).toMatchObject({
      scopes: null,
      models: null,
      groupModels: null,
      addresses: undefined,
    });
  });

  it('has no limits where none are set', () => {
    expect(toCaller(KEY, NO_DEFAULTS).limits).toEqual([]);
  });

  it('takes its own limits first, and the defaults for what is not set', () => {
    const limited = {
      ...KEY,
      limits: { rpm: 5, tpm: null, concurrency: null },
      accountLimits: { rpm: null, tpm: 900, concurrency: 3 },
    };
    const defaults = { keyDefaults: { rpm: 60, concurrency: 10 }, accountDefaults: { tpm: 100 } };
    expect(toCaller(limited, defaults).limits).toEqual([
      { scope: 'key', id: '1', rpm: 5, concurrency: 10 },
      { scope: 'account', id: '2', tpm: 900, concurrency: 3 },
    ]);
    expect(toCaller(KEY, { ...NO_DEFAULTS, accountDefaults: { rpm: 7 } }).limits).toEqual([
      { scope: 'account', id: '2', rpm: 7 },
    ]);
  });
});

describe('mayUseModel', () => {
  it.each([
    [null, null, true],
    [['gpt-4'], null, true],
    [null, ['gpt-4'], true],
    [['gpt-4'], ['gpt-4', 'other'], true],
    [['gpt-4'], ['other'], false],
    [['other'], ['gpt-4'], false],
    [null, [], false],
  ])('with models %j of the key and %j of the group: %s', (models, groupModels, expected) => {
    expect(mayUseModel(toCaller({ ...KEY, models, groupModels }, NO_DEFAULTS), 'gpt-4')).toBe(expected);
  });
});
