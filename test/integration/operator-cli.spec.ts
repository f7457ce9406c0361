import { randomBytes, randomUUID } from 'node:crypto';
import type { CommandContext, CommandResult } from '../../src/cli/command.js';
import { DATABASE_COMMANDS, runDatabaseCommand } from '../../src/cli/database-commands.js';
import { parseSettings } from '../../src/config/parse-settings.js';
import { Database } from '../../src/database/database.js';
import { createApiKey } from '../../src/keys/create-api-key.js';
import { readCode } from '../../src/redemption/code-text.js';
import { Keyring } from '../../src/secrets/keyring.js';
import { openMemoryDatabase } from '../support/database.js';
import { describeWithPostgres, type PostgresServer, startPostgres } from '../support/postgres.js';
import { quietNow } from '../support/quiet-clock.js';

describe('operator commands on the embedded database', () => describeCommands(openMemoryDatabase));

describeWithPostgres('operator commands on PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());
  describeCommands(() => Database.open({ url: server.url, dataDir: '', poolMax: 4, ledgerPoolMax: 4 }));
});

function describeCommands(open: () => Promise<Database>): void {
  let database: Database;
  let context: CommandContext;
  let account: string;

  beforeAll(async () => {
    database = await open();
    const keyring = await Keyring.open(database.sql, randomBytes(32));
    // These commands use neither channels nor messages to other instances.
    context = { sql: database.sql, keyring, settings: parseSettings({}) } as CommandContext;
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    account = (await hub('account:create', '--name', randomUUID())).stdout!.trim();
  });

  const hub = (name: string, ...args: string[]): Promise<CommandResult> =>
    runDatabaseCommand(DATABASE_COMMANDS.find((command) => command.name === name)!, context, { args });
  const query = <Row extends object = Record<string, unknown>>(text: string, ...parameters: string[]): Promise<Row[]> =>
    database.sql.query<Row>(text, parameters);
  const row = async (id = account) => (await query('select * from account where id = $1', id))[0]!;
  const entries = (id = account) =>
    query(
      'select kind, debit_id, amount, ref, actor, reason from entry where debit_id = $1 or credit_id = $1 order by id',
      id,
    );
  const newKey = async (): Promise<string> =>
    (await createApiKey(database.sql, context.keyring, { accountId: account, name: 'k' })).id;
  const budgets = (keyId: string) =>
    query(
      'select period, time_zone, limit_amount, posted, pending from key_budget where key_id = $1 order by period',
      keyId,
    );

  describe('account:create', () => {
    it('makes an account with its limits, and prints its id alone', async () => {
      const name = randomUUID();
      const limits = ['--rpm', '60', '--tpm', '100000', '--concurrency', '4'];
      const made = await hub('account:create', '--name', name, '--group', 'default', ...limits);
      expect(made).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^\d+\n$/) });
      expect(await row(made.stdout!.trim())).toMatchObject({
        name,
        kind: 'customer',
        group_id: '1',
        rpm_limit: 60,
        tpm_limit: 100_000,
        concurrency_limit: 4,
        credits_posted: '0',
      });
    });

    it('refuses a name that another account has', async () => {
      const { name } = await row();
      const again = await hub('account:create', '--name', String(name));
      expect(again).toEqual({ exitCode: 1, stderr: `There is an account "${name}" already.\n` });
    });

    it.each([
      [['--name', ' '], 2, '--name must have 1 to 200 characters'],
      [['--name', '1000'], 2, 'must not be a number'],
      [['--name', 'a\nb'], 2, 'plain text'],
      [['--name', 'fine', '--rpm', '0'], 2, '--rpm must be a whole number from 1'],
      [['--name', 'fine', '--tpm', '1.5'], 2, '--tpm must be'],
      [['--name', 'fine', '--concurrency', '2147483648'], 2, '--concurrency must be'],
      [['--name', 'fine', '--group', 'none'], 1, 'no account group none'],
    ])('called with %j is refused', async (args, exitCode, message) => {
      expect(await hub('account:create', ...args)).toMatchObject({
        exitCode,
        stderr: expect.stringContaining(message),
      });
      expect(await query(`select id from account where name = 'fine'`)).toEqual([]);
    });
  });

  it('account:list shows what accounts have, used and hold', async () => {
    await hub('quota:grant', '--account', account, '--credits', '9007199.254740993');
    await query(
      `update account set debits_posted = 1, used_posted = 1, debits_pending = 500000000 where id = $1`,
      account,
    );
    const { stdout } = await hub('account:list');
    const line = stdout!.split('\n').find((candidate) => candidate.startsWith(`${account} `));
    expect(line).toMatch(/ default +active +9007199\.254740992 +0\.000000001 +0\.5 +- +- +- /);
  });

  describe('quota:grant', () => {
    it('gives units, under a reference that it prints', async () => {
      const { name } = await row();
      const given = await hub('quota:grant', '--account', String(name), '--units', '5000', '--reason', 'welcome');
      expect(given).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^cli:\S+\n$/) });
      expect(given.stderr).toContain('5000 units (5 credits)');
      const ref = given.stdout!.trim();
      const entry = { kind: 'grant', debit_id: '1', amount: '5000000000', ref, actor: 'cli', reason: 'welcome' };
      expect(await entries()).toEqual([entry]);
      expect((await row())['credits_posted']).toBe('5000000000');
    });

    it('gives nothing a second time for one reference, and says so', async () => {
      const args = ['--account', account, '--credits', '0.5', '--ref', `invoice-${account}`];
      expect((await hub('quota:grant', ...args)).stderr).toContain('500 units');
      const again = await hub('quota:grant', ...args);
      expect(again).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('Nothing was changed') });
      expect((await row())['credits_posted']).toBe('500000000');
      const other = await hub('quota:grant', ...args.with(3, '0.6'));
      expect(other).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('was used before') });
    });

    it.each([
      ...['-1', '0', '0.5', '1e3', '9223372036854775808', '９', ''].map((bad) => ['--units', bad]),
      ...['-1', '0', '1e3', '9223372036.854775808', '９', ''].map((bad) => ['--credits', bad]),
    ])('refuses %s %j in clear words, and posts nothing', async (option, bad) => {
      const refused = await hub('quota:grant', '--account', account, option!, bad!);
      expect(refused.exitCode).toBe(2);
      expect(refused.stderr).toMatch(new RegExp(`^${option} must be `));
      expect(await entries()).toEqual([]);
    });

    it('refuses more than the account can hold', async () => {
      await hub('quota:grant', '--account', account, '--credits', '9223372036.854775797');
      const over = await hub('quota:grant', '--account', account, '--credits', '0.0000001');
      expect(over).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('more than an account can hold') });
      expect((await row())['credits_posted']).toBe('9223372036854775797');
    });

    it('says so when there is no such account', async () => {
      expect(await hub('quota:grant', '--account', 'nobody', '--units', '1')).toEqual({
        exitCode: 1,
        stderr: 'There is no account nobody.\n',
      });
      expect(await hub('quota:grant', '--account', '1', '--units', '1')).toMatchObject({ exitCode: 1 });
    });
  });

  describe('quota:adjust', () => {
    it('takes away what is there, and never more', async () => {
      await hub('quota:grant', '--account', account, '--units', '10');
      const taken = await hub('quota:adjust', '--account', account, '--units', '-4');
      expect(taken).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('-4 units (-0.004 credits)') });
      const tooMuch = await hub('quota:adjust', '--account', account, '--credits', '-0.0061');
      expect(tooMuch).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('never goes below zero') });
      expect(await row()).toMatchObject({ credits_posted: '10000000', debits_posted: '4000000', used_posted: '0' });
    });
  });

  describe('code:create', () => {
    const codesOf = (result: CommandResult): string[] => result.stdout!.trimEnd().split('\n');

    it('prints the codes alone, one a line, and stores what they are worth', async () => {
      const batch = randomUUID();
      const made = await hub(
        ...(['code:create', '--units', '5000', '--count', '3', '--max-uses', '7'] as const),
        ...['--expires', '2099-01-31', '--batch', batch],
      );
      const codes = codesOf(made);
      expect(codes).toHaveLength(3);
      for (const code of codes) expect(readCode(code)).toHaveLength(16);
      expect(made.stderr).toContain(`"${batch}": 3 of 5000 units (5 credits)`);
      const rows = await query(
        `select amount, max_uses, used, expires_at, last4 from redemption_code c join redemption_batch b on b.id = c.batch_id
          where b.name = $1 order by c.id`,
        batch,
      );
      const stored = { amount: '5000000000', max_uses: 7, used: 0, expires_at: new Date('2099-01-31') };
      expect(rows).toEqual(codes.map((code) => ({ ...stored, last4: code.slice(-4) })));
    });

    it('makes ten thousand at once', async () => {
      const startedAt = quietNow();
      const codes = codesOf(await hub('code:create', '--units', '1', '--count', '10000'));
      expect(new Set(codes).size).toBe(10_000);
      expect(quietNow() - startedAt).toBeLessThan(10_000);
    });

    it.each([
      [['--units', '0'], '--units must be'],
      [['--units', '1', '--credits', '1'], 'either --units or --credits'],
      [[], 'either --units or --credits'],
      [['--units', '1', '--count', '100001'], '--count must be a whole number from 1 to 100000'],
      [['--units', '1', '--max-uses', '0'], '--max-uses must be'],
      [['--units', '1', '--expires', '2001-01-01'], 'must be in the future'],
    ])('called with %j is a usage error and prints no code', async (args, message) => {
      expect(await hub('code:create', ...args)).toEqual({ exitCode: 2, stderr: expect.stringContaining(message) });
    });

    it('code:list shows codes by their last four symbols, code:disable ends them', async () => {
      const batch = randomUUID();
      const codes = codesOf(await hub('code:create', '--credits', '0.25', '--count', '3', '--batch', batch));
      const list = async () => (await hub('code:list', '--batch', batch)).stdout!;
      expect((await list()).match(/ active /g)).toHaveLength(3);
      expect(await list()).toContain(`${codes[0]!.slice(-4)}   0.25     0/1   active`);
      for (const code of codes) expect(await list()).not.toContain(code);
      expect(await hub('code:disable', codes[0]!.toLowerCase())).toMatchObject({ exitCode: 0 });
      const id = /^(\d+) /m.exec(await list())![1]!;
      expect(await hub('code:disable', '--id', id)).toMatchObject({ exitCode: 0 });
      expect((await list()).match(/ disabled /g)).toHaveLength(2);
      const all = await hub('code:disable', '--batch', batch);
      expect(all.stderr).toBe('1 of 3 codes are disabled now. 2 had been disabled before.\n');
      expect((await list()).match(/ disabled /g)).toHaveLength(3);
    });

    it.each([
      [[], 2, 'say which'],
      [['--id', '1', '--batch', 'x'], 2, 'say which'],
      [['REDEEM-0000-0000-0000-0001'], 2, 'not a redemption code'],
      [['REDEEM-0000-0000-0000-0000'], 1, 'There is no such code'],
      [['--batch', 'nothing'], 1, 'There is no such code'],
    ])('code:disable %j is refused', async (args, exitCode, message) => {
      expect(await hub('code:disable', ...args)).toMatchObject({ exitCode, stderr: expect.stringContaining(message) });
    });
  });

  describe('key:budget', () => {
    it('sets a budget that counts the open holds of the key, and keeps what was spent when it changes', async () => {
      const key = await newKey();
      await hub('quota:grant', '--account', account, '--units', '100');
      await query(
        `select * from ledger_reserve(array[$1]::uuid[], array[$2]::bigint[], array[$3]::bigint[], array[30]::bigint[],
           array[30]::bigint[], array[null]::bigint[], array['sync'], array['m'], array[''], 'test', 1, 60000, false, null)`,
        ...[randomUUID(), account, key],
      );
      const set = await hub('key:budget', key, '--period', 'month', '--units', '5000', '--time-zone', 'Europe/Berlin');
      expect(set).toEqual({ exitCode: 0, stderr: `Key ${key} may spend 5000 units (5 credits) a month.\n` });
      const budget = {
        period: 'month',
        time_zone: 'Europe/Berlin',
        limit_amount: '5000000000',
        posted: '0',
        pending: '30',
      };
      expect(await budgets(key)).toEqual([budget]);
      await query(`update key_budget set posted = 12 where key_id = $1`, key);
      await hub('key:budget', key, '--period', 'month', '--credits', '6');
      await hub('key:budget', key, '--period', 'total', '--credits', '50');
      expect(await budgets(key)).toEqual([
        { ...budget, limit_amount: '6000000000', posted: '12' },
        { period: 'total', time_zone: 'UTC', limit_amount: '50000000000', posted: '0', pending: '30' },
      ]);
      const [period] = await query(
        `select extract(hour from period_start at time zone 'Europe/Berlin') as hour,
                period_end > now() and period_end < now() + interval '32 days' as is_next
           from key_budget where key_id = $1 and period = 'month'`,
        key,
      );
      expect(period).toEqual({ hour: '0', is_next: true });
    });

    it('is taken away, one or all', async () => {
      const key = await newKey();
      for (const period of ['total', 'day', 'month']) await hub('key:budget', key, '--period', period, '--units', '1');
      expect((await hub('key:budget', key, '--remove', '--period', 'day')).stderr).toContain('1 budget(s) less');
      expect(await budgets(key)).toHaveLength(2);
      expect((await hub('key:budget', key, '--remove')).stderr).toContain('2 budget(s) less');
      expect((await hub('key:budget', key, '--remove')).stderr).toContain('no such budget');
    });

    it.each([
      [['--period', 'week', '--units', '1'], 2, '--period must be'],
      [['--units', '1'], 2, '--period is needed'],
      [['--period', 'day', '--units', '0'], 2, '--units must be'],
      [['--period', 'day', '--units', '1', '--time-zone', 'Mars/Olympus'], 2, 'no time zone Mars/Olympus'],
      [['--period', 'day', '--units', '1', '--time-zone', '+01:00'], 2, 'no time zone +01:00'],
      [['--remove', '--units', '1'], 2, '--remove takes nothing'],
    ])('called with %j is refused', async (args, exitCode, message) => {
      const key = await newKey();
      expect(await hub('key:budget', key, ...args)).toMatchObject({
        exitCode,
        stderr: expect.stringContaining(message),
      });
      expect(await budgets(key)).toEqual([]);
    });

    it('says so when there is no such key', async () => {
      const none = { exitCode: 1, stderr: 'There is no key 999999.\n' };
      expect(await hub('key:budget', '999999', '--period', 'day', '--units', '1')).toEqual(none);
      expect(await hub('key:budget', '999999', '--remove')).toEqual(none);
      expect(await hub('key:budget', 'name', '--remove')).toMatchObject({ exitCode: 2 });
    });
  });
}
