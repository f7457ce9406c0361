import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { findApiKey } from '../../src/auth/find-api-key.js';
import { type BooksFigure, readBooksDigest } from '../../src/care/books-digest.js';
import { copyTable } from '../../src/care/copy-table.js';
import { readStoredTables } from '../../src/care/stored-tables.js';
import { credentialBinding } from '../../src/channels/credential-binding.js';
import { runCli } from '../../src/cli/run-cli.js';
import { parseSettings } from '../../src/config/parse-settings.js';
import { Database } from '../../src/database/database.js';
import { hashApiKey } from '../../src/keys/hash-api-key.js';
import { CredentialCipher } from '../../src/secrets/credential-cipher.js';
import { MasterKeyFile } from '../../src/secrets/master-key-file.js';
import { openKeyring } from '../../src/secrets/open-keyring.js';
import { copyDatabaseTo, openMemoryDatabase } from '../support/database.js';
import { describeWithPostgres, type PostgresServer, startPostgres } from '../support/postgres.js';
import { type SampleBooks, settled, writeSampleBooks } from '../support/sample-books.js';
import { insertEvents } from '../support/usage-events.js';

const PROJECT_ROOT = join(import.meta.dirname, '..', '..');
const SLOW_MS = 120_000;

describeWithPostgres('move-to-postgres', () => {
  let root: string;
  let dataDir: string;
  let server: PostgresServer;
  let sample: SampleBooks;
  let books: readonly BooksFigure[];
  let sequences: Record<string, string>;
  let filesBefore: Record<string, string>;
  /** Of the first move, to the database `moved`. */
  let result: Awaited<ReturnType<typeof runCli>>;

  const move = (url: string, env: Record<string, string> = {}) =>
    runCli({ argv: ['move-to-postgres', '--to', url], env: { DATA_DIR: dataDir, ...env }, readStdin: async () => '' });

  /** A new database of the server. */
  async function newDatabase(name: string): Promise<string> {
    await withPostgres(server.url, (database) => database.sql.query(`create database ${name}`));
    return new URL(name, server.url).href;
  }

  /** A database like the one that the first move made, without its costs: everything in it, on the same server. */
  async function movedDatabase(name: string): Promise<string> {
    await withPostgres(server.url, (database) => database.sql.query(`create database ${name} template moved`));
    return new URL(name, server.url).href;
  }

  /** The database as a hub would open it, with the master key of the source. */
  async function withPostgres<Result>(url: string, use: (database: Database) => Promise<Result>): Promise<Result> {
    const database = await Database.open({ url, dataDir: '', poolMax: 2, ledgerPoolMax: 2 });
    try {
      return await use(database);
    } finally {
      await database.close();
    }
  }

  const nextIds = `select json_object_agg(c.relname, s.last_value)::text as ids
    from pg_class c join pg_sequences s on s.sequencename = c.relname and s.schemaname = 'public'
   where c.relkind = 'S' and c.relname not like 'mikro%'`;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    root = mkdtempSync(join(tmpdir(), 'hub-move-'));
    dataDir = join(root, 'data');
    server = await startPostgres();
    const settings = parseSettings({ DATA_DIR: dataDir });
    await copyDatabaseTo(dataDir);
    const database = await Database.open(settings.database);
    sample = await writeSampleBooks(database.sql, await openKeyring(database.sql, settings));
    books = await database.sql.transaction(readBooksDigest);
    const [row] = await database.sql.query<{ ids: string }>(nextIds);
    sequences = JSON.parse(row?.ids ?? '{}');
    await database.close();
    filesBefore = sourceFiles();
    result = await move(await newDatabase('moved'));
  }, SLOW_MS);
  afterAll(async () => {
    await server.stop();
    rmSync(root, { recursive: true, force: true });
  });

  /** Every file of the source, with its size and when it was changed. */
  function sourceFiles(): Record<string, string> {
    const files = readdirSync(dataDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const paths = files.map((file) => join(file.parentPath, file.name)).filter((path) => !/hub\.(lock|pid)/.test(path));
    return Object.fromEntries(paths.map((path) => [path, `${statSync(path).size} ${statSync(path).mtimeMs}`]));
  }

  it(
    'copies the books, keys and credentials, leaves the source alone, and refuses a second run',
    async () => {
      const url = new URL('moved', server.url).href;
      expect(result).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('books are the same') });
      expect(result.stdout).toMatch(/^hold swept: rows|^hold swept: sum of amount +\d+ +\d+ +same$/m);
      expect(result.stdout).not.toContain('DIFFERENT');
      expect(sourceFiles()).toEqual(filesBefore);

      const masterKey = new MasterKeyFile(dataDir).read();
      expect(result.stderr).toContain(`cat "${join(dataDir, 'master.key')}"`);
      expect(`${result.stdout}${result.stderr}`).not.toContain(masterKey?.toString('base64'));

      await withPostgres(url, async ({ sql }) => {
        expect(await sql.transaction(readBooksDigest)).toEqual(books);
        const keyring = await openKeyring(sql, {
          masterKey,
          database: { url, dataDir: '', poolMax: 1, ledgerPoolMax: 2 },
        });
        const found = await findApiKey(sql, hashApiKey(keyring.apiKeyPepper, sample.apiKey));
        expect(found).toMatchObject({ accountId: sample.accountIds[0], models: ['a,b', '"quoted"', '{}', 'NULL'] });
        const [row] = await sql.query<{ credential: Buffer }>('select credential from channel');
        const credential = await new CredentialCipher(keyring).decrypt(
          row?.credential ?? Buffer.alloc(0),
          credentialBinding(sample.channelId),
        );
        expect(credential).toBe(sample.credential);
      });

      expect(await move(url)).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('in use') });
      await withPostgres(url, async ({ sql }) => expect(await sql.transaction(readBooksDigest)).toEqual(books));
    },
    SLOW_MS,
  );

  it(
    'gives a database that goes on where the other one stopped',
    async () => {
      const url = await movedDatabase('going_on');
      await withPostgres(url, async ({ sql }) => {
        const [row] = await sql.query<{ ids: string }>(nextIds);
        expect(JSON.parse(row?.ids ?? '{}')).toEqual(sequences);
        // What had been rolled up is below the watermark, what had not is above it, and so is everything that comes.
        const stillToAdd = () =>
          sql.query(
            `select cost from usage_event where tx >= (select watermark from usage_rollup_state) order by cost`,
          );
        expect(await stillToAdd()).toEqual([{ cost: '77' }, { cost: '78' }]);
        await settled(sql, sample.accountIds[2] ?? '', null, new Date('2026-11-26T09:00:00Z'), 79n);
        expect(await stillToAdd()).toEqual([{ cost: '77' }, { cost: '78' }, { cost: '79' }]);
        // What a roll-up looks at: nothing is held back until some far transaction number.
        const visible = await sql.query(
          `select cost from usage_event where tx >= (select watermark from usage_rollup_state)
            and tx < pg_snapshot_xmin(pg_current_snapshot()) order by cost`,
        );
        expect(visible).toHaveLength(3);
        const parts = await sql.query<{ name: string }>(
          `select distinct tableoid::regclass::text as name from usage_event order by 1`,
        );
        expect(parts.map(({ name }) => name)).toEqual([
          ...['usage_event_2026_03', 'usage_event_2026_07', 'usage_event_2026_11'],
        ]);
        await expect(sql.query('delete from entry')).rejects.toThrow('append-only');
        await expect(sql.query('update price_version set price = null')).rejects.toThrow('append-only');
        expect(await sql.query(`insert into redemption_batch (name, actor) values ('next', 'x') returning id`)).toEqual(
          [{ id: '2' }],
        );
      });
    },
    SLOW_MS,
  );

  it(
    'after a dump was restored into another server, the statements of docs/deploy.md put the roll-up right',
    async () => {
      const url = await movedDatabase('dumped');
      const page = readFileSync(join(PROJECT_ROOT, 'docs', 'deploy.md'), 'utf8');
      const statements = /```sql\nbegin;\n([\s\S]*?)commit;\n```/.exec(page)?.[1]?.trim().split('\n') ?? [];
      expect(statements).toHaveLength(2);
      await withPostgres(url, async ({ sql }) => {
        // The numbers of a server that has lived longer.
        await sql.query(
          `update usage_event set tx = (case when cost in (77, 78) then '9000000' else '8000000' end)::xid8`,
        );
        await sql.query(`update usage_rollup_state set watermark = '8500000'`);
        await sql.transaction(async (session) => {
          for (const statement of statements) await session.query(statement);
        });
        const visible = await sql.query(
          `select cost from usage_event where tx >= (select watermark from usage_rollup_state)
            and tx < pg_snapshot_xmin(pg_current_snapshot()) order by cost`,
        );
        expect(visible).toEqual([{ cost: '77' }, { cost: '78' }]);
      });
    },
    SLOW_MS,
  );

  it(
    'keeps nothing in the target when it fails half-way, and can be run again',
    async () => {
      const url = await newDatabase('half_way');
      await withPostgres(url, ({ sql }) => sql.query('alter table redemption add constraint never check (false)'));
      const before = sourceFiles();
      expect(await move(url)).toMatchObject({
        exitCode: 1,
        stderr: expect.stringMatching(/Nothing was moved: .*never/),
      });
      await withPostgres(url, async ({ sql }) => {
        expect(await sql.query('select id from account order by id')).toEqual([{ id: '1' }, { id: '2' }]);
        expect(await sql.query('select id from entry')).toEqual([]);
        await sql.query('alter table redemption drop constraint never');
      });
      expect(sourceFiles()).toEqual(before);
      expect(await move(url)).toMatchObject({ exitCode: 0 });
    },
    SLOW_MS,
  );

  it(
    'keeps nothing when the copy is not the same as the original',
    async () => {
      const url = await newDatabase('altered');
      await withPostgres(url, async ({ sql }) => {
        await sql.query(`create function shift() returns trigger language plpgsql as $$
        begin new.amount := new.amount + 1; return new; end $$`);
        await sql.query('create trigger shift before insert on entry for each row execute function shift()');
      });
      const altered = await move(url);
      expect(altered).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/^table entry .*DIFFERENT$/m) });
      await withPostgres(url, async ({ sql }) => expect(await sql.query('select id from entry')).toEqual([]));
    },
    SLOW_MS,
  );

  it(
    'refuses what it must not touch',
    async () => {
      const url = await newDatabase('somebody');
      await withPostgres(url, ({ sql }) => sql.query(`insert into model (id) values ('theirs')`));
      expect(await move(url)).toMatchObject({
        exitCode: 1,
        stderr: expect.stringContaining('its table model has rows'),
      });
      expect(await move('mysql://h/d')).toMatchObject({ exitCode: 2 });
      expect(await move('postgres://hub:pass-word@127.0.0.1:1/x')).toMatchObject({
        exitCode: 1,
        stderr: expect.not.stringContaining('pass-word'),
      });
      const nowhere = join(root, 'nowhere');
      expect(await move(url, { DATA_DIR: nowhere })).toMatchObject({
        exitCode: 1,
        stderr: expect.stringContaining('no embedded database'),
      });
      expect(await move(url, { HUB_MASTER_KEY: randomBytes(32).toString('base64') })).toMatchObject({
        exitCode: 1,
        stderr: expect.stringContaining('does not open'),
      });
      const hub = await Database.open(parseSettings({ DATA_DIR: dataDir }).database);
      expect(await move(url)).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('is using') });
      await hub.close();
    },
    SLOW_MS,
  );
});

it.each([
  ['equally far', '100', '100', '100'],
  ['far in three ways', '200', '100', '50'],
  ['not all known', '100', '200', null],
])('an event that is copied is in the same sums as before: sums %s', async (_, hours, statistics, passed) => {
  const [source, target] = await Promise.all([openMemoryDatabase(), openMemoryDatabase()]);
  try {
    for (const tx of ['49', '50', '99', '100', '199', '200', '201']) {
      const [id = ''] = await insertEvents(source.sql, [{ account_id: '1', cost: tx }]);
      await source.sql.query('update usage_event set tx = $2::text::xid8 where hold_id = $1::uuid', [id, tx]);
    }
    await source.sql.query(
      `update usage_rollup_state set watermark = $1::text::xid8, statistics_watermark = $2::text::xid8,
              passed_watermark = $3::text::xid8`,
      [hours, statistics, passed],
    );
    await target.sql.query('delete from usage_rollup_state');
    await source.sql.transaction((from) =>
      target.sql.transaction(async (to) => {
        for (const table of await readStoredTables(from)) {
          if (['usage_event', 'usage_rollup_state'].includes(table.name)) await copyTable(from, to, table);
        }
      }),
    );
    const summed = (database: Database) =>
      database.sql.query(
        `select cost, tx < watermark as hours, tx < statistics_watermark as statistics, tx < passed_watermark as passed
           from usage_event, usage_rollup_state order by cost`,
      );
    expect(await summed(target)).toEqual(await summed(source));
    const [ahead] = await target.sql.query<{ count: string }>(
      `select count(*) from usage_event, usage_rollup_state
        where greatest(tx, watermark, statistics_watermark, passed_watermark) >= pg_snapshot_xmin(pg_current_snapshot())`,
    );
    expect(ahead).toEqual({ count: '0' });
  } finally {
    await Promise.all([source.close(), target.close()]);
  }
});
