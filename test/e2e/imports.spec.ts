import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ChannelStore } from '../../src/channels/channel-store.js';
import type { CommandResult } from '../../src/cli/command.js';
import { DATABASE_COMMANDS, runDatabaseCommand } from '../../src/cli/database-commands.js';
import type { SqlParameter } from '../../src/database/sql.js';
import { RedisService } from '../../src/redis/redis.service.js';
import { TOPIC_KEYS } from '../../src/redis/topics.js';
import { ModelCatalog } from '../../src/routing/model-catalog.js';
import { Keyring } from '../../src/secrets/keyring.js';
import { balanceOf, UNIT } from '../support/books.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { foreignCode, foreignKey, makeSqlite, NEW_API_SQLITE, smallNewApi } from '../support/foreign-databases.js';
import { startHub, type TestHub } from '../support/hub.js';
import { findUnsound } from '../support/sound-books.js';
import { until } from '../support/until.js';

const MODELS = '/api/relay/v1/models';
const CHAT = '/api/relay/v1/chat/completions';
const REDEEM = '/api/user/redemption';
const LAPTOP = `sk-${foreignKey(1)}`;
const BOUNDED = `sk-${foreignKey(2)}`;
const question = (model: string) => ({ model, messages: [{ role: 'user', content: 'Hello there' }] });

let folder: string;
let source: string;
let upstream: FakeUpstream;
let hub: TestHub;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hub-import-'));
  source = join(folder, 'new-api.db');
  upstream = await startFakeUpstream();
  makeSqlite(source, NEW_API_SQLITE, smallNewApi(upstream.url.replace(/\/v1$/, '')));
  hub = await startHub();
});
afterAll(async () => {
  await hub.close();
  await upstream.close();
  rmSync(folder, { recursive: true });
});
afterEach(async () => {
  jest.restoreAllMocks();
  expect(await findUnsound(hub.sql)).toEqual([]);
});

/** Counts the statements that read keys. */
function watchKeyReads(): { count: number } {
  const reads = { count: 0 };
  const query = hub.sql.query.bind(hub.sql);
  jest.spyOn(hub.sql, 'query').mockImplementation(async (text: string, parameters?: readonly SqlParameter[]) => {
    if (text.includes('from api_key')) reads.count++;
    return await query(text, parameters);
  });
  return reads;
}

async function runImport(...args: string[]): Promise<CommandResult> {
  const redis = hub.app.get(RedisService);
  const context = {
    sql: hub.sql,
    keyring: hub.app.get(Keyring),
    channels: hub.app.get(ChannelStore),
    settings: hub.settings,
    publish: (topic: string) => redis.publish(topic, ''),
  };
  const command = DATABASE_COMMANDS.find(({ name }) => name === 'import:new-api')!;
  return await runDatabaseCommand(command, context, { args: ['--from', source, ...args] });
}

const statusWith = async (key: string): Promise<number> => (await hub.fetch(MODELS, { key })).status;
const redeem = (code: string, key = LAPTOP): Promise<Response> => hub.post(REDEEM, { code }, { key });
const accountId = async (name: string): Promise<string> =>
  (await hub.sql.query<{ id: string }>('select id from account where name = $1', [name]))[0]!.id;

describe('before an import', () => {
  it('a key in the format of new-api is refused with 401 and no database read', async () => {
    const reads = watchKeyReads();
    expect(await statusWith(LAPTOP)).toBe(401);
    expect(reads.count).toBe(0);
  });

  it('and so it is after a trial', async () => {
    const { stdout } = await runImport();
    expect(stdout).toContain('a trial');
    expect(await statusWith(LAPTOP)).toBe(401);
  });

  it('a code of new-api is one that nobody has', async () => {
    const response = await hub.post(REDEEM, { code: foreignCode(1) });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'code_invalid' });
  });
});

describe('after an import', () => {
  beforeAll(async () => {
    expect(await runImport('--apply')).toMatchObject({ exitCode: 0 });
    await until(async () => (await statusWith(LAPTOP)) === 200);
    // The fake upstream is on this machine, which an operator must allow.
    await hub.sql.query(`update channel set allow_private_network = true, enabled = name = 'main #1'`);
    await hub.sql.query('update hub_state set catalog_version = catalog_version + 1');
    await hub.app.get(ModelCatalog).refresh();
  });

  it('an old key gets an answer, which costs its account what it cost there, to the nano-credit', async () => {
    const alice = await accountId('alice');
    const before = await balanceOf(hub.sql, alice);
    expect(before.available).toBe(2000n * UNIT);
    const response = await hub.post(CHAT, question('gpt-4o-mini'), { key: LAPTOP });
    expect(response.status).toBe(200);
    const { usage } = (await response.json()) as { usage: { prompt_tokens: number; completion_tokens: number } };
    // 0.15 and 0.6 dollars a million tokens, and four fifths of it for the group.
    const cost = ((BigInt(usage.prompt_tokens) * 150n + BigInt(usage.completion_tokens) * 600n) * 8n + 9n) / 10n;
    const after = await balanceOf(hub.sql, alice);
    expect(cost).toBeGreaterThan(0n);
    expect({ ...after, spent: before.available - after.available }).toMatchObject({
      spent: cost,
      used: cost,
      held: 0n,
    });
  });

  it('the channel uses its old credential and the name of its mapping', async () => {
    expect((await hub.post(CHAT, question('own-model'), { key: LAPTOP })).status).toBe(200);
    const request = upstream.requests.at(-1)!;
    expect(request.headers['authorization']).toBe('Bearer sk-first-credential');
    expect(JSON.parse(String(request.body))).toMatchObject({ model: 'upstream-model' });
  });

  it('an old key keeps its state, its models and its bound', async () => {
    const off = await hub.fetch(MODELS, { key: `sk-${foreignKey(3)}` });
    expect([off.status, await off.json()]).toMatchObject([403, { error: { code: 'key_revoked' } }]);
    const other = await hub.post(CHAT, question('free-model'), { key: BOUNDED });
    expect([other.status, await other.json()]).toMatchObject([404, { error: { code: 'model_not_found' } }]);
    expect((await hub.post(CHAT, question('gpt-4o-mini'), { key: BOUNDED })).status).toBe(200);
    await hub.sql.query(`update key_budget set limit_amount = posted`);
    const spent = await hub.post(CHAT, question('gpt-4o-mini'), { key: BOUNDED });
    expect([spent.status, await spent.json()]).toMatchObject([403, { error: { code: 'key_quota_exceeded' } }]);
  });

  it.each([
    ['without sk-', foreignKey(1)],
    ['with the number of a channel', `${LAPTOP}-3`],
    ['one character less', LAPTOP.slice(0, -1)],
    ['with another letter', LAPTOP.replace('sk-', 'sk_')],
  ])('an old key %s is refused with 401 and no database read', async (_how, key) => {
    const reads = watchKeyReads();
    expect(await statusWith(key)).toBe(401);
    expect(reads.count).toBe(0);
  });

  it('an unknown key of that format is looked for once, and refused from memory then', async () => {
    const reads = watchKeyReads();
    for (let i = 0; i < 5; i++) expect(await statusWith(`sk-${foreignKey(77)}`)).toBe(401);
    expect(reads.count).toBe(1);
  });

  it('a known old key is answered from memory', async () => {
    // Three seconds after a look-up a key that is in use is looked up again, which must not fall due just now.
    await hub.app.get(RedisService).publish(TOPIC_KEYS, '');
    await statusWith(LAPTOP);
    const reads = watchKeyReads();
    for (let i = 0; i < 5; i++) expect(await statusWith(LAPTOP)).toBe(200);
    expect(reads.count).toBe(0);
  });

  it('an old key that is revoked is refused at once', async () => {
    const command = DATABASE_COMMANDS.find(({ name }) => name === 'key:revoke')!;
    const redis = hub.app.get(RedisService);
    const context = {
      sql: hub.sql,
      keyring: hub.app.get(Keyring),
      channels: hub.app.get(ChannelStore),
      settings: hub.settings,
      publish: (topic: string) => redis.publish(topic, ''),
    };
    await runDatabaseCommand(command, context, { args: ['-'], stdin: `${BOUNDED}\n` });
    expect(await statusWith(BOUNDED)).toBe(403);
  });

  it('the keys of the hub work as before', async () => {
    expect(await statusWith(hub.apiKey)).toBe(200);
  });

  it('an old code is redeemed once, in either case', async () => {
    const alice = await accountId('alice');
    const before = await balanceOf(hub.sql, alice);
    const response = await redeem(` ${foreignCode(3).toUpperCase()} `);
    expect([response.status, await response.json()]).toMatchObject([200, { success: true, data: { addedQuota: 500 } }]);
    expect((await balanceOf(hub.sql, alice)).available - before.available).toBe(500n * UNIT);
    const again = await redeem(foreignCode(3));
    expect([again.status, await again.json()]).toMatchObject([409, { code: 'code_already_redeemed' }]);
    const other = await redeem(foreignCode(3), hub.apiKey);
    expect([other.status, await other.json()]).toMatchObject([400, { code: 'code_invalid' }]);
  });

  it('a code that was redeemed there is one that nobody has', async () => {
    expect((await redeem(foreignCode(2), hub.apiKey)).status).toBe(400);
  });

  it('a second import gives nothing again of what was spent or redeemed meanwhile', async () => {
    const alice = await accountId('alice');
    const before = await balanceOf(hub.sql, alice);
    const { stdout } = await runImport('--apply');
    expect(stdout).toContain('Quota granted: 0 credits.');
    expect(await balanceOf(hub.sql, alice)).toEqual(before);
    expect((await redeem(foreignCode(3), hub.apiKey)).status).toBe(400);
    expect(await statusWith(BOUNDED)).toBe(403);
  });
});
