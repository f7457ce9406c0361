import { Inject, Injectable } from '@nestjs/common';
import type { Caller } from '../../auth/caller.js';
import { invalidRequest } from '../../common/hub-error.js';
import { ADMIN_SQL, type Sql, type SqlSession } from '../../database/sql.js';
import { isOver, type Job, statusOf, toPublicJobId } from '../../jobs/job.js';
import { JobRetry } from '../../jobs/job-retry.js';
import { JobStore } from '../../jobs/job-store.js';
import { Jobs } from '../../jobs/jobs.service.js';
import { postEntry } from '../../quota/post-entry.js';
import { DeliveryStore } from '../../webhooks/delivery-store.js';
import { WebhookDelivery } from '../../webhooks/webhook-delivery.js';
import type { AdminContext } from '../graphql/admin-context.js';
import { Mutations } from '../graphql/mutations.js';
import { readReason } from '../graphql/read-reason.js';
import { JobReader, type ReadJob, toVideoJob } from './job-reader.js';
import { JobAccepted, JobRefunded, type JobRefused, jobRefused, WebhookRedelivery } from './job-results.js';
import type { RefundJobInput } from './video-job.input.js';

/** What administrators and customers do to jobs. */
@Injectable()
export class JobActions {
  constructor(
    @Inject(ADMIN_SQL) private readonly sql: Sql,
    @Inject(Mutations) private readonly mutations: Mutations,
    @Inject(JobReader) private readonly reader: JobReader,
    @Inject(Jobs) private readonly jobs: Jobs,
    @Inject(JobStore) private readonly store: JobStore,
    @Inject(JobRetry) private readonly retries: JobRetry,
    @Inject(DeliveryStore) private readonly deliveries: DeliveryStore,
    @Inject(WebhookDelivery) private readonly webhooks: WebhookDelivery,
  ) {}

  /** Asks for a job to be called off; a worker carries that out, here or at the provider. */
  async cancel(context: AdminContext, id: string): Promise<JobAccepted | JobRefused> {
    const accountId = context.scope('jobs:write');
    const seen = await this.reader.get(accountId, id);
    const isPossible = isOver(seen.state) || (await this.jobs.mayBeCalledOff(seen));
    return this.mutations.run(context, async (session, trail) => {
      const job = await this.reader.get(accountId, id, session);
      if (isOver(job.state)) return trail.refuse(finished(job));
      if (!isPossible) {
        const message = 'The provider of this job does not let it be cancelled any more. It goes on.';
        return trail.refuse(jobRefused('job_not_cancellable', message));
      }
      // It may have ended since it was read.
      if (!(await this.store.requestCancel(job.id, session))) {
        return trail.refuse(finished(await this.reader.get(accountId, id, session)));
      }
      trail.changed({ action: 'job.cancel', kind: 'job', id, accountId: job.accountId, before: snapshot(job) });
      trail.after(() => this.retries.wake());
      return accepted(await this.reader.get(accountId, id, session));
    });
  }

  /** Submits the request of a failed or cancelled job again, as a new job. */
  async retry(context: AdminContext, id: string): Promise<JobAccepted | JobRefused> {
    const accountId = context.scope('jobs:write');
    const old = await this.reader.get(accountId, id);
    const refusal = this.refuseRetry(old);
    if (refusal !== undefined) return refusal;
    const wanted = this.retries.prepare(old, await this.callerOf(old));
    return this.mutations.run(context, async (session, trail) => {
      if (!(await this.retries.save(session, wanted, old))) {
        const message = 'This job was submitted again before. If that one has failed too, submit that one again.';
        return trail.refuse(jobRefused('job_retried', message));
      }
      const newId = toPublicJobId(wanted.id);
      const after = { retryOf: id, model: old.model, held: wanted.held };
      trail.changed({ action: 'job.retry', kind: 'job', id: newId, accountId: old.accountId, after });
      trail.after(() => this.retries.wake());
      return accepted(await this.reader.get(accountId, newId, session));
    });
  }

  /** Gives back what a job cost, or a part of it, once. */
  async refund(context: AdminContext, input: RefundJobInput): Promise<JobRefunded | JobRefused> {
    const accountId = context.scope('jobs:refund');
    const reason = readReason(input.reason, 'input.reason');
    return this.mutations.run(context, async (session, trail) => {
      const job = await this.reader.get(accountId, input.id, session);
      const cost = job.cost ?? 0n;
      if (job.state !== 'succeeded' || cost === 0n) {
        return trail.refuse(
          jobRefused('nothing_to_refund', 'This job has cost nothing, so there is nothing to give back.'),
        );
      }
      const amount = input.amount ?? cost;
      if (amount <= 0n || amount > cost) {
        throw invalidRequest('"amount" must be more than zero and at most what the job cost.', 'input.amount');
      }
      if (await isRefunded(session, job)) {
        return trail.refuse(
          jobRefused('job_refunded', 'A refund for this job was posted before. A job is refunded once.'),
        );
      }
      const actor = `user:${context.requireActor().userId}`;
      const entry = await postEntry(session, {
        kind: 'refund',
        accountId: job.accountId,
        amount,
        ref: refundRef(job),
        actor,
        reason,
      });
      const before = { cost };
      const after = { refunded: amount, entryId: entry.entryId };
      trail.changed({
        action: 'job.refund',
        kind: 'job',
        id: input.id,
        accountId: job.accountId,
        reason,
        before,
        after,
      });
      return Object.assign(new JobRefunded(), { job: toVideoJob(job), amount, entryId: entry.entryId });
    });
  }

  /** Makes the message of a finished job due now. */
  async redeliver(context: AdminContext, id: string): Promise<WebhookRedelivery | JobRefused> {
    const accountId = context.scope('webhooks:write');
    return this.mutations.run(context, async (session, trail) => {
      const job = await this.reader.get(accountId, id, session);
      if (job.webhookUrl === null)
        return trail.refuse(jobRefused('no_webhook', 'This job was submitted without a webhook.'));
      if (!isOver(job.state)) {
        return trail.refuse(jobRefused('job_not_finished', 'The message is sent when the job is over.'));
      }
      await this.deliveries.makeDue(session, job.id);
      trail.changed({ action: 'webhook.redeliver', kind: 'job', id, accountId: job.accountId });
      trail.after(() => this.webhooks.wake());
      const messages = (await this.reader.messages([job.id], session)).get(job.id) ?? [];
      return Object.assign(new WebhookRedelivery(), { messages });
    });
  }

  private refuseRetry(job: ReadJob): JobRefused | undefined {
    if (job.state !== 'failed' && job.state !== 'cancelled') {
      return jobRefused(
        'job_not_failed',
        `Only a failed or cancelled job can be submitted again; this one is ${statusOf(job.state)}.`,
      );
    }
    if (this.retries.isPossible(job)) return undefined;
    return jobRefused(
      'inputs_deleted',
      'The pictures of this job were deleted when it ended. Its customer can submit it again.',
    );
  }

  /** The account of a job as it is now, and the models that its key may use. */
  private async callerOf(job: Job): Promise<Caller> {
    const [row] = await this.sql.query<{
      models: string[] | null;
      group_id: string;
      multiplier_millionths: string;
      group_models: string[] | null;
    }>(
      `select k.models, g.id as group_id, g.multiplier_millionths, g.models as group_models
         from account a join account_group g on g.id = a.group_id
         left join api_key k on k.id = $2
        where a.id = $1`,
      [job.accountId, job.keyId],
    );
    if (row === undefined) throw new Error(`The account of job ${job.id} is gone`);
    return {
      keyId: job.keyId ?? '',
      accountId: job.accountId,
      scopes: null,
      models: row.models && new Set(row.models),
      addresses: undefined,
      limits: [],
      groupId: row.group_id,
      multiplierMillionths: BigInt(row.multiplier_millionths),
      groupModels: row.group_models && new Set(row.group_models),
      // What an administrator does for a customer is no request of the key.
      captureUntilMs: 0,
    };
  }
}

function accepted(job: ReadJob): JobAccepted {
  return Object.assign(new JobAccepted(), { job: toVideoJob(job) });
}

function finished({ state }: Job): JobRefused {
  return jobRefused('job_finished', `The job has ${statusOf(state)} already.`);
}

function snapshot({ state, model, progress }: Job): object {
  return { state, model, progress };
}

function refundRef({ id }: Job): string {
  return `refund:${toPublicJobId(id)}`;
}

async function isRefunded(session: SqlSession, job: Job): Promise<boolean> {
  // The account is locked first, as everywhere: two refunds at once take turns here.
  await session.query('select 1 from account where id = $1 for no key update', [job.accountId]);
  return (await session.query(`select 1 from entry where kind = 'refund' and ref = $1`, [refundRef(job)])).length > 0;
}
