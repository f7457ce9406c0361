import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { firstStart } from '../../src/bootstrap/first-start.js';
import { ChannelStore } from '../../src/channels/channel-store.js';
import type { CommandContext } from '../../src/cli/command.js';
import { CommandServer } from '../../src/cli/command-server.js';
import { runCli } from '../../src/cli/run-cli.js';
import { generateApiKey, isWellFormedApiKey } from '../../src/common/api-key.js';
import { parseSettings } from '../../src/config/parse-settings.js';
import type { Database } from '../../src/database/database.js';
import { hashApiKey } from '../../src/keys/hash-api-key.js';
import { TOPIC_KEYS } from '../../src/redis/topics.js';
import { CredentialCipher } from '../../src/secrets/credential-cipher.js';
import { Keyring } from '../../src/secrets/keyring.js';
import { Identify } from '../../src/users/identify.js';
import { verifyPassword } from '../../src/users/password.js';
import { SecondFactor } from '../../src/users/second-factor.js';
import { startSession } from '../../src/users/start-session.js';
import { totpCode, totpStepOf } from '../../src/users/totp.js';
import { TotpSecrets } from '../../src/users/totp-secrets.js';
import { WebhookSecrets } from '../../src/webhooks/webhook-secrets.js';
import { openMemoryDatabase } from '../support/database.js';
import { insertAccount, insertEvents } from '../support/usage-events.js';

/** A hub that is running on the embedded database: commands reach it over its socket. */
let database: Database;
let keyring: Keyring;
let server: CommandServer;
let dataDir: string;
let socketPath: string;
const published: string[] = [];

beforeAll(async () => {
  Logger.overrideLogger(false);
  dataDir = mkdtempSync(join(tmpdir(), 'hub-cli-'));
  socketPath = join(dataDir, 'hub.sock');
  const settings = parseSettings({ DATA_DIR: dataDir });
  database = await openMemoryDatabase();
  keyring = await Keyring.open(database.sql, randomBytes(32));
  await firstStart(database.sql, keyring, settings.bootstrap);
  const context: CommandContext = {
    sql: database.sql,
    keyring,
    channels: new ChannelStore(database.sql, new CredentialCipher(keyring)),
    settings,
    publish: async (topic) => void published.push(topic),
  };
  server = new CommandServer(socketPath, context);
  await server.start();
});
afterAll(async () => {
  await server.close();
  await database.close();
  rmSync(dataDir, { recursive: true });
});

const hub = (argv: string[], stdin = '', env: Record<string, string> = {}) =>
  runCli({ argv, env: { DATA_DIR: dataDir, ...env }, readStdin: async () => stdin });

const keyRow = async (key: string) => {
  const rows = await database.sql.query<Record<string, unknown> & { id: string }>(
    'select * from api_key where key_hash = $1',
    [hashApiKey(keyring.apiKeyPepper, key)],
  );
  return rows[0]!;
};

async function createKey(...args: string[]) {
  const { stdout } = await hub(['key:create', ...args]);
  const key = stdout!.trim();
  return { key, row: await keyRow(key) };
}

describe('the command socket', () => {
  it('opens for its owner only', () => {
    expect(statSync(socketPath).mode & 0o777).toBe(0o600);
  });
});

describe('key:create', () => {
  it('prints the key alone to standard output, and keeps no copy of it', async () => {
    const result = await hub(['key:create', '--name', 'ci']);
    expect(result.exitCode).toBe(0);
    expect(isWellFormedApiKey(result.stdout!.trim())).toBe(true);
    expect(result.stdout).toMatch(/^\S+\n$/);
    expect(result.stderr).toContain('"ci" of account');
    expect(result.stderr).not.toContain('sk_live_');
    expect(await keyRow(result.stdout!.trim())).toMatchObject({ name: 'ci', models: null, expires_at: null });
  });

  it('takes models, addresses and an end', async () => {
    const { row } = await createKey(
      ...['--name', 'narrow', '--models', 'gpt-4, dall-e-3', '--ips', '10.0.0.0/8,::1', '--expires', '2099-01-31'],
    );
    expect(row).toMatchObject({
      models: ['gpt-4', 'dall-e-3'],
      ip_allow_list: ['10.0.0.0/8', '::1'],
      expires_at: new Date('2099-01-31T00:00:00Z'),
    });
  });

  it('takes limits, and leaves those open that are not given', async () => {
    const { row } = await createKey('--name', 'limited', '--rpm', '60', '--tpm', '100000', '--concurrency', '5');
    expect(row).toMatchObject({ rpm_limit: 60, tpm_limit: 100_000, concurrency_limit: 5 });
    expect((await createKey('--name', 'open')).row).toMatchObject({
      rpm_limit: null,
      tpm_limit: null,
      concurrency_limit: null,
    });
  });

  it.each([
    [[], 'usage: npm run hub -- key:create'],
    [['--name', 'x', '--rpm', '0'], '--rpm must be a whole number from 1 to 2147483647'],
    [['--name', 'x', '--tpm', '2147483648'], '--tpm must be'],
    [['--name', 'x', '--concurrency', '1.5'], '--concurrency must be'],
    [['--name', 'x', '--expires', 'tomorrow'], '--expires must be'],
    [['--name', 'x', '--expires', '2001-01-01'], '--expires must be in the future'],
    [['--name', 'x', '--ips', '10.0.0.0/33'], '--ips: 10.0.0.0/33'],
    [['--name', 'x', '--models', 'a,,b'], 'empty items'],
    [['--nmae', 'x'], '--nmae'],
    [['--name', 'x', 'stray'], 'stray'],
  ])('called with %j is a usage error', async (args, message) => {
    const result = await hub(['key:create', ...args]);
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toContain(message);
    expect(result.stdout).toBeUndefined();
  });

  it('says so when there is no such account', async () => {
    expect(await hub(['key:create', '--name', 'x', '--account', 'nobody'])).toEqual({
      exitCode: 1,
      stderr: 'There is no account nobody.\n',
    });
  });
});

describe('key:revoke', () => {
  const isRevoked = async (key: string) => (await keyRow(key))['revoked_at'] !== null;

  it('takes an id, and tells every instance', async () => {
    const { key, row } = await createKey('--name', 'by-id');
    published.length = 0;
    expect(await hub(['key:revoke', row.id])).toMatchObject({ exitCode: 0 });
    expect(await isRevoked(key)).toBe(true);
    expect(published).toEqual([TOPIC_KEYS]);
  });

  it('takes a name with the last four characters', async () => {
    const { key } = await createKey('--name', 'by-name');
    expect(await hub(['key:revoke', '--name', 'by-name', '--last4', key.slice(-4)])).toMatchObject({ exitCode: 0 });
    expect(await isRevoked(key)).toBe(true);
  });

  it('takes the key itself from standard input, and not as an argument', async () => {
    const { key } = await createKey('--name', 'by-stdin');
    expect(await hub(['key:revoke', key])).toMatchObject({ exitCode: 2 });
    expect(await isRevoked(key)).toBe(false);
    expect(await hub(['key:revoke', '-'], `${key}\n`)).toMatchObject({ exitCode: 0 });
    expect(await isRevoked(key)).toBe(true);
    expect(await hub(['key:revoke', '-'], key)).toMatchObject({ stderr: expect.stringContaining('before') });
  });

  it.each([
    [['999999'], '', 1],
    [['-'], 'nonsense', 1],
    [['-'], generateApiKey(), 1],
    [[], '', 2],
    [['--name', 'only'], '', 2],
  ] as const)('%j with input %j ends with %#', async (args, stdin, exitCode) => {
    expect(await hub(['key:revoke', ...args], stdin)).toMatchObject({ exitCode });
  });
});

it('key:list shows every key with its state, and no key', async () => {
  const { key, row } = await createKey('--name', 'listed');
  await hub(['key:revoke', row.id]);
  const { stdout } = await hub(['key:list']);
  expect(stdout).toMatch(new RegExp(`^${row.id} +listed +\\d+ default +${key.slice(-4)} +revoked`, 'm'));
  expect(stdout).not.toContain('sk_live_');
});

/** Rows of the audit log about a person, the newest last. */
const auditRows = (action: string) =>
  database.sql.query<{ actor_kind: string; actor: string; after: string }>(
    'select actor_kind, actor, after from audit_log where action = $1 order by seq',
    [action],
  );

describe('admin:reset-password', () => {
  it('ends the sessions of the person, says so, and is written down without the password', async () => {
    const [user] = await database.sql.query<{ id: string }>('select id from app_user');
    const { token } = await startSession(database.sql, keyring, user!.id, { address: '::1', userAgent: '' });
    const { stdout = '', stderr } = await hub(['admin:reset-password']);
    expect(stderr).toBe('New password of admin@localhost. It is not shown again. Sessions ended: 1.\n');
    expect(await new Identify(database.sql, keyring).byToken(token)).toBeUndefined();
    expect((await auditRows('user.resetPassword')).at(-1)).toEqual({
      actor_kind: 'cli',
      actor: 'cli',
      after: '{"endedSessions":1}',
    });
    expect(JSON.stringify(await auditRows('user.resetPassword'))).not.toContain(stdout.trim());
  });

  it('gives the only administrator a new password', async () => {
    const { stdout, exitCode } = await hub(['admin:reset-password']);
    expect(exitCode).toBe(0);
    const [user] = await database.sql.query<{ password_hash: string }>('select password_hash from app_user');
    expect(await verifyPassword(stdout!.trim(), user!.password_hash)).toBe(true);
  });

  it('finds an administrator by e-mail in any case, and nobody else', async () => {
    expect(await hub(['admin:reset-password', '--email', 'ADMIN@localhost'])).toMatchObject({ exitCode: 0 });
    expect(await hub(['admin:reset-password', '--email', 'x@y.z'])).toMatchObject({ exitCode: 1 });
  });
});

describe('admin:reset-second-factor', () => {
  it('takes it from somebody who has one, ends their sessions and is written down', async () => {
    const [user] = await database.sql.query<{ id: string }>('select id from app_user');
    const secrets = new TotpSecrets(database.sql, new CredentialCipher(keyring));
    const factor = new SecondFactor(secrets, keyring);
    const secret = await factor.begin(database.sql, user!.id);
    await factor.confirm(database.sql, user!.id, totpCode(secret, totpStepOf(Date.now())));
    const { token } = await startSession(database.sql, keyring, user!.id, { address: '::1', userAgent: '' });
    expect(await hub(['admin:reset-second-factor', '--email', 'Admin@localhost'])).toEqual({
      exitCode: 0,
      stderr: 'admin@localhost signs in with the password alone now. Sessions ended: 1.\n',
    });
    expect(await new Identify(database.sql, keyring).byToken(token)).toBeUndefined();
    expect(await auditRows('user.removeSecondFactor')).toEqual([
      { actor_kind: 'cli', actor: 'cli', after: '{"endedSessions":1}' },
    ]);
    expect(await database.sql.query('select 1 from recovery_code')).toEqual([]);
  });

  it('says when there is none, nobody, or nobody was named', async () => {
    expect(await hub(['admin:reset-second-factor', '--email', 'admin@localhost'])).toMatchObject({ exitCode: 1 });
    expect(await hub(['admin:reset-second-factor', '--email', 'x@y.z'])).toMatchObject({ exitCode: 1 });
    expect(await hub(['admin:reset-second-factor'])).toMatchObject({ exitCode: 2 });
  });
});

describe('audit:verify', () => {
  it('prints the end of a log that is whole, and takes it back', async () => {
    await hub(['admin:reset-password']);
    const { exitCode, stdout = '', stderr } = await hub(['audit:verify']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: expect.stringMatching(/is whole: \d+ rows/) });
    expect(stdout).toMatch(/^\d+:[0-9a-f]{64}\n$/);
    expect(await hub(['audit:verify', '--expect', stdout.trim()])).toMatchObject({ exitCode: 0 });
    const other = `${stdout.split(':')[0]}:${'0'.repeat(64)}`;
    expect(await hub(['audit:verify', '--expect', other])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('is not the one that was there'),
    });
    expect(await hub(['audit:verify', '--expect', '7'])).toMatchObject({ exitCode: 2 });
  });

  it('exits with 1 and names the row when somebody has changed one', async () => {
    await database.sql.query('alter table audit_log disable trigger user');
    const [row] = await database.sql.query<{ seq: string }>(
      `update audit_log set actor = 'nobody' where seq = 1 returning seq`,
    );
    expect(await hub(['audit:verify'])).toMatchObject({
      exitCode: 1,
      stdout: expect.stringMatching(/^\d+:[0-9a-f]{64}\n$/),
      stderr: expect.stringContaining(`Row ${row!.seq} does not fit its hash`),
    });
    await database.sql.query(`update audit_log set actor = 'cli' where seq = 1`);
    await database.sql.query('alter table audit_log enable trigger user');
    expect(await hub(['audit:verify'])).toMatchObject({ exitCode: 0 });
  });
});

describe('rotating keys', () => {
  it('puts the data keys under HUB_MASTER_KEY_NEW', async () => {
    const fresh = randomBytes(32);
    const result = await hub(['master-key:rotate'], '', { HUB_MASTER_KEY_NEW: fresh.toString('base64') });
    expect(result).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('2 keys are under the new master key'),
    });
    expect((await Keyring.open(database.sql, fresh)).apiKeyPepper).toEqual(keyring.apiKeyPepper);
  });

  it('refuses a new master key that is none, without showing it', async () => {
    const result = await hub(['master-key:rotate'], '', { HUB_MASTER_KEY_NEW: 'too-short' });
    expect(result.exitCode).toBe(1);
    expect(result.stderr).not.toContain('too-short');
  });

  it('makes a new key for credentials', async () => {
    const before = keyring.credentialKey.id;
    expect(await hub(['credential-key:rotate'])).toMatchObject({ exitCode: 0 });
    expect(keyring.credentialKey.id).not.toBe(before);
  });

  it('seals the secrets of second factors anew', async () => {
    const [user] = await database.sql.query<{ id: string }>('select id from app_user');
    const cipher = new CredentialCipher(keyring);
    await new TotpSecrets(database.sql, cipher).begin(database.sql, user!.id);
    expect(await hub(['credential-key:rotate'])).toMatchObject({ exitCode: 0 });
    const [row] = await database.sql.query<{ sealed: Buffer }>('select totp_secret as sealed from app_user');
    expect(cipher.isOutdated(row!.sealed)).toBe(false);
  });

  it('seals the secrets of webhooks anew', async () => {
    const cipher = new CredentialCipher(keyring);
    const secrets = new WebhookSecrets(database.sql, cipher);
    const accountId = await insertAccount(database.sql);
    const before = await secrets.of(accountId);
    expect(await hub(['credential-key:rotate'])).toMatchObject({ exitCode: 0 });
    const [row] = await database.sql.query<{ secret: Buffer }>(
      'select secret from webhook_secret where account_id = $1',
      [accountId],
    );
    expect(cipher.isOutdated(row!.secret)).toBe(false);
    expect(await secrets.of(accountId)).toEqual(before);
  });
});

it('usage:rebuild sums the events up anew', async () => {
  const account_id = await insertAccount(database.sql);
  await insertEvents(database.sql, [{ account_id }, { account_id }]);
  await database.sql.query(`insert into usage_hour (hour, account_id, model) values (now(), $1, 'gone')`, [account_id]);
  expect(await hub(['usage:rebuild'])).toEqual({ exitCode: 0, stderr: '2 attempts in 1 hours are summed up.\n' });
  expect(await hub(['usage:rebuild', 'now'])).toMatchObject({ exitCode: 2 });
});

describe('commands without a database', () => {
  const check = (text: string) => {
    const file = join(dataDir, 'hub.yaml');
    writeFileSync(file, text);
    return hub(['config:check', file], '', { KEY: 'k' });
  };

  it('config:check accepts a good file', async () => {
    const text = 'channels: [{ id: a, provider: deepseek, apiKey: "$' + '{KEY}", models: { m: } }]';
    expect(await check(text)).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('1 channels') });
  });

  it('config:check names the mistakes of a bad one', async () => {
    const result = await check('channels:\n  - { id: a, provider: deepsek, models: { m: } }');
    expect(result).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('hub.yaml:2: unknown provider `deepsek`'),
    });
  });

  it('key:generate prints a key that HUB_API_KEY takes', async () => {
    const { stdout } = await hub(['key:generate']);
    expect(parseSettings({ HUB_API_KEY: stdout!.trim() }).bootstrap.apiKey).toBe(stdout!.trim());
  });

  it.each([
    [['help'], 0],
    [['key:create', '--help'], 0],
    [[], 2],
    [['kye:create'], 2],
    [['config:check'], 2],
  ])('%j ends with %i', async (argv, exitCode) => {
    expect(await hub(argv)).toMatchObject({ exitCode });
  });
});

it('without a running hub a command opens the database itself', async () => {
  const elsewhere = mkdtempSync(join(tmpdir(), 'hub-cli-alone-'));
  const env = { DATA_DIR: elsewhere };
  expect(await hub(['key:list'], '', env)).toMatchObject({ exitCode: 0 });
  expect(await hub(['key:create', '--name', 'x'], '', env)).toMatchObject({ exitCode: 1 });
  rmSync(elsewhere, { recursive: true });
});

it('names what is wrong with the settings', async () => {
  expect(await hub(['key:list'], '', { PORT: 'x' })).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('PORT'),
  });
});
