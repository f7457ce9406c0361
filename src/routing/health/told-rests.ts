import { ProviderError } from '../../providers/canonical/provider-error.js';
import type { Candidate } from '../candidate.js';

const CREDENTIAL_REST_MS = 60_000;
const MONEY_REST_MS = 300_000;
const RATE_REST_MS_MAX = 600_000;
/** Errors that differ by less than this in what is left of the rest are one object: making one costs microseconds. */
const ERROR_STEP_MS = 100;

/** A rest that an upstream has asked for, in its words or by refusing. */
export interface ToldRest {
  /** {@link Candidate.credentialKey}, or {@link Candidate.healthKey} where it is about one model. */
  readonly key: string;
  readonly restMs: number;
}

interface Entry {
  readonly untilMs: number;
  readonly error: ProviderError;
  shown: ProviderError | undefined;
}

/** Whether an error asks for a rest. Vendors limit the rate of each model by itself; money and credentials are about all of them. */
export function toldRestOf({ credentialKey, healthKey }: Candidate, error: ProviderError): ToldRest | undefined {
  if (error.kind === 'credential') return { key: credentialKey, restMs: CREDENTIAL_REST_MS };
  if (error.kind === 'out_of_money') return { key: credentialKey, restMs: MONEY_REST_MS };
  // Without a stated delay one request was too many, not all: the next may pass.
  if (error.kind !== 'rate_limited' || error.retryAfterMs === undefined || error.retryAfterMs <= 0) return undefined;
  return { key: healthKey, restMs: Math.min(error.retryAfterMs, RATE_REST_MS_MAX) };
}

/** Rests that upstreams have asked for: a refused credential, no money, or some time to wait. */
export class ToldRests {
  private readonly entries = new Map<string, Entry>();

  /** @param nowMs of a clock that never goes back. */
  set({ key, restMs }: ToldRest, error: ProviderError, nowMs: number): void {
    this.entries.set(key, { untilMs: nowMs + restMs, error, shown: undefined });
  }

  /** Why a candidate rests, with `retryAfterMs` as what is left of the rest; undefined when nothing was asked for. */
  errorFor({ credentialKey, healthKey }: Candidate, nowMs: number): ProviderError | undefined {
    if (this.entries.size === 0) return undefined;
    return this.errorOf(credentialKey, nowMs) ?? this.errorOf(healthKey, nowMs);
  }

  private errorOf(key: string, nowMs: number): ProviderError | undefined {
    const entry = this.entries.get(key);
    if (entry === undefined) return undefined;
    const leftMs = entry.untilMs - nowMs;
    if (leftMs <= 0) {
      this.entries.delete(key);
      return undefined;
    }
    const shownMs = entry.shown?.retryAfterMs ?? Number.POSITIVE_INFINITY;
    if (entry.shown === undefined || shownMs - leftMs >= ERROR_STEP_MS) {
      const { kind, message, status, code } = entry.error;
      entry.shown = new ProviderError({ kind, message, status, code, retryAfterMs: leftMs });
    }
    return entry.shown;
  }
}
