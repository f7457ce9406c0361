import type { NewAlert } from '../../alerts/alert.js';
import { creditsText } from '../../alerts/credits-text.js';
import type { NanoCredits } from '../../common/money.js';
import { type LateTask, requestIdOf } from './late-task.js';

/** Pictures that were made and reached nobody. */
export type LostPictures = Pick<LateTask, 'holdId' | 'channelId' | 'channel'>;

/** Ends of a followed task that only an operator can look into, and what the alert says of them. */
const TROUBLES = {
  submission_uncertain:
    'may have been made, and be billed, after their request had ended: nothing told what became of its submission',
  outcome_unknown:
    'may have been made, and be billed, after their request had ended: the provider did not say within a day, or does not know them any more',
  internal_error:
    'may have been made, and be billed, after their request had ended: a fault of the hub kept it from asking',
} as const;

export type LateTroubleCode = keyof typeof TROUBLES;

/** Pictures were made after their request had ended. @param loss what that cost the operator. */
export function lostPicturesAlert(lost: LostPictures, loss: NanoCredits): NewAlert {
  const requestId = requestIdOf(lost);
  return {
    kind: 'job_trouble',
    severity: 'warning',
    subject: `channel:${lost.channelId}`,
    message: `Pictures of ${requestId} were made on channel "${lost.channel}" after the request had ended: their ${creditsText(loss)} credits of purchase cost are a loss (late_success).`,
    details: {
      requestId,
      code: 'late_success',
      channelId: lost.channelId,
      channel: lost.channel,
      lossNanoCredits: loss.toString(),
    },
    dedupeKey: `late_pictures:${requestId}`,
  };
}

/** What has become of a task will not be known. One alert per code, channel and hour, as of jobs. @param nowMs Unix time. */
export function lateTroubleAlert(task: LateTask, code: LateTroubleCode, nowMs: number): NewAlert {
  const requestId = requestIdOf(task);
  return {
    kind: 'job_trouble',
    severity: 'warning',
    subject: `channel:${task.channelId}`,
    message: `Pictures of ${requestId} on channel "${task.channel}" ${TROUBLES[code]} (${code}).`,
    details: { requestId, code, channelId: task.channelId, channel: task.channel },
    dedupeKey: `late_trouble:${code}:${task.channelId}:${new Date(nowMs).toISOString().slice(0, 13)}`,
  };
}
