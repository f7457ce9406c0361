import type { AlertDetails, NewAlert } from '../alerts/alert.js';
import { creditsText } from '../alerts/credits-text.js';
import type { NanoCredits } from '../common/money.js';
import { type Job, toPublicJobId } from './job.js';

/** Failures that only an operator can mend, and what the alert says of them. */
const TROUBLES: ReadonlyMap<string, string> = new Map([
  ['submission_uncertain', 'the provider may have made it, and bill it: nothing told what became of its submission'],
  ['internal_error', 'a fault of the hub kept it from being carried out'],
  ['result_unavailable', 'the provider made it, and bills it, but its result could not be fetched'],
]);

/**
 * What the operator is told when a job fails; undefined when there is nothing to mend.
 * @param code of the failure. @param nowMs Unix time.
 */
export function troubleAlert(job: Job, code: string, nowMs: number): NewAlert | undefined {
  const why = TROUBLES.get(code);
  return why === undefined ? undefined : toAlert(job, code, `failed and was refunded: ${why}`, nowMs);
}

/** A job that had been given up succeeded after all. @param loss what it cost the operator. */
export function lateSuccessAlert(job: Job, loss: NanoCredits, nowMs: number): NewAlert {
  const text = `succeeded after it had been given up and refunded: its ${creditsText(loss)} credits of purchase cost are a loss`;
  return toAlert(job, 'late_success', text, nowMs, { lossNanoCredits: loss.toString() });
}

/** One alert per code, channel and hour: a channel in trouble would say the same of each of its jobs. */
function toAlert(job: Job, code: string, what: string, nowMs: number, details: AlertDetails = {}): NewAlert {
  const id = toPublicJobId(job.id);
  // A job whose offers cannot be read has no channel either.
  const offer = job.attempt > 0 ? job.offers[job.offer] : undefined;
  const channelId = offer?.channelId ?? null;
  const place = offer === undefined ? 'without a channel' : `on channel "${offer.channel}"`;
  return {
    kind: 'job_trouble',
    severity: 'warning',
    subject: channelId === null ? 'jobs' : `channel:${channelId}`,
    message: `Job ${id} ${place} ${what} (${code}).`,
    details: { jobId: id, code, channelId, channel: offer?.channel ?? null, accountId: job.accountId, ...details },
    dedupeKey: `job_trouble:${code}:${channelId ?? 'none'}:${new Date(nowMs).toISOString().slice(0, 13)}`,
  };
}
