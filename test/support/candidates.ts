import type { CatalogChannel } from '../../src/channels/catalog.types.js';
import type { ModelCapabilities } from '../../src/channels/model-routing.js';
import { openaiCompatible } from '../../src/providers/adapters/openai-compatible/openai-compatible.provider.js';
import { ProviderError, type ProviderErrorKind } from '../../src/providers/canonical/provider-error.js';
import { type Candidate, toCandidates } from '../../src/routing/candidate.js';
import type { CandidateState, Rest } from '../../src/routing/candidate-state.js';
import { NO_NEEDS, type RequestFacts } from '../../src/routing/request-facts.js';

/** What a channel of tests is made of besides its id. */
export interface ChannelChange extends Partial<CatalogChannel> {
  readonly capabilities?: ModelCapabilities;
  /** The operator does not say so himself. */
  readonly isHearsay?: boolean;
}

/** A chat request that needs nothing special. */
export const PLAIN_FACTS: RequestFacts = { ...NO_NEEDS, operation: 'chat', isStream: false };

/** How a candidate is doing about which nothing is known. */
export const SOUND: CandidateState = {
  rest: undefined,
  isSound: true,
  isHalfOpen: false,
  inFlight: 0,
  firstTokenMs: undefined,
  failureRate: 0,
};

/** The candidates of a channel that carries the model `m` as `upstream-m`, one for each of its credentials. */
export function candidatesOf(id: string, { capabilities = {}, isHearsay, ...change }: ChannelChange = {}): Candidate[] {
  const channel: CatalogChannel = {
    id,
    name: `channel ${id}`,
    provider: 'openai-compatible',
    baseUrl: 'https://upstream.test/v1',
    credential: `key-of-${id}`,
    allowPrivateNetwork: false,
    priority: 0,
    weight: 1,
    models: new Map([['m', 'upstream-m']]),
    ...change,
  };
  const statedCapabilities = isHearsay === true ? {} : capabilities;
  return toCandidates(channel, openaiCompatible, () => ({ capabilities, statedCapabilities }));
}

/** The first of {@link candidatesOf}. */
export function candidateOf(id: string, change: ChannelChange = {}): Candidate {
  const [candidate] = candidatesOf(id, change);
  if (candidate === undefined) throw new Error('The channel has no model.');
  return candidate;
}

/** A failed attempt. */
export function failure(kind: ProviderErrorKind, retryAfterMs?: number): ProviderError {
  return new ProviderError({ kind, message: 'no', retryAfterMs });
}

/** A candidate that rests. */
export function resting(cause: Rest['cause'], change: Partial<CandidateState> = {}): CandidateState {
  return { ...SOUND, isSound: false, rest: { cause, error: failure('overloaded', 1000) }, ...change };
}
