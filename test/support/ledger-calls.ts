import { randomUUID } from 'node:crypto';
import { uuid7Hex } from '../../src/common/ids.js';
import type { SqlSession } from '../../src/database/sql.js';
import { addToHours, addToStatistics } from '../../src/usage/add-to-sums.js';
import { STATISTICS_TABLES } from '../../src/usage/usage-sums.js';
import { createJob, finishJob } from './job-calls.js';

/** Longer than a suite: an audit finds holds that nobody has swept half a minute after their lease. */
const LEASE_MS = 600_000;

/** What a hold is made with, besides its account. */
export interface HoldOptions {
  readonly amount: bigint;
  readonly key?: string;
  /** Idempotency-Key. */
  readonly claim?: string;
  readonly leaseMs?: number;
}

/** A new, empty customer account. */
export async function makeAccount(sql: SqlSession, name = 'books'): Promise<string> {
  const [row] = await sql.query<{ id: string }>('insert into account (name) values ($1) returning id', [name]);
  return row!.id;
}

/** An API key that nobody knows, with a budget that never ends when there is a limit. */
export async function makeKey(sql: SqlSession, account: string, limit?: bigint): Promise<string> {
  const [row] = await sql.query<{ id: string }>(
    `insert into api_key (account_id, name, key_hash, last4) values ($1, 'books', sha256($2::bytea), '0000') returning id`,
    [account, Buffer.from(randomUUID())],
  );
  if (limit !== undefined) {
    await sql.query(`insert into key_budget (key_id, period, limit_amount) values ($1, 'total', $2)`, [row!.id, limit]);
  }
  return row!.id;
}

/** Posts through the ledger and returns the entry. */
export async function post(sql: SqlSession, kind: string, account: string, amount: bigint, ref: string = randomUUID()) {
  const [row] = await sql.query<{ code: number; entry_id: string }>(
    `select code, entry_id from ledger_post($1, $2, $3, $4, 'test', null)`,
    [kind, account, amount, ref],
  );
  expect(row?.code).toBe(1);
  return row!.entry_id;
}

/** Reserves through the ledger and returns the hold. */
export async function reserve(sql: SqlSession, account: string, options: HoldOptions): Promise<string> {
  const hex = uuid7Hex(Date.now());
  const id = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  const claims = [{ ord: 1, route: 'chat', key: options.claim, hash: '00', ttl_s: 3600 }];
  const [row] = await sql.query<{ codes: number[] }>(
    `select codes from ledger_reserve(array[$1::uuid], array[$2::bigint], array[$3::bigint], array[$4::bigint], array[$4::bigint],
       array[null::bigint], array['sync'], array['gpt-4'], array[''], 'test', 1, $5::integer, false, $6::jsonb)`,
    [
      id,
      account,
      options.key ?? null,
      options.amount,
      options.leaseMs ?? LEASE_MS,
      options.claim === undefined ? null : JSON.stringify(claims),
    ],
  );
  expect(row?.codes).toEqual([1]);
  return id;
}

/** Settles through the ledger at a cost; above the hold, or after its sweep, by the slow way. */
export async function settle(sql: SqlSession, account: string, hold: string, cost: bigint, key?: string) {
  const events = JSON.stringify([
    {
      hold_id: hold,
      attempt: 1,
      is_final: true,
      account_id: account,
      key_id: key ?? null,
      model: 'gpt-4',
      endpoint: 'chat',
      outcome: 'ok',
      cost: cost.toString(),
    },
  ]);
  const answers = JSON.stringify([{ hold_id: hold, status: 200, headers: {}, body: '00' }]);
  const [row] = await sql.query<{ codes: number[] }>(
    `select ledger_settle(array[$1::uuid], array[$2::bigint], array[$3::bigint], $4::jsonb, $5::jsonb, '{}') as codes`,
    [hold, account, cost, events, answers],
  );
  if (row?.codes[0] === 1) return;
  expect(row?.codes).toEqual([3]);
  const [slow] = await sql.query<{ code: number }>(
    `select code from ledger_settle_slow($1, $2, $3, $4::jsonb, $5::jsonb, '{}', null)`,
    [hold, account, cost, events, answers],
  );
  expect(slow?.code).toBe(1);
}

/** Reserves a hold whose owner died when it had metered some of it, and has it swept. */
export async function sweptHold(
  sql: SqlSession,
  account: string,
  options: HoldOptions,
  metered: bigint,
): Promise<string> {
  const hold = await reserve(sql, account, { ...options, leaseMs: 1 });
  await sql.query(`select ledger_heartbeat('test', 1, array[$1::uuid], array[$2::bigint], 1)`, [hold, metered]);
  const swept = await sql.query<{ id: string }>(`select id from ledger_sweep(100, clock_timestamp() + interval '1 s')`);
  expect(swept.map(({ id }) => id)).toContain(hold);
  return hold;
}

/** Sums the usage up anew, up to now. */
export async function rollUp(sql: SqlSession): Promise<void> {
  for (const table of ['usage_hour', ...STATISTICS_TABLES]) await sql.query(`delete from ${table}`);
  const [state] = await sql.query<{ until: string }>(
    `update usage_rollup_state set watermark = pg_snapshot_xmin(pg_current_snapshot()),
            statistics_watermark = pg_snapshot_xmin(pg_current_snapshot()),
            passed_watermark = pg_snapshot_xmin(pg_current_snapshot()) returning watermark::text as until`,
  );
  const until = BigInt(state?.until ?? 0);
  await addToHours(sql, 0n, until);
  await addToStatistics(sql, 0n, until);
}

/** Books in which everything has happened that can: what the audit must find in order. */
export interface Books {
  readonly account: string;
  readonly other: string;
  readonly key: string;
  readonly code: string;
  readonly payment: string;
  readonly holds: Readonly<Record<'settled' | 'released' | 'overrun' | 'late' | 'refunded' | 'swept' | 'open', string>>;
  /** Of the account; each is its hold's id too. */
  readonly jobs: Readonly<Record<'queued' | 'succeeded' | 'failed' | 'cancelled', string>>;
}

/** Makes them through the functions of the ledger. */
export async function makeBooks(sql: SqlSession): Promise<Books> {
  const account = await makeAccount(sql);
  const other = await makeAccount(sql);
  const key = await makeKey(sql, account, 1_000_000n);
  const payment = randomUUID();
  const topup = await post(sql, 'topup', account, 10_000n);
  await sql.query(`insert into payment_event (provider, event_id, entry_id) values ('test', $1, $2)`, [payment, topup]);
  await post(sql, 'grant', other, 100n);
  const code = await redeem(sql, account);
  const holds = {
    settled: await reserve(sql, account, { amount: 500n, key, claim: randomUUID() }),
    released: await reserve(sql, account, { amount: 500n, key, claim: randomUUID() }),
    overrun: await reserve(sql, other, { amount: 60n }),
    late: await sweptHold(sql, account, { amount: 500n, key }, 200n),
    refunded: await sweptHold(sql, account, { amount: 500n, key }, 200n),
    swept: await sweptHold(sql, account, { amount: 500n }, 0n),
    open: await reserve(sql, account, { amount: 700n, key, claim: randomUUID() }),
  };
  await settle(sql, account, holds.settled, 400n, key);
  await settle(sql, account, holds.released, 0n, key);
  // 100 of 130 can be paid; 30 are a loss.
  await settle(sql, other, holds.overrun, 130n);
  await settle(sql, account, holds.late, 700n, key);
  await settle(sql, account, holds.refunded, 150n, key);
  await post(sql, 'refund', account, 30n);
  await post(sql, 'adjust', account, -50n);
  const jobs = await makeJobs(sql, account, key);
  await rollUp(sql);
  return { account, other, key, code, payment, holds, jobs };
}

async function makeJobs(sql: SqlSession, account: string, key: string): Promise<Books['jobs']> {
  const [queued, succeeded, failed, cancelled] = [
    // The lease of its hold has ended long ago, and the answer to its submission is kept although it is not over.
    await createJob(sql, account, { held: 90n, leaseMs: -3_600_000, claim: randomUUID() }),
    await createJob(sql, account, { held: 90n, key }),
    await createJob(sql, account, { held: 90n, key }),
    await createJob(sql, account, { held: 90n }),
  ];
  await finishJob(sql, account, succeeded, { state: 'succeeded', cost: 80n, key });
  await finishJob(sql, account, failed, { state: 'failed', cost: 0n, key });
  await finishJob(sql, account, cancelled, { state: 'cancelled', cost: 0n });
  return { queued, succeeded, failed, cancelled };
}

async function redeem(sql: SqlSession, account: string): Promise<string> {
  const [batch] = await sql.query<{ id: string }>(
    `insert into redemption_batch (name, actor) values ('test', 'test') returning id`,
  );
  const [code] = await sql.query<{ id: string }>(
    `insert into redemption_code (batch_id, code_hmac, last4, amount, max_uses, used)
     values ($1, sha256($2::bytea), '0000', 200, 5, 1) returning id`,
    [batch!.id, Buffer.from(randomUUID())],
  );
  await sql.query('insert into redemption (code_id, account_id) values ($1, $2)', [code!.id, account]);
  await post(sql, 'redeem', account, 200n, `${code!.id}:${account}`);
  return code!.id;
}
