import { Database } from '../../src/database/database.js';
import { rotateApiKey } from '../../src/keys/rotate-api-key.js';
import { balanceOf } from '../support/books.js';
import { openMemoryDatabase } from '../support/database.js';
import {
  type ForeignRows,
  fillPostgres,
  foreignCode,
  foreignKey,
  NEW_API_POSTGRES,
  NEW_API_SQLITE,
  smallNewApi,
} from '../support/foreign-databases.js';
import { everything, type ImportBench, makeImportBench, sqliteMaker } from '../support/import-bench.js';
import { describeWithPostgres, type PostgresServer, startPostgres } from '../support/postgres.js';
import { findUnsound } from '../support/sound-books.js';

const NANO = 1_000_000_000n;
const sqlite = sqliteMaker();

let bench: ImportBench;

describe('an import into the embedded database', () => {
  beforeEach(async () => {
    bench = await makeImportBench(await openMemoryDatabase());
  });
  afterEach(async () => {
    expect(await findUnsound(bench.database.sql)).toEqual([]);
    await bench.database.close();
  });

  describe('of new-api', () => {
    describeSmallNewApi(() => sqlite(NEW_API_SQLITE, smallNewApi('https://upstream.example')));
  });

  it('takes what is new there since the last time, and grants nothing again', async () => {
    const rows = smallNewApi('https://upstream.example');
    await bench.run('import:new-api', '--from', sqlite(NEW_API_SQLITE, rows), '--apply');
    const user = { id: 9, username: 'late', password: 'x', quota: 500_000 };
    const later = {
      ...rows,
      users: [
        ...rows['users']!.map((row) => (row['id'] === 2 ? { ...row, quota: 1, used_quota: 1_249_999 } : row)),
        user,
      ],
      tokens: [...rows['tokens']!, { id: 9, user_id: 9, key: foreignKey(9), name: 'new', unlimited_quota: 1 }],
      redemptions: [...rows['redemptions']!, { id: 9, key: foreignCode(9), name: 'gift', quota: 5, expired_time: 0 }],
    };
    const { stdout } = await bench.run('import:new-api', '--from', sqlite(NEW_API_SQLITE, later), '--apply');
    expect(stdout).toContain('Quota granted: 1 credits.');
    expect(stdout).toMatch(/^users -> accounts +5 +1 +3$/m);
    expect(stdout).toMatch(/^tokens -> API keys +5 +1 +3$/m);
    expect(stdout).toMatch(/^redemption codes +4 +1 +2$/m);
    expect(
      await bench.query(
        `select name, credits_posted from account where kind = 'customer' and credits_posted > 0 order by id`,
      ),
    ).toEqual([
      { name: 'alice', credits_posted: String(2n * NANO) },
      { name: 'bob', credits_posted: '14000' },
      { name: 'late', credits_posted: String(NANO) },
    ]);
  });

  it.each([0, 60])(
    'leaves alone a key that has a new secret since the last time, with a grace of %s minutes',
    async (grace) => {
      const from = sqlite(NEW_API_SQLITE, smallNewApi('https://upstream.example'));
      await bench.run('import:new-api', '--from', from, '--apply');
      const keys = 'select id, key_hash, previous_hash, revoked_at from api_key order by id';
      const [key] = await bench.query<{ id: string }>(keys);
      await rotateApiKey(bench.database.sql, bench.context.keyring, key!.id, grace);
      const before = await bench.query(keys);
      const { exitCode, stdout } = await bench.run('import:new-api', '--from', from, '--apply');
      expect(exitCode).toBe(0);
      expect(stdout).toMatch(/^tokens -> API keys +4 +0 +3$/m);
      // The secret it had there must not come back as a key of its own.
      expect(await bench.query(keys)).toEqual(before);
      expect((stdout ?? '').includes('has a new secret here')).toBe(grace === 0);
    },
  );
});

/** What must hold wherever the database lies. @param source gives `--from`. */
function describeSmallNewApi(source: () => string): void {
  const balance = async (name: string) => {
    const [account] = await bench.query<{ id: string }>('select id from account where name = $1', name);
    return await balanceOf(bench.database.sql, account!.id);
  };

  it('is a trial at first, which says the same and changes nothing', async () => {
    const from = source();
    const before = await everything(bench);
    const trial = await bench.run('import:new-api', '--from', from);
    expect(await everything(bench)).toBe(before);
    expect(bench.topics).toEqual([]);
    const done = await bench.run('import:new-api', '--from', from, '--apply');
    const plain = (text: string | undefined) =>
      text?.split('\n').slice(3).join('\n').replace('Quota granted', 'Quota to grant').replaceAll(/ +/g, ' ');
    expect(plain(done.stdout)).toBe(plain(trial.stdout));
    expect(trial.stdout).toMatch(
      /^Import of new-api as "new-api": a trial. Nothing was changed; --apply carries it out.\n/,
    );
    expect(bench.topics).toEqual(['hub:keys', 'hub:catalog']);
    await bench.run('import:new-api', '--from', from, '--apply');
    expect(await bench.query('select action, subject_id, actor from audit_log')).toEqual([
      { action: 'import.apply', subject_id: 'new-api', actor: 'cli' },
    ]);
  });

  it('makes accounts with their quota, groups, sign-ins, keys, budgets, channels, prices and codes', async () => {
    const { stdout } = await bench.run('import:new-api', '--from', source(), '--apply');
    expect(await balance('alice')).toMatchObject({ available: 2n * NANO, used: 0n });
    expect(await balance('bob')).toMatchObject({ available: 14_000n });
    expect(
      await bench.query(
        `select a.name, a.status, g.name as "group", g.multiplier_millionths, g.models from account a
           join account_group g on g.id = a.group_id where a.kind = 'customer' order by a.id`,
      ),
    ).toEqual([
      { name: 'root', status: 'active', group: 'default', multiplier_millionths: '1000000', models: null },
      {
        ...{ name: 'alice', status: 'active', group: 'vip', multiplier_millionths: '800000' },
        models: ['free-model', 'gpt-4o-mini', 'own-model'],
      },
      { name: 'bob', status: 'frozen', group: 'default', multiplier_millionths: '1000000', models: null },
    ]);
    expect(await bench.query('select email, role, password_hash from app_user order by id')).toEqual([
      { email: 'root@example.org', role: 'member', password_hash: '!imported' },
      { email: 'alice@example.org', role: 'member', password_hash: '!imported' },
    ]);
    expect(
      await bench.query(
        `select k.name, k.last4, k.models, k.ip_allow_list, k.expires_at, k.revoked_at is not null as is_revoked,
                b.limit_amount, b.period from api_key k left join key_budget b on b.key_id = k.id order by k.id`,
      ),
    ).toEqual([
      {
        ...{ name: 'laptop', last4: foreignKey(1).slice(-4), models: null, ip_allow_list: null, expires_at: null },
        ...{ is_revoked: false, limit_amount: null, period: null },
      },
      {
        ...{ name: 'bounded', last4: foreignKey(2).slice(-4), models: ['gpt-4o-mini', 'own-model'] },
        ...{ ip_allow_list: ['127.0.0.1', '10.0.0.0/8'], expires_at: new Date(4_000_000_000_000) },
        ...{ is_revoked: false, limit_amount: String(NANO), period: 'total' },
      },
      {
        ...{ name: 'off', last4: foreignKey(3).slice(-4), models: null, ip_allow_list: null, expires_at: null },
        ...{ is_revoked: true, limit_amount: null, period: null },
      },
    ]);
    expect(
      await bench.query(
        `select name, provider, base_url, enabled, priority, weight, credential_last4, managed_by, allow_private_network
           from channel order by id`,
      ),
    ).toEqual(
      [
        ['main #1', 'openai-compatible', 'https://upstream.example/v1', true, 3, 5, 'tial'],
        ['main #2', 'openai-compatible', 'https://upstream.example/v1', false, 3, 5, 'tial'],
        ['seek', 'deepseek', null, false, 0, 1, 'tial'],
        ['local', 'ollama', null, false, 0, 1, null],
      ].map(([name, provider, base_url, enabled, priority, weight, credential_last4]) => ({
        ...{ name, provider, base_url, enabled, priority, weight, credential_last4 },
        ...{ managed_by: null, allow_private_network: false },
      })),
    );
    const { channels } = await bench.channels.loadCatalog();
    expect(channels.map(({ name, credential, models }) => [name, credential, [...models].sort()])).toEqual([
      [
        'main #1',
        'sk-first-credential',
        [
          ['free-model', 'free-model'],
          ['gpt-4o-mini', 'gpt-4o-mini'],
          ['own-model', 'upstream-model'],
        ],
      ],
    ]);
    expect(
      await bench.query(`select model_id, price, source, side, channel_id from price_version order by model_id`),
    ).toEqual(
      [
        ['free-model', { inputPerMillion: '0', outputPerMillion: '0' }],
        ['gpt-4o-mini', { inputPerMillion: '0.15', outputPerMillion: '0.6' }],
        ['own-model', { inputPerMillion: '10', outputPerMillion: '20' }],
      ].map(([model_id, price]) => ({
        ...{ model_id, price, source: 'operator:import:new-api', side: 'selling', channel_id: null },
      })),
    );
    expect(
      await bench.query('select last4, amount, max_uses, used, expires_at from redemption_code order by id'),
    ).toEqual([
      { last4: '0001', amount: String(NANO), max_uses: 1, used: 0, expires_at: null },
      { last4: '0003', amount: String(NANO / 2n), max_uses: 1, used: 0, expires_at: new Date(4_000_000_000_000) },
    ]);
    for (const line of [
      'Quota granted: 2.000014 credits.',
      'Used there before, which is no money here: 0.5 credits.',
      '1 users who are deleted',
      '1 keys whose user was not taken over',
      '1 codes that are redeemed, disabled or deleted',
      '1 channels that the hub cannot serve',
      'user 1 "root" is an administrator there',
      'user 4 "gone" is deleted there and has a quota of 500000 left',
      'key 2 "bounded" has the group "svip" there',
      'channel 1 "main" became 2 channels, by the places and states of its keys',
      'channel 1 "main" has setting, which was not taken',
      'channel 3 "songs" is of kind 36 (Suno), which the hub cannot serve: an interface for music; it was left out',
      '- channel 1 "main": "main #1", openai-compatible at https://upstream.example/v1, 1 credential, 3 models, priority 3, ' +
        'weight 5; "main #2", openai-compatible at https://upstream.example/v1, disabled, 1 credential, 3 models, priority 3, weight 5',
      '- channel 2 "seek": "seek", deepseek, disabled, 1 credential, 1 model, priority 0, weight 1',
      '- channel 3 "songs": left out',
      'channel 4 "local" has its upstream in a private network (127.0.0.1); it was taken over disabled',
      'model "deepseek-v9" has no price',
      'model "free-model" has the ratio 0: it is free',
    ])
      expect(stdout).toContain(line);
  });

  it('shows and stores no secret in the clear', async () => {
    const from = source();
    const trial = await bench.run('import:new-api', '--from', from);
    const done = await bench.run('import:new-api', '--from', from, '--apply');
    const stored = await everything(bench);
    const secrets = [
      foreignKey(1),
      foreignKey(3),
      foreignCode(1),
      'sk-first-credential',
      'songs-credential',
      '$2a$10$',
    ];
    for (const secret of secrets)
      for (const text of [trial.stdout, done.stdout, stored]) expect(text).not.toContain(secret);
  });

  it('changes nothing the second time', async () => {
    const from = source();
    await bench.run('import:new-api', '--from', from, '--apply');
    const before = await everything(bench);
    const again = await bench.run('import:new-api', '--from', from, '--apply');
    expect(await everything(bench)).toBe(before);
    expect(again.stdout).toContain('Quota granted: 0 credits.');
    expect(again.stdout).toMatch(/^users -> accounts +4 +0 +3$/m);
    expect(again.stdout).toMatch(/^tokens -> API keys +4 +0 +3$/m);
    expect(again.stdout).toMatch(/^redemption codes +3 +0 +2$/m);
  });

  it('leaves alone what an operator has made or priced under the same names', async () => {
    await bench.query(`insert into account (name) values ('alice')`);
    await bench.query(
      `insert into app_user (email, password_hash, role) values ('ALICE@example.org', 'their own', 'owner')`,
    );
    await bench.query(`insert into account_group (name, multiplier_millionths) values ('vip', 500000)`);
    await bench.query(`insert into channel (name, provider) values ('seek', 'deepseek')`);
    await bench.query(`insert into model (id) values ('own-model')`);
    await bench.query(
      `insert into price_version (model_id, side, price, source) values ('own-model', 'selling', '{"perRequest":"1"}', 'operator')`,
    );
    const { stdout } = await bench.run('import:new-api', '--from', source(), '--apply');
    expect(stdout).toContain('user 2 "alice" is the account "alice (new-api)" here');
    expect(stdout).toContain('group "vip" is "vip (new-api)" here');
    expect(stdout).toContain('channel 2 "seek" is the channel "seek (new-api)" here');
    expect(stdout).toContain('model "own-model" has a price here already, which stays');
    expect(stdout).toContain('user 2 "alice" has an e-mail address that somebody has here');
    expect(
      await bench.query(`select role, password_hash from app_user where lower(email) = 'alice@example.org'`),
    ).toEqual([{ role: 'owner', password_hash: 'their own' }]);
    expect(await balance('alice')).toMatchObject({ available: 0n });
    expect(await balance('alice (new-api)')).toMatchObject({ available: 2n * NANO });
    expect(await bench.query(`select multiplier_millionths from account_group where name = 'vip'`)).toEqual([
      { multiplier_millionths: '500000' },
    ]);
  });
}

describeWithPostgres('an import from PostgreSQL into PostgreSQL', () => {
  let server: PostgresServer;
  let count = 0;
  let from = '';
  const inDatabase = (name: string) => server.url.replace(/\/postgres$/, `/${name}`);
  const asPostgres = (rows: ForeignRows): ForeignRows => {
    const flags = ['unlimited_quota', 'model_limits_enabled'];
    const toRow = (row: Readonly<Record<string, string | number | bigint | null>>) =>
      Object.fromEntries(
        Object.entries(row).map(([name, value]) => [name, flags.includes(name) ? String(value === 1) : value]),
      );
    return Object.fromEntries(Object.entries(rows).map(([table, list]) => [table, list.map(toRow)]));
  };

  beforeAll(async () => {
    server = await startPostgres();
    const admin = await Database.open({ url: server.url, dataDir: '', poolMax: 2, ledgerPoolMax: 2 });
    await admin.sql.query('create database source');
    await admin.close();
    await fillPostgres(inDatabase('source'), NEW_API_POSTGRES, asPostgres(smallNewApi('https://upstream.example')));
    from = inDatabase('source');
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    const name = `hub${++count}`;
    const admin = await Database.open({ url: server.url, dataDir: '', poolMax: 2, ledgerPoolMax: 2 });
    await admin.sql.query(`create database ${name}`);
    await admin.close();
    bench = await makeImportBench(
      await Database.open({ url: inDatabase(name), dataDir: '', poolMax: 4, ledgerPoolMax: 2 }),
    );
  });
  afterEach(async () => {
    expect(await findUnsound(bench.database.sql)).toEqual([]);
    await bench.database.close();
  });

  describeSmallNewApi(() => from);
});
