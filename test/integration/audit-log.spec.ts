import { randomBytes } from 'node:crypto';
import { appendAuditRow } from '../../src/audit-log/append-audit-row.js';
import type { AuditActor } from '../../src/audit-log/audit-row.js';
import { type AuditMark, verifyAuditLog } from '../../src/audit-log/verify-audit-log.js';
import { Database } from '../../src/database/database.js';
import { Keyring } from '../../src/secrets/keyring.js';
import { openMemoryDatabase } from '../support/database.js';
import { describeWithPostgres, type PostgresServer, startPostgres } from '../support/postgres.js';

const ACTOR: AuditActor = { kind: 'system', userId: null, name: 'test', address: '', requestId: '' };
const ROWS = 12;

describe('the audit log on the embedded database', () => describeAuditLog(openMemoryDatabase));

describeWithPostgres('the audit log on PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());
  describeAuditLog(() => Database.open({ url: server.url, dataDir: '', poolMax: 10, ledgerPoolMax: 4 }));
});

function describeAuditLog(open: () => Promise<Database>): void {
  let database: Database;
  let keyring: Keyring;

  beforeAll(async () => {
    database = await open();
    keyring = await Keyring.open(database.sql, randomBytes(32));
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await tamper('delete from audit_log');
    await database.sql.query(`update audit_head set seq = 0, hash = decode(repeat('00', 32), 'hex')`);
    for (let n = 1; n <= ROWS; n++) await append(n);
  });

  const append = (n: number, after: unknown = { n }) =>
    database.sql.transaction((session) =>
      appendAuditRow(session, keyring, ACTOR, { action: 'thing.change', kind: 'thing', id: String(n), after }),
    );
  const verify = (expected?: AuditMark) =>
    database.sql.snapshot((session) => verifyAuditLog(session, keyring, expected), { timeoutMs: 60_000 });
  const problems = async (expected?: AuditMark) => (await verify(expected)).problems;
  /** What somebody who owns the database can do: the triggers are theirs. */
  const tamper = async (...statements: readonly string[]) => {
    await database.sql.transaction(async (session) => {
      await session.query('alter table audit_log disable trigger user');
      for (const statement of statements) await session.query(statement);
      await session.query('alter table audit_log enable trigger user');
    });
  };

  it('is whole after many writers at once, without holes, and after one that gave up', async () => {
    const doomed = database.sql.transaction(async (session) => {
      await appendAuditRow(session, keyring, ACTOR, { action: 'thing.doomed', kind: 'thing', id: '0' });
      throw new Error('changed my mind');
    });
    const results = await Promise.allSettled([
      ...Array.from({ length: 20 }, (_, n) => append(100 + n)),
      doomed,
      ...Array.from({ length: 20 }, (_, n) => append(200 + n)),
    ]);
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    const { rows, end, problems: found } = await verify();
    expect({ rows, seq: end.seq, found }).toEqual({ rows: ROWS + 40, seq: String(ROWS + 40), found: [] });
    expect(await database.sql.query(`select 1 from audit_log where action = 'thing.doomed'`)).toEqual([]);
  });

  it('fits its hashes whatever the texts are', async () => {
    await append(1, {
      text: 'NUL \0, half a pair \ud800, \u{1f600}, "quotes", \\, \n',
      big: 2n ** 70n,
      at: new Date(0),
    });
    expect(await problems()).toEqual([]);
  });

  it.each([
    ['update', `update audit_log set reason = 'nothing to see' where seq = 3`],
    ['delete', 'delete from audit_log where seq = 3'],
    ['truncate', 'truncate audit_log'],
  ])('refuses to %s', async (_what, statement) => {
    await expect(database.sql.query(statement)).rejects.toThrow('append-only');
    expect(await problems()).toEqual([]);
  });

  it.each([
    "created_at = created_at + interval '1 hour'",
    `actor_kind = 'cli'`,
    'actor_user_id = 7',
    `actor = 'somebody else'`,
    `address = '::1'`,
    `request_id = 'x'`,
    `action = 'thing.look'`,
    `subject_kind = 'other'`,
    `subject_id = '99'`,
    'account_id = 1000',
    `reason = ''`,
    `before = '{}'`,
    'after = null',
  ])('finds a row in which somebody set %s', async (change) => {
    await tamper(`update audit_log set ${change} where seq = 5`);
    expect(await problems()).toEqual([expect.stringContaining('Row 5 does not fit its hash')]);
  });

  it('finds a row that was removed', async () => {
    await tamper('delete from audit_log where seq = 5');
    expect(await problems()).toEqual([
      expect.stringContaining('Row 5 is missing'),
      expect.stringContaining('Row 6 does not fit its hash'),
    ]);
  });

  it('finds rows that were cut off at the end', async () => {
    await tamper('delete from audit_log where seq > 10');
    expect(await problems()).toEqual([expect.stringContaining('The log ends with row 10')]);
  });

  it('finds rows that were cut off at the beginning', async () => {
    await tamper('delete from audit_log where seq <= 4');
    expect((await problems())[0]).toContain('Row 1 is missing');
  });

  it('finds everything that was removed', async () => {
    await tamper('delete from audit_log');
    expect(await problems()).toEqual([expect.stringContaining('The log ends with row 0')]);
  });

  it('finds a row that was put in', async () => {
    await tamper(
      'update audit_log set seq = seq + 1000 where seq >= 6',
      'update audit_log set seq = seq - 999 where seq >= 1006',
      `insert into audit_log (seq, created_at, actor_kind, actor, action, subject_kind, subject_id, hash)
         select 6, created_at, actor_kind, actor, action, subject_kind, subject_id, hash from audit_log where seq = 5`,
    );
    expect((await problems())[0]).toContain('Row 6 does not fit its hash');
  });

  it('finds a row that was put in at the end', async () => {
    await tamper(
      `insert into audit_log (seq, created_at, actor_kind, actor, action, subject_kind, subject_id, hash)
         select ${ROWS + 1}, created_at, actor_kind, actor, action, subject_kind, subject_id, hash from audit_log where seq = 5`,
    );
    expect(await problems()).toEqual([
      expect.stringContaining(`Row ${ROWS + 1} does not fit its hash`),
      expect.stringContaining(`The log ends with row ${ROWS + 1}`),
    ]);
  });

  it('finds two rows that changed places', async () => {
    await tamper(
      'update audit_log set seq = 1000 where seq = 5',
      'update audit_log set seq = 5 where seq = 6',
      'update audit_log set seq = 6 where seq = 1000',
    );
    expect(await problems()).toEqual(expect.arrayContaining([expect.stringContaining('Row 5 does not fit its hash')]));
  });

  it('with a noted end, finds a log that was cut off together with its head, or written anew', async () => {
    const { end } = await verify();
    expect(await problems(end)).toEqual([]);
    await append(99);
    expect(await problems(end)).toEqual([]);
    await tamper(
      'delete from audit_log where seq > 8',
      'update audit_head set (seq, hash) = (select seq, hash from audit_log where seq = 8)',
    );
    expect(await problems()).toEqual([]);
    expect(await problems(end)).toEqual([`Row ${end.seq}, which was there before, is missing.`]);
    for (let n = 0; n < 6; n++) await append(n);
    expect(await problems()).toEqual([]);
    expect(await problems(end)).toEqual([`Row ${end.seq} is not the one that was there when its hash was noted.`]);
  });

  it('does not take rows that are written during the check for too many', async () => {
    let isOver = false;
    const writer = (async () => {
      for (let n = 0; !isOver && n < 200; n++) await append(n);
    })();
    for (let n = 0; n < 5; n++) expect(await problems()).toEqual([]);
    isOver = true;
    await writer;
  });

  it('with another master key fits nowhere, and says so in bounds', async () => {
    const bytes = randomBytes(32);
    const key = { deriveKey: () => bytes };
    for (let n = 0; n < 100; n++) await append(n);
    const found = await database.sql.snapshot((session) => verifyAuditLog(session, key), { timeoutMs: 60_000 });
    expect(found.problems).toHaveLength(101);
    expect(found.problems[100]).toBe('More problems are not listed.');
  });
}
