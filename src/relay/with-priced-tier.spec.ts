import { describe, expect, it } from '@jest/globals';
import { validateChat } from './validate-chat.js';
import { withPricedTier } from './with-priced-tier.js';

function read(serviceTier: string) {
  const body = `{"model":"m","service_tier":${serviceTier},"seed":12345678901234567890,"messages":[{"role":"user","content":"x"}]}`;
  return validateChat(Buffer.from(body));
}

const onlyFlex = (tier: string): boolean => tier === 'flex';

describe('the service tier that goes upstream', () => {
  it.each(['"flex"', '"auto"', '"default"', 'null'])('is %s as it came', (word) => {
    const request = read(word);
    const tiered = withPricedTier(request, onlyFlex);
    expect(tiered.request).toBe(request);
    expect(tiered).toMatchObject({ isDropped: false, serviceTier: word === '"flex"' ? 'flex' : undefined });
  });

  it.each(['"priority"', '"Flex"', '["flex"]', '1', '"constructor"'])(
    'is none for %s without a price, and all else keeps its bytes',
    (word) => {
      const tiered = withPricedTier(read(word), onlyFlex);
      expect(tiered).toMatchObject({ isDropped: true, serviceTier: undefined });
      const { source } = tiered.request;
      expect(Buffer.from(source.bytes).toString()).toBe(
        '{"model":"m","seed":12345678901234567890,"messages":[{"role":"user","content":"x"}]}',
      );
    },
  );

  it('is said once only, so that hub and upstream read the same', () => {
    const twice =
      '{"model":"m","service_tier":"priority","service_tier":"default","messages":[{"role":"user","content":"x"}]}';
    expect(() => validateChat(Buffer.from(twice))).toThrow('"service_tier" is given more than once.');
  });
});
