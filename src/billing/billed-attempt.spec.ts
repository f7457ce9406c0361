import { describe, expect, it } from '@jest/globals';
import { lossOf, ownConsumption, type RunningAttempt } from './billed-attempt.js';

const PROMPT = 100;

function attempt(change: Partial<RunningAttempt> = {}): RunningAttempt {
  return {
    model: 'm',
    channelId: '1',
    upstreamModel: 'up-m',
    number: 1,
    startedAt: 0,
    deliveredBefore: 0,
    isAccepted: true,
    ...change,
  };
}

const loss = (change: Partial<RunningAttempt>, kind: string, usage: Parameters<typeof lossOf>[2], delivered = 0) =>
  lossOf(attempt(change), kind, usage, PROMPT, () => delivered);

describe('what a failed attempt has consumed', () => {
  it('is nothing where the upstream did not take it, or refused inside its answer', () => {
    expect(loss({ isAccepted: false }, 'overloaded', undefined)).toBeUndefined();
    expect(loss({ isAccepted: false }, 'timeout', undefined)).toBeUndefined();
    expect(loss({}, 'overloaded', undefined)).toBeUndefined();
  });

  it.each(['timeout', 'incomplete'])('is the prompt where it was taken and nothing came: %s', (kind) => {
    expect(loss({}, kind, undefined)).toMatchObject({
      usage: { inputTokens: PROMPT, outputTokens: 0 },
      isEstimated: true,
    });
  });

  it('is what was reported, and no less output than came', () => {
    expect(loss({}, 'incomplete', { inputTokens: 90, outputTokens: 20 }, 7)).toMatchObject({
      usage: { inputTokens: 90, outputTokens: 20 },
      isEstimated: false,
    });
    expect(loss({}, 'incomplete', { inputTokens: 90, outputTokens: 1 }, 7)).toMatchObject({
      usage: { inputTokens: 90, outputTokens: 7 },
      isEstimated: true,
    });
  });

  it('of one that went on from a beginning is the prompt with that, and what came since', () => {
    expect(loss({ resume: 'prefill', deliveredBefore: 30 }, 'incomplete', undefined, 42)).toMatchObject({
      usage: { inputTokens: PROMPT + 30, outputTokens: 12 },
    });
  });

  it('of one that told the answer again is all of it', () => {
    const own = ownConsumption(attempt({ resume: 'retell', deliveredBefore: 30 }), PROMPT, () => 42);
    expect([own.inputTokens, own.outputTokens()]).toEqual([PROMPT, 42]);
  });
});
