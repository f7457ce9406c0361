import { Database } from '../../src/database/database.js';
import type { SqlSession } from '../../src/database/sql.js';
import { listEntries } from '../../src/reporting/list-entries.js';
import { listHolds, listRequests } from '../../src/reporting/list-requests.js';
import { listUsageEvents, readAttempts } from '../../src/reporting/list-usage-events.js';
import { openMemoryDatabase } from '../support/database.js';
import { describeLists } from '../support/describe-lists.js';
import { describeWithPostgres, type PostgresServer, startPostgres } from '../support/postgres.js';
import { Traffic } from '../support/traffic.js';

describe('lists of operators on the embedded database', () => {
  let database: Database;
  beforeAll(async () => {
    database = await openMemoryDatabase();
  });
  afterAll(() => database.close());
  describeLists(() => database);
});

describeWithPostgres('lists of operators on PostgreSQL', () => {
  let server: PostgresServer;
  let database: Database;
  beforeAll(async () => {
    server = await startPostgres();
    database = await Database.open({ url: server.url, dataDir: '', poolMax: 4, ledgerPoolMax: 2 });
  });
  afterAll(async () => {
    await database?.close();
    await server?.stop();
  });
  describeLists(() => database);
});

describeWithPostgres('the indexes of the lists', () => {
  const END = new Date('2026-11-20T10:00:00Z');
  let server: PostgresServer;
  let database: Database;
  let accountId = '';
  let holdIds: string[] = [];
  beforeAll(async () => {
    // What it would find out about the tables while the suite runs, `analyze` has found out before.
    server = await startPostgres({ settings: { autovacuum: 'off' } });
    database = await Database.open({ url: server.url, dataDir: '', poolMax: 4, ledgerPoolMax: 2 });
    const traffic = await Traffic.of(database.sql, 5, 40);
    for (let i = 8; i > 0; i--) await traffic.add(2_000, new Date(END.getTime() - i * 7_200_000), 2);
    accountId = traffic.accountIds[3] ?? '';
    holdIds = traffic.holds.slice(0, 50).map(({ id }) => id);
    await database.sql.longTransaction((session) => session.query('analyze'), { timeoutMs: 60_000 });
  }, 120_000);
  afterAll(async () => {
    await database?.close();
    await server?.stop();
  });

  /** The plans of the statements that `work` runs. */
  async function plansOf(work: (session: SqlSession) => Promise<unknown>): Promise<string> {
    const plans: string[] = [];
    await work({
      query: async (text, parameters) => {
        const rows = await database.sql.query<{ 'QUERY PLAN': string }>(`explain ${text}`, parameters);
        plans.push(rows.map((row) => row['QUERY PLAN']).join('\n'));
        return await database.sql.query(text, parameters);
      },
    });
    return plans.join('\n');
  }

  const PAGE = { first: 50 };
  it.each<[string, (session: SqlSession, account: string) => Promise<unknown>, RegExp]>([
    ['all requests', (s) => listRequests(s, {}, PAGE), /usage_event_\w+_pkey/],
    ['those of an account', (s, account) => listRequests(s, { accountId: account }, PAGE), /account_id_hold_id/],
    ['those of a key', (s) => listRequests(s, { keyId: '7' }, PAGE), /key_id_hold_id/],
    ['those of a channel', (s) => listRequests(s, { channelId: '8' }, PAGE), /channel_id_hold_id/],
    ['those of a model', (s) => listRequests(s, { model: 'gpt-4' }, PAGE), /model_hold_id/],
    ['those that failed', (s) => listRequests(s, { outcome: 'failed' }, PAGE), /outcome_hold_id/],
    ['those that were swept', (s) => listRequests(s, { state: 'swept' }, PAGE), /outcome_hold_id/],
    [
      'those of an end user',
      (s, account) => listRequests(s, { accountId: account, userIdentifier: 'a' }, PAGE),
      /account_id_left_hold_id/,
    ],
    ['those that cost much', (s) => listRequests(s, { costMin: 10n ** 9n }, PAGE), /usage_event_\w+_pkey/],
    ['holds that are open', (s) => listHolds(s, { state: 'open' }, PAGE), /hold_\w+_id_idx/],
    [
      'attempts of an account that failed',
      (s, account) => listUsageEvents(s, { accountId: account, outcome: 'failed' }, PAGE),
      /account_id_hold_id/,
    ],
    ['attempts of requests', (s) => readAttempts(s, holdIds), /usage_event_\w+_pkey/],
    ['entries', (s) => listEntries(s, {}, PAGE), /entry_pkey/],
    [
      'entries of an account',
      (s, account) => listEntries(s, { accountId: account }, PAGE),
      /entry_debit_idx(.|\n)*entry_credit_idx/,
    ],
    ['grants', (s) => listEntries(s, { kind: 'grant' }, PAGE), /entry_kind_idx/],
    [
      'grants of an account',
      (s, account) => listEntries(s, { kind: 'grant', accountId: account }, PAGE),
      /entry_credit_(kind_)?idx/,
    ],
    ['entries with a reference', (s) => listEntries(s, { ref: 'grant %_ x' }, PAGE), /entry_kind_ref_key/],
    [
      'entries of a day',
      (s) => listEntries(s, { from: new Date(END.getTime() - 36_000_000), to: END }, PAGE),
      /entry_pkey/,
    ],
  ])('%s are found without reading a table', async (_what, work, index) => {
    const plan = await plansOf((session) => work(session, accountId));
    expect(plan).not.toMatch(/Seq Scan on (usage_event|hold|entry)(_2026_11)?\b/);
    expect(plan).toMatch(index);
  });
});
