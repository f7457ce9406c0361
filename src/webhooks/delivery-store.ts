import { Inject, Injectable } from '@nestjs/common';
import { Sql, type SqlSession } from '../database/sql.js';
import { jobNotFinished, jobNotFound } from '../jobs/job.errors.js';
import { noWebhook } from './webhooks.errors.js';

/** Longer than one attempt can take: only a process that died leaves a message to the next one. */
const LEASE_S = 60;

/** A message that this instance is to send now. */
export interface ClaimedDelivery {
  readonly id: string;
  /** 32 hex digits. */
  readonly jobId: string;
  readonly accountId: string;
  readonly url: string;
  /** Host and port. */
  readonly host: string;
  /** Counts from 1, this one included; it also names the claim. */
  readonly attempt: number;
}

/** An attempt that failed. */
export interface FailedAttempt {
  /** HTTP status, where there was an answer. */
  readonly status?: number;
  /** Safe to show. */
  readonly reason: string;
  /** Until the next attempt. */
  readonly pauseSeconds: number;
  /** Trying again would be of no use. */
  readonly isFinal: boolean;
}

/** A message as its account sees it. */
export interface Delivery {
  readonly id: string;
  /** Since it was made, or made due again. */
  readonly attempts: number;
  readonly nextAttemptAt: Date | null;
  readonly deliveredAt: Date | null;
  readonly lastStatus: number | null;
  readonly lastError: string | null;
  readonly createdAt: Date;
}

interface ClaimedRow {
  readonly id: string;
  readonly job_id: string;
  readonly account_id: string;
  readonly url: string;
  readonly host: string;
  readonly attempts: number;
}

interface DeliveryRow {
  readonly id: string;
  readonly attempts: number;
  readonly next_attempt_at: Date | null;
  readonly delivered_at: Date | null;
  readonly last_status: number | null;
  readonly last_error: string | null;
  readonly created_at: Date;
}

/** All SQL of messages to customers. What an attempt came to is written only by the one that holds the claim. */
@Injectable()
export class DeliveryStore {
  constructor(@Inject(Sql) private readonly sql: Sql) {}

  /** Takes the message that has been due for the longest time. @returns undefined when nothing is due. */
  async claim(busyHosts: readonly string[], busyAccounts: readonly string[]): Promise<ClaimedDelivery | undefined> {
    const [row] = await this.sql.query<ClaimedRow>(
      `update webhook_delivery set attempts = attempts + 1, lease_until = now() + make_interval(secs => $1::integer)
        where id = (select id from webhook_delivery
                     where next_attempt_at <= now() and (lease_until is null or lease_until <= now())
                       and host <> all ($2::text[]) and account_id <> all ($3::bigint[])
                     order by next_attempt_at limit 1 for update skip locked)
       returning id, job_id, account_id, url, host, attempts`,
      [LEASE_S, busyHosts, busyAccounts],
    );
    return (
      row && {
        id: row.id,
        jobId: row.job_id.replaceAll('-', ''),
        accountId: row.account_id,
        url: row.url,
        host: row.host,
        attempt: row.attempts,
      }
    );
  }

  /** The receiver has it. */
  async succeed({ id, attempt }: ClaimedDelivery, status: number | undefined): Promise<void> {
    await this.sql.query(
      `update webhook_delivery set delivered_at = now(), next_attempt_at = null, lease_until = null, last_status = $3, last_error = null
        where id = $1 and attempts = $2`,
      [id, attempt, status ?? null],
    );
  }

  /** Puts a message off, the last time to the end of its 24 hours. @returns true when it is given up. */
  async fail({ id, attempt }: ClaimedDelivery, failure: FailedAttempt): Promise<boolean> {
    const [row] = await this.sql.query<{ is_over: boolean }>(
      `update webhook_delivery set last_status = $3, last_error = $4, lease_until = null,
              next_attempt_at = case when $5 or now() >= give_up_at then null
                                     else least(now() + make_interval(secs => $6::integer), give_up_at) end
        where id = $1 and attempts = $2 returning next_attempt_at is null as is_over`,
      [id, attempt, failure.status ?? null, failure.reason, failure.isFinal, failure.pauseSeconds],
    );
    return row?.is_over === true;
  }

  /** An attempt that was broken off by a stop did not count; another instance may make it at once. */
  async handBack({ id, attempt }: ClaimedDelivery): Promise<void> {
    await this.sql.query(
      'update webhook_delivery set attempts = attempts - 1, lease_until = null where id = $1 and attempts = $2',
      [id, attempt],
    );
  }

  /** Messages of a job, oldest first. @throws HubError 404 for a job that is not the account's. */
  async list(accountId: string, jobId: string): Promise<Delivery[]> {
    await checkJob(this.sql, accountId, jobId);
    const rows = await this.sql.query<DeliveryRow>(
      `select id, attempts, next_attempt_at, delivered_at, last_status, last_error, created_at
         from webhook_delivery where job_id = $1 order by created_at, id`,
      [jobId],
    );
    return rows.map((row) => ({
      id: row.id,
      attempts: row.attempts,
      nextAttemptAt: row.next_attempt_at,
      deliveredAt: row.delivered_at,
      lastStatus: row.last_status,
      lastError: row.last_error,
      createdAt: row.created_at,
    }));
  }

  /**
   * Makes the message of a job due now, whatever has become of it, for another 24 hours. One that is on its way this moment stays
   * as it is.
   *
   * @throws HubError 404 for a job that is not the account's, 409 when it is not over or has no webhook.
   */
  async redeliver(accountId: string, jobId: string): Promise<void> {
    await this.sql.transaction(async (session) => {
      const job = await checkJob(session, accountId, jobId);
      if (job.webhook_url === null) throw noWebhook();
      if (!job.is_over) throw jobNotFinished();
      await this.makeDue(session, jobId);
    });
  }

  /** The same within the caller's transaction, for a job that is known to be over and to have a webhook. */
  async makeDue(session: SqlSession, jobId: string): Promise<void> {
    await session.query(
      `update webhook_delivery set attempts = 0, next_attempt_at = now(), give_up_at = now() + interval '24 hours'
        where job_id = $1 and (lease_until is null or lease_until <= now())`,
      [jobId],
    );
  }
}

async function checkJob(
  session: SqlSession,
  accountId: string,
  jobId: string,
): Promise<{ is_over: boolean; webhook_url: string | null }> {
  const [job] = await session.query<{ is_over: boolean; webhook_url: string | null }>(
    `select finished_at is not null as is_over, webhook_url from job
      where id = $1 and account_id = $2 and deleted_at is null`,
    [jobId, accountId],
  );
  if (job === undefined) throw jobNotFound();
  return job;
}
