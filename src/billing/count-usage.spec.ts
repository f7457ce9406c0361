import { describe, expect, it } from '@jest/globals';
import { countUsage } from './count-usage.js';

const own = { inputTokens: 7, outputTokens: () => 9 };

describe('what is billed', () => {
  it('is what the upstream reports', () => {
    const reported = { inputTokens: 10, outputTokens: 20, cachedInputTokens: 4, reasoningTokens: 5 };
    const { usage, isEstimated } = countUsage(reported, own);
    expect(usage).toMatchObject({ ...reported, cacheWriteTokens: 0 });
    expect(isEstimated).toBe(false);
  });

  it.each([
    [undefined, 7, 9],
    [{ inputTokens: 10 }, 10, 9],
    [{ outputTokens: 20 }, 7, 20],
  ])('is estimated, and says so, where %j says nothing', (reported, inputTokens, outputTokens) => {
    expect(countUsage(reported, own)).toMatchObject({ usage: { inputTokens, outputTokens }, isEstimated: true });
  });

  it('takes a reported zero for what it is', () => {
    expect(countUsage({ inputTokens: 0, outputTokens: 0 }, own)).toMatchObject({
      usage: { inputTokens: 0, outputTokens: 0 },
      isEstimated: false,
    });
  });

  it('does not count what it need not', () => {
    const fail = (): number => {
      throw new Error('not needed');
    };
    expect(countUsage({ inputTokens: 1, outputTokens: 2 }, { inputTokens: 1, outputTokens: fail }).isEstimated).toBe(
      false,
    );
  });

  it('bills the searches of a chat that its upstream reports, where they have a price', () => {
    const reported = { inputTokens: 1, outputTokens: 2, searches: 3 };
    expect(countUsage(reported, { ...own, maySearch: true })).toMatchObject({
      usage: { searches: 3 },
      isEstimated: false,
    });
    expect(countUsage(reported, own).usage.searches).toBe(0);
    expect(countUsage({ inputTokens: 1, outputTokens: 2 }, { ...own, maySearch: true })).toMatchObject({
      usage: { searches: 0 },
      isEstimated: false,
    });
  });
});
