import { Inject, Injectable } from '@nestjs/common';
import type { NanoCredits } from '../common/money.js';
import { LEDGER_SQL, Sql, type SqlSession } from '../database/sql.js';
import type { SealedAnswer } from '../idempotency/idempotency.service.js';
import type { Claim } from '../quota/core/ledger-store.js';
import type { Job, JobKind, JobOffer, JobOutput, JobRequest } from './job.js';
import { JOB_COLUMNS, type JobRow, toHex, toJob } from './job-row.js';

/** The owner that holds of jobs name: no process, for a hold of a job outlives them. */
const HOLD_OWNER = 'jobs';
/** The longest lease that the ledger's function takes. It means nothing: the hold is closed with the job. */
const HOLD_LEASE_MS = 2_000_000_000;

/** A picture that came with a request. */
export interface NewJobInput {
  readonly name: 'image' | 'lastFrame';
  readonly contentType: string;
  readonly base64: string;
}

/** A job to store. */
export interface NewJob {
  readonly id: string;
  readonly kind: JobKind;
  readonly accountId: string;
  readonly keyId: string | null;
  readonly endpoint: string;
  readonly request: JobRequest;
  readonly inputs: readonly NewJobInput[];
  /** At least one. */
  readonly offers: readonly JobOffer[];
  readonly held: NanoCredits;
  readonly multiplierMillionths: bigint;
  readonly userIdentifier: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly webhookUrl?: string;
  /** How long it may wait for a channel. */
  readonly queueMs: number;
  readonly claim?: Claim;
  /** What the claim's key replays. */
  readonly answer?: SealedAnswer;
}

/** Codes of `ledger_reserve`, which `job_create` hands on. */
export type CreateCode = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** Which jobs to list. */
export interface JobFilter {
  readonly kind: JobKind;
  readonly limit: number;
  /** Only jobs with smaller, or larger, ids than these. */
  readonly before?: string;
  readonly after?: string;
  /** Stored states. */
  readonly states?: readonly string[];
  readonly model?: string;
  readonly userIdentifier?: string;
  readonly since?: Date;
  readonly until?: Date;
  readonly order?: 'asc' | 'desc';
}

/** Jobs as their accounts make, see and change them. */
@Injectable()
export class JobStore {
  constructor(
    @Inject(Sql) private readonly sql: Sql,
    @Inject(LEDGER_SQL) private readonly ledgerSql: Sql,
  ) {}

  /**
   * Stores a job with its hold and its claim. Repeating it with the same id changes nothing.
   * @param session a transaction that it is to be part of.
   */
  async create(job: NewJob, session: SqlSession = this.ledgerSql): Promise<CreateCode> {
    const [first] = job.offers;
    if (first === undefined) throw new Error('A job without an offer cannot be carried out.');
    const row = {
      id: job.id,
      kind: job.kind,
      account_id: job.accountId,
      key_id: job.keyId,
      endpoint: job.endpoint,
      model: first.model,
      provider: first.provider,
      request: job.request,
      offers: job.offers,
      held: job.held.toString(),
      multiplier_millionths: job.multiplierMillionths.toString(),
      user_identifier: job.userIdentifier,
      metadata: job.metadata,
      webhook_url: job.webhookUrl,
      deadline_ms: job.queueMs,
    };
    const inputs = job.inputs.map(({ name, contentType, base64 }) => ({ name, content_type: contentType, base64 }));
    const { claim, answer } = job;
    const [result] = await session.query<{ code: number }>(
      'select code from job_create($1::jsonb, $2::jsonb, $3, $4, $5, $6, $7::jsonb, $8::jsonb)',
      [
        JSON.stringify(row),
        JSON.stringify(inputs),
        first.priceVersionId,
        HOLD_OWNER,
        0,
        HOLD_LEASE_MS,
        claim === undefined
          ? null
          : JSON.stringify({ route: claim.route, key: claim.key, hash: claim.hash, ttl_s: claim.ttlSeconds }),
        answer === undefined ? null : JSON.stringify(answer),
      ],
    );
    return (result?.code ?? 0) as CreateCode;
  }

  /** A job, whoever's; hidden ones only for the engine. */
  async find(id: string): Promise<Job | undefined> {
    const [row] = await this.sql.query<JobRow>(`select ${JOB_COLUMNS} from job j where id = $1`, [id]);
    return row && toJob(row);
  }

  /** A job of an account that it has not removed. */
  async findOf(accountId: string, id: string): Promise<Job | undefined> {
    const [row] = await this.sql.query<JobRow>(
      `select ${JOB_COLUMNS} from job j where id = $2 and account_id = $1 and deleted_at is null`,
      [accountId, id],
    );
    return row && toJob(row);
  }

  /** The job behind a task of an upstream. */
  async findByTask(channelId: string, taskId: string): Promise<Job | undefined> {
    const [row] = await this.sql.query<JobRow>(
      `select ${JOB_COLUMNS} from job j where channel_id = $1 and task_id = $2`,
      [channelId, taskId],
    );
    return row && toJob(row);
  }

  /** Jobs of an account, newest first unless told otherwise. */
  async list(accountId: string, filter: JobFilter): Promise<Job[]> {
    const order = filter.order === 'asc' ? 'asc' : 'desc';
    const rows = await this.sql.query<JobRow>(
      `select ${JOB_COLUMNS} from job j
        where account_id = $1 and kind = $2 and deleted_at is null
          and ($4::uuid is null or id < $4) and ($5::uuid is null or id > $5)
          and ($6::text[] is null or state = any ($6)) and ($7::text is null or model = $7)
          and ($8::text is null or user_identifier = $8)
          and ($9::timestamptz is null or created_at >= $9) and ($10::timestamptz is null or created_at < $10)
        order by id ${order} limit $3`,
      [
        accountId,
        filter.kind,
        filter.limit,
        filter.before ?? null,
        filter.after ?? null,
        filter.states === undefined ? null : [...filter.states],
        filter.model ?? null,
        filter.userIdentifier ?? null,
        filter.since ?? null,
        filter.until ?? null,
      ],
    );
    return rows.map(toJob);
  }

  /** Results by job. */
  async outputsOf(ids: readonly string[]): Promise<ReadonlyMap<string, readonly JobOutput[]>> {
    if (ids.length === 0) return new Map();
    const rows = await this.sql.query<{
      job_id: string;
      place: number;
      storage_key: string | null;
      upstream_url: string | null;
      content_type: string;
      bytes: string | null;
    }>(
      `select job_id, place, storage_key, upstream_url, content_type, bytes from job_output
        where job_id = any ($1::uuid[]) order by job_id, place`,
      [[...ids]],
    );
    const outputs = rows.map((row) => ({
      jobId: toHex(row.job_id),
      place: row.place,
      storageKey: row.storage_key,
      upstreamUrl: row.upstream_url,
      contentType: row.content_type,
      bytes: row.bytes === null ? null : Number(row.bytes),
    }));
    return Map.groupBy(outputs, (output) => output.jobId);
  }

  /** Versions of jobs, to see which have changed. */
  async versionsOf(ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const rows = await this.sql.query<{ id: string; version: number }>(
      'select id, version from job where id = any ($1::uuid[])',
      [[...ids]],
    );
    return new Map(rows.map((row) => [toHex(row.id), row.version]));
  }

  /** Asks for a job to be called off. @param session a transaction that it is to be part of. @returns false when it is over. */
  async requestCancel(id: string, session: SqlSession = this.sql): Promise<boolean> {
    return this.changed(
      `update job set cancel_requested_at = coalesce(cancel_requested_at, now()), due_at = now(), is_woken = true
        where id = $1 and finished_at is null`,
      [id],
      session,
    );
  }

  /** Makes a job due because its upstream has news. */
  async wake(id: string): Promise<boolean> {
    return this.changed('update job set due_at = now(), is_woken = true where id = $1 and finished_at is null', [id]);
  }

  /** Hides a job that is over, and has its results deleted. @returns false when it is not over. */
  async remove(id: string): Promise<boolean> {
    return this.changed(
      `update job set deleted_at = now(), results_expire_at = least(results_expire_at, now())
        where id = $1 and finished_at is not null and deleted_at is null`,
      [id],
    );
  }

  private async changed(
    text: string,
    parameters: Parameters<Sql['query']>[1],
    session: SqlSession = this.sql,
  ): Promise<boolean> {
    return (await session.query(`${text} returning id`, parameters)).length === 1;
  }
}
