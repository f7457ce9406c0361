import { describe, expect, it } from '@jest/globals';
import { type ChannelChange, candidateOf, failure, PLAIN_FACTS } from '../../test/support/candidates.js';
import { Cancellation } from '../common/cancellation.js';
import { parsePrice } from '../pricing/parse-price.js';
import { PriceTable } from '../pricing/price-table.js';
import { ProviderError } from '../providers/canonical/provider-error.js';
import type { Candidate } from './candidate.js';
import { ChannelHealth } from './health/channel-health.js';
import { RetryBudget } from './retry-budget.js';
import { RoutePlanner } from './route-planner.js';

const SIGNAL = new Cancellation();
const PRICE = { id: '1', price: parsePrice({ inputPerMillion: '1', outputPerMillion: '1' }) };
const PRICES = new PriceTable([{ model: 'm', side: 'selling', version: PRICE }]);

/** How an upstream answers at a moment; undefined: well. What is `incomplete` has begun to answer. */
type Upstream = (nowMs: number, random: () => number) => ProviderError | undefined;

const well: Upstream = () => undefined;
const down: Upstream = () => failure('overloaded');
/** Down until a moment. */
const downUntil =
  (ms: number): Upstream =>
  (nowMs) =>
    nowMs < ms ? failure('unreachable') : undefined;

interface World {
  readonly upstreams: Readonly<Record<string, Upstream>>;
  readonly channels?: Readonly<Record<string, ChannelChange>>;
  /** Requests a second. */
  readonly rate: number;
  readonly seconds: number;
  readonly seed?: number;
}

interface Attempt {
  readonly atMs: number;
  readonly channel: string;
  readonly isServed: boolean;
}

/** Lives through some time as the relay does: plan, enter, attempt, and on to the next while the budget allows it. */
async function live({ upstreams, channels = {}, rate, seconds, seed = 1 }: World) {
  let nowMs = 0;
  const now = (): number => nowMs;
  let state = seed;
  const random = (): number => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  const health = new ChannelHealth({ now, random });
  const planner = new RoutePlanner(health, random);
  const budget = new RetryBudget(now);
  const candidates = Object.keys(upstreams)
    .map((id) => candidateOf(id, channels[id]))
    .sort((a, b) => b.priority - a.priority);
  const attempts: Attempt[] = [];
  let served = 0;
  const model = { id: 'm', onDisconnect: 'abort', createdAt: new Date(0) } as const;

  async function tryAt(candidate: Candidate, isReserve: boolean): Promise<boolean | undefined> {
    try {
      const visit = await health.enter(candidate, SIGNAL, isReserve);
      const error = upstreams[candidate.channel.id]?.(nowMs, random);
      attempts.push({ atMs: nowMs, channel: candidate.channel.id, isServed: error === undefined });
      if (error === undefined || error.kind === 'incomplete') visit.noteFirstToken(100);
      if (error === undefined) visit.succeed();
      else visit.fail(error);
      return error === undefined;
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      return undefined;
    }
  }

  const requests = rate * seconds;
  for (let i = 0; i < requests; i++) {
    nowMs = (i * 1000) / rate;
    budget.noteRequest();
    const { order, reserves } = planner.plan({ candidates, facts: PLAIN_FACTS, model, prices: PRICES });
    let made = 0;
    for (const candidate of order) {
      if (made > 0 && !budget.mayRetry(health.stateOf(candidate).isSound)) continue;
      const isServed = await tryAt(candidate, reserves.has(candidate));
      if (isServed !== undefined) made++;
      if (isServed === true) {
        served++;
        break;
      }
    }
  }
  return {
    requests,
    served,
    attempts,
    countOf: (channel: string, fromMs = 0) =>
      attempts.filter((one) => one.channel === channel && one.atMs >= fromMs).length,
  };
}

describe('while all upstreams fail', () => {
  it.each([
    [2, 10],
    [2, 100],
    [5, 50],
  ])('%i of them see at most 1.2 times the requests together (G9), at %i requests a second', async (count, rate) => {
    const upstreams = Object.fromEntries(Array.from({ length: count }, (_, i) => [String(i + 1), down]));
    const { requests, attempts, served } = await live({ upstreams, rate, seconds: 120 });
    expect(served).toBe(0);
    expect(attempts.length / requests).toBeLessThanOrEqual(1.2);
    // And all requests are tried: any of them may be the one that works again.
    expect(attempts.length).toBeGreaterThanOrEqual(requests);
  });
});

describe('while one of two upstreams is down', () => {
  it.each([1, 10, 200])('every request is served, and hardly any sent there, at %i a second', async (rate) => {
    const { requests, served, countOf } = await live({ upstreams: { 1: down, 2: well }, rate, seconds: 60 });
    expect(served).toBe(requests);
    // Five to find out, then probes after 1, 2, 4, 8, 8, ... seconds less their jitter.
    expect(countOf('1')).toBeLessThanOrEqual(5 + 12);
  });

  it('or breaks off all of its answers: hardly any is begun there', async () => {
    const breaksOff: Upstream = () => failure('incomplete');
    const world = { upstreams: { 1: breaksOff, 2: well }, channels: { 1: { priority: 1 } }, rate: 20, seconds: 60 };
    const { requests, served, countOf } = await live(world);
    expect(served).toBe(requests);
    expect(countOf('1')).toBeLessThanOrEqual(5 + 12);
  });

  it('and the other is only a spare: the same, and traffic is back within ten seconds of the recovery', async () => {
    for (const healsAt of [3_000, 10_000, 61_000]) {
      const { requests, served, attempts } = await live({
        upstreams: { 1: downUntil(healsAt), 2: well },
        channels: { 1: { priority: 1 } },
        rate: 20,
        seconds: healsAt / 1000 + 30,
      });
      expect(served).toBe(requests);
      const late = attempts.filter(({ atMs }) => atMs > healsAt + 10_000);
      expect(late.length).toBeGreaterThan(0);
      expect(new Set(late.map(({ channel }) => channel))).toEqual(new Set(['1']));
    }
  });

  it('and flaps: every request is served', async () => {
    const flapping: Upstream = (nowMs) => (Math.floor(nowMs / 700) % 2 === 0 ? undefined : failure('overloaded'));
    const { requests, served } = await live({ upstreams: { 1: flapping, 2: well }, rate: 50, seconds: 60 });
    expect(served).toBe(requests);
  });
});

describe('while most of a tier is down', () => {
  it('those that work serve everything, and the others cost next to nothing', async () => {
    const upstreams = { 1: down, 2: down, 3: down, 4: well };
    const { requests, served, attempts } = await live({ upstreams, rate: 50, seconds: 60 });
    expect(served).toBe(requests);
    expect(attempts.filter(({ isServed }) => !isServed).length).toBeLessThan(requests * 0.05);
  });
});

describe('an upstream that takes a tenth of what it is sent', () => {
  it('is sent about twice of what it takes, while another serves the others', async () => {
    const limited: Upstream = (_nowMs, random) => (random() < 0.1 ? undefined : failure('rate_limited'));
    const { requests, served, countOf, attempts } = await live({
      upstreams: { 1: limited, 2: well },
      channels: { 1: { priority: 1 } },
      rate: 20,
      seconds: 120,
    });
    expect(served).toBe(requests);
    const taken = attempts.filter(({ channel, isServed }) => channel === '1' && isServed).length;
    expect(taken).toBeGreaterThan(0);
    // A tenth of the requests always goes there, so that a recovery is seen.
    expect(countOf('1', 30_000)).toBeLessThan(requests * 0.25);
  });

  it('has all its traffic again within ten seconds after it takes everything', async () => {
    const healsAt = 60_000;
    const limited: Upstream = (nowMs, random) =>
      nowMs >= healsAt || random() < 0.05 ? undefined : failure('rate_limited');
    const { attempts } = await live({
      upstreams: { 1: limited, 2: well },
      channels: { 1: { priority: 1 } },
      rate: 20,
      seconds: 90,
    });
    const late = attempts.filter(({ atMs }) => atMs > healsAt + 10_000);
    expect(new Set(late.map(({ channel }) => channel))).toEqual(new Set(['1']));
  });
});
