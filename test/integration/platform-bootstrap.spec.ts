import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { renderBanner } from '../../src/bootstrap/banner.js';
import { BootstrapService } from '../../src/bootstrap/bootstrap.service.js';
import { planBootstrap } from '../../src/bootstrap/plan-bootstrap.js';
import { ChannelStore } from '../../src/channels/channel-store.js';
import { generateApiKey, isWellFormedApiKey } from '../../src/common/api-key.js';
import { parseSettings } from '../../src/config/parse-settings.js';
import type { Database } from '../../src/database/database.js';
import { hashApiKey } from '../../src/keys/hash-api-key.js';
import { VENDORS } from '../../src/providers/vendors.js';
import { CredentialCipher } from '../../src/secrets/credential-cipher.js';
import { Keyring } from '../../src/secrets/keyring.js';
import { verifyPassword } from '../../src/users/password.js';
import { openMemoryDatabase } from '../support/database.js';

let database: Database;
let keyring: Keyring;
let folder: string;

beforeAll(async () => {
  database = await openMemoryDatabase();
  keyring = await Keyring.open(database.sql, randomBytes(32));
  folder = mkdtempSync(join(tmpdir(), 'hub-bootstrap-'));
});
afterAll(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  for (const table of ['route', 'channel', 'model', 'api_key', 'app_user'])
    await database.sql.query(`delete from ${table}`);
  await database.sql.query('update hub_state set bootstrapped_at = null');
});

async function start(env: Record<string, string> = {}) {
  const settings = parseSettings({ DATA_DIR: 'memory://', ...env });
  const store = new ChannelStore(database.sql, new CredentialCipher(keyring));
  const plan = await planBootstrap(database.sql, { settings, env, providers: VENDORS });
  return new BootstrapService(database.sql, keyring, store, settings).run(plan);
}

const users = () =>
  database.sql.query<{ email: string; role: string; password_hash: string }>('select * from app_user');
const keys = () => database.sql.query<{ key_hash: Buffer; account_id: string; last4: string }>('select * from api_key');

describe('the first start', () => {
  it('makes an administrator, an account with quota and a key that fits', async () => {
    const { firstStart } = await start({ HUB_INITIAL_QUOTA: '250' });
    const [user] = await users();
    const [key] = await keys();
    expect(user).toMatchObject({ email: 'admin@localhost', role: 'owner' });
    expect(await verifyPassword(firstStart!.generatedPassword!, user!.password_hash)).toBe(true);
    expect(isWellFormedApiKey(firstStart!.generatedApiKey!)).toBe(true);
    expect(key!.key_hash).toEqual(hashApiKey(keyring.apiKeyPepper, firstStart!.generatedApiKey!));
    const [account] = await database.sql.query('select credits_posted from account where id = $1', [key!.account_id]);
    expect(account).toEqual({ credits_posted: '250000000' });
  });

  it('takes what the environment supplies, and repeats none of it', async () => {
    const apiKey = generateApiKey();
    const env = { HUB_API_KEY: apiKey, HUB_ADMIN_EMAIL: 'me@example.com', HUB_ADMIN_PASSWORD: 'long enough' };
    const report = await start(env);
    expect(report.firstStart).toEqual({ adminEmail: 'me@example.com', quotaUnits: 10_000n });
    expect((await keys())[0]).toMatchObject({ last4: apiKey.slice(-4) });
    expect(await verifyPassword('long enough', (await users())[0]!.password_hash)).toBe(true);
  });

  it('is done by exactly one of several instances', async () => {
    const reports = await Promise.all([start(), start(), start()]);
    expect(reports.filter((report) => report.firstStart)).toHaveLength(1);
    expect(await users()).toHaveLength(1);
    expect(await keys()).toHaveLength(1);
  });

  it('is left to a later start when this one fails over what is declared', async () => {
    await database.sql.query(`insert into channel (name, provider) values ('openai', 'openai')`);
    await expect(start({ OPENAI_API_KEY: 'sk-upstream' })).rejects.toThrow('channel "openai"');
    expect(await users()).toEqual([]);
    expect((await start()).firstStart?.generatedApiKey).toBeDefined();
  });

  it('is not repeated, and later starts give no secret away', async () => {
    await start();
    expect((await start()).firstStart).toBeUndefined();
    expect(await keys()).toHaveLength(1);
  });
});

describe('the channels of a start', () => {
  const channels = () =>
    database.sql.query('select name, provider, managed_by from channel where enabled order by name');

  it('are the sandbox when there is nothing else', async () => {
    expect(await start()).toMatchObject({
      isSandboxOn: true,
      models: [
        'gpt-4',
        'gpt-3.5-turbo-instruct',
        'dall-e-3',
        'text-embedding-3-small',
        'sandbox-video',
        'omni-moderation-latest',
        'tts-1',
        'whisper-1',
        'sandbox-rerank',
      ],
    });
    expect(await channels()).toEqual([{ name: 'sandbox', provider: 'sandbox', managed_by: 'sandbox' }]);
  });

  it('are none in production without any provider', async () => {
    expect(await start({ NODE_ENV: 'production' })).toMatchObject({ isSandboxOn: false, models: [] });
  });

  it('are those of the provider keys, and the sandbox goes when they come', async () => {
    await start();
    const report = await start({ OPENAI_API_KEY: 'sk-upstream', DEEPSEEK_API_KEY: 'sk-deep' });
    expect(report.isSandboxOn).toBe(false);
    expect(report.models[0]).not.toMatch(/embed|image/);
    expect(await channels()).toEqual([
      { name: 'deepseek', provider: 'deepseek', managed_by: 'environment' },
      { name: 'openai', provider: 'openai', managed_by: 'environment' },
    ]);
  });

  it('are those of HUB_CONFIG, with variables filled in', async () => {
    const file = join(folder, 'hub.yaml');
    writeFileSync(
      file,
      `channels: [{ id: main, provider: openai, apiKey: "\${OPENAI_API_KEY}", models: { gpt-4: gpt-4o } }]`,
    );
    const report = await start({ HUB_CONFIG: file, OPENAI_API_KEY: 'sk-upstream' });
    expect(report.models).toEqual(['gpt-4']);
    expect(await channels()).toEqual([{ name: 'main', provider: 'openai', managed_by: 'config' }]);
  });

  it('are priced by the catalogue when they come from a provider key, and those it does not know are named', async () => {
    const report = await start({ OPENAI_API_KEY: 'sk-upstream', DASHSCOPE_API_KEY: 'sk-dash' });
    const note = report.notes.find((line) => line.startsWith('Without a price'));
    expect(note).toBe(
      'Without a price, and refused (503 model_not_priced) until they have one: qwen-image, text-embedding-v4, wan2.2-t2i-flash, wan2.7-i2v, wan2.7-t2v.',
    );
    const prices = await database.sql.query<{ model_id: string; side: string; source: string }>(
      `select model_id, side, source from price_version where model_id = 'gpt-image-2' order by id desc limit 2`,
    );
    expect(prices).toEqual(
      expect.arrayContaining([
        { model_id: 'gpt-image-2', side: 'selling', source: 'environment' },
        { model_id: 'gpt-image-2', side: 'purchase', source: 'environment' },
      ]),
    );
  });

  it('of HUB_CONFIG are not priced by the catalogue, which is shown to paste', async () => {
    const file = join(folder, 'unpriced.yaml');
    const models = '{ gpt-4: gpt-4o, own: own, gpt-6-luna: }';
    writeFileSync(file, `channels: [{ id: unpriced, provider: openai, apiKey: k, models: ${models} }]`);
    const { notes } = await start({ HUB_CONFIG: file });
    expect(notes.slice(0, 5)).toEqual([
      'Without a price, and refused (503 model_not_priced) until they have one: gpt-4, gpt-6-luna, own.',
      'Set one with "npm run hub -- price:set MODEL ..." or in HUB_CONFIG.',
      'List prices of the vendors, to paste into HUB_CONFIG:',
      'models:',
      '  - { id: "gpt-4", price: { inputPerMillion: "2.5", cachedInputPerMillion: "1.25", outputPerMillion: "10" } }',
    ]);
    writeFileSync(file, `${readFileSync(file, 'utf8')}\n${notes.slice(3).join('\n')}`);
    expect((await start({ HUB_CONFIG: file })).notes[0]).toContain('until they have one: own.');
  });

  it('may lie in groups that HUB_CONFIG declares, and lets go of', async () => {
    const group = () =>
      database.sql.query(
        `select name, multiplier_millionths, models, managed_by from account_group where name in ('default', 'vip') order by name`,
      );
    const file = join(folder, 'groups.yaml');
    writeFileSync(
      file,
      'groups: [{ id: vip, multiplier: "0.8", models: [gpt-4] }, { id: default, multiplier: "1.5" }]',
    );
    await start({ HUB_CONFIG: file });
    const plain = { models: null, managed_by: 'config' };
    expect(await group()).toEqual([
      { ...plain, name: 'default', multiplier_millionths: '1500000' },
      { ...plain, name: 'vip', multiplier_millionths: '800000', models: ['gpt-4'] },
    ]);
    writeFileSync(file, 'groups: [{ id: default }]');
    await start({ HUB_CONFIG: file });
    expect(await group()).toEqual([
      { ...plain, name: 'default', multiplier_millionths: '1000000' },
      { name: 'vip', multiplier_millionths: '800000', models: ['gpt-4'], managed_by: null },
    ]);
  });

  it('stop the start when HUB_CONFIG cannot be read or used', async () => {
    await expect(start({ HUB_CONFIG: join(folder, 'missing.yaml') })).rejects.toThrow('HUB_CONFIG names a file');
    const file = join(folder, 'wrong.yaml');
    writeFileSync(file, 'chanels: []');
    await expect(start({ HUB_CONFIG: file })).rejects.toThrow('wrong.yaml:1: unknown key `chanels`');
  });

  it("are an operator's own alone, once there are any", async () => {
    await start();
    await database.sql.query(`insert into channel (name, provider) values ('own', 'groq')`);
    expect((await start()).isSandboxOn).toBe(false);
    expect(await channels()).toEqual([{ name: 'own', provider: 'groq', managed_by: null }]);
  });
});

describe('the notes of a start', () => {
  const POSTGRES = {
    DATABASE_URL: 'postgres://x',
    HUB_MASTER_KEY: randomBytes(32).toString('base64'),
    HUB_WORKERS: '4',
  };
  const note = expect.stringContaining('Rate limits count in each of the 4 workers separately');

  it('say that several workers without Redis limit each for itself, where the operator reads it', async () => {
    const report = await start(POSTGRES);
    expect(report.notes).toEqual([note]);
    expect(renderBanner(report, 'http://hub.example')).toContain('set REDIS_URL to share them');
  });

  it.each([
    ['several workers with Redis', { ...POSTGRES, REDIS_URL: 'redis://127.0.0.1:1' }],
    ['one worker', {}],
  ])('say nothing of it for %s', async (_what, env: Record<string, string>) => {
    expect((await start(env)).notes).not.toContainEqual(expect.stringContaining('Rate limits'));
  });
});

describe('the code of the API document', () => {
  const isRedeemable = async (): Promise<boolean> => {
    const rows = await database.sql.query<{ disabled_at: Date | null }>(
      `select c.disabled_at from redemption_code c join redemption_batch b on b.id = c.batch_id where b.name = 'sandbox'`,
    );
    expect(rows.length).toBeLessThan(2);
    return rows.some((row) => row.disabled_at === null);
  };

  it.each<[Record<string, string>, boolean]>([
    [{ NODE_ENV: 'production' }, false],
    [{}, true],
    [{ HUB_SANDBOX: 'off' }, false],
    [{ HUB_SANDBOX: 'on' }, true],
    // Invented answers may be wanted there; money for nothing is not.
    [{ HUB_SANDBOX: 'on', NODE_ENV: 'production' }, false],
  ])('after a start with %j can be redeemed: %s', async (env, expected) => {
    await start(env);
    expect(await isRedeemable()).toBe(expected);
  });
});
