import type { TaskRef } from '../providers/canonical/video.js';
import type { Job, JobOffer, JobOutcome, JobRequest, JobState } from './job.js';

/** Columns of a {@link JobRow}, for a select or returning of table `job j`. */
export const JOB_COLUMNS = `j.id, j.kind, j.state, j.account_id, j.key_id, j.endpoint, j.model, j.provider, j.request, j.offers,
  j.offer, j.refused, j.attempt, j.channel_id, j.task_ref, j.outcome, j.progress, j.held, j.multiplier_millionths,
  j.user_identifier, j.metadata, j.webhook_url, j.cost, j.error_code, j.error_message, j.cancel_requested_at, j.failures,
  j.looks, j.version, j.created_at, j.sent_at, j.accepted_at, j.finished_at, j.deadline_at, j.results_expire_at,
  j.results_deleted_at`;

/** A row of table `job` as {@link JOB_COLUMNS} reads it. */
export interface JobRow {
  id: string;
  kind: Job['kind'];
  state: JobState;
  account_id: string;
  key_id: string | null;
  endpoint: string;
  model: string;
  provider: string;
  request: JobRequest;
  offers: JobOffer[];
  offer: number;
  refused: number[];
  attempt: number;
  channel_id: string | null;
  task_ref: TaskRef | null;
  outcome: JobOutcome | null;
  progress: number;
  held: string;
  multiplier_millionths: string;
  user_identifier: string;
  metadata: Record<string, string> | null;
  webhook_url: string | null;
  cost: string | null;
  error_code: string | null;
  error_message: string | null;
  cancel_requested_at: Date | null;
  failures: number;
  looks: number;
  version: number;
  created_at: Date;
  sent_at: Date | null;
  accepted_at: Date | null;
  finished_at: Date | null;
  deadline_at: Date;
  results_expire_at: Date | null;
  results_deleted_at: Date | null;
}

/** A stored job. */
export function toJob(row: JobRow): Job {
  return {
    id: toHex(row.id),
    kind: row.kind,
    state: row.state,
    accountId: row.account_id,
    keyId: row.key_id,
    endpoint: row.endpoint,
    model: row.model,
    provider: row.provider,
    request: row.request,
    offers: row.offers,
    offer: row.offer,
    refused: row.refused,
    attempt: row.attempt,
    channelId: row.channel_id,
    taskRef: row.task_ref,
    outcome: row.outcome,
    progress: row.progress,
    held: BigInt(row.held),
    multiplierMillionths: BigInt(row.multiplier_millionths),
    userIdentifier: row.user_identifier,
    metadata: row.metadata,
    webhookUrl: row.webhook_url,
    cost: row.cost === null ? null : BigInt(row.cost),
    error: row.error_code === null ? null : { code: row.error_code, message: row.error_message ?? '' },
    isCancelRequested: row.cancel_requested_at !== null,
    failures: row.failures,
    looks: row.looks,
    version: row.version,
    createdAt: row.created_at,
    sentAt: row.sent_at,
    acceptedAt: row.accepted_at,
    finishedAt: row.finished_at,
    deadlineAt: row.deadline_at,
    resultsExpireAt: row.results_expire_at,
    resultsDeletedAt: row.results_deleted_at,
  };
}

/** A UUID as 32 hex digits. */
export function toHex(uuid: string): string {
  return uuid.replaceAll('-', '');
}
