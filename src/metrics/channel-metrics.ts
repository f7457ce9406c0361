import { Gauge, type Registry } from 'prom-client';
import type { ChannelHealth } from '../routing/health/channel-health.js';
import type { BoundedNames } from './bounded-names.js';

/** What upstreams say themselves; no circuit breaker is needed for it. */
const TOLD_KINDS = new Set(['credential', 'out_of_money', 'rate_limited']);

/** How the candidates of a channel are doing: it has one for each model and credential. */
class ChannelSum {
  readonly breakers = { closed: 0, open: 0, half_open: 0, probing: 0 };
  readonly told = { credential: 0, out_of_money: 0, rate_limited: 0 };
  readonly places = { in_use: 0, waiting: 0, limit: 0 };
  inFlight = 0;
  /** Of the candidate that is worst. */
  failureRate = 0;
  /** The same. */
  heldBackPart = 0;
}

/**
 * Gauges of the health of channels, of those that were asked lately. One look at the health fills all of them.
 * @param names bounds the channels; those beyond are one.
 */
export function addChannelMetrics(registry: Registry, health: ChannelHealth, names: BoundedNames): void {
  const registers = [registry];
  const breakers = new Gauge({
    name: 'hub_channel_breaker',
    help: 'Upstream models of a channel by the state of their circuit breakers.',
    labelNames: ['channel', 'state'],
    aggregator: 'max',
    registers,
    // The first of them that is asked reads for all.
    collect() {
      for (const gauge of all) gauge.reset();
      for (const [channel, sum] of sumsOf(health, names)) {
        setEach(breakers, channel, 'state', sum.breakers);
        setEach(told, channel, 'reason', sum.told);
        if (sum.places.limit > 0) setEach(places, channel, 'state', sum.places);
        inFlight.set({ channel }, sum.inFlight);
        failures.set({ channel }, sum.failureRate);
        heldBack.set({ channel }, sum.heldBackPart);
      }
    },
  });
  const told = new Gauge({
    name: 'hub_channel_resting',
    help: 'Upstream models of a channel that rest because the upstream said so.',
    labelNames: ['channel', 'reason'],
    aggregator: 'max',
    registers,
  });
  const places = new Gauge({
    name: 'hub_channel_places',
    help: 'Of channels with a limit of requests at a time: places that are taken, requests that wait for one, the limit.',
    labelNames: ['channel', 'state'],
    registers,
  });
  const inFlight = new Gauge({
    name: 'hub_channel_requests_in_flight',
    help: 'Attempts that are under way at a channel.',
    labelNames: ['channel'],
    registers,
  });
  const failures = new Gauge({
    name: 'hub_channel_failure_ratio',
    help: 'Part of the latest attempts that failed for a reason of the provider, of the model of the channel that fails most.',
    labelNames: ['channel'],
    aggregator: 'max',
    registers,
  });
  const heldBack = new Gauge({
    name: 'hub_channel_held_back_ratio',
    help: 'Part of the requests that adaptive throttling keeps away, of the model of the channel where it is most.',
    labelNames: ['channel'],
    aggregator: 'max',
    registers,
  });
  const all = [breakers, told, places, inFlight, failures, heldBack];
}

function sumsOf(health: ChannelHealth, names: BoundedNames): ReadonlyMap<string, ChannelSum> {
  const sums = new Map<string, ChannelSum>();
  const sumOf = (channelName: string): ChannelSum => {
    const name = names.of(channelName);
    const sum = sums.get(name) ?? new ChannelSum();
    sums.set(name, sum);
    return sum;
  };
  const { candidates, places } = health.snapshot();
  for (const { candidate, breaker, inFlight, failureRate, heldBackPart } of candidates) {
    const sum = sumOf(candidate.channel.name);
    sum.breakers[breaker]++;
    const kind = health.reasonFor(candidate)?.kind;
    if (isTold(kind)) sum.told[kind]++;
    sum.inFlight += inFlight;
    sum.failureRate = Math.max(sum.failureRate, failureRate);
    sum.heldBackPart = Math.max(sum.heldBackPart, heldBackPart);
  }
  for (const { channel, inUse, waiting, max } of places) {
    const sum = sumOf(channel);
    sum.places.in_use += inUse;
    sum.places.waiting += waiting;
    sum.places.limit += max;
  }
  return sums;
}

function isTold(kind: string | undefined): kind is keyof ChannelSum['told'] {
  return kind !== undefined && TOLD_KINDS.has(kind);
}

function setEach(
  gauge: Gauge<string>,
  channel: string,
  label: 'state' | 'reason',
  counts: Readonly<Record<string, number>>,
): void {
  for (const [value, count] of Object.entries(counts)) gauge.set({ channel, [label]: value }, count);
}
