import { bookLateSuccess } from '../../src/billing/book-late-success.js';
import type { Sql, SqlSession } from '../../src/database/sql.js';
import { lostPicturesAlert } from '../../src/jobs/late/late-trouble.js';
import { rollUpUsage } from '../../src/usage/roll-up-usage.js';
import { makeAccount, makeKey, post } from './ledger-calls.js';
import { uuid7At } from './sample-books.js';

/** Accounts with usage of every kind of end in each month. */
export interface UsageHistory {
  readonly account: string;
  readonly key: string;
  readonly other: string;
}

/** The moment up to which histories are made. */
export const HISTORY_END = new Date('2026-11-26T12:00:00Z');
/** First days of its months: November 2024 to November 2026. */
export const HISTORY_MONTHS: readonly string[] = Array.from({ length: 25 }, (_, i) =>
  new Date(Date.UTC(2024, 10 + i, 1)).toISOString().slice(0, 10),
);

/** Two years of usage, rolled up, with a budget that has seen all of it. */
export async function writeHistory(sql: Sql): Promise<UsageHistory> {
  for (const month of HISTORY_MONTHS) await sql.query('select ensure_partitions(0, $1::date)', [month]);
  const account = await makeAccount(sql);
  const other = await makeAccount(sql);
  await post(sql, 'grant', account, 1_000_000_000n);
  const key = await makeKey(sql, account, 1_000_000_000_000n);
  await sql.query(`update key_budget set period_start = '2024-01-01', created_at = '2024-01-01' where key_id = $1`, [
    key,
  ]);
  const history = { account, key, other };
  for (const [i, month] of HISTORY_MONTHS.entries()) await writeMonth(sql, history, month, BigInt(i + 1));
  await rollUpAll(sql);
  return history;
}

/** Sums up everything. */
export async function rollUpAll(sql: Sql): Promise<void> {
  for (;;) {
    if ((await rollUpUsage(sql)) === 'done') return;
  }
}

/** Every end of a hold: settled, free, late, paid back, swept, above what there was; at the edges of the month as well. */
async function writeMonth(sql: Sql, { account, key, other }: UsageHistory, month: string, size: bigint): Promise<void> {
  const first = new Date(`${month}T00:00:00Z`);
  const last = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 1) - 1);
  const middle = new Date(first.getTime() + 9 * 86_400_000);
  await settledAt(sql, account, first, 100n * size, { key });
  await losePictures(sql, await settledAt(sql, account, middle, 0n, { key }), size);
  // It ended in the month after it had begun in.
  await settledAt(sql, account, last, 7n * size, { key, endsAt: new Date(last.getTime() + 60_000) });
  await sweptAt(sql, account, middle, 30n);
  await settleAfterwards(sql, account, await sweptAt(sql, account, middle, 30n), 50n, middle);
  await settleAfterwards(sql, account, await sweptAt(sql, account, middle, 30n), 20n, middle);
  await post(sql, 'grant', other, 1_000n);
  // More than it had: the rest is a loss.
  await settleAfterwards(sql, other, await reserveAt(sql, other, middle, { amount: 900n }), 1_500n, middle);
  await finishedJobAt(sql, account, middle, 40n * size);
  await finishedJobAt(sql, account, middle, 0n);
}

/** Books pictures that were made and reached nobody, as the relay does. */
function losePictures(sql: Sql, holdId: string, purchaseCost: bigint): Promise<void> {
  const id = holdId.replaceAll('-', '');
  const alert = lostPicturesAlert({ holdId: id, channelId: '1', channel: 'one' }, purchaseCost);
  return sql.transaction((session) =>
    bookLateSuccess(session, { id, purchaseCost, actor: 'relay', reason: 'A test', alert }),
  );
}

/** A request of a moment, settled at a cost. @returns its hold. */
export async function settledAt(
  sql: SqlSession,
  account: string,
  at: Date,
  cost: bigint,
  { key = null, endsAt = at }: { readonly key?: string | null; readonly endsAt?: Date } = {},
): Promise<string> {
  const id = await reserveAt(sql, account, at, { amount: cost, key });
  const [row] = await sql.query<{ codes: number[] }>(
    `select ledger_settle(array[$1::uuid], array[$2::bigint], array[$3::bigint], $4::jsonb, null, '{}', $5::timestamptz) as codes`,
    [id, account, cost, eventOf(id, account, key, cost), endsAt],
  );
  if (row?.codes[0] !== 1) throw new Error(`Not settled: ${row?.codes}`);
  return id;
}

/** Reserves at a moment of the past. @returns the hold. */
export async function reserveAt(
  sql: SqlSession,
  account: string,
  at: Date,
  {
    amount,
    key = null,
    leaseMs = 60_000,
  }: { readonly amount: bigint; readonly key?: string | null; readonly leaseMs?: number },
): Promise<string> {
  const id = uuid7At(at);
  const [row] = await sql.query<{ codes: number[] }>(
    `select codes from ledger_reserve(array[$1::uuid], array[$2::bigint], array[$3::bigint], array[$4::bigint], array[$4::bigint],
       array[null::bigint], array['sync'], array['gpt-4'], array[''], 'test', 1, $5::integer, false, null, $6::timestamptz)`,
    [id, account, key, amount, leaseMs, at],
  );
  if (row?.codes[0] !== 1) throw new Error(`Not reserved: ${row?.codes}`);
  return id;
}

async function sweptAt(sql: SqlSession, account: string, at: Date, metered: bigint): Promise<string> {
  const id = await reserveAt(sql, account, at, { amount: 500n, leaseMs: 1 });
  await sql.query('update hold set metered = $2 where id = $1', [id, metered]);
  await sql.query(`select ledger_sweep(100, $1::timestamptz)`, [new Date(at.getTime() + 1_000)]);
  return id;
}

async function settleAfterwards(sql: SqlSession, account: string, id: string, cost: bigint, at: Date): Promise<void> {
  const [row] = await sql.query<{ code: number }>(
    `select code from ledger_settle_slow($1, $2, $3, $4::jsonb, null, '{}', null, $5::timestamptz)`,
    [id, account, cost, eventOf(id, account, null, cost), at],
  );
  if (row?.code !== 1) throw new Error(`Not settled: ${row?.code}`);
}

/** A job of a moment that is over, with everything that belongs to one. @returns its id. */
export async function finishedJobAt(sql: Sql, account: string, at: Date, cost: bigint): Promise<string> {
  const id = uuid7At(at);
  const row = {
    ...{
      id,
      kind: 'video',
      account_id: account,
      endpoint: 'video/submit',
      model: 'm',
      provider: 'p',
      request: {},
      offers: [],
    },
    ...{ held: cost.toString(), multiplier_millionths: '1000000', user_identifier: '', deadline_ms: 60_000 },
    webhook_url: 'https://customer.example/',
  };
  await sql.transaction(async (session) => {
    await session.query(`select code from job_create($1::jsonb, '[]', null, 'jobs', 0, 1000, null, null)`, [
      JSON.stringify(row),
    ]);
    await session.query(
      `select job_finish($1, null, 'succeeded', $2, $3::jsonb, null, null, null, $4::jsonb, 60000, null)`,
      [
        id,
        cost,
        eventOf(id, account, null, cost),
        JSON.stringify([{ place: 0, storage_key: `${id}/0.mp4`, content_type: 'video/mp4', bytes: 1 }]),
      ],
    );
    await session.query(
      `update job set finished_at = $2, results_expire_at = $2, results_deleted_at = $2 where id = $1`,
      [id, at],
    );
    await session.query('update hold set closed_at = $2 where id = $1', [id, at]);
    await session.query('update usage_event set created_at = $2 where hold_id = $1', [id, at]);
    await session.query('update webhook_delivery set next_attempt_at = null, delivered_at = $2 where job_id = $1', [
      id,
      at,
    ]);
  });
  return id;
}

function eventOf(hold: string, account: string, key: string | null, cost: bigint): string {
  return JSON.stringify([
    {
      ...{
        hold_id: hold,
        attempt: 1,
        is_final: true,
        account_id: account,
        key_id: key,
        model: 'gpt-4',
        endpoint: 'chat',
      },
      ...{
        outcome: 'done',
        input_tokens: 10,
        output_tokens: 20,
        audio_ms: 1_500,
        characters: 3,
        searches: 1,
        cost: cost.toString(),
      },
    },
  ]);
}
