import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { NewAlert } from '../alerts/alert.js';
import { insertAlert } from '../alerts/insert-alert.js';
import { bookLateSuccess } from '../billing/book-late-success.js';
import type { NanoCredits } from '../common/money.js';
import { isPassing } from '../database/database-error.js';
import { LEDGER_SQL, Sql, type SqlParameter, type SqlSession } from '../database/sql.js';
import type { TaskRef } from '../providers/canonical/video.js';
import type { Job, JobOffer, JobOutcome, JobOutput } from './job.js';
import { JOB_COLUMNS, type JobRow, toJob } from './job-row.js';
import type { NewJobInput } from './job-store.js';
import type { LeaseOwner } from './lease-owner.js';

/** A task is kept in mind for about five minutes while the database is away. */
const WRITE_TRIES_MAX = 300;
const WRITE_PAUSE_MS = 1_000;

/** How an attempt at an upstream went, for the record. */
export interface AttemptEnd {
  readonly outcome: 'accepted' | 'refused' | 'unknown' | 'absent';
  readonly code?: string;
  readonly detail?: string;
}

/** How a job ends. */
export interface JobEnd {
  readonly state: 'succeeded' | 'failed' | 'cancelled';
  readonly cost: NanoCredits;
  /** Rows of `usage_event`. */
  readonly events: readonly object[];
  readonly code?: string;
  /** Fit for the caller. */
  readonly message?: string;
  /** For the operator. */
  readonly detail?: string;
  readonly outputs?: readonly JobOutput[];
  /** How long the results are kept. */
  readonly retentionMs: number;
  /** When to look again for a success that comes late. */
  readonly lookAgainAt?: Date;
  /** Raised exactly when the job ends so. */
  readonly alert?: NewAlert;
}

/**
 * Jobs as workers take them, carry them on and end them. Methods that name an owner return false, and change nothing, when the
 * job is not that owner's any more.
 */
@Injectable()
export class JobLeaseStore {
  constructor(
    @Inject(Sql) private readonly sql: Sql,
    @Inject(LEDGER_SQL) private readonly ledgerSql: Sql,
  ) {}

  /**
   * Takes up to `limit` jobs that are due, oldest first.
   *
   * @param busyChannels whose jobs stay where they are; '0' stands for those without a channel.
   * @param inHand ids that the owner still works on. Their leases may have run out while its process stood still, and as long as nobody
   * else has taken them it must not meet itself.
   */
  async claim(
    owner: LeaseOwner,
    limit: number,
    busyChannels: readonly string[],
    inHand: readonly string[] = [],
  ): Promise<Job[]> {
    const rows = await this.sql.query<JobRow>(
      `with due as (
         select id from job
          where due_at <= now() and (lease_until is null or lease_until < now())
            and coalesce(channel_id, 0) <> all ($4::bigint[])
            and (lease_owner is distinct from $1 or id <> all ($5::uuid[]))
          order by due_at limit $3 for update skip locked)
       update job j set lease_owner = $1, is_woken = false, lease_until = now() + make_interval(secs => $2 / 1000.0)
         from due where j.id = due.id returning ${JOB_COLUMNS}`,
      [owner.name, owner.leaseMs, limit, [...busyChannels], [...inHand]],
    );
    return rows.map(toJob);
  }

  /**
   * Keeps jobs that are still being worked on. Rows that something else writes at the moment are passed over: most are being given
   * back, the others have their turn with the next renewal, and waiting for them in another order than theirs is a deadlock.
   */
  async renew(owner: LeaseOwner, ids: readonly string[]): Promise<void> {
    await this.sql.query(
      `with mine as (
         select id from job where id = any ($3::uuid[]) and lease_owner = $1 for no key update skip locked)
       update job j set lease_until = now() + make_interval(secs => $2 / 1000.0) from mine where j.id = mine.id`,
      [owner.name, owner.leaseMs, [...ids]],
    );
  }

  /** Marks a job as being submitted, durably, before it is. */
  async begin(job: Job, owner: LeaseOwner, index: number, offer: JobOffer): Promise<'go' | 'channel_full' | 'lost'> {
    const [row] = await this.sql.query<{ code: number }>('select job_begin($1, $2, $3, $4, $5, $6, $7, $8) as code', [
      job.id,
      owner.name,
      index,
      offer.channelId,
      offer.model,
      offer.provider,
      offer.upstreamModel,
      offer.deadlineMs,
    ]);
    return row?.code === 1 ? 'go' : row?.code === 2 ? 'channel_full' : 'lost';
  }

  /**
   * The upstream has taken the job on. It is the attempt that counts here, not the lease: only who has sent it has its answer, and
   * that is too dear to be lost because its worker was slow.
   */
  async accept(job: Job, ref: TaskRef, taskId: string, dueMs: number): Promise<boolean> {
    const isTaken = await untilAnswered(() =>
      this.changed(
        `update job set state = 'accepted', task_ref = $4::jsonb, task_id = $5, accepted_at = now(), failures = 0, looks = 0,
              progress = greatest(progress, 5), version = version + 1, ${RELEASE}
        where id = $1 and attempt = $2 and state in ('submitting', 'unknown')`,
        [job.id, job.attempt, dueMs, JSON.stringify(ref), taskId],
      ),
    );
    await this.endAttempt(job, { outcome: 'accepted' });
    return isTaken;
  }

  /**
   * Keeps the task of a job that was given up while its submission was under way, so that what it costs the operator is noticed.
   * @returns false when the job is being carried out elsewhere, and nothing knows of this task.
   */
  async keepLate(job: Job, ref: TaskRef, taskId: string, dueMs: number): Promise<boolean> {
    return this.changed(
      `update job set task_ref = $4::jsonb, task_id = $5, due_at = now() + make_interval(secs => $3 / 1000.0)
        where id = $1 and attempt = $2 and state = 'failed' and task_ref is null`,
      [job.id, job.attempt, dueMs, JSON.stringify(ref), taskId],
    );
  }

  /** A submission was refused for certain: back to the queue. @param refused offers that are out of the question now. */
  async requeue(
    job: Job,
    owner: LeaseOwner,
    attempt: AttemptEnd,
    { refused, dueMs, queueMs }: { refused: readonly number[]; dueMs: number; queueMs: number },
  ): Promise<boolean> {
    return this.changedWithAttempt(
      `update job set state = 'queued', refused = $4::integer[], channel_id = null, task_ref = null, task_id = null,
              deadline_at = created_at + make_interval(secs => $5 / 1000.0), version = version + 1, ${RELEASE}
        where id = $1 and lease_owner = $2 and state in ('submitting', 'unknown')`,
      [job.id, owner.name, dueMs, `{${refused.join(',')}}`, queueMs],
      job,
      attempt,
    );
  }

  /** Nobody knows whether the upstream has taken the job on. */
  async markUnknown(job: Job, owner: LeaseOwner, attempt: AttemptEnd, dueMs: number): Promise<boolean> {
    return this.changedWithAttempt(
      `update job set state = 'unknown', looks = 0, version = version + 1, ${RELEASE}
        where id = $1 and lease_owner = $2 and state = 'submitting'`,
      [job.id, owner.name, dueMs],
      job,
      attempt,
    );
  }

  /** Keeps a new reference of the task. The lease stays. */
  async keepRef(job: Job, owner: LeaseOwner, ref: TaskRef): Promise<boolean> {
    return this.changed('update job set task_ref = $3::jsonb where id = $1 and lease_owner = $2', [
      job.id,
      owner.name,
      JSON.stringify(ref),
    ]);
  }

  /** The upstream is done; its results are to be fetched. The lease stays. */
  async beginFetch(job: Job, owner: LeaseOwner, outcome: JobOutcome): Promise<boolean> {
    return this.changed(
      `update job set outcome = $3::jsonb, failures = case when state = 'fetching' then failures else 0 end, looks = case when state = 'fetching' then looks else 0 end,
              progress = greatest(progress, 95), version = version + case when state = 'fetching' then 0 else 1 end, state = 'fetching'
        where id = $1 and lease_owner = $2 and finished_at is null`,
      [job.id, owner.name, JSON.stringify(outcome)],
    );
  }

  /** Gives a job back and says when it is due. @param isFault counts a fault of the hub's own. */
  async putOff(job: Job, owner: LeaseOwner, dueMs: number, isFault = false): Promise<boolean> {
    return this.changed(
      `update job set failures = ${isFault ? 'failures + 1' : 'failures'}, looks = looks + 1, ${RELEASE}
        where id = $1 and lease_owner = $2`,
      [job.id, owner.name, dueMs],
    );
  }

  /** Gives a job back as it was: it had no turn, or the hub stops. @param dueMs default: at once due for somebody else. */
  async handBack(job: Job, owner: LeaseOwner, dueMs = 0): Promise<boolean> {
    return this.changed(
      `update job set due_at = now() + make_interval(secs => $3 / 1000.0), lease_owner = null, lease_until = null
        where id = $1 and lease_owner = $2`,
      [job.id, owner.name, dueMs],
    );
  }

  /** Nothing is left to do for a job that is over. */
  async rest(job: Job, owner: LeaseOwner): Promise<void> {
    await this.sql.query(
      'update job set due_at = null, lease_owner = null, lease_until = null where id = $1 and lease_owner = $2',
      [job.id, owner.name],
    );
  }

  /**
   * Ends a job with its money, once. @param owner null for a caller who cancels a job that nothing was done for yet.
   * @returns `before` when it had ended before, `lost` when it is somebody else's.
   */
  async finish(job: Job, owner: LeaseOwner | null, end: JobEnd): Promise<'now' | 'before' | 'lost'> {
    const outputs = (end.outputs ?? []).map((output) => ({
      place: output.place,
      storage_key: output.storageKey,
      upstream_url: output.upstreamUrl,
      content_type: output.contentType,
      bytes: output.bytes,
    }));
    const parameters = [
      job.id,
      owner?.name ?? null,
      end.state,
      end.cost,
      JSON.stringify(end.events),
      end.code ?? null,
      end.message ?? null,
      end.detail ?? null,
      JSON.stringify(outputs),
      end.retentionMs,
      end.lookAgainAt ?? null,
    ];
    const finish = async (session: SqlSession) => {
      const [row] = await session.query<{ code: number }>(
        'select job_finish($1, $2, $3, $4, $5::jsonb, $6, $7, $8, $9::jsonb, $10, $11) as code',
        parameters,
      );
      return row?.code === 1 ? 'now' : row?.code === 2 ? 'before' : 'lost';
    };
    const { alert } = end;
    if (alert === undefined) return await finish(this.ledgerSql);
    return await this.ledgerSql.transaction(async (session) => {
      const ended = await finish(session);
      if (ended === 'now') await insertAlert(session, alert);
      return ended;
    });
  }

  /**
   * Books what the operator paid for a success that came after the job had failed; once, whoever does it.
   * @param alert raised with it.
   */
  async bookLateSuccess(job: Job, purchaseCost: NanoCredits, alert: NewAlert): Promise<void> {
    const reason = 'Success of a job that had been given up';
    const late = { id: job.id, purchaseCost, actor: 'jobs', reason, alert };
    await this.sql.transaction((session) => bookLateSuccess(session, late));
  }

  /** Pictures that came with a job. */
  async inputsOf(id: string): Promise<NewJobInput[]> {
    const rows = await this.sql.query<{ name: NewJobInput['name']; content_type: string; bytes: Buffer }>(
      'select name, content_type, bytes from job_input where job_id = $1',
      [id],
    );
    return rows.map((row) => ({
      name: row.name,
      contentType: row.content_type,
      base64: row.bytes.toString('base64'),
    }));
  }

  /** Attempts of a job that came to nothing, for its usage. */
  async failedAttempts(
    id: string,
  ): Promise<{ number: number; channelId: string; upstreamModel: string; code: string }[]> {
    const rows = await this.sql.query<{
      number: number;
      channel_id: string;
      upstream_model: string;
      error_code: string | null;
    }>(
      `select number, channel_id, upstream_model, error_code from job_attempt
        where job_id = $1 and outcome in ('refused', 'absent') order by number`,
      [id],
    );
    return rows.map((row) => ({
      number: row.number,
      channelId: row.channel_id,
      upstreamModel: row.upstream_model,
      code: row.error_code ?? 'absent',
    }));
  }

  /** Records how the attempt under way went. */
  async endAttempt(job: Job, { outcome, code, detail }: AttemptEnd): Promise<void> {
    await this.sql.query(
      `update job_attempt set outcome = $3, error_code = $4, error_detail = $5, finished_at = now()
        where job_id = $1 and number = $2`,
      [job.id, job.attempt, outcome, code ?? null, detail ?? null],
    );
  }

  /** Changes a job, and with it, or not at all, how its attempt went. */
  private async changedWithAttempt(
    text: string,
    parameters: readonly SqlParameter[],
    job: Job,
    { outcome, code, detail }: AttemptEnd,
  ): Promise<boolean> {
    const last = parameters.length;
    const rows = await this.sql.query(
      `with mine as (${text} returning id),
            attempt as (update job_attempt set outcome = $${last + 1}, error_code = $${last + 2}, error_detail = $${last + 3}, finished_at = now()
                         where job_id in (select id from mine) and number = $${last + 4})
       select id from mine`,
      [...parameters, outcome, code ?? null, detail ?? null, job.attempt],
    );
    return rows.length === 1;
  }

  private async changed(text: string, parameters: Parameters<Sql['query']>[1]): Promise<boolean> {
    return (await this.sql.query(`${text} returning id`, parameters)).length === 1;
  }
}

/** Waits for a database that is away: what is written down here exists nowhere else. @param triesMax one a second. */
export async function untilAnswered<Result>(write: () => Promise<Result>, triesMax = WRITE_TRIES_MAX): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await write();
    } catch (error) {
      if (!isPassing(error) || tries === triesMax) throw error;
    }
    await delay(WRITE_PAUSE_MS);
  }
}

/** Gives the lease back, with $3 milliseconds until the job is due; at once when somebody woke it meanwhile. */
const RELEASE = `due_at = case when is_woken then now() else now() + make_interval(secs => $3 / 1000.0) end, lease_owner = null, lease_until = null`;
