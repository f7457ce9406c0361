import { Inject, Injectable } from '@nestjs/common';
import type { Caller } from '../auth/caller.js';
import { uuid7Hex } from '../common/ids.js';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import type { SqlSession } from '../database/sql.js';
import { createRefused } from './create-refused.js';
import type { Job } from './job.js';
import { JobRouter } from './job-router.js';
import { JobStore, type NewJob } from './job-store.js';
import { JobWorker } from './job-worker.js';

const STORED = 1;
const STORED_BEFORE = 7;

/** Does again what failed: a new job for the same request, at today's prices, paid by the same account. */
@Injectable()
export class JobRetry {
  constructor(
    @Inject(JobRouter) private readonly router: JobRouter,
    @Inject(JobStore) private readonly store: JobStore,
    @Inject(JobWorker) private readonly worker: JobWorker,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** False for a job whose pictures came with its request: they were deleted when it ended. */
  isPossible({ request }: Job): boolean {
    return request.image?.kind !== 'stored' && request.lastFrame?.kind !== 'stored';
  }

  /**
   * Routes the request anew. Sends nothing and stores nothing.
   *
   * @param caller the account, and the key as far as it still is one.
   * @throws HubError as a new request would: 400, 404, 503.
   */
  prepare(job: Job, caller: Caller): NewJob {
    const { kind, endpoint, model, request, userIdentifier, metadata, webhookUrl } = job;
    const { offers, hold } = this.router.route(caller, { kind, model, request });
    return {
      id: uuid7Hex(Date.now()),
      kind,
      accountId: job.accountId,
      keyId: job.keyId,
      endpoint,
      request,
      inputs: [],
      offers,
      held: hold,
      multiplierMillionths: caller.multiplierMillionths,
      userIdentifier,
      metadata: metadata ?? undefined,
      webhookUrl: webhookUrl ?? undefined,
      queueMs: this.settings.jobs.queueMs,
    };
  }

  /**
   * Stores the new job and its hold, unless another one does the same already.
   *
   * @param of the job that failed.
   * @returns false, and nothing is stored, when it was done again before.
   * @throws HubError 403 when the account cannot pay.
   */
  async save(session: SqlSession, job: NewJob, of: Job): Promise<boolean> {
    // Two that ask at once take turns on the account, which is locked before its jobs everywhere.
    await session.query('select 1 from account where id = $1 for no key update', [of.accountId]);
    if ((await session.query('select 1 from job where retry_of = $1', [of.id])).length > 0) return false;
    const code = await this.store.create(job, session);
    if (code !== STORED && code !== STORED_BEFORE) throw createRefused(code);
    await session.query('update job set retry_of = $2 where id = $1', [job.id, of.id]);
    return true;
  }

  /** After the commit: a worker takes it on now. */
  wake(): void {
    this.worker.wake();
  }
}
