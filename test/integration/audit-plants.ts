import { randomUUID } from 'node:crypto';
import type { SqlSession } from '../../src/database/sql.js';
import { type Books, makeAccount } from '../support/ledger-calls.js';

/** One way to break the books, and who must be found. */
export interface Plant {
  /** The invariant that it breaks, and no other. */
  readonly breaks: string;
  readonly title: string;
  plant(sql: SqlSession, books: Books): Promise<unknown>;
  /** Accounts that are reported; the books' own when not given. */
  readonly accounts?: (books: Books) => readonly string[];
  readonly rows?: number;
}

const NOBODY = () => [];
const BOTH = ({ account, other }: Books) => [account, other];

const hold = (account: string, id: string, amount: number) => `
  insert into hold (id, account_id, kind, amount, owner, epoch, lease_until, model)
  values (${id}, ${account}, 'sync', ${amount}, 'test', 1, now() + interval '1 min', 'gpt-4')`;

/** Every invariant once at least. Run in transactions that are rolled back, so each starts from sound books. */
export const PLANTS: readonly Plant[] = [
  {
    breaks: 'I1',
    title: 'a credit moved from one account to another without entries',
    plant: (sql, { account, other }) =>
      sql.query(
        `update account set credits_posted = credits_posted + case id when ${account} then -5 else 5 end where id in (${account}, ${other})`,
      ),
    accounts: BOTH,
    rows: 2,
  },
  {
    breaks: 'I2',
    title: 'a debit moved from one account to another without entries',
    plant: (sql, { account, other }) =>
      sql.query(
        `update account set debits_posted = debits_posted + case id when ${account} then 5 else -5 end where id in (${account}, ${other})`,
      ),
    accounts: BOTH,
    rows: 2,
  },
  {
    breaks: 'I3',
    title: 'pending money without a hold',
    plant: (sql, { account }) =>
      sql.query(`update account set debits_pending = debits_pending + 1 where id = ${account}`),
  },
  {
    breaks: 'I3',
    title: 'an open hold that the house is to pay',
    plant: (sql) => sql.query(hold('1', 'uuid7_floor(now())', 5)),
    accounts: () => ['1'],
  },
  {
    breaks: 'I4',
    title: 'a hold of more than the account has, where the constraint is lost',
    plant: async (sql, { other }) => {
      await sql.query('alter table account drop constraint account_check');
      await sql.query(`update account set debits_pending = 10 where id = ${other}`);
      await sql.query(hold(other, 'uuid7_floor(now())', 10));
    },
    accounts: ({ other }) => [other],
  },
  {
    breaks: 'I5',
    title: 'a settlement under the reference of another hold',
    plant: async (sql, { holds }) => {
      await sql.query('alter table entry disable trigger entry_append_only');
      await sql.query(`update entry set ref = $1 where kind = 'settle' and ref = $2`, [randomUUID(), holds.settled]);
    },
    rows: 2,
  },
  {
    breaks: 'I5',
    title: 'a refund by the relay of a hold that is not there',
    plant: async (sql, { account }) => {
      await sql.query(`select ledger_post('refund', $1, 7, $2, 'relay', null)`, [account, randomUUID()]);
    },
  },
  {
    breaks: 'I6',
    title: 'usage of a hold that is open',
    plant: (sql, { account, holds }) => usage(sql, account, holds.open, 1, '0'),
  },
  {
    breaks: 'I6',
    title: 'a hold that was released and has no usage',
    plant: (sql, { holds }) => sql.query('delete from usage_event where hold_id = $1', [holds.released]),
  },
  {
    breaks: 'I6',
    title: 'usage that cost more than was settled',
    plant: (sql, { account, holds }) => usage(sql, account, holds.swept, 2, '3'),
  },
  {
    breaks: 'I6',
    title: 'usage under the name of another account',
    plant: (sql, { other, holds }) =>
      sql.query('update usage_event set account_id = $1 where hold_id = $2', [other, holds.released]),
    accounts: BOTH,
    rows: 2,
  },
  {
    breaks: 'I7',
    title: 'a hold that nobody sweeps',
    plant: (sql, { holds }) =>
      sql.query(`update hold set lease_until = now() - interval '31 s' where id = $1`, [holds.open]),
  },
  {
    breaks: 'I8',
    title: 'an overrun that is not marked',
    plant: (sql, { holds }) => sql.query(`update usage_event set outcome = 'ok' where hold_id = $1`, [holds.overrun]),
    accounts: ({ other }) => [other],
  },
  {
    breaks: 'I9',
    title: 'a code that counts a use too many',
    plant: (sql, { code }) => sql.query('update redemption_code set used = used + 1 where id = $1', [code]),
    accounts: NOBODY,
  },
  {
    breaks: 'I9',
    title: 'a redemption without money',
    plant: async (sql, { code, other }) => {
      await sql.query('update redemption_code set used = used + 1 where id = $1', [code]);
      await sql.query('insert into redemption (code_id, account_id) values ($1, $2)', [code, other]);
    },
    accounts: NOBODY,
  },
  {
    breaks: 'I10',
    title: 'a top-up whose payment is gone',
    plant: (sql, { payment }) => sql.query('delete from payment_event where event_id = $1', [payment]),
  },
  {
    breaks: 'I10',
    title: 'a payment whose entry is a grant',
    plant: (sql, { other }) =>
      sql.query(
        `insert into payment_event (provider, event_id, entry_id)
         select 'test', 'wrong', id from entry where kind = 'grant' and credit_id = $1`,
        [other],
      ),
    accounts: ({ other }) => [other],
  },
  {
    breaks: 'I11',
    title: 'a budget that counts a hold which is gone',
    plant: (sql, { key }) => sql.query('update key_budget set pending = pending + 1 where key_id = $1', [key]),
  },
  {
    breaks: 'I12',
    title: 'a job that failed and whose money is still set aside',
    plant: (sql, { jobs }) =>
      sql.query(`update job set state = 'failed', cost = 0, finished_at = now() where id = $1`, [jobs.queued]),
  },
  {
    breaks: 'I12',
    title: 'a job that goes on although it was paid for',
    plant: (sql, { jobs }) =>
      sql.query(`update job set state = 'processing', cost = null, finished_at = null where id = $1`, [jobs.succeeded]),
  },
  {
    breaks: 'I12',
    title: 'a failed job that was charged',
    plant: (sql, { jobs }) => sql.query(`update job set state = 'failed', cost = 0 where id = $1`, [jobs.succeeded]),
  },
  {
    breaks: 'I12',
    title: 'a failed job that was charged and says so, where the constraint is lost',
    plant: async (sql, { jobs }) => {
      await sql.query('alter table job drop constraint job_check2');
      await sql.query(`update job set state = 'failed' where id = $1`, [jobs.succeeded]);
    },
  },
  {
    breaks: 'I12',
    title: 'a job that cost other than was settled',
    plant: (sql, { jobs }) => sql.query('update job set cost = cost - 1 where id = $1', [jobs.succeeded]),
  },
  {
    breaks: 'I12',
    title: 'a job whose hold is another amount',
    plant: (sql, { jobs }) => sql.query('update job set held = held + 1 where id = $1', [jobs.queued]),
  },
  {
    breaks: 'I12',
    title: 'a hold whose job is gone',
    plant: (sql, { jobs }) => sql.query('delete from job where id = $1', [jobs.queued]),
  },
  {
    breaks: 'I12',
    title: 'a job without a hold',
    plant: (sql, { jobs }) => sql.query('update job set id = gen_random_uuid() where id = $1', [jobs.cancelled]),
    rows: 2,
  },
  {
    breaks: 'I12',
    title: 'a job of another account than its hold',
    plant: (sql, { other, jobs }) => sql.query('update job set account_id = $1 where id = $2', [other, jobs.failed]),
    accounts: ({ other }) => [other],
  },
  {
    breaks: 'I13',
    title: 'two keys that claim the same hold',
    plant: (sql, { account, holds }) => claim(sql, account, holds.open, 'running'),
  },
  {
    breaks: 'I13',
    title: 'a claim of the hold of another account',
    plant: (sql, { other, holds }) => claim(sql, other, holds.swept, 'running'),
    accounts: ({ other }) => [other],
  },
  {
    breaks: 'I14',
    title: 'an hour with a cost too much',
    plant: (sql, { other }) => sql.query('update usage_hour set cost = cost + 1 where account_id = $1', [other]),
    accounts: ({ other }) => [other],
    // Against the events, against the days of the account, and against the statistics of all accounts.
    rows: 3,
  },
  {
    breaks: 'I14',
    title: 'an hour with a millisecond of sound too much',
    plant: (sql, { other }) =>
      sql.query('update usage_hour set audio_ms = audio_ms + 1 where account_id = $1', [other]),
    accounts: ({ other }) => [other],
    rows: 3,
  },
  {
    breaks: 'I14',
    title: 'a day of an account with a search that nobody made',
    plant: (sql, { other }) => sql.query('update usage_day set searches = searches + 1 where account_id = $1', [other]),
    accounts: ({ other }) => [other],
  },
  {
    breaks: 'I14',
    title: 'usage below the watermark that no hour has',
    plant: (sql, { other }) => sql.query('delete from usage_hour where account_id = $1', [other]),
    accounts: ({ other }) => [other],
    rows: 3,
  },
  {
    breaks: 'I14',
    title: 'a day of an end user with a request too few',
    plant: (sql, { other }) =>
      sql.query('update usage_user_day set requests = requests - 1 where account_id = $1', [other]),
    accounts: ({ other }) => [other],
  },
  {
    breaks: 'I14',
    title: 'a day of an account that is lost',
    plant: (sql, { other }) => sql.query('delete from usage_day where account_id = $1', [other]),
    accounts: ({ other }) => [other],
  },
  {
    breaks: 'I14',
    title: 'an hour of a model with a loss that nobody had',
    plant: (sql) => sql.query(`update usage_slice set loss = loss + 1 where dimension = 'model' and span = 'hour'`),
    accounts: NOBODY,
  },
  {
    breaks: 'I15',
    title: 'money that went neither to the house nor to a customer',
    plant: async (sql, { account }) => {
      await sql.query('update account set debits_posted = debits_posted + 5 where id = $1', [account]);
      await entry(sql, account, '2');
    },
    accounts: NOBODY,
  },
  {
    breaks: 'I16',
    title: 'more used than was settled',
    plant: (sql, { account }) => sql.query('update account set used_posted = used_posted + 1 where id = $1', [account]),
  },
  {
    breaks: 'I17',
    title: 'an entry to an account that does not exist',
    plant: (sql) => entry(sql, '2', '999999999'),
    accounts: NOBODY,
  },
  {
    breaks: 'I18',
    title: 'a budget that counted too much',
    plant: (sql, { key }) => sql.query('update key_budget set posted = posted + 1 where key_id = $1', [key]),
  },
  {
    breaks: 'I18',
    title: 'an old budget that missed some',
    plant: (sql, { key }) =>
      sql.query(
        `update key_budget set posted = posted - 1, period_start = '-infinity', created_at = now() - interval '1 h' where key_id = $1`,
        [key],
      ),
  },
  {
    breaks: 'I19',
    title: 'an answer kept for a hold that is open',
    plant: (sql, { holds }) =>
      sql.query(`update idempotency set state = 'done', status = 200 where hold_id = $1`, [holds.open]),
  },
  {
    breaks: 'I19',
    title: 'an answer kept for a hold that never was',
    plant: (sql, { account }) => claim(sql, account, randomUUID(), 'done'),
  },
  {
    breaks: 'I20',
    title: 'a hold of a month without a partition',
    plant: async (sql) => {
      const account = await makeAccount(sql);
      await sql.query(hold(account, `uuid7_floor('2099-05-01')`, 0));
    },
    accounts: NOBODY,
  },
  {
    breaks: 'I21',
    title: 'sums by the hour of a month that was never sealed',
    plant: (sql, { account }) =>
      sql.query(
        `insert into sealed_hour (month, hour, account_id, model, endpoint, outcome, requests)
         values ('2025-01-01', '2025-01-05', $1, 'm', 'chat', 'done', 1)`,
        [account],
      ),
  },
];

function usage(sql: SqlSession, account: string, holdId: string, attempt: number, cost: string) {
  return sql.query(
    `insert into usage_event (hold_id, attempt, is_final, account_id, model, endpoint, outcome, cost)
     values ($1, $2::integer, false, $3, 'gpt-4', 'chat', 'ok', $4)`,
    [holdId, attempt, account, cost],
  );
}

function claim(sql: SqlSession, account: string, holdId: string, state: string) {
  return sql.query(
    `insert into idempotency (account_id, route, key, request_hash, hold_id, state, status, expires_at)
     values ($1, 'chat', $2, '\\x00', $3, $4::text, case when $4::text = 'done' then 200 end, now() + interval '1 day')`,
    [account, randomUUID(), holdId, state],
  );
}

function entry(sql: SqlSession, debit: string, credit: string) {
  return sql.query(
    `insert into entry (kind, debit_id, credit_id, amount, ref, actor) values ('adjust', $1, $2, 5, $3, 'test')`,
    [debit, credit, randomUUID()],
  );
}
