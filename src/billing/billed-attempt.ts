import type { BillableUsage } from '../pricing/billable-usage.js';
import type { Usage } from '../providers/canonical/usage.js';
import { countUsage, type OwnCount } from './count-usage.js';

/** An attempt at an upstream, as far as its bill is concerned. */
export interface BilledAttempt {
  /** Public name of the model that serves. */
  readonly model: string;
  readonly channelId: string;
  readonly upstreamModel: string;
  /** How it goes on with an answer that broke off: from what was delivered, or told again. Undefined: from the beginning. */
  readonly resume?: 'prefill' | 'retell';
}

/** The same while it is under way. */
export interface RunningAttempt extends BilledAttempt {
  /** Counts from 1. */
  readonly number: number;
  /** By `performance.now()`. */
  readonly startedAt: number;
  /** Output tokens that had been delivered when it began. */
  readonly deliveredBefore: number;
  /** The upstream took the request: it answered with a success status. */
  isAccepted: boolean;
  /** Service tier that it is or was served in, as far as is known: what the answer has named, else what was asked for. */
  serviceTier?: string;
}

/** What an attempt has consumed. */
export interface Consumption {
  readonly usage: BillableUsage;
  /** A count in it is the hub's own. */
  readonly isEstimated: boolean;
}

/** How an attempt ends that the upstream has worked on for nothing: it had taken the request, and its answer never came or broke off. */
const BROKEN_OFF: ReadonlySet<string> = new Set(['timeout', 'incomplete']);

/**
 * The hub's own count of what one attempt has consumed by itself: of an answer that several have made, its part.
 * @param promptTokens of the request.
 * @param deliveredTokens gives the output tokens that have been delivered until now.
 */
export function ownConsumption(
  { resume, deliveredBefore }: RunningAttempt,
  promptTokens: number,
  deliveredTokens: () => number,
): OwnCount & { readonly outputTokens: () => number } {
  return {
    inputTokens: resume === 'prefill' ? promptTokens + deliveredBefore : promptTokens,
    // What is told again is told from the start.
    outputTokens: () => deliveredTokens() - (resume === 'retell' ? 0 : deliveredBefore),
  };
}

/**
 * What a failed attempt has consumed, as far as anybody knows: what was reported, or of one that had begun to answer the prompt and
 * what came.
 * @returns undefined when nothing says that it has consumed anything.
 */
export function lossOf(
  attempt: RunningAttempt,
  errorCode: string,
  reported: Usage | undefined,
  promptTokens: number,
  deliveredTokens: () => number,
): Consumption | undefined {
  const own = ownConsumption(attempt, promptTokens, deliveredTokens);
  const delivered = own.outputTokens();
  const isReported = reported?.inputTokens !== undefined || reported?.outputTokens !== undefined;
  const wasWorking = attempt.isAccepted && BROKEN_OFF.has(errorCode);
  if (!isReported && delivered === 0 && !wasWorking) return undefined;
  // What an upstream has said before the end of a broken answer may be less than what came.
  const outputTokens = Math.max(reported?.outputTokens ?? 0, delivered);
  const { usage, isEstimated } = countUsage({ ...reported, outputTokens }, own);
  return { usage, isEstimated: isEstimated || outputTokens !== reported?.outputTokens };
}
