import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Database } from '../../src/database/database.js';
import type { Sql } from '../../src/database/sql.js';
import type { Job } from '../../src/jobs/job.js';
import { JobLeaseStore } from '../../src/jobs/job-lease-store.js';
import { JobStore } from '../../src/jobs/job-store.js';
import { JobWrites } from '../../src/jobs/job-writes.js';
import { openMemoryDatabase } from '../support/database.js';
import { acceptJob, makeJob } from '../support/jobs.js';
import { insertAccount } from '../support/usage-events.js';

const MINE = { name: 'mine', leaseMs: 60_000 };
const OTHER = { name: 'other', leaseMs: 60_000 };
const END = { state: 'failed', cost: 0n, events: [], retentionMs: 60_000 } as const;
const OUTCOME = { outputs: [{ url: 'https://example.com/1.mp4' }], usage: {} };

let database: Database;
let sql: Sql;
let jobs: JobStore;
let leases: JobLeaseStore;
let tasks = 0;

beforeAll(async () => {
  database = await openMemoryDatabase();
  sql = database.sql;
  jobs = new JobStore(sql, sql);
  leases = new JobLeaseStore(sql, sql);
});
afterAll(() => database.close());
// Jobs of one test are not due in the next.
beforeEach(() => sql.query('update job set due_at = null, lease_owner = null, lease_until = null'));

/** A job that is due. */
async function queued(channelId?: string): Promise<string> {
  const id = await makeJob(sql, await insertAccount(sql), { channelId });
  await sql.query('update job set due_at = now() where id = $1', [id]);
  return id;
}

/** A job that an upstream works on, and that is due. */
async function accepted(channelId?: string): Promise<string> {
  const id = await queued(channelId);
  tasks++;
  await acceptJob(sql, id, { id: `task ${tasks}` }, `task ${tasks}`);
  await sql.query('update job set due_at = now() where id = $1', [id]);
  return id;
}

async function claimOne(owner = MINE): Promise<Job> {
  const [job] = await leases.claim(owner, 1, []);
  if (job === undefined) throw new Error('Nothing was due');
  return job;
}

async function rowOf(id: string): Promise<Record<string, unknown>> {
  const [row] = await sql.query<Record<string, unknown>>('select * from job where id = $1', [id]);
  return row ?? {};
}

describe('a lease', () => {
  it('keeps a job from everybody else until it runs out', async () => {
    const id = await queued();
    expect((await claimOne()).id).toBe(id);
    expect(await leases.claim(OTHER, 10, [])).toEqual([]);
    await sql.query(`update job set lease_until = now() - interval '1 second' where id = $1`, [id]);
    expect((await claimOne(OTHER)).id).toBe(id);
  });

  it('that ran out does not bring its owner what it still has in hand', async () => {
    const [inHand, other] = [await queued(), await queued()];
    expect(await leases.claim(MINE, 10, [])).toHaveLength(2);
    await sql.query(`update job set lease_until = now() - interval '1 second', is_woken = id = $1`, [inHand]);
    expect((await leases.claim(MINE, 10, [], [inHand])).map(({ id }) => id)).toEqual([other]);
    // Nor is that it was woken forgotten.
    expect(await rowOf(inHand)).toMatchObject({ is_woken: true });
  });

  it('is renewed only by its owner', async () => {
    const id = await queued();
    await claimOne();
    await sql.query(`update job set lease_until = now() + interval '1 second' where id = $1`, [id]);
    const before = (await rowOf(id))['lease_until'];
    await leases.renew(OTHER, [id]);
    expect((await rowOf(id))['lease_until']).toEqual(before);
    await leases.renew(MINE, [id]);
    expect((await rowOf(id))['lease_until']).not.toEqual(before);
  });

  it('goes to those that have waited longest, past channels of which enough is in hand', async () => {
    const [late, early, busy] = [await accepted('7'), await accepted('7'), await accepted('8')];
    await sql.query(`update job set due_at = now() - interval '1 minute' where id = any ($1::uuid[])`, [[early, busy]]);
    expect((await leases.claim(MINE, 1, ['8'])).map(({ id }) => id)).toEqual([early]);
    expect((await leases.claim(MINE, 9, ['8', '0'])).map(({ id }) => id)).toEqual([late]);
    expect((await leases.claim(MINE, 9, [])).map(({ id }) => id)).toEqual([busy]);
  });

  it('that is given back when the hub stops counts nothing and is due at once', async () => {
    const id = await accepted();
    const job = await claimOne();
    expect(await leases.handBack(job, MINE)).toBe(true);
    expect(await claimOne(OTHER)).toMatchObject({ id, looks: job.looks, failures: 0, version: job.version });
  });

  it('does not swallow news that came while it was held', async () => {
    const id = await accepted();
    const job = await claimOne();
    expect(await jobs.wake(id)).toBe(true);
    await leases.putOff(job, MINE, 3_600_000);
    expect((await claimOne()).id).toBe(id);
    // The news was for that look; the next pause is a whole one again.
    await leases.putOff(job, MINE, 3_600_000);
    expect(await leases.claim(MINE, 1, [])).toEqual([]);
  });

  it('does not swallow news that a batch of looks crosses', async () => {
    const id = await accepted();
    await claimOne();
    await jobs.wake(id);
    await new JobWrites(sql, MINE).write({ id, state: 'processing', progress: 10, dueMs: 3_600_000 });
    expect((await claimOne()).id).toBe(id);
  });
});

describe('a worker that was taken for dead', () => {
  const attempt = { outcome: 'refused' } as const;

  it.each<[string, (job: Job) => Promise<unknown>]>([
    ['put off', (job) => leases.putOff(job, MINE, 0)],
    ['hand back', (job) => leases.handBack(job, MINE)],
    ['keep a reference', (job) => leases.keepRef(job, MINE, { id: 'another' })],
    ['begin to fetch', (job) => leases.beginFetch(job, MINE, OUTCOME)],
    ['write a look', ({ id }) => new JobWrites(sql, MINE).write({ id, state: 'processing', progress: 50, dueMs: 0 })],
  ])('cannot %s what another one has', async (_name, write) => {
    const id = await accepted();
    const job = await claimOne();
    await sql.query(`update job set lease_owner = 'other' where id = $1`, [id]);
    const before = await rowOf(id);
    expect(await write(job)).toBe(false);
    expect(await rowOf(id)).toEqual(before);
  });

  it.each<[string, (job: Job) => Promise<unknown>]>([
    ['requeue', (job) => leases.requeue(job, MINE, attempt, { refused: [0], dueMs: 0, queueMs: 1000 })],
    ['call unknown', (job) => leases.markUnknown(job, MINE, { outcome: 'unknown' }, 0)],
  ])('cannot %s what another one has, nor rewrite how its attempt went', async (_name, write) => {
    const id = await queued();
    const job = await claimOne();
    await leases.begin(job, MINE, 0, job.offers[0]!);
    await sql.query(`update job set lease_owner = 'other' where id = $1`, [id]);
    const before = await rowOf(id);
    expect(await write({ ...job, state: 'submitting', attempt: 1 })).toBe(false);
    expect(await rowOf(id)).toEqual(before);
    const [{ outcome } = { outcome: '' }] = await sql.query<{ outcome: string }>(
      'select outcome from job_attempt where job_id = $1',
      [id],
    );
    expect(outcome).toBe('sent');
  });

  it('cannot end it', async () => {
    const id = await accepted();
    const job = await claimOne();
    await sql.query(`update job set lease_owner = 'other' where id = $1`, [id]);
    expect(await leases.finish(job, MINE, END)).toBe('lost');
    expect(await leases.finish(job, OTHER, END)).toBe('now');
    expect(await leases.finish(job, OTHER, END)).toBe('before');
  });

  it('is still believed when it has the answer to its submission', async () => {
    const id = await queued();
    const job = await claimOne();
    await leases.begin(job, MINE, 0, job.offers[0]!);
    await sql.query(`update job set lease_owner = 'other', state = 'unknown' where id = $1`, [id]);
    expect(await leases.accept({ ...job, attempt: 1 }, { id: 'kept' }, 'kept', 0)).toBe(true);
    expect(await claimOne(OTHER)).toMatchObject({ id, state: 'accepted', taskRef: { id: 'kept' } });
  });

  it('leaves its task with the job that was given up meanwhile, so that a late success is seen', async () => {
    const id = await queued();
    const job = await claimOne();
    await leases.begin(job, MINE, 0, job.offers[0]!);
    const sent = { ...job, attempt: 1 };
    expect(await leases.finish(sent, MINE, END)).toBe('now');
    expect(await leases.accept(sent, { id: 'late' }, 'late', 0)).toBe(false);
    expect(await leases.keepLate(sent, { id: 'late' }, 'late', 0)).toBe(true);
    expect(await claimOne(OTHER)).toMatchObject({ id, state: 'failed', taskRef: { id: 'late' } });
  });
});

describe('faults of the hub', () => {
  it('add up while a result is being fetched', async () => {
    await accepted();
    const job = await claimOne();
    await leases.beginFetch(job, MINE, OUTCOME);
    await leases.putOff(job, MINE, 0, true);
    const again = await claimOne();
    // The links are asked for anew with every try.
    await leases.beginFetch(again, MINE, OUTCOME);
    await leases.putOff(again, MINE, 0, true);
    expect(await claimOne()).toMatchObject({ state: 'fetching', failures: 2 });
  });
});

describe('a caller who cancels', () => {
  it('ends a job that waits, but not one that a worker has', async () => {
    const id = await queued();
    const job = await claimOne();
    const end = { ...END, state: 'cancelled' } as const;
    expect(await leases.finish(job, null, end)).toBe('lost');
    await leases.handBack(job, MINE);
    expect(await leases.finish(job, null, end)).toBe('now');
    expect(await jobs.requestCancel(id)).toBe(false);
    expect(await jobs.wake(id)).toBe(false);
  });

  it('is heard before the next submission', async () => {
    const id = await queued();
    const job = await claimOne();
    expect(await jobs.requestCancel(id)).toBe(true);
    expect(await leases.begin(job, MINE, 0, job.offers[0]!)).toBe('lost');
  });
});
