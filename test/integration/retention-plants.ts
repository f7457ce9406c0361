import type { SqlSession } from '../../src/database/sql.js';
import type { MonthRefusal } from '../../src/retention/month-refusal.js';
import { reserveAt, settledAt } from '../support/usage-history.js';

const middle = new Date('2025-03-15T12:00:00Z');

/** A reason why a month stays, what it comes from, and how March 2025 is given it. */
type RefusalPlant = readonly [MonthRefusal, string, (session: SqlSession, account: string) => Promise<unknown>];

/** Every refusal that is found by looking, once at least. Run in transactions that are rolled back. */
export const REFUSAL_PLANTS: readonly RefusalPlant[] = [
  ['open_holds', 'a hold is open', (session, account) => reserveAt(session, account, middle, { amount: 1n })],
  [
    'unfinished_jobs',
    'a job is not over',
    (session) =>
      session.query(
        `update job set state = 'processing', cost = null, finished_at = null where hold_month(id::text) = '2025-03-01'`,
      ),
  ],
  [
    'kept_answers',
    'an answer may be replayed',
    async (session, account) =>
      session.query(
        `insert into idempotency (account_id, route, key, request_hash, hold_id, state, status, expires_at)
             values ($1, 'chat', 'kept', '\\x00', $2, 'done', 200, now())`,
        [account, await settledAt(session, account, middle, 1n)],
      ),
  ],
  ['not_rolled_up', 'usage is not summed up', (session, account) => settledAt(session, account, middle, 1n)],
  [
    'not_rolled_up',
    'the watermark is of another server',
    (session) => session.query(`update usage_rollup_state set watermark = '9000000000000000000'`),
  ],
  [
    'not_rolled_up',
    'its sound and searches are not summed up yet',
    (session) => session.query(`update usage_rollup_state set passed_watermark = '0'`),
  ],
  [
    'rows_outside',
    'rows of it are in the default partition',
    async (session, account) => {
      await session.query('drop table usage_event_2025_03');
      await settledAt(session, account, middle, 1n);
    },
  ],
  [
    'sealed_before',
    'it was dropped before',
    (session, account) =>
      session.query(
        `insert into sealed_month (month, account_id, requests, attempts, audio_ms, characters, searches, cost, loss, budgeted, jobs, job_cost, first_at, last_at, dropped_at)
             values ('2025-03-01', $1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, now(), now(), now())`,
        [account],
      ),
  ],
  [
    'totals_differ',
    'usage cost one unit more than was settled',
    (session) =>
      session.query(
        `update usage_event set cost = cost + 1 where (hold_id, attempt) in
               (select hold_id, attempt from usage_event where hold_month(hold_id::text) = '2025-03-01' and cost > 0 limit 1)`,
      ),
  ],
  [
    'totals_differ',
    'two costs are exchanged',
    (session) =>
      session.query(
        `update usage_event e set cost = case cost when 500 then 35 else 500 end
              where hold_month(hold_id::text) = '2025-03-01' and cost in (500, 35)`,
      ),
  ],
  [
    'totals_differ',
    'an entry is gone',
    async (session) => {
      await session.query('alter table entry disable trigger entry_append_only');
      await session.query(
        `delete from entry where id = (select max(id) from entry where kind = 'refund' and hold_month(ref) = '2025-03-01')`,
      );
    },
  ],
  [
    'totals_differ',
    'a loss is not in the ledger',
    (session) =>
      session.query(
        `update usage_event set loss = loss + 1 where hold_month(hold_id::text) = '2025-03-01' and loss > 0`,
      ),
  ],
  [
    'totals_differ',
    'a closed hold has no usage',
    (session) =>
      session.query(
        `delete from usage_event where cost = 0 and outcome = 'done' and hold_month(hold_id::text) = '2025-03-01'`,
      ),
  ],
];
