import { describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { candidateOf } from '../../test/support/candidates.js';
import { Cancellation } from '../common/cancellation.js';
import { ProviderError, type ProviderErrorKind } from '../providers/canonical/provider-error.js';
import type { Candidate } from '../routing/candidate.js';
import { ChannelHealth } from '../routing/health/channel-health.js';
import { BoundedNames } from './bounded-names.js';
import { addChannelMetrics } from './channel-metrics.js';

const NAMES_MAX = 3;

function candidate(name: string, upstreamModel = 'm', concurrencyMax?: number): Candidate {
  return candidateOf(name, { name, models: new Map([['m', upstreamModel]]), concurrencyMax });
}

describe('metrics of channels', () => {
  const begin = () => {
    const health = new ChannelHealth({ now: () => 1000, random: () => 0.5 });
    const registry = new Registry();
    addChannelMetrics(registry, health, new BoundedNames(NAMES_MAX));
    const lines = async (): Promise<string[]> =>
      (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    const enter = (one: Candidate) => health.enter(one, new Cancellation());
    const fail = async (one: Candidate, kind: ProviderErrorKind, retryAfterMs?: number): Promise<void> =>
      (await enter(one)).fail(new ProviderError({ kind, message: 'no', retryAfterMs }));
    return { lines, enter, fail };
  };

  it('show nothing of channels that nobody has asked', async () => {
    expect(await begin().lines()).toEqual([]);
  });

  it('show how many models of a channel are in which state of the circuit breaker', async () => {
    const { lines, enter, fail } = begin();
    for (let i = 0; i < 5; i++) await fail(candidate('first', 'down'), 'overloaded');
    (await enter(candidate('first', 'sound'))).succeed();
    expect(await lines()).toEqual(
      expect.arrayContaining([
        'hub_channel_breaker{channel="first",state="open"} 1',
        'hub_channel_breaker{channel="first",state="closed"} 1',
        'hub_channel_breaker{channel="first",state="probing"} 0',
        'hub_channel_failure_ratio{channel="first"} 1',
      ]),
    );
  });

  it.each(['credential', 'out_of_money', 'rate_limited'] as const)('show that an upstream said %s', async (reason) => {
    const { lines, fail } = begin();
    await fail(candidate('first'), reason, 30_000);
    expect(await lines()).toContain(`hub_channel_resting{channel="first",reason="${reason}"} 1`);
  });

  it('show what is under way, and who waits where there is a limit', async () => {
    const { lines, enter } = begin();
    const visit = await enter(candidate('limited', 'm', 1));
    const waiting = enter(candidate('limited', 'm', 1));
    await enter(candidate('free'));
    expect(await lines()).toEqual(
      expect.arrayContaining([
        'hub_channel_requests_in_flight{channel="limited"} 1',
        'hub_channel_requests_in_flight{channel="free"} 1',
        'hub_channel_places{channel="limited",state="in_use"} 1',
        'hub_channel_places{channel="limited",state="waiting"} 1',
        'hub_channel_places{channel="limited",state="limit"} 1',
      ]),
    );
    expect((await lines()).join('\n')).not.toContain('hub_channel_places{channel="free"');
    visit.succeed();
    (await waiting).leave();
    expect(await lines()).toContain('hub_channel_requests_in_flight{channel="limited"} 0');
  });

  it('put channels beyond the bound together', async () => {
    const { lines, enter } = begin();
    for (let i = 0; i < 100; i++) await enter(candidate(`channel ${i}`));
    const found = (await lines()).filter((line) => line.startsWith('hub_channel_requests_in_flight'));
    expect(found).toHaveLength(NAMES_MAX + 1);
    expect(found).toContain('hub_channel_requests_in_flight{channel="other"} 97');
  });
});
