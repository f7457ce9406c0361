import { describe, expect, it } from '@jest/globals';
import { type ChannelChange, candidateOf, candidatesOf, failure } from '../../../test/support/candidates.js';
import { Cancellation } from '../../common/cancellation.js';
import type { ProviderError, ProviderErrorKind } from '../../providers/canonical/provider-error.js';
import type { Candidate } from '../candidate.js';
import { ChannelHealth, type ChannelHealthParts, type HealthSharing, type RestWatcher } from './channel-health.js';
import type { HealthNews } from './health-news.js';
import type { Visit } from './visit.js';

const SIGNAL = new Cancellation();

function setUp(parts: ChannelHealthParts = {}) {
  let nowMs = 1_000_000;
  const health = new ChannelHealth({ now: () => nowMs, random: () => 0, ...parts });
  const enter = async (candidate: Candidate, isReserve = false): Promise<Visit> =>
    await health.enter(candidate, SIGNAL, isReserve);
  const fail = async (candidate: Candidate, error: ProviderError, times = 1): Promise<void> => {
    for (let i = 0; i < times; i++) (await enter(candidate)).fail(error);
  };
  return {
    health,
    enter,
    fail,
    pass: (ms: number) => {
      nowMs += ms;
    },
    causeOf: (candidate: Candidate) => health.stateOf(candidate).rest?.cause,
  };
}

describe('what an upstream has asked for', () => {
  it.each<[string, ProviderError, number | undefined]>([
    ['a refused credential', failure('credential'), 60_000],
    ['an empty account', failure('out_of_money'), 300_000],
    ['a rate limit, as long as it says', failure('rate_limited', 30_000), 30_000],
    ['a rate limit, ten minutes at most', failure('rate_limited', 86_400_000), 600_000],
    ['a rate limit that says nothing', failure('rate_limited'), undefined],
    ['an overload', failure('overloaded', 30_000), undefined],
    ['a fault of the caller', failure('invalid_request'), undefined],
    ['a timeout', failure('timeout'), undefined],
  ])('is a rest after %s', async (_name, error, restMs) => {
    const { health, fail } = setUp();
    await fail(candidateOf('1'), error);
    expect(health.reasonFor(candidateOf('1'))?.retryAfterMs).toBe(restMs);
    expect(health.stateOf(candidateOf('1')).rest?.error.retryAfterMs).toBe(restMs);
  });

  it('is the same when it is noted outside of a visit', () => {
    const { health } = setUp();
    health.note(candidateOf('1'), failure('rate_limited', 30_000));
    expect(health.reasonFor(candidateOf('1'))?.retryAfterMs).toBe(30_000);
  });

  it('says what is left of it, and why; then it is over', async () => {
    const { health, fail, pass, enter } = setUp();
    await fail(candidateOf('1'), failure('rate_limited', 30_000));
    pass(20_000);
    expect(health.reasonFor(candidateOf('1'))).toMatchObject({ kind: 'rate_limited', retryAfterMs: 10_000 });
    await expect(enter(candidateOf('1'))).rejects.toMatchObject({ kind: 'rate_limited' });
    await expect(enter(candidateOf('1'), true)).rejects.toMatchObject({ kind: 'rate_limited' });
    pass(10_000);
    expect(health.reasonFor(candidateOf('1'))).toBeUndefined();
    (await enter(candidateOf('1'))).succeed();
  });

  it.each<[string, Candidate]>([
    ['another channel', candidateOf('2')],
    ['another credential of it', candidatesOf('1', { moreCredentials: ['second'] })[1] as Candidate],
    ['the channel with a new credential', candidateOf('1', { credential: 'new key' })],
    ['the channel with another address', candidateOf('1', { baseUrl: 'https://elsewhere.test/v1' })],
  ])('is not about %s', async (_what, other) => {
    const { fail, causeOf } = setUp();
    await fail(candidateOf('1'), failure('credential'));
    expect(causeOf(candidateOf('1'))).toBe('told');
    expect(causeOf(other)).toBeUndefined();
  });

  it.each<[ProviderErrorKind, 'told' | undefined]>([
    ['rate_limited', undefined],
    ['credential', 'told'],
    ['out_of_money', 'told'],
  ])('after %s is about the other models of the channel: %s', async (kind, cause) => {
    const { fail, causeOf } = setUp();
    await fail(candidateOf('1'), failure(kind, 30_000));
    expect(causeOf(candidateOf('1', { models: new Map([['m', 'other']]) }))).toBe(cause);
  });

  it('is remembered by names that hold no credential', () => {
    const { healthKey, credentialKey } = candidateOf('1', { credential: 'sk-very-secret-credential' });
    expect(`${healthKey} ${credentialKey}`).not.toContain('secret');
  });
});

describe('a candidate that is broken', () => {
  const one = candidateOf('1');

  it('is ejected, then half open for exactly one request, and serves all again once that has succeeded', async () => {
    const { health, fail, enter, causeOf, pass } = setUp();
    await fail(one, failure('timeout'), 5);
    expect(causeOf(one)).toBe('ejected');
    await expect(enter(one)).rejects.toMatchObject({ kind: 'timeout' });
    pass(1000);
    expect(health.stateOf(one)).toMatchObject({ rest: undefined, isHalfOpen: true, isSound: false });
    const probe = await enter(one);
    expect(causeOf(one)).toBe('probing');
    await expect(enter(one)).rejects.toMatchObject({ kind: 'timeout' });
    probe.succeed();
    expect(health.stateOf(one)).toMatchObject({ rest: undefined, isHalfOpen: false, isSound: true, failureRate: 0 });
    await Promise.all([enter(one), enter(one)]);
  });

  it('serves again with the first content of its probe, on trial: should that break off, it rests for longer than before', async () => {
    const { fail, enter, causeOf, pass } = setUp();
    await fail(one, failure('timeout'), 5);
    for (const restMs of [1000, 2000, 4000]) {
      pass(restMs - 1);
      expect(causeOf(one)).toBe('ejected');
      pass(1);
      const probe = await enter(one);
      probe.noteFirstToken(100);
      expect(causeOf(one)).toBeUndefined();
      probe.fail(failure('incomplete'));
      expect(causeOf(one)).toBe('ejected');
    }
  });

  it('has stood its trial with the first answer that is complete', async () => {
    const { fail, enter, causeOf, pass } = setUp();
    await fail(one, failure('timeout'), 5);
    pass(1000);
    const probe = await enter(one);
    probe.noteFirstToken(100);
    probe.succeed();
    await fail(one, failure('incomplete'), 4);
    expect(causeOf(one)).toBeUndefined();
    await fail(one, failure('incomplete'), 1);
    pass(1000);
    expect(causeOf(one)).toBeUndefined();
  });

  it('hands the probe on when the client of it leaves, or its fault is the caller’s', async () => {
    const { fail, enter, causeOf, pass } = setUp();
    await fail(one, failure('timeout'), 5);
    pass(1000);
    (await enter(one)).leave();
    (await enter(one)).fail(failure('invalid_request'));
    expect(causeOf(one)).toBeUndefined();
    (await enter(one)).fail(failure('timeout'));
    expect(causeOf(one)).toBe('ejected');
  });

  it('is asked all the same as a reserve, and its success ends the rest', async () => {
    const { fail, enter, causeOf, pass } = setUp();
    await fail(one, failure('timeout'), 5);
    (await enter(one, true)).fail(failure('timeout'));
    expect(causeOf(one)).toBe('ejected');
    (await enter(one, true)).succeed();
    expect(causeOf(one)).toBeUndefined();
    await fail(one, failure('timeout'), 5);
    pass(1000);
    await enter(one);
    await enter(one, true);
  });

  it('serves again within ten seconds of its recovery, however long it was away', async () => {
    const { fail, enter, causeOf, pass } = setUp();
    await fail(one, failure('unreachable'), 5);
    for (let i = 0; i < 100; i++) {
      pass(100);
      if (causeOf(one) === undefined) (await enter(one)).fail(failure('unreachable'));
      pass(10_000);
      (await enter(one)).fail(failure('unreachable'));
    }
    pass(8000);
    expect(causeOf(one)).toBeUndefined();
    (await enter(one)).succeed();
    expect(causeOf(one)).toBeUndefined();
  });

  it('counts a visit once, however often it ends', async () => {
    const { health, enter } = setUp();
    for (let i = 0; i < 4; i++) {
      const visit = await enter(one);
      visit.fail(failure('timeout'));
      visit.fail(failure('timeout'));
      visit.succeed();
      visit.leave();
    }
    expect(health.stateOf(one)).toMatchObject({ inFlight: 0, isSound: false, failureRate: 1, rest: undefined });
  });
});

describe('a limit of requests at a time', () => {
  const limited = (id: string, change: ChannelChange = {}): Candidate =>
    candidateOf(id, { concurrencyMax: 1, ...change });

  it('is of the channel, over all its credentials and models', async () => {
    const { enter, causeOf } = setUp();
    const [first, second] = candidatesOf('1', { concurrencyMax: 2, moreCredentials: ['b'] }) as [Candidate, Candidate];
    const visits = [await enter(first), await enter(second)];
    expect(causeOf(first)).toBe('full');
    expect(causeOf(second)).toBe('full');
    expect(causeOf(limited('2'))).toBeUndefined();
    visits[0]?.succeed();
    expect(causeOf(second)).toBeUndefined();
  });

  it('lets as many wait as may be there, in their order, and refuses the others at once', async () => {
    const { health, enter } = setUp();
    const first = await enter(limited('1'));
    const second = enter(limited('1'));
    await expect(enter(limited('1'))).rejects.toMatchObject({ kind: 'busy' });
    expect(health.snapshot().places).toMatchObject([{ channel: 'channel 1', inUse: 1, waiting: 1, max: 1 }]);
    first.succeed();
    (await second).succeed();
    expect(health.snapshot().places).toEqual([]);
  });

  it.each([
    [4, 2, 2],
    [5, 2, 3],
    // None would be no service at all.
    [1, 3, 1],
  ])('are %i in all, shared by %i processes: %i are here', async (concurrencyMax, processes, here) => {
    const shared = new ChannelHealth({ processes });
    const candidate = candidateOf('1', { concurrencyMax });
    for (let i = 0; i < here; i++) {
      expect(shared.stateOf(candidate).rest).toBeUndefined();
      await shared.enter(candidate, new Cancellation());
    }
    expect(shared.stateOf(candidate).rest?.cause).toBe('full');
    expect(shared.snapshot().places).toMatchObject([{ inUse: here, max: here }]);
  });

  it('gives the place back when the candidate has begun to rest in the meantime', async () => {
    const { enter, fail, pass } = setUp();
    const first = await enter(limited('1'));
    const second = enter(limited('1'));
    first.fail(failure('credential'));
    await expect(second).rejects.toMatchObject({ kind: 'credential' });
    pass(60_000);
    await fail(limited('1'), failure('timeout'), 5);
  });
});

describe('instances of the hub', () => {
  /** Some instances that hear each other, and one probe among them. */
  function instances(count: number) {
    let nowMs = 0;
    const listeners: ((news: HealthNews) => void)[] = [];
    const told: HealthNews[] = [];
    let prober: number | undefined;
    const all = Array.from({ length: count }, (_, i) => {
      const sharing: HealthSharing = {
        listen: (listener) => listeners.push(listener),
        announce: (news) => {
          told.push(news);
          if (prober === i) prober = undefined;
          for (const [other, listener] of listeners.entries()) if (other !== i) listener(news);
        },
        claimProbe: async () => {
          prober ??= i;
          return prober === i;
        },
        releaseProbe: () => {
          if (prober === i) prober = undefined;
        },
      };
      return new ChannelHealth({ now: () => nowMs, random: () => 0, sharing });
    });
    return {
      all: all as [ChannelHealth, ChannelHealth],
      told,
      pass: (ms: number) => {
        nowMs += ms;
      },
    };
  }

  const one = candidateOf('1');

  async function eject(health: ChannelHealth): Promise<void> {
    for (let i = 0; i < 5; i++) (await health.enter(one, SIGNAL)).fail(failure('timeout'));
  }

  it('know of rests and ejections that others have found out, also before they ask for the first time', async () => {
    const { all, told } = instances(2);
    const [a, b] = all;
    a.note(candidateOf('2'), failure('credential'));
    await eject(a);
    expect(b.stateOf(candidateOf('2')).rest?.cause).toBe('told');
    expect(b.stateOf(one).rest?.cause).toBe('ejected');
    expect(told.map(({ type }) => type)).toEqual(['told', 'ejected']);
  });

  it('send one probe among all, and follow when it has succeeded or failed', async () => {
    const { all, pass } = instances(2);
    const [a, b] = all;
    await eject(a);
    pass(1000);
    const probe = await a.enter(one, SIGNAL);
    await expect((async () => await b.enter(one, SIGNAL))()).rejects.toMatchObject({ kind: 'timeout' });
    expect(b.stateOf(one).rest?.cause).toBe('probing');
    probe.fail(failure('timeout'));
    expect(b.stateOf(one).rest?.cause).toBe('ejected');
    pass(1999);
    expect(b.stateOf(one).rest?.cause).toBe('ejected');
    pass(1);
    (await b.enter(one, SIGNAL)).succeed();
    expect(a.stateOf(one)).toMatchObject({ rest: undefined, isHalfOpen: false });
  });

  it('look again after two seconds whether the probe of another is still under way', async () => {
    const { all, pass } = instances(2);
    const [a, b] = all;
    await eject(a);
    pass(1000);
    const probe = await a.enter(one, SIGNAL);
    await expect((async () => await b.enter(one, SIGNAL))()).rejects.toBeDefined();
    probe.leave();
    pass(2000);
    (await b.enter(one, SIGNAL)).succeed();
    expect(a.stateOf(one).rest).toBeUndefined();
  });
});

describe('who watches over credentials', () => {
  it('hears of those that are refused and of successes, but not of one that was under way at that time', async () => {
    const heard: string[] = [];
    const watcher: RestWatcher = {
      noteRest: ({ channel }, { kind }) => heard.push(`${channel.id} ${kind}`),
      noteSuccess: ({ channel }) => heard.push(`${channel.id} serves`),
    };
    const { enter, fail, pass } = setUp({ watcher });
    const before = await enter(candidateOf('1'));
    await fail(candidateOf('1'), failure('credential'));
    before.succeed();
    await fail(candidateOf('2'), failure('rate_limited', 1000));
    await fail(candidateOf('3'), failure('out_of_money'));
    pass(300_000);
    (await enter(candidateOf('1'))).succeed();
    expect(heard).toEqual(['1 credential', '3 out_of_money', '1 serves']);
  });
});

describe('what operators see', () => {
  it('is how each candidate that was asked is doing', async () => {
    const { health, enter, fail } = setUp();
    const visit = await enter(candidateOf('1'));
    visit.noteFirstToken(250);
    visit.noteUsage({ inputTokens: 100, cachedInputTokens: 80 });
    await fail(candidateOf('2'), failure('timeout'), 5);
    expect(health.snapshot().candidates).toMatchObject([
      { candidate: { channel: { id: '1' } }, breaker: 'closed', inFlight: 1, firstTokenMs: 250, failureRate: 0 },
      { candidate: { channel: { id: '2' } }, breaker: 'open', inFlight: 0, failureRate: 1 },
    ]);
    expect(health.cachedPartOf(candidateOf('1'))).toBe(0.8);
    expect(health.ejectionOf(candidateOf('2'))).toMatchObject({ phase: 'open', error: { kind: 'timeout' } });
    expect(health.ejectionOf(candidateOf('1'))).toBeUndefined();
  });
});
