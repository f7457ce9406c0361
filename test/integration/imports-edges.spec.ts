import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { CommandServer } from '../../src/cli/command-server.js';
import { importNewApi } from '../../src/cli/commands/import.js';
import { runCli } from '../../src/cli/run-cli.js';
import { openMemoryDatabase } from '../support/database.js';
import {
  FOREIGN_OPTIONS,
  type ForeignRows,
  foreignCode,
  foreignKey,
  NEW_API_SQLITE,
  ONE_API_SQLITE,
  smallNewApi,
} from '../support/foreign-databases.js';
import { everything, type ImportBench, makeImportBench, sqliteMaker } from '../support/import-bench.js';
import { findUnsound } from '../support/sound-books.js';

const sqlite = sqliteMaker();
let bench: ImportBench;

describe('an import that cannot begin', () => {
  beforeAll(async () => {
    bench = await makeImportBench(await openMemoryDatabase());
  });
  afterAll(() => bench.database.close());

  const refusals: [string, string[], string][] = [
    ['without --from', [], '--from is needed'],
    ['of a file that is not there', ['--from', '/nowhere/one.db'], 'There is no file /nowhere/one.db.'],
    ['of something else', ['--from', import.meta.filename], 'cannot be read as a SQLite database'],
    ['of MySQL', ['--from', 'mysql://root:secret@localhost/x'], 'MySQL cannot be read'],
    ['of a server that is away', ['--from', 'postgres://u:hidden-word@127.0.0.1:1/x'], 'cannot be read: connect'],
    [
      'of a URL that cannot be read',
      ['--from', 'postgres://h/x?sslrootcert=/nowhere/hidden-word'],
      '--from is no valid URL',
    ],
    ['under a bad name', ['--from', 'x', '--as', 'A B'], '--as takes'],
  ];
  it.each(refusals)('%s is refused without a password in the answer', async (_what, args, words) => {
    const { exitCode, stderr } = await bench.run('import:new-api', ...args);
    expect(exitCode).toBeGreaterThan(0);
    expect(stderr).toContain(words);
    expect(stderr).not.toMatch(/hidden-word|secret/);
  });
});

describe('an import', () => {
  beforeEach(async () => {
    bench = await makeImportBench(await openMemoryDatabase());
  });
  afterEach(async () => {
    expect(await findUnsound(bench.database.sql)).toEqual([]);
    await bench.database.close();
  });

  describe('of one-api', () => {
    it('takes its own columns and kinds of channels', async () => {
      const user = { password: 'x', access_token: null };
      const from = sqlite(ONE_API_SQLITE, {
        users: [
          { ...user, id: 1, username: 'carol', quota: 500_000, aff_code: 'a' },
          { ...user, id: 2, username: 'dave', quota: 1, status: 3, aff_code: 'b' },
        ],
        tokens: [
          {
            ...{ id: 1, user_id: 1, key: foreignKey(1), name: 'n', remain_quota: 1000, unlimited_quota: 0 },
            ...{ models: 'gpt-4o-mini', subnet: '10.0.0.0/8,192.168.1.1', expired_time: 0 },
          },
        ],
        channels: [
          { id: 1, type: 36, key: 'sk-deepseek-credential', name: 'seek', models: 'deepseek-v9' },
          {
            id: 2,
            type: 50,
            key: 'sk-some-credential',
            name: 'any',
            base_url: 'https://any.example/v1',
            models: 'gpt-4o-mini',
          },
          { id: 3, type: 4, key: 'sk-closeai-credential', name: 'close', models: 'gpt-4o' },
        ],
        redemptions: [{ id: 1, key: foreignCode(9), name: 'gift', quota: 500_000 }],
        options: [{ key: 'QuotaPerUnit', value: '1000000' }, ...FOREIGN_OPTIONS],
      });
      const { stdout } = await bench.run('import:one-api', '--from', from, '--apply');
      expect(stdout).toContain('Quota granted: 0.5 credits.');
      const [key] = await bench.query('select models, ip_allow_list, expires_at from api_key');
      expect(key).toEqual({
        models: ['gpt-4o-mini'],
        ip_allow_list: ['10.0.0.0/8', '192.168.1.1'],
        expires_at: new Date(0),
      });
      expect(await bench.query('select name, provider, base_url from channel order by id')).toEqual([
        { name: 'seek', provider: 'deepseek', base_url: null },
        { name: 'any', provider: 'openai-compatible', base_url: 'https://any.example/v1' },
        { name: 'close', provider: 'openai-compatible', base_url: 'https://api.closeai-proxy.xyz/v1' },
      ]);
      // A million quota are a dollar here: ratio 0.075 is 0.075 dollars a million tokens.
      expect(await bench.query(`select price from price_version where model_id = 'gpt-4o-mini'`)).toEqual([
        { price: { inputPerMillion: '0.075', outputPerMillion: '0.3' } },
      ]);
      expect(stdout).toContain('model "gpt-4o" has no CompletionRatio; 4, which is built into one-api, was taken');
    });

    it('is refused for a database of new-api, whose kinds of channels have other numbers', async () => {
      const from = sqlite(NEW_API_SQLITE, smallNewApi('https://upstream.example'));
      const before = await everything(bench);
      expect(await bench.run('import:one-api', '--from', from, '--apply')).toEqual({
        exitCode: 1,
        stderr: 'This looks like a database of new-api: use import:new-api. Nothing was changed.\n',
      });
      expect(await everything(bench)).toBe(before);
    });
  });

  describe('that cannot be', () => {
    it('is refused where a table or a needed column is missing, naming all of them', async () => {
      const from = sqlite(
        [
          `create table users (id integer, username text)`,
          `create table tokens (id integer, user_id integer, "key" text)`,
        ],
        {},
      );
      const { stderr } = await bench.run('import:new-api', '--from', from);
      expect(stderr).toBe(
        'This is no database of new-api: its table users has no column quota; it has no table channels; ' +
          'it has no table redemptions; it has no table options.\n',
      );
    });

    it('is refused when nobody knows what a quota is worth', async () => {
      const rows = { ...smallNewApi('https://u.example'), options: [{ key: 'QuotaPerUnit', value: 'many' }] };
      const from = sqlite(NEW_API_SQLITE, rows);
      const { stderr } = await bench.run('import:new-api', '--from', from);
      expect(stderr).toBe(
        'The option QuotaPerUnit of the database must be a number above 0. State it with --quota-per-unit.\n',
      );
      const stated = await bench.run('import:new-api', '--from', from, '--quota-per-unit', '0');
      expect(stated.stderr).toBe('--quota-per-unit must be a number above 0.\n');
      expect(await bench.run('import:new-api', '--from', from, '--quota-per-unit', '500000')).toMatchObject({
        exitCode: 0,
      });
    });

    it('of another database under the same name is refused as a whole', async () => {
      const first = sqlite(NEW_API_SQLITE, smallNewApi('https://upstream.example'));
      await bench.run('import:new-api', '--from', first, '--apply');
      const rows = smallNewApi('https://other.example');
      const tokens = rows['tokens']!.map((token) => ({ ...token, key: foreignKey(100 + Number(token['id'])) }));
      const other = sqlite(NEW_API_SQLITE, { ...rows, tokens });
      const before = await everything(bench);
      const refused = await bench.run('import:new-api', '--from', other, '--apply');
      expect(refused).toMatchObject({
        exitCode: 1,
        stderr: expect.stringContaining('Another database was imported as'),
      });
      expect(await everything(bench)).toBe(before);
      const named = await bench.run('import:new-api', '--from', other, '--apply', '--as', 'second');
      expect(named).toMatchObject({
        exitCode: 0,
        stdout: expect.stringContaining('is the account "alice (second)" here'),
      });
    });
  });

  describe('of hostile rows', () => {
    const user = (id: number, more: Record<string, unknown> = {}) => ({
      ...{ id, username: `user-${id}`, password: 'x', quota: 500_000, ...more },
    });

    it('says what is wrong with each, and takes the rest', async () => {
      const rows = {
        users: [
          user(1, { username: 'a\u0000b\u001b[31m', quota: -5 }),
          user(2, { username: '12345', quota: 9_223_372_036_854_775_807n }),
          user(3, { username: '', quota: 'lots' }),
          user(4, { email: 'no mail', used_quota: -9 }),
          user(5, { email: 'same@example.org', role: 10 }),
          user(6, { email: 'Same@Example.org', group: 'x'.repeat(200) }),
        ],
        tokens: [
          { id: 1, user_id: 1, key: 'short', unlimited_quota: 1 },
          { id: 2, user_id: 1, key: foreignKey(2), name: 'n\u0000ul', unlimited_quota: 1, allow_ips: 'nowhere' },
          { id: 3, user_id: 1, key: foreignKey(2), unlimited_quota: 1 },
          { id: 4, user_id: 99, key: foreignKey(4), unlimited_quota: 1 },
          { id: 5, user_id: 1, key: foreignKey(5), remain_quota: -7, expired_time: 99_999_999_999_999_999n },
          { id: 6, user_id: 1, key: foreignKey(6), unlimited_quota: 1, status: 77, expired_time: 'soon' },
          {
            id: 7,
            user_id: 1,
            key: foreignKey(7),
            unlimited_quota: 1,
            model_limits_enabled: 1,
            model_limits: 'a\u0000,b',
          },
        ],
        channels: [
          { id: 1, type: 1, key: 'sk-a-credential', name: 'dup', models: 'm\u0000,gpt-4o', model_mapping: '{broken' },
          {
            id: 2,
            type: 1,
            key: 'sk-b-credential',
            name: 'dup',
            models: 'gpt-4o',
            priority: 99_999_999_999n,
            weight: -1,
          },
          { id: 3, type: 1, key: 'sk-c\u0007', name: 'c', models: 'gpt-4o' },
          { id: 4, type: 8, key: 'sk-d-credential', name: 'd', models: 'x', base_url: 'http://169.254.169.254' },
          { id: 5, type: 8, key: 'sk-e-credential', name: 'e', models: 'x', base_url: 'http://u:p@e.example/v1' },
          {
            id: 6,
            type: 8,
            key: 'sk-f-credential',
            name: 'f',
            models: 'a,b',
            base_url: 'https://f.example/v1',
            model_mapping: '{"a":"b","b":"a"}',
          },
          { id: 7, type: 12345, key: 'sk-g-credential', name: 'g', models: 'x' },
          { id: 8, type: 1, key: '', name: 'h', models: '' },
          { id: 9, type: 8, key: 'sk-i-credential', name: 'i', models: 'x', base_url: 'https://{name}.example/v1' },
        ],
        redemptions: [
          { id: 1, key: 'not hex', quota: 5 },
          { id: 2, key: foreignCode(2), quota: -5 },
          { id: 3, key: foreignCode(3), quota: 1, expired_time: 'never' },
        ],
        options: [
          { key: 'ModelRatio', value: '{"gpt-4o":1e300,"x":-1,"b":"2"}' },
          { key: 'CompletionRatio', value: '[]' },
          { key: 'GroupRatio', value: '{broken' },
        ],
      } as ForeignRows;
      const { exitCode, stdout } = await bench.run('import:new-api', '--from', sqlite(NEW_API_SQLITE, rows), '--apply');
      expect(exitCode).toBe(0);
      for (const warning of [
        'user 1 "a b [31m" the quota is -5, less than nothing; it counts as 0',
        'user 2 "12345" the quota is 9223372036854775807, more than the hub can hold',
        'user 3 the quota is no whole number',
        'user 4 "user-4" has an e-mail address that is none',
        'user 5 "user-5" is an administrator there',
        'user 6 "user-6" has the e-mail address of a user before it',
        'key 1 is not of 48 letters and digits',
        'key 2 "n ul" allows 1 addresses that are none; none is left, so that it works from nowhere',
        'key 5 the remaining quota is -7',
        'key 6 has an expiry that is no time; it was taken over as revoked',
        'channel 1 "dup" has a model_mapping that is no JSON object; it was taken over disabled',
        'channel 2 "dup" has a priority that is out of range',
        'channel 3 "c" has a credential that cannot be one; it was taken over disabled',
        'channel 4 "d" has a base URL that cannot be used (it must not lead to 169.254.169.254: no channel may reach it); it was left out',
        'channel 5 "e" has a base URL that cannot be used (it must be a URL without user, query or fragment',
        'channel 9 "i" has a base URL that cannot be used (it must not hold a placeholder); it was left out',
        'channel 6 "f" has the model "a", whose name or mapping cannot be used',
        'channel 7 "g" is of kind 12345, which the hub cannot serve',
        'channel 8 "h" has no credential; it was taken over disabled',
        'channel 8 "h" has no models; it was taken over disabled',
        'code 1 is not of 32 hexadecimal digits',
        'code 2 the quota is -5',
        'code 3 has an expiry that is no time',
        'option ModelRatio says no number from 0 for "x"',
        'option CompletionRatio is no JSON object',
        'option GroupRatio is no JSON object',
        'model "gpt-4o" has no price: its ratio is beyond what a price can be',
      ])
        expect(stdout).toContain(warning);
      expect(stdout?.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
      const names = await bench.query<{ name: string }>(`select name from account where kind = 'customer' order by id`);
      expect(names.map(({ name }) => name)).toEqual([
        'a b [31m',
        'new-api-12345',
        'new-api-user-3',
        'user-4',
        'user-5',
        'user-6',
      ]);
      expect(await bench.query('select count(*)::int as enabled from channel where enabled')).toEqual([{ enabled: 1 }]);
      expect(await bench.query(`select models from api_key where name = 'new-api key 7'`)).toEqual([{ models: ['b'] }]);
      expect(await bench.query('select limit_amount from key_budget')).toEqual([{ limit_amount: '0' }]);
    });

    it('takes a database of an older version, which has fewer columns', async () => {
      const from = sqlite(
        [
          'create table users (id integer primary key, username text, quota integer, aff_quota integer)',
          'create table tokens (id integer primary key, user_id integer, "key" text)',
          'create table channels (id integer primary key, type integer, "key" text, models text)',
          'create table redemptions (id integer primary key, "key" text, quota integer, status integer)',
          'create table options ("key" text primary key, value text)',
        ],
        {
          users: [{ id: 1, username: 'old', quota: 500_000 }],
          tokens: [{ id: 1, user_id: 1, key: foreignKey(1) }],
          channels: [{ id: 1, type: 1, key: 'sk-a-credential', models: 'gpt-4o' }],
          redemptions: [{ id: 1, key: foreignCode(1), quota: 500_000, status: 1 }],
        },
      );
      const { exitCode } = await bench.run('import:new-api', '--from', from, '--apply');
      expect(exitCode).toBe(0);
      expect(await bench.query('select name, expires_at, revoked_at, models from api_key')).toEqual([
        { name: 'new-api key 1', expires_at: null, revoked_at: null, models: null },
      ]);
      expect(await bench.query('select name, enabled from channel')).toEqual([
        { name: 'new-api channel 1', enabled: true },
      ]);
    });
  });

  describe('into a hub that runs', () => {
    it('goes through its socket, and the path is the one where it was typed', async () => {
      const dataDir = mkdtempSync(join(tmpdir(), 'hub-import-socket-'));
      const server = new CommandServer(join(dataDir, 'hub.sock'), bench.context);
      await server.start();
      try {
        const file = sqlite(NEW_API_SQLITE, smallNewApi('https://upstream.example'));
        const argv = ['import:new-api', '--from', relative(process.cwd(), file), '--apply'];
        const done = await runCli({ argv, env: { DATA_DIR: dataDir }, readStdin: async () => '' });
        expect(done).toMatchObject({
          exitCode: 0,
          stdout: expect.stringContaining('Quota granted: 2.000014 credits.'),
        });
        expect(importNewApi.toRemoteArgs?.(['--from', 'a.db', '--from=b.db', '--from', 'postgres://h/x'])).toEqual([
          ...['--from', resolve('a.db'), `--from=${resolve('b.db')}`, '--from', 'postgres://h/x'],
        ]);
      } finally {
        await server.close();
        rmSync(dataDir, { recursive: true });
      }
    });
  });
});
