import { uuid7Hex } from '../../src/common/ids.js';
import type { Sql, SqlSession } from '../../src/database/sql.js';
import type { JobKind, JobOffer, JobOutput, JobRequest } from '../../src/jobs/job.js';
import { JobLeaseStore } from '../../src/jobs/job-lease-store.js';
import { JobStore, type NewJob } from '../../src/jobs/job-store.js';
import type { Jobs } from '../../src/jobs/jobs.service.js';
import type { TaskRef } from '../../src/providers/canonical/video.js';

const REQUEST: JobRequest = { prompt: 'A cat plays with a ball', count: 1 };
const OWNER = { name: 'test', leaseMs: 60_000 };

/** What a test may choose about a job. */
export interface MadeJob {
  readonly kind?: JobKind;
  readonly channelId?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly webhookUrl?: string;
}

/** Stores a job that nothing was done for yet, and that no worker will touch. It costs nothing. @returns 32 hex digits. */
export async function makeJob(sql: Sql, accountId: string, made: MadeJob = {}): Promise<string> {
  const id = uuid7Hex(Date.now());
  const offer: JobOffer = {
    channelId: made.channelId ?? '1',
    channel: 'main',
    provider: 'sandbox',
    model: 'sandbox-video',
    upstreamModel: 'sandbox-video',
    priceVersionId: '1',
    purchaseVersionId: null,
    durationSeconds: 5,
    resolution: '720p',
    hasAudio: false,
    deadlineMs: 3_600_000,
  };
  const code = await sql.transaction(async (session) => {
    const store = new JobStore(inTransaction(session), inTransaction(session));
    const stored = await store.create(toStored(id, accountId, offer, made));
    // In the same transaction, or a worker would have seen it.
    await session.query('update job set due_at = null where id = $1', [id]);
    return stored;
  });
  if (code !== 1) throw new Error(`The job was not stored: code ${code}`);
  return id;
}

function inTransaction(session: SqlSession): Sql {
  return {
    query: (text, parameters) => session.query(text, parameters),
    transaction: (work) => work(session),
    snapshot: () => Promise.reject(new Error('Nothing here makes reports')),
    longTransaction: () => Promise.reject(new Error('Nothing here takes long')),
  };
}

function toStored(id: string, accountId: string, offer: JobOffer, made: MadeJob): NewJob {
  return {
    id,
    kind: made.kind ?? 'video',
    accountId,
    keyId: '1',
    endpoint: `${made.kind ?? 'video'}/submit`,
    request: REQUEST,
    inputs: [],
    offers: [offer],
    held: 0n,
    multiplierMillionths: 1_000_000n,
    userIdentifier: '',
    metadata: made.metadata,
    webhookUrl: made.webhookUrl,
    queueMs: 3_600_000,
  };
}

/** Has an upstream take a job on: from here on it belongs to a task. */
export async function acceptJob(sql: Sql, id: string, ref: TaskRef, taskId: string): Promise<void> {
  await own(sql, id);
  const store = new JobStore(sql, sql);
  const leases = new JobLeaseStore(sql, sql);
  const job = await read(store, id);
  const [offer] = job.offers;
  if (offer === undefined || (await leases.begin(job, OWNER, 0, offer)) !== 'go')
    throw new Error('It was not submitted');
  if (!(await leases.accept(await read(store, id), ref, taskId, 60_000))) throw new Error('It was not accepted');
}

/** Ends a job as a worker would. */
export async function endJob(
  sql: Sql,
  id: string,
  state: 'succeeded' | 'failed' | 'cancelled' = 'succeeded',
  outputs: readonly JobOutput[] = [],
): Promise<void> {
  await own(sql, id);
  const store = new JobStore(sql, sql);
  const failure = state === 'failed' ? { code: 'content_policy_violation', message: 'The content was refused.' } : {};
  const end = { state, cost: 0n, events: [], outputs, retentionMs: 86_400_000, ...failure };
  const outcome = await new JobLeaseStore(sql, sql).finish(await read(store, id), OWNER, end);
  if (outcome !== 'now') throw new Error(`The job was not ended: ${outcome}`);
}

/** Jobs as their accounts see them, without an engine that works on them. */
export function jobViews(sql: Sql): Pick<Jobs, 'find'> {
  const store = new JobStore(sql, sql);
  return {
    find: async (accountId, id) => {
      const job = await store.findOf(accountId, id);
      return job && { job, outputs: (await store.outputsOf([job.id])).get(job.id) ?? [] };
    },
  };
}

async function own(sql: Sql, id: string): Promise<void> {
  await sql.query('update job set lease_owner = $2 where id = $1', [id, OWNER.name]);
}

async function read(store: JobStore, id: string) {
  const job = await store.find(id);
  if (job === undefined) throw new Error(`There is no job ${id}`);
  return job;
}
