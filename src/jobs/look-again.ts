import type { TaskApi } from '../providers/provider.js';
import type { Job } from './job.js';

const FIRST_MS = 5_000;
const MAX_MS = 15_000;
const GROWTH = 1.25;
/** Part by which a pause is made longer or shorter, so that jobs that began together do not stay together. */
const JITTER = 0.1;
const TROUBLE_FIRST_MS = 2_000;
const TROUBLE_LOOKS = 4;
const ASKED_MS_MAX = 300_000;

/**
 * When to look at a job's upstream again, in milliseconds: soon at first, then less and less often, as its provider's declaration
 * says.
 *
 * @param msMax the operator's own bound.
 * @param random uniform in [0, 1).
 */
export function lookAgainMs(
  { looks }: Pick<Job, 'looks'>,
  { statusEveryMs }: Pick<TaskApi, 'statusEveryMs'>,
  msMax: number,
  random: () => number,
): number {
  const { first = FIRST_MS, max = MAX_MS } = statusEveryMs ?? {};
  const planned = Math.min(first * GROWTH ** Math.min(looks, 50), max);
  return jittered(Math.min(planned, msMax), random);
}

/**
 * When to look again at an upstream that could not be asked: after twice the usual pause, or what it asked for.
 *
 * @param askedMs what an upstream asked for.
 */
export function afterNoAnswerMs(
  job: Pick<Job, 'looks'>,
  operation: Pick<TaskApi, 'statusEveryMs'>,
  msMax: number,
  random: () => number,
  askedMs = 0,
): number {
  return Math.max(2 * lookAgainMs(job, operation, msMax, random), Math.min(askedMs, ASKED_MS_MAX));
}

/**
 * The pause after trouble, doubled each time.
 *
 * @param times counts from 0.
 * @param statusMsMax the operator's bound for looks; a pause after trouble is at most four times that.
 * @param askedMs what an upstream asked for.
 */
export function afterTroubleMs(times: number, statusMsMax: number, random: () => number, askedMs = 0): number {
  const planned = TROUBLE_FIRST_MS * 2 ** Math.min(Math.max(times, 0), 10);
  const pause = jittered(Math.min(planned, TROUBLE_LOOKS * statusMsMax), random);
  return Math.max(pause, Math.min(askedMs, ASKED_MS_MAX));
}

function jittered(ms: number, random: () => number): number {
  return Math.round(ms * (1 - JITTER + 2 * JITTER * random()));
}
