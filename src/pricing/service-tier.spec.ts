import { describe, expect, it } from '@jest/globals';
import { askedTier, servedTier } from './service-tier.js';

describe('the service tier of a request', () => {
  it.each([
    [undefined, undefined],
    [null, undefined],
    ['auto', undefined],
    ['default', undefined],
    ['standard_only', undefined],
    ['on_demand', undefined],
    ['priority', 'priority'],
    ['scale', 'scale'],
    // Letter for letter: nobody knows what an upstream makes of another spelling, so that it is one without a price.
    ['Priority', 'Priority'],
    ['AUTO', 'AUTO'],
    [7, ''],
    [['priority'], ''],
  ])('%j is %j', (value, tier) => {
    expect(askedTier(value)).toBe(tier);
  });
});

describe('the service tier of an answer', () => {
  it.each([
    [undefined, undefined],
    [null, undefined],
    ['', undefined],
    [7, undefined],
    ['default', 'default'],
    ['standard', 'default'],
    ['on_demand', 'default'],
    ['priority', 'priority'],
    ['PRIORITY', 'priority'],
    ['flex', 'flex'],
  ])('%j is %j', (value, tier) => {
    expect(servedTier(value)).toBe(tier);
  });
});
