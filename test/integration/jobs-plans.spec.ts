import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Database } from '../../src/database/database.js';
import type { Sql } from '../../src/database/sql.js';
import { JobLeaseStore } from '../../src/jobs/job-lease-store.js';
import { JobStore } from '../../src/jobs/job-store.js';
import { JobWrites } from '../../src/jobs/job-writes.js';
import { knownTasks } from '../../src/jobs/task-look-up.js';
import { describeWithPostgres, type PostgresServer, startPostgres } from '../support/postgres.js';

const OVER = 100_000;
const OPEN = 5_000;
const STEP = 5_000;
const OWNER = { name: 'mine', leaseMs: 60_000 };

describeWithPostgres('with 5,000 open jobs among 100,000 that are over', () => {
  let server: PostgresServer;
  let database: Database;
  let ids: string[];

  beforeAll(async () => {
    // What it would find out about the table while the suite runs, `analyze` has found out before.
    server = await startPostgres({ settings: { autovacuum: 'off' } });
    database = await Database.open({ url: server.url, dataDir: '', poolMax: 4, ledgerPoolMax: 2 });
    const { sql } = database;
    // In steps: a serving statement may take two and a half seconds, and the machine may be slow.
    for (let first = 1; first <= OVER + OPEN; first += STEP) {
      await sql.query(
        `insert into job (id, kind, state, account_id, endpoint, model, provider, request, offers, held, multiplier_millionths, cost,
              finished_at, deadline_at, due_at, channel_id, task_id, lease_owner)
       select gen_random_uuid(), 'video', case when n > $1 then 'processing' else 'succeeded' end, n % 50, 'video/submit', 'm', 'p',
              '{}', '[]', 0, 1000000, case when n > $1 then null else 0 end, case when n > $1 then null else now() end, now(),
              case when n > $1 then now() - make_interval(secs => n % 10) end, 1 + n % 4, n::text, 'mine'
         from generate_series($2::integer, $3::integer) n`,
        [OVER, first, first + STEP - 1],
      );
    }
    await sql.longTransaction((session) => session.query('analyze job'), { timeoutMs: 60_000 });
    const rows = await sql.query<{ id: string }>(`select id from job where due_at is not null limit 500`);
    ids = rows.map(({ id }) => id);
  }, 120_000);
  afterAll(async () => {
    await database?.close();
    await server?.stop();
  });

  /** The plan of the statement that `work` runs. */
  async function planOf(work: (sql: Sql) => Promise<unknown>): Promise<string> {
    const plans: string[] = [];
    const explaining: Sql = {
      query: async (text, parameters) => {
        const rows = await database.sql.query<{ 'QUERY PLAN': string }>(`explain ${text}`, parameters);
        plans.push(rows.map((row) => row['QUERY PLAN']).join('\n'));
        return [];
      },
      transaction: () => Promise.reject(new Error('Nothing here needs one')),
      snapshot: () => Promise.reject(new Error('Nothing here makes reports')),
      longTransaction: () => Promise.reject(new Error('Nothing here takes long')),
    };
    await work(explaining);
    return plans.join('\n');
  }

  it.each<[string, (sql: Sql) => Promise<unknown>, RegExp]>([
    ['jobs are claimed', (sql) => new JobLeaseStore(sql, sql).claim(OWNER, 250, ['3', '0']), /job_due_idx/],
    ['leases are renewed', (sql) => new JobLeaseStore(sql, sql).renew(OWNER, ids), /job_pkey/],
    [
      'looks are written',
      (sql) => {
        const writes = new JobWrites(sql, OWNER);
        return Promise.all(ids.map((id) => writes.write({ id, state: 'processing', progress: 7, dueMs: 1000 })));
      },
      /job_pkey/,
    ],
    ['changes are looked for', (sql) => new JobStore(sql, sql).versionsOf(ids), /job_pkey/],
    [
      'a page of an account is read',
      (sql) => new JobStore(sql, sql).list('7', { kind: 'video', limit: 20 }),
      /job_account_idx/,
    ],
    [
      'the next page is read',
      (sql) => new JobStore(sql, sql).list('7', { kind: 'video', limit: 20, before: ids[0], states: ['succeeded'] }),
      /job_account_idx|job_pkey/,
    ],
    ['a task is found', (sql) => knownTasks(sql, '1', ['17', '18']), /job_task_idx/],
    [
      'the tasks of a channel are counted',
      (sql) =>
        sql.query(
          `select count(*) from job where channel_id = 1 and state in ('submitting', 'unknown', 'accepted', 'processing')`,
        ),
      /job_channel_idx/,
    ],
  ])('the whole table is not read when %s', async (_when, work, index) => {
    const plan = await planOf(work);
    expect(plan).not.toMatch(/Seq Scan on job\b/);
    expect(plan).toMatch(index);
  });
});
