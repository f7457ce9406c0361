import { Injectable, Logger } from '@nestjs/common';
import { ProviderError } from '../providers/canonical/provider-error.js';
import type { Candidate } from './candidate.js';

const CREDENTIAL_REST_MS = 60_000;
const MONEY_REST_MS = 300_000;
const RATE_REST_MS_MAX = 600_000;

interface Rest {
  readonly untilMs: number;
  readonly error: ProviderError;
}

/**
 * Channels that are left alone for a while: refused credential, no money, or an upstream that asked to wait, which is
 * about one model only. A channel whose declaration changes starts afresh.
 */
@Injectable()
export class ChannelRests {
  private readonly logger = new Logger(ChannelRests.name);
  private readonly rests = new Map<string, Rest>();

  /** Takes note of a failed attempt. */
  note(candidate: Candidate, error: ProviderError, nowMs = Date.now()): void {
    const restMs = restOf(error);
    if (restMs === undefined) return;
    const isRateLimited = error.kind === 'rate_limited';
    this.rests.set(isRateLimited ? modelKeyOf(candidate) : keyOf(candidate), { untilMs: nowMs + restMs, error });
    if (isRateLimited) return;
    const why = error.kind === 'credential' ? 'its credential is refused' : 'its account is out of credit';
    this.logger.warn(`Channel "${candidate.channel.name}" rests for ${restMs / 1000} s: ${why}. Please check it.`);
  }

  /**
   * Why a channel rests at the moment, with `retryAfterMs` as what is left of the rest; undefined when it may be used.
   */
  reasonFor(candidate: Candidate, nowMs = Date.now()): ProviderError | undefined {
    if (this.rests.size === 0) return undefined;
    return this.reasonOf(keyOf(candidate), nowMs) ?? this.reasonOf(modelKeyOf(candidate), nowMs);
  }

  private reasonOf(key: string, nowMs: number): ProviderError | undefined {
    const rest = this.rests.get(key);
    if (rest === undefined) return undefined;
    const leftMs = rest.untilMs - nowMs;
    if (leftMs > 0) {
      const { kind, message, status, code } = rest.error;
      return new ProviderError({ kind, message, status, code, retryAfterMs: leftMs });
    }
    this.rests.delete(key);
    return undefined;
  }
}

function keyOf(candidate: Candidate): string {
  // Ids are never reused, and a new credential or address is a new chance.
  return `${candidate.channel.id} ${candidate.origin} ${candidate.channel.credential ?? ''}`;
}

/** Vendors limit the rate of each model by itself. */
function modelKeyOf(candidate: Candidate): string {
  return `${keyOf(candidate)} ${candidate.target.upstreamModel}`;
}

function restOf(error: ProviderError): number | undefined {
  if (error.kind === 'credential') return CREDENTIAL_REST_MS;
  if (error.kind === 'out_of_money') return MONEY_REST_MS;
  // Without a stated delay one request was too many, not all: the next may pass.
  if (error.kind !== 'rate_limited' || error.retryAfterMs === undefined) return undefined;
  return Math.min(error.retryAfterMs, RATE_REST_MS_MAX);
}
