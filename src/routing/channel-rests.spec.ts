import { describe, expect, it } from '@jest/globals';
import { ProviderError, type ProviderErrorKind } from '../providers/canonical/provider-error.js';
import type { Candidate } from './candidate.js';
import { ChannelRests } from './channel-rests.js';

const NOW = 1_000_000;

function candidate(id: string, credential = 'k', origin = 'https://upstream.test', upstreamModel = 'm'): Candidate {
  return { channel: { id, name: id, credential }, origin, target: { upstreamModel } } as unknown as Candidate;
}

function failure(kind: ProviderErrorKind, retryAfterMs?: number): ProviderError {
  return new ProviderError({ kind, message: 'no', status: 429, retryAfterMs });
}

/** How long a channel rests after a failure, in milliseconds. */
function restAfter(error: ProviderError): number | undefined {
  const rests = new ChannelRests();
  rests.note(candidate('1'), error, NOW);
  return rests.reasonFor(candidate('1'), NOW)?.retryAfterMs;
}

describe('ChannelRests', () => {
  it.each<[string, ProviderError, number | undefined]>([
    ['a refused credential', failure('credential'), 60_000],
    ['an empty account', failure('out_of_money'), 300_000],
    ['a rate limit, as long as it says', failure('rate_limited', 30_000), 30_000],
    ['a rate limit, ten minutes at most', failure('rate_limited', 86_400_000), 600_000],
    ['a rate limit that says nothing', failure('rate_limited'), undefined],
    ['an overload', failure('overloaded', 30_000), undefined],
    ['a fault of the caller', failure('invalid_request'), undefined],
    ['a timeout', failure('timeout'), undefined],
  ])('rests after %s', (_name, error, restMs) => {
    expect(restAfter(error)).toBe(restMs);
  });

  it('says what is left of the rest, and why; then forgets it', () => {
    const rests = new ChannelRests();
    rests.note(candidate('1'), failure('rate_limited', 30_000), NOW);
    expect(rests.reasonFor(candidate('1'), NOW + 20_000)).toMatchObject({ kind: 'rate_limited', retryAfterMs: 10_000 });
    expect(rests.reasonFor(candidate('1'), NOW + 30_000)).toBeUndefined();
    expect(rests.reasonFor(candidate('1'), NOW)).toBeUndefined();
  });

  it('lets other channels be, and a channel whose key or address has changed', () => {
    const rests = new ChannelRests();
    rests.note(candidate('1'), failure('credential'), NOW);
    expect(rests.reasonFor(candidate('2'), NOW)).toBeUndefined();
    expect(rests.reasonFor(candidate('1', 'new key'), NOW)).toBeUndefined();
    expect(rests.reasonFor(candidate('1', 'k', 'https://elsewhere.test'), NOW)).toBeUndefined();
    expect(rests.reasonFor(candidate('1'), NOW)).toBeDefined();
  });

  it.each<[ProviderErrorKind, boolean]>([
    ['rate_limited', false],
    ['credential', true],
    ['out_of_money', true],
  ])('after %s, the other models of the channel rest too: %s', (kind, isResting) => {
    const rests = new ChannelRests();
    rests.note(candidate('1'), failure(kind, 30_000), NOW);
    const other = candidate('1', 'k', 'https://upstream.test', 'other');
    expect(rests.reasonFor(other, NOW) !== undefined).toBe(isResting);
  });
});
