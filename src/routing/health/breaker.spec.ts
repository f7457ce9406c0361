import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { failure } from '../../../test/support/candidates.js';
import { Breaker, PROBE_LEASE_MS, REST_MS_MAX } from './breaker.js';

const NO_COUNTS = { succeeded: 0, failed: 0 };

/** A breaker without jitter, and a clock that the test moves. */
function setUp(random = 0) {
  const breaker = new Breaker(() => random);
  let nowMs = 0;
  return {
    breaker,
    now: () => nowMs,
    pass: (ms: number) => {
      nowMs += ms;
    },
    fail: (isProbe = false, counts = NO_COUNTS, error = failure('overloaded')) =>
      breaker.fail(error, breaker.generation, isProbe, counts, nowMs),
    phase: () => breaker.phaseAt(nowMs),
    probe: () => breaker.takeProbe(nowMs),
  };
}

describe('Breaker', () => {
  it('opens after five failures in a row; a success in between starts the count anew', () => {
    const { breaker, fail, phase } = setUp();
    for (let i = 0; i < 4; i++) expect(fail()).toBeUndefined();
    breaker.succeed(breaker.generation);
    for (let i = 0; i < 4; i++) expect(fail()).toBeUndefined();
    expect(phase()).toBe('closed');
    expect(fail()).toBe(1000);
    expect(phase()).toBe('open');
  });

  it('opens when half of at least twenty attempts have failed', () => {
    const { fail, phase } = setUp();
    expect(fail(false, { succeeded: 9, failed: 10 })).toBeUndefined();
    expect(fail(false, { succeeded: 11, failed: 10 })).toBeUndefined();
    expect(phase()).toBe('closed');
    expect(fail(false, { succeeded: 10, failed: 10 })).toBe(1000);
  });

  it('rests twice as long after each probe that fails, eight seconds at most, and a second again after it has closed', () => {
    const { breaker, fail, pass, probe } = setUp();
    const rests = [1000, 2000, 4000, 8000, 8000];
    for (let i = 0; i < 4; i++) fail();
    for (const [i, restMs] of rests.entries()) {
      expect(fail(i > 0)).toBe(restMs);
      pass(restMs - 1);
      expect(probe()).toBe(false);
      pass(1);
      expect(probe()).toBe(true);
    }
    expect(breaker.succeed(breaker.generation)).toBe(true);
    for (let i = 0; i < 4; i++) expect(fail()).toBeUndefined();
    expect(fail()).toBe(1000);
  });

  it('takes up to a fifth off a rest by chance, and believes an upstream that says how long it is away, up to eight seconds', () => {
    const jittered = setUp(1);
    for (let i = 0; i < 4; i++) jittered.fail();
    expect(jittered.fail()).toBe(800);
    for (const [toldMs, restMs] of [
      [5000, 5000],
      [60_000, REST_MS_MAX],
    ] as const) {
      const { fail } = setUp();
      for (let i = 0; i < 4; i++) fail();
      expect(fail(false, NO_COUNTS, failure('overloaded', toldMs))).toBe(restMs);
    }
  });

  it('says what is left of the rest, and why', () => {
    const { breaker, fail, pass, now } = setUp();
    for (let i = 0; i < 5; i++) fail(false, NO_COUNTS, failure('unreachable'));
    pass(300);
    expect(breaker.errorAt(now())).toMatchObject({ kind: 'unreachable', retryAfterMs: 1000 });
  });

  it('pays no attention to how attempts end that began before it opened or closed', () => {
    const { breaker, fail, pass, probe, phase, now } = setUp();
    const before = breaker.generation;
    for (let i = 0; i < 5; i++) fail();
    expect(breaker.succeed(before)).toBe(false);
    pass(1000);
    expect(breaker.fail(failure('timeout'), before, false, NO_COUNTS, now())).toBeUndefined();
    expect(probe()).toBe(true);
    const during = breaker.generation;
    expect(breaker.succeed(during)).toBe(true);
    for (let i = 0; i < 9; i++) {
      expect(breaker.fail(failure('timeout'), during, false, NO_COUNTS, now())).toBeUndefined();
    }
    expect(phase()).toBe('closed');
  });

  it('hands the probe on when it has learnt nothing, and gives it up after a minute', () => {
    const { breaker, fail, pass, probe } = setUp();
    for (let i = 0; i < 5; i++) fail();
    pass(1000);
    expect(probe()).toBe(true);
    breaker.handProbeOn();
    expect(probe()).toBe(true);
    pass(PROBE_LEASE_MS - 1);
    expect(probe()).toBe(false);
    pass(1);
    expect(probe()).toBe(true);
  });

  it('whatever happens: one probe at a time, no rest over eight seconds, and open only after enough failures', () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.constant<'begin'>('begin') },
      { weight: 6, arbitrary: fc.record({ end: fc.constantFrom('succeed', 'fail', 'leave'), pick: fc.nat() }) },
      { weight: 2, arbitrary: fc.record({ passMs: fc.integer({ min: 1, max: 5000 }) }) },
    );
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 200 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (steps, random) => {
          const { breaker, phase, pass, now } = setUp(random);
          let underWay: { generation: number; isProbe: boolean; beganMs: number }[] = [];
          let failuresInRow = 0;
          let openedAtMs = 0;
          for (const one of steps) {
            const before = phase();
            if (one === 'begin') {
              // As a router does that has nobody else: open ones are asked as well, but not as probes.
              const isProbe = breaker.takeProbe(now());
              expect(isProbe).toBe(before === 'half_open');
              underWay.push({ generation: breaker.generation, isProbe, beganMs: now() });
            } else if ('passMs' in one) {
              pass(one.passMs);
              if (phase() === 'open') expect(now() - openedAtMs).toBeLessThanOrEqual(REST_MS_MAX);
            } else {
              const visit = underWay[one.pick % Math.max(underWay.length, 1)];
              if (visit === undefined) continue;
              underWay = underWay.filter((other) => other !== visit);
              const isCurrent = visit.generation === breaker.generation;
              if (one.end === 'leave') {
                if (visit.isProbe) breaker.handProbeOn();
              } else if (one.end === 'succeed') {
                if (isCurrent) failuresInRow = 0;
                expect(breaker.succeed(visit.generation)).toBe(isCurrent && before !== 'closed');
                if (isCurrent) expect(phase()).toBe('closed');
              } else {
                if (isCurrent && before === 'closed') failuresInRow++;
                const restMs = breaker.fail(failure('timeout'), visit.generation, visit.isProbe, NO_COUNTS, now());
                const hasOpened = isCurrent && (before === 'closed' ? failuresInRow >= 5 : visit.isProbe);
                expect(restMs !== undefined).toBe(hasOpened);
                if (restMs === undefined) continue;
                expect(restMs).toBeGreaterThanOrEqual(800);
                expect(restMs).toBeLessThanOrEqual(REST_MS_MAX);
                openedAtMs = now();
                failuresInRow = 0;
              }
            }
            const probes = underWay.filter(
              ({ isProbe, generation, beganMs }) =>
                isProbe && generation === breaker.generation && now() - beganMs < PROBE_LEASE_MS,
            );
            expect(probes.length).toBeLessThanOrEqual(1);
          }
        },
      ),
    );
  });
});
