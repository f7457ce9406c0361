import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Database } from '../../src/database/database.js';
import type { Sql } from '../../src/database/sql.js';
import type { LateTask, NewLateTask } from '../../src/jobs/late/late-task.js';
import { type LateLoss, LateTaskStore } from '../../src/jobs/late/late-task-store.js';
import { lateTroubleAlert, lostPicturesAlert } from '../../src/jobs/late/late-trouble.js';
import { knownTasks } from '../../src/jobs/task-look-up.js';
import { grant } from '../support/books.js';
import { openMemoryDatabase } from '../support/database.js';
import { makeAccount, reserve, settle, sweptHold } from '../support/ledger-calls.js';
import { findUnsound } from '../support/sound-books.js';

const MINE = { name: 'mine', leaseMs: 60_000 };
const OTHER = { name: 'other', leaseMs: 60_000 };
const PURCHASE = 300n;

let database: Database;
let sql: Sql;
let store: LateTaskStore;
let account: string;

beforeAll(async () => {
  database = await openMemoryDatabase();
  sql = database.sql;
  store = new LateTaskStore(sql, sql);
  account = await makeAccount(sql);
  await grant(sql, account, 1_000_000n);
});
afterAll(() => database.close());
beforeEach(() => sql.query('delete from late_task'));

/** A task that was submitted, and its request, whose hold is open. */
async function begun(ref?: { readonly id: string }): Promise<NewLateTask> {
  return await noted((await reserve(sql, account, { amount: 100n })).replaceAll('-', ''), ref);
}

async function noted(holdId: string, ref?: { readonly id: string }): Promise<NewLateTask> {
  const task: NewLateTask = {
    holdId,
    attempt: 1,
    channelId: '7',
    channel: 'seven',
    credentialIndex: 1,
    model: 'picture',
    upstreamModel: 'p-1',
    purchaseVersionId: null,
    imageSize: '1024x1024',
    imageQuality: null,
  };
  await store.begin(task);
  if (ref !== undefined) await store.accept(task, ref, ref.id);
  return task;
}

/** The same, and its request has ended without pictures. */
async function late(ref?: { readonly id: string }): Promise<NewLateTask> {
  const task = await begun(ref);
  await settle(sql, account, task.holdId, 0n);
  return task;
}

async function claimOne(owner = MINE): Promise<LateTask> {
  const [task] = await store.claim(owner, 1, []);
  if (task === undefined) throw new Error('Nothing was due');
  return task;
}

async function purchaseOnBill({ holdId }: NewLateTask, cost: bigint): Promise<void> {
  await sql.query('update usage_event set purchase_cost = $2 where hold_id = $1', [holdId, cost]);
}

const lossOf = (task: NewLateTask): LateLoss => ({
  purchaseCost: PURCHASE,
  reason: 'A test',
  toAlert: (loss) => lostPicturesAlert(task, loss),
});

async function lossesOf({ holdId }: NewLateTask): Promise<bigint[]> {
  const rows = await sql.query<{ amount: string }>(`select amount from entry where kind = 'loss' and ref = $1`, [
    `${holdId}:late`,
  ]);
  return rows.map(({ amount }) => BigInt(amount));
}

describe('a task of pictures', () => {
  it('is its request’s as long as that holds money', async () => {
    await begun({ id: 't1' });
    expect(await store.claim(MINE, 9, [])).toEqual([]);
  });

  it('is found with all that is needed when its request is over', async () => {
    const task = await late({ id: 't2' });
    expect(await claimOne()).toMatchObject({ ...task, taskRef: { id: 't2' }, looks: 0, failures: 0 });
  });

  it('is found when its process died before it had an answer, once the hold is swept', async () => {
    const task = await noted((await sweptHold(sql, account, { amount: 50n }, 0n)).replaceAll('-', ''));
    expect(await claimOne()).toMatchObject({ holdId: task.holdId, taskRef: null });
  });

  it('is one instance’s at a time, until its lease runs out', async () => {
    const task = await late();
    await claimOne();
    expect(await store.claim(OTHER, 9, [])).toEqual([]);
    await store.putOff(task, OTHER, 0);
    await store.end(task, OTHER, { loss: lossOf(task) });
    expect(await lossesOf(task)).toEqual([]);
    await sql.query(`update late_task set lease_until = now() - interval '1 second'`);
    expect((await claimOne(OTHER)).holdId).toBe(task.holdId);
  });

  it('does not come to its owner anew while that still has it in hand, although its lease ran out', async () => {
    const [inHand, other] = [await late(), await late()];
    expect(await store.claim(MINE, 9, [])).toHaveLength(2);
    await sql.query(`update late_task set lease_until = now() - interval '1 second'`);
    expect(await store.claim(MINE, 9, [], [inHand])).toMatchObject([{ holdId: other.holdId }]);
    expect(await store.claim(OTHER, 9, [])).toMatchObject([{ holdId: inHand.holdId }]);
  });

  it('keeps its lease by being renewed, by its owner alone', async () => {
    const task = await late();
    await claimOne();
    await sql.query(`update late_task set lease_until = now() - interval '1 second'`);
    await store.renew(OTHER, [task]);
    expect(await claimOne(OTHER)).toMatchObject({ holdId: task.holdId });
    await sql.query(`update late_task set lease_until = now() - interval '1 second'`);
    await store.renew(OTHER, [task]);
    expect(await store.claim(MINE, 9, [])).toEqual([]);
  });

  it('that is put off is due later, and one that is handed back at once, as it was', async () => {
    const task = await late();
    await claimOne();
    await store.putOff(task, MINE, 3_600_000);
    expect(await store.claim(MINE, 9, [])).toEqual([]);
    await sql.query('update late_task set due_at = now()');
    expect(await claimOne()).toMatchObject({ looks: 1 });
    await store.handBack(task, MINE);
    expect(await claimOne(OTHER)).toMatchObject({ looks: 1, failures: 0 });
  });

  it('stays where it is while enough of its channel is in hand', async () => {
    await late();
    expect(await store.claim(MINE, 9, ['7'])).toEqual([]);
  });

  it('is known to look-ups as one of ours', async () => {
    await begun({ id: 't3' });
    expect(await knownTasks(sql, '7', ['t3', 't4'])).toEqual(new Set(['t3']));
  });
});

describe('the cost of a task', () => {
  it('is a loss once, whoever ends it', async () => {
    const task = await late({ id: 't5' });
    await claimOne();
    await store.end(task, MINE, { loss: lossOf(task) });
    await store.end(task, MINE, { loss: lossOf(task) });
    expect(await lossesOf(task)).toEqual([PURCHASE]);
    expect(await sql.query('select 1 from late_task')).toEqual([]);
    expect(await findUnsound(sql)).toEqual([]);
  });

  it('is a loss without what the bill of its request has of it', async () => {
    const task = await late({ id: 't6' });
    await purchaseOnBill(task, 120n);
    await claimOne();
    await store.end(task, MINE, { loss: lossOf(task) });
    expect(await lossesOf(task)).toEqual([180n]);
  });

  it('is no loss where the bill of its request has all of it', async () => {
    const task = await late({ id: 't7' });
    await purchaseOnBill(task, PURCHASE);
    await claimOne();
    await store.end(task, MINE, { loss: lossOf(task) });
    expect(await lossesOf(task)).toEqual([]);
  });

  it('is forgotten where its pictures were handed out', async () => {
    const task = await late({ id: 't8' });
    await sql.query(`update usage_event set outcome = 'done' where hold_id = $1`, [task.holdId]);
    await store.forgetDone();
    expect(await sql.query('select 1 from late_task')).toEqual([]);
  });

  it('keeps a task that ended otherwise', async () => {
    await late({ id: 't9' });
    await store.forgetDone();
    expect(await sql.query('select 1 from late_task')).toHaveLength(1);
  });

  it('raises what cannot be known as an alert with its end', async () => {
    const task = await late();
    const claimed = await claimOne();
    await store.end(task, MINE, { alert: lateTroubleAlert(claimed, 'submission_uncertain', Date.now()) });
    const [alert] = await sql.query<{ kind: string; subject: string; message: string }>(
      `select kind, subject, message from alert where dedupe_key like 'late_trouble:%'`,
    );
    expect(alert).toMatchObject({ kind: 'job_trouble', subject: 'channel:7' });
    expect(alert?.message).toContain(`Pictures of req_${task.holdId} on channel "seven" may have been made`);
  });
});

describe('a request that hands its pictures out', () => {
  it('keeps its task from being taken for lost meanwhile', async () => {
    const task = await begun({ id: 't10' });
    expect(await store.handOver(task)).toBe(true);
    await settle(sql, account, task.holdId, 0n);
    expect(await store.claim(MINE, 9, [])).toEqual([]);
  });

  it('may not, once it was taken for dead and its task is followed', async () => {
    const task = await late({ id: 't11' });
    await claimOne();
    expect(await store.handOver(task)).toBe(false);
    await store.end(task, MINE, { loss: lossOf(task) });
    expect(await store.handOver(task)).toBe(false);
  });

  it('has a task that was given up followed again when its reference comes after all', async () => {
    const task = await late();
    await claimOne();
    await store.end(task, MINE, {});
    await store.accept(task, { id: 't12' }, 't12');
    expect(await claimOne()).toMatchObject({ holdId: task.holdId, taskRef: { id: 't12' } });
  });
});
