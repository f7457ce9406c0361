import type { SqlSession } from '../database/sql.js';
import type { TaskRef } from '../providers/canonical/video.js';
import type { JobKind, JobOffer, JobOutcome, JobRequest, JobState } from './job.js';

/** Which jobs an operator wants to see; all accounts' without one. */
export interface JobReportFilter {
  readonly accountId?: string;
  readonly states?: readonly JobState[];
  readonly since?: Date;
  /** At most so many, the newest. */
  readonly limit: number;
}

/** A job in an operator's list. */
export interface ListedJob {
  readonly id: string;
  readonly kind: JobKind;
  readonly state: JobState;
  readonly account_id: string;
  readonly account: string;
  readonly model: string;
  /** Null while it has none. */
  readonly channel: string | null;
  readonly created_at: Date;
  readonly looks: number;
  readonly error_code: string | null;
}

/** Everything that is stored of a job, but its pictures and the secrets of its customer. */
export interface ReportedJob extends ListedJob {
  readonly key_id: string | null;
  readonly endpoint: string;
  readonly provider: string;
  readonly request: JobRequest;
  readonly offers: readonly JobOffer[];
  readonly offer: number;
  readonly refused: readonly number[];
  readonly attempt: number;
  readonly task_ref: TaskRef | null;
  readonly outcome: JobOutcome | null;
  readonly progress: number;
  readonly held: string;
  readonly cost: string | null;
  readonly user_identifier: string;
  readonly metadata: Readonly<Record<string, string>> | null;
  readonly webhook_url: string | null;
  readonly error_message: string | null;
  readonly error_detail: string | null;
  readonly failures: number;
  readonly cancel_requested_at: Date | null;
  readonly due_at: Date | null;
  readonly lease_owner: string | null;
  readonly lease_until: Date | null;
  readonly sent_at: Date | null;
  readonly accepted_at: Date | null;
  readonly deadline_at: Date;
  readonly finished_at: Date | null;
  readonly results_expire_at: Date | null;
  readonly results_deleted_at: Date | null;
  readonly deleted_at: Date | null;
  readonly hold_state: string | null;
  readonly attempts: readonly ReportedAttempt[];
  readonly outputs: readonly ReportedOutput[];
  readonly deliveries: readonly ReportedDelivery[];
  /** Purchase cost of a success that came after the end, in nano-credits. */
  readonly late_loss: string | null;
}

/** One call of an upstream. */
export interface ReportedAttempt {
  readonly number: number;
  readonly channel: string;
  readonly upstream_model: string;
  readonly outcome: string;
  readonly error_code: string | null;
  readonly error_detail: string | null;
  readonly started_at: Date;
  readonly finished_at: Date | null;
}

/** A result. */
export interface ReportedOutput {
  readonly place: number;
  readonly storage_key: string | null;
  readonly upstream_url: string | null;
  readonly content_type: string;
  readonly bytes: string | null;
}

/** A message to the customer. */
export interface ReportedDelivery {
  readonly id: string;
  readonly attempts: number;
  readonly created_at: Date;
  readonly delivered_at: Date | null;
  readonly next_attempt_at: Date | null;
  readonly last_status: number | null;
  readonly last_error: string | null;
}

const LISTED = `j.id, j.kind, j.state, j.account_id, a.name as account, j.model, c.name as channel, j.created_at, j.looks, j.error_code`;
const JOINED = `job j join account a on a.id = j.account_id left join channel c on c.id = j.channel_id`;

/** Jobs of all accounts or of one, newest first; those that their customers removed included. */
export async function listJobs(session: SqlSession, filter: JobReportFilter): Promise<ListedJob[]> {
  return await session.query<ListedJob>(
    `select ${LISTED} from ${JOINED}
      where ($1::bigint is null or j.account_id = $1) and ($2::text[] is null or j.state = any ($2))
        and ($3::timestamptz is null or j.created_at >= $3)
      order by j.id desc limit $4`,
    [
      filter.accountId ?? null,
      filter.states === undefined ? null : [...filter.states],
      filter.since ?? null,
      filter.limit,
    ],
  );
}

/** A job with all that belongs to it. @param id 32 hex digits. @returns undefined when there is none. */
export async function reportJob(session: SqlSession, id: string): Promise<ReportedJob | undefined> {
  const [job] = await session.query<Omit<ReportedJob, 'attempts' | 'outputs' | 'deliveries'>>(
    `select ${LISTED}, j.key_id, j.endpoint, j.provider, j.request, j.offers, j.offer, j.refused, j.attempt, j.task_ref, j.outcome,
            j.progress, j.held, j.cost, j.user_identifier, j.metadata, j.webhook_url, j.error_message, j.error_detail, j.failures,
            j.cancel_requested_at, j.due_at, j.lease_owner, j.lease_until, j.sent_at, j.accepted_at, j.deadline_at, j.finished_at,
            j.results_expire_at, j.results_deleted_at, j.deleted_at, h.state as hold_state, e.amount as late_loss
       from ${JOINED} left join hold h on h.id = j.id
       left join entry e on e.kind = 'loss' and e.ref = $2 || ':late'
      where j.id = $1::uuid`,
    [id, id],
  );
  if (job === undefined) return undefined;
  const attempts = await session.query<ReportedAttempt>(
    `select t.number, coalesce(c.name, 'channel ' || t.channel_id) as channel, t.upstream_model, t.outcome, t.error_code,
            t.error_detail, t.started_at, t.finished_at
       from job_attempt t left join channel c on c.id = t.channel_id where t.job_id = $1 order by t.number`,
    [id],
  );
  const outputs = await session.query<ReportedOutput>(
    `select place, storage_key, upstream_url, content_type, bytes from job_output where job_id = $1 order by place`,
    [id],
  );
  const deliveries = await session.query<ReportedDelivery>(
    `select id, attempts, created_at, delivered_at, next_attempt_at, last_status, last_error
       from webhook_delivery where job_id = $1 order by created_at, id`,
    [id],
  );
  return { ...job, attempts, outputs, deliveries };
}
