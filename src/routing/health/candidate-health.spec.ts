import { describe, expect, it } from '@jest/globals';
import { failure } from '../../../test/support/candidates.js';
import type { ProviderErrorKind } from '../../providers/canonical/provider-error.js';
import { CandidateHealth } from './candidate-health.js';

/** The health of a candidate, and a clock and chance that the test moves. */
function setUp() {
  let nowMs = 0;
  let chance = 0.5;
  const health = new CandidateHealth(() => chance);
  return {
    health,
    now: () => nowMs,
    pass: (ms: number) => {
      nowMs += ms;
    },
    draw: (value: number) => {
      chance = value;
    },
    succeed: (times = 1) => {
      for (let i = 0; i < times; i++) health.succeed(health.breaker.generation, nowMs);
    },
    fail: (kind: ProviderErrorKind, times = 1) => {
      let restMs: number | undefined;
      for (let i = 0; i < times; i++) {
        restMs = health.fail(failure(kind), health.breaker.generation, false, nowMs) ?? restMs;
      }
      return restMs;
    },
  };
}

describe('what counts as a failure of a candidate', () => {
  it.each<[ProviderErrorKind, boolean]>([
    ['overloaded', true],
    ['timeout', true],
    ['unreachable', true],
    ['tls', true],
    ['invalid_response', true],
    ['incomplete', true],
    ['model_missing', true],
    ['rate_limited', false],
    ['invalid_request', false],
    ['unsupported_option', false],
    ['context_length', false],
    ['content_refused', false],
    ['credential', false],
    ['out_of_money', false],
    ['busy', false],
  ])('%s opens the breaker: %s', (kind, isCounted) => {
    const { fail } = setUp();
    expect(fail(kind, 5) !== undefined).toBe(isCounted);
  });

  it('ends its soundness; a fault of the caller does not, and a success brings it back', () => {
    const { health, fail, succeed } = setUp();
    fail('invalid_request');
    expect(health.isSound).toBe(true);
    fail('rate_limited');
    expect(health.isSound).toBe(false);
    succeed();
    expect(health.isSound).toBe(true);
  });

  it('is a part of the attempts of half a minute, and forgotten after that', () => {
    const { health, fail, succeed, pass, now } = setUp();
    succeed(3);
    fail('timeout');
    expect(health.failureRate(now())).toBe(0.25);
    pass(29_000);
    expect(health.failureRate(now())).toBe(0.25);
    pass(5_000);
    expect(health.failureRate(now())).toBe(0);
  });

  it('is forgotten when the breaker closes: what failed before the recovery holds nothing back', () => {
    const { health, fail, succeed, now } = setUp();
    fail('rate_limited', 40);
    fail('timeout', 5);
    succeed();
    expect(health.breaker.phaseAt(now())).toBe('closed');
    expect(health.failureRate(now())).toBe(0);
    expect(health.heldBackPart(now())).toBe(0);
  });
});

describe('throttling', () => {
  it('begins with twenty requests of which fewer than half are accepted', () => {
    const { health, fail, succeed, now } = setUp();
    succeed(2);
    fail('rate_limited', 17);
    expect(health.heldBackPart(now())).toBe(0);
    fail('rate_limited');
    expect(health.heldBackPart(now())).toBeCloseTo(16 / 21);
    const even = setUp();
    for (let i = 0; i < 20; i++) {
      even.succeed();
      even.fail('rate_limited');
    }
    expect(even.health.heldBackPart(even.now())).toBe(0);
  });

  it('holds back that part by chance, and more of it while what is held back comes on top, but never all', () => {
    const { health, fail, succeed, draw, now } = setUp();
    succeed(5);
    fail('rate_limited', 20);
    const part = health.heldBackPart(now());
    draw(part - 0.01);
    expect(health.isHeldBack(now())).toBe(true);
    draw(part);
    expect(health.isHeldBack(now())).toBe(false);
    for (let i = 0; i < 20; i++) health.noteHeldBack(now());
    expect(health.heldBackPart(now())).toBeGreaterThan(part);
    for (let i = 0; i < 1000; i++) health.noteHeldBack(now());
    expect(health.heldBackPart(now())).toBe(0.9);
  });

  it('sends about twice of what is accepted', () => {
    const { pass, now } = setUp();
    let state = 1;
    // A random source that gives the same numbers again.
    const health = new CandidateHealth(() => {
      state = (state * 48271) % 2147483647;
      return state / 2147483647;
    });
    let sent = 0;
    let accepted = 0;
    // Ten requests a second, of which the upstream takes one.
    for (let i = 0; i < 1200; i++) {
      pass(100);
      if (health.isHeldBack(now())) {
        health.noteHeldBack(now());
        continue;
      }
      if (i >= 600) sent++;
      if (i % 10 !== 0) health.fail(failure('rate_limited'), health.breaker.generation, false, now());
      else {
        health.succeed(health.breaker.generation, now());
        if (i >= 600) accepted++;
      }
    }
    expect(sent).toBeLessThan(250);
    expect(accepted).toBeGreaterThan(0);
  });

  it('is over after three successes in a row, or when half a minute has passed', () => {
    const { health, fail, succeed, pass, now } = setUp();
    fail('rate_limited', 30);
    succeed(2);
    expect(health.heldBackPart(now())).toBeGreaterThan(0);
    succeed();
    expect(health.heldBackPart(now())).toBe(0);
    fail('rate_limited', 30);
    expect(health.heldBackPart(now())).toBeGreaterThan(0);
    pass(34_000);
    expect(health.heldBackPart(now())).toBe(0);
  });
});

describe('the average of the time to the first token', () => {
  it('believes a slow answer at once, fast ones slowly, and sinks when nothing comes', () => {
    const { health, now, pass } = setUp();
    const { firstToken } = health;
    expect(firstToken.read(now())).toBeUndefined();
    firstToken.add(100, now());
    pass(1000);
    firstToken.add(2000, now());
    expect(firstToken.read(now())).toBe(2000);
    pass(1000);
    firstToken.add(100, now());
    expect(firstToken.read(now())).toBeGreaterThan(1800);
    for (let i = 0; i < 200; i++) {
      pass(1000);
      firstToken.add(100, now());
    }
    expect(firstToken.read(now())).toBeCloseTo(100, 0);
    pass(60_000);
    expect(firstToken.read(now())).toBeLessThan(20);
  });
});
