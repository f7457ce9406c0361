import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { progressOf } from './progress-of.js';

const START = new Date('2026-01-01T00:00:00Z');
const at = (ms: number): number => START.getTime() + ms;

describe('progressOf', () => {
  it.each([
    ['what the upstream says', { progress: 10, acceptedAt: START }, { state: 'processing', progress: 42 }, 42],
    ['never less than before', { progress: 50, acceptedAt: START }, { state: 'processing', progress: 42 }, 50],
    [
      'never all of it before the result is here',
      { progress: 0, acceptedAt: START },
      { state: 'processing', progress: 100 },
      95,
    ],
    ['whole percents', { progress: 0, acceptedAt: START }, { state: 'processing', progress: 33.4 }, 33],
    ['nothing that is no number', { progress: 7, acceptedAt: START }, { state: 'processing', progress: Number.NaN }, 7],
    ['nothing below zero', { progress: 0, acceptedAt: START }, { state: 'processing', progress: -3 }, 0],
    ['a little for what waits', { progress: 0, acceptedAt: START }, { state: 'queued' }, 5],
    ['a little for what nobody has accepted', { progress: 0, acceptedAt: null }, { state: 'processing' }, 5],
  ] as const)('shows %s', (_name, job, state, percent) => {
    expect(progressOf(job, state, at(0))).toBe(percent);
  });

  it('grows with time where the upstream says nothing, and never arrives', () => {
    const job = { progress: 0, acceptedAt: START };
    const seen = [0, 60_000, 180_000, 3_600_000, 86_400_000].map((ms) =>
      progressOf(job, { state: 'processing' }, at(ms)),
    );
    expect(seen).toEqual([5, 31, 62, 95, 95]);
  });

  it('is a whole number from 0 to 95 that never falls, whatever the clocks say', () => {
    const progress = fc.integer({ min: 0, max: 95 });
    const reported = fc.option(fc.double(), { nil: undefined });
    fc.assert(
      fc.property(progress, reported, fc.integer({ min: -1e9, max: 1e12 }), (before, said, ms) => {
        const state = { state: 'processing' as const, ...(said === undefined ? {} : { progress: said }) };
        const shown = progressOf({ progress: before, acceptedAt: START }, state, at(ms));
        expect(Number.isInteger(shown)).toBe(true);
        expect(shown).toBeGreaterThanOrEqual(before);
        expect(shown).toBeLessThanOrEqual(95);
      }),
    );
  });
});
