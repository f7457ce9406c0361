import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { RedemptionCodeState } from '../../src/admin/customers/codes/code.enum.js';
import type { RedemptionCodeFilter } from '../../src/admin/customers/codes/code.input.js';
import { CodeDownloads } from '../../src/admin/customers/codes/code-downloads.js';
import { CodeReader } from '../../src/admin/customers/codes/code-reader.js';
import { type AuditQuery, listAuditLog } from '../../src/audit-log/list-audit-log.js';
import { Database } from '../../src/database/database.js';
import type { Sql } from '../../src/database/sql.js';
import { CredentialCipher } from '../../src/secrets/credential-cipher.js';
import { Keyring } from '../../src/secrets/keyring.js';
import { describeWithPostgres, type PostgresServer, startPostgres } from '../support/postgres.js';

const ROWS = 200_000;
/** A serving statement may take two and a half seconds, and the machine may be slow. */
const STEP = 5_000;
const LIMIT = 21;
/** Both ends of a span of time look at a thousand rows; everything else at a page for each of a few actions. */
const READ_MAX = 3_000;
const START = Date.parse('2026-01-01T00:00:00Z');
/** When the row of that number was written: one every minute. */
const at = (seq: number): Date => new Date(START + seq * 60_000);

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly PlanNode[];
}

/** Rows that were read from tables and indexes, those that did not fit among them. */
function rowsRead(node: PlanNode): number {
  const below = (node.Plans ?? []).reduce((sum, plan) => sum + rowsRead(plan), 0);
  if (!/^(Seq|Index|Index Only|Bitmap Heap|Tid) Scan$/.test(node['Node Type'])) return below;
  return below + (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'];
}

describeWithPostgres('lists over 200,000 rows', () => {
  let server: PostgresServer;
  let database: Database;
  let keyring: Keyring;

  beforeAll(async () => {
    // What it would find out about the tables while the suite runs, `analyze` has found out before.
    server = await startPostgres({ settings: { autovacuum: 'off' } });
    database = await Database.open({ url: server.url, dataDir: '', poolMax: 4, ledgerPoolMax: 2 });
    keyring = await Keyring.open(database.sql, randomBytes(32));
    const { sql } = database;
    await sql.query(`insert into app_user (email, password_hash, role)
      select 'user' || n || '@example.test', 'x', 'admin' from generate_series(1, 20000) n`);
    await sql.query(`insert into redemption_batch (name, actor) values ('a batch', 'user:7'), ('another', 'cli')`);
    for (let first = 1; first <= ROWS; first += STEP) {
      const range = [first, first + STEP - 1];
      // The first rows are by somebody, of a kind and of an action that never come again.
      await sql.query(
        `insert into audit_log (seq, created_at, actor_kind, actor_user_id, actor, action, subject_kind, subject_id, account_id, hash)
         select n, $3::timestamptz + make_interval(mins => n), 'session', case when n < 5 then 9 else n % 3 end, 'a',
                case when n < 5 then 'once.upon' else 'thing.' || n % 20 end, case when n < 5 then 'once' else 'thing' end,
                (n % 1000)::text, case when n < 5 then 99 when n % 2 = 0 then 1 end, decode(repeat('00', 32), 'hex')
           from generate_series($1::integer, $2::integer) n`,
        [...range, new Date(START)],
      );
      await sql.query(
        `insert into redemption_code (batch_id, code_hmac, last4, amount, disabled_at)
         select case when n <= 100 then 1 else 2 end, decode(lpad(to_hex(n), 64, '0'), 'hex'), upper(lpad(to_hex(n % 60000), 4, '0')), 1,
                case when n < 5 then now() end
           from generate_series($1::integer, $2::integer) n`,
        range,
      );
    }
    await sql.query('update audit_head set seq = $1', [ROWS + 100]);
    await sql.longTransaction((session) => session.query('analyze'), { timeoutMs: 60_000 });
  }, 180_000);
  afterAll(async () => {
    await database?.close();
    await server?.stop();
  });

  /** What `work` answers, and how many rows its statements read. */
  async function measure<Answer>(work: (sql: Sql) => Promise<Answer>): Promise<{ answer: Answer; read: number }> {
    let read = 0;
    const counting: Sql = {
      query: async (text, parameters) => {
        if (/^\s*(select|with recursive) /.test(text)) {
          const [row] = await database.sql.query<{ 'QUERY PLAN': readonly [{ readonly Plan: PlanNode }] }>(
            `explain (analyze, format json) ${text}`,
            parameters,
          );
          read += rowsRead(row!['QUERY PLAN'][0].Plan);
        }
        return database.sql.query(text, parameters);
      },
      transaction: (work) => work(counting),
      snapshot: () => Promise.reject(new Error('Nothing here makes reports')),
      longTransaction: () => Promise.reject(new Error('Nothing here takes long')),
    };
    return { answer: await work(counting), read };
  }

  it.each<[string, AuditQuery, number]>([
    ['without a filter', {}, LIMIT],
    ['of the first hour', { to: at(61) }, LIMIT],
    ['of an hour long ago', { from: at(1_001), to: at(1_011) }, 10],
    ['since a moment long ago', { from: at(10) }, LIMIT],
    ['from before there was anything', { to: new Date(0) }, 0],
    ['of the future', { from: new Date('2100-01-01') }, 0],
    ['of an action of long ago', { action: 'once.' }, 4],
    ['of an action that nobody did', { action: 'nobody.' }, 0],
    ['of one action', { action: 'thing.7' }, LIMIT],
    ['of all actions of a kind', { action: 'thing.' }, LIMIT],
    ['of an action in an hour in which nobody did it', { action: 'once.', from: at(1_001), to: at(1_011) }, 0],
    ['of a person of long ago', { actorUserId: '9' }, 4],
    ['of a person who did nothing', { actorUserId: '12345' }, 0],
    ['of a kind of long ago', { subjectKind: 'once' }, 4],
    ['of a kind that there is not', { subjectKind: 'none' }, 0],
    ['of a kind', { subjectKind: 'thing' }, LIMIT],
    ['of one thing', { subjectKind: 'thing', subjectId: '7' }, LIMIT],
    ['of an account of long ago', { accountId: '99' }, 4],
    ['of an account', { accountId: '1' }, LIMIT],
    ['of a person in an hour', { actorUserId: '1', from: at(1_001), to: at(1_011) }, 3],
  ])('the audit log %s reads what it shows', async (_what, query, rows) => {
    const { answer, read } = await measure((sql) => listAuditLog(sql, query, { before: null, limit: LIMIT }));
    expect(answer).toHaveLength(rows);
    expect(read).toBeLessThan(READ_MAX);
    const seqs = answer.map(({ seq }) => Number(seq));
    expect(seqs).toEqual([...seqs].sort((a, b) => b - a));
    const next = { before: String(seqs.at(-1) ?? ROWS), limit: LIMIT };
    const second = await measure((sql) => listAuditLog(sql, query, next));
    expect(second.read).toBeLessThan(READ_MAX);
    for (const { seq } of second.answer) expect(Number(seq)).toBeLessThan(Number(next.before));
  });

  it('the audit log finds rows of a time when the clock was set back', async () => {
    const last = ROWS + 3;
    await database.sql.query(
      `insert into audit_log (seq, created_at, actor_kind, actor, action, subject_kind, subject_id, hash)
       select $1::bigint + n, $2::timestamptz - make_interval(hours => n), 'cli', 'a', 'clock.back', 'clock', '1', decode(repeat('00', 32), 'hex')
         from generate_series(1, 3) n`,
      [ROWS, at(ROWS + 600)],
    );
    const seqsOf = async (query: AuditQuery): Promise<string[]> =>
      (await listAuditLog(database.sql, query, { before: null, limit: LIMIT })).map(({ seq }) => seq);
    expect(await seqsOf({ from: at(ROWS + 1) })).toEqual([last, last - 1, last - 2].map(String));
    expect(await seqsOf({ from: at(ROWS + 1), to: at(ROWS + 500) })).toEqual([last, last - 1].map(String));
  });

  it.each<[string, RedemptionCodeFilter, number]>([
    ['without a filter', {}, 20],
    ['by their ending', { last4: 'ea5f' }, 3],
    ['by an ending that few have', { last4: '0007' }, 4],
    ['that were disabled long ago', { state: RedemptionCodeState.DISABLED }, 4],
    ['of a small batch', { batchId: '1' }, 20],
    ['of a small batch that are used up', { batchId: '1', state: RedemptionCodeState.USED_UP }, 0],
    ['that can be redeemed and end so', { last4: '0007', state: RedemptionCodeState.ACTIVE }, 4],
  ])('codes %s are found without reading the others', async (_what, filter, rows) => {
    const { answer, read } = await measure((sql) => new CodeReader(sql).codes({ filter, first: 20 }));
    expect(answer.nodes).toHaveLength(rows);
    expect(read).toBeLessThan(READ_MAX);
  });

  it('the codes of a download are opened without reading all people', async () => {
    const cipher = new CredentialCipher(keyring);
    const { token } = await new CodeDownloads(database.sql, keyring, cipher).keep(database.sql, '1', ['A', 'B']);
    const { answer, read } = await measure((sql) =>
      new CodeDownloads(sql, keyring, cipher).open(token, { address: '', requestId: '' }),
    );
    expect(answer?.codes).toEqual(['A', 'B']);
    expect(read).toBeLessThan(100);
  });
});
