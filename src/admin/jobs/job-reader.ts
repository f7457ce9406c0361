import { Inject, Injectable } from '@nestjs/common';
import { ADMIN_SQL, type Sql, type SqlSession } from '../../database/sql.js';
import { fromPublicJobId, JOB_STATES, type Job, type JobStatus, statusOf, toPublicJobId } from '../../jobs/job.js';
import { JOB_COLUMNS, type JobRow, toHex, toJob } from '../../jobs/job-row.js';
import { Custody } from '../../media/custody.js';
import { messageIdOf } from '../../webhooks/message-id.js';
import type { PageRequest } from '../graphql/connection.js';
import { checkFilterText } from '../graphql/filter-text.js';
import { notFound } from '../graphql/graphql.errors.js';
import { isId } from '../graphql/ids.js';
import type { VideoJobFilter } from './video-job.input.js';
import { JobAttempt, JobFailureReason, JobResult, VideoJob, WebhookMessage } from './video-job.type.js';

/** Cursors of job lists. */
export const JOB_CURSOR = [/^[0-9a-f]{32}$/];

interface ReadRow extends JobRow {
  error_detail: string | null;
}

const COLUMNS = `${JOB_COLUMNS}, j.error_detail`;

/** A job as it is read for the admin API. */
export interface ReadJob extends Job {
  readonly errorDetail: string | null;
}

/** Reads jobs for the admin API; `accountId` bounds what is found, null does not. */
@Injectable()
export class JobReader {
  constructor(
    @Inject(ADMIN_SQL) private readonly sql: Sql,
    @Inject(Custody) private readonly custody: Custody,
  ) {}

  /** One page of jobs, newest first. */
  async list(accountId: string | null, page: PageRequest, filter: VideoJobFilter): Promise<ReadJob[]> {
    const states = filter.statuses && JOB_STATES.filter((state) => filter.statuses?.includes(statusOf(state)));
    const ids = [filter.accountId, filter.channelId];
    if (ids.some((id) => id != null && !isId(id))) return [];
    const rows = await this.sql.query<ReadRow>(
      `select ${COLUMNS} from job j
        where ($1::bigint is null or j.account_id = $1) and ($2::bigint is null or j.account_id = $2)
          and ($3::uuid is null or j.id < $3) and ($4::text is null or j.kind = $4)
          and ($5::text[] is null or j.state = any ($5)) and ($6::text is null or j.model = $6)
          and ($7::text is null or j.user_identifier = $7) and ($8::bigint is null or j.channel_id = $8)
          and ($9::timestamptz is null or j.id >= uuid7_floor($9)) and ($10::timestamptz is null or j.id < uuid7_floor($10))
          and ($1::bigint is null or j.deleted_at is null)
        order by j.id desc limit $11`,
      [
        accountId,
        filter.accountId ?? null,
        page.after?.[0] ?? null,
        filter.kind ?? null,
        states ?? null,
        checkFilterText(filter.model, 'filter.model'),
        checkFilterText(filter.userIdentifier, 'filter.userIdentifier'),
        filter.channelId ?? null,
        filter.from ?? null,
        filter.to ?? null,
        page.limit,
      ],
    );
    return rows.map(toReadJob);
  }

  /**
   * One job.
   * @param publicId as callers know it.
   * @throws HubError 404 when there is none, or it is not of this account.
   */
  async get(accountId: string | null, publicId: string, session: SqlSession = this.sql): Promise<ReadJob> {
    const id = fromPublicJobId(publicId);
    const [row] =
      id === undefined
        ? []
        : await session.query<ReadRow>(
            `select ${COLUMNS} from job j where j.id = $2
               and ($1::bigint is null or (j.account_id = $1 and j.deleted_at is null))`,
            [accountId, id],
          );
    if (row === undefined) throw notFound('job', publicId.slice(0, 64));
    return toReadJob(row);
  }

  /** Jobs by their stored ids, oldest first. */
  async byIds(ids: readonly string[]): Promise<ReadJob[]> {
    const rows = await this.sql.query<ReadRow>(
      `select ${COLUMNS} from job j where j.id = any ($1::uuid[]) order by j.id`,
      [[...ids]],
    );
    return rows.map(toReadJob);
  }

  /** Attempts by job. @param ids as stored. */
  async attempts(ids: readonly string[]): Promise<Map<string, JobAttempt[]>> {
    const rows = await this.sql.query<JobAttempt & { jobId: string }>(
      `select t.job_id as "jobId", t.number, coalesce(c.name, 'channel ' || t.channel_id) as channel,
              t.upstream_model as "upstreamModel", t.outcome, t.error_code as "errorCode", t.error_detail as "errorDetail",
              t.started_at as "startedAt", t.finished_at as "finishedAt"
         from job_attempt t left join channel c on c.id = t.channel_id
        where t.job_id = any ($1::uuid[]) order by t.job_id, t.number`,
      [[...ids]],
    );
    return grouped(ids, rows);
  }

  /** Results by job, with links where the files are kept. @param ids as stored. */
  async results(ids: readonly string[]): Promise<Map<string, JobResult[]>> {
    const rows = await this.sql.query<StoredOutput>(
      `select o.job_id as "jobId", o.place, o.storage_key as "storageKey", o.upstream_url as "upstreamUrl",
              o.content_type as "contentType", o.bytes, j.results_deleted_at is null as "isKept",
              j.results_expire_at as "resultsExpireAt"
         from job_output o join job j on j.id = o.job_id
        where o.job_id = any ($1::uuid[]) order by o.job_id, o.place`,
      [[...ids]],
    );
    const results = rows.map(({ jobId, isKept, resultsExpireAt, ...stored }) => {
      const output = { ...stored, bytes: stored.bytes === null ? null : Number(stored.bytes) };
      const url = isKept ? this.custody.linkOf({ id: toHex(jobId), resultsExpireAt }, output) : null;
      return { jobId, place: output.place, contentType: output.contentType, bytes: output.bytes, url };
    });
    return grouped(ids, results);
  }

  /** Messages to customers by job. @param session the transaction of a mutation. */
  async messages(ids: readonly string[], session: SqlSession = this.sql): Promise<Map<string, WebhookMessage[]>> {
    const rows = await session.query<Omit<WebhookMessage, 'status'> & { jobId: string }>(
      `select job_id as "jobId", id, attempts, last_status as "lastStatus", last_error as "lastError",
              next_attempt_at as "nextAttemptAt", delivered_at as "deliveredAt", created_at as "createdAt"
         from webhook_delivery where job_id = any ($1::uuid[]) order by job_id, created_at, id`,
      [[...ids]],
    );
    const messages = rows.map((row) => ({
      ...row,
      id: messageIdOf(row.id),
      status: row.nextAttemptAt !== null ? 'pending' : row.deliveredAt === null ? 'failed' : 'delivered',
    }));
    return grouped(ids, messages);
  }
}

interface StoredOutput {
  readonly jobId: string;
  readonly place: number;
  readonly storageKey: string | null;
  readonly upstreamUrl: string | null;
  readonly contentType: string;
  readonly bytes: string | null;
  readonly isKept: boolean;
  readonly resultsExpireAt: Date | null;
}

/** A job as the schema shows it. */
export function toVideoJob(job: ReadJob): VideoJob {
  const { id, attempt, error, request, ...rest } = job;
  return Object.assign(new VideoJob(), rest, {
    id: toPublicJobId(id),
    status: statusOf(job.state) satisfies JobStatus,
    attemptCount: attempt,
    prompt: request.prompt,
    error: error === null ? null : Object.assign(new JobFailureReason(), error),
  });
}

function toReadJob(row: ReadRow): ReadJob {
  return { ...toJob(row), errorDetail: row.error_detail };
}

function grouped<Row extends { readonly jobId: string }>(
  ids: readonly string[],
  rows: readonly Row[],
): Map<string, Row[]> {
  const byJob = Map.groupBy(rows, (row) => toHex(row.jobId));
  return new Map(ids.map((id) => [id, byJob.get(id) ?? []]));
}
