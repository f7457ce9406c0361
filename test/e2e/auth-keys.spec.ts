import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { ModulesContainer } from '@nestjs/core';
import { ApiKeyService } from '../../src/auth/api-key.service.js';
import { API_KEY_SCOPE } from '../../src/auth/permission.decorator.js';
import { generateApiKey } from '../../src/common/api-key.js';
import { IS_PUBLIC } from '../../src/common/public.decorator.js';
import { DatabaseUnavailableError } from '../../src/database/database-error.js';
import type { SqlParameter } from '../../src/database/sql.js';
import { RunRegistry } from '../../src/relay/run-registry.js';
import { startHub } from '../support/admin-hub.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { type TestHub } from '../support/hub.js';
import { within } from '../support/quiet-clock.js';
import { rawRequest, sendRaw } from '../support/raw-client.js';
import { until } from '../support/until.js';

const MODELS = '/api/relay/v1/models';
const CHAT = '/api/relay/v1/chat/completions';
const QUESTION = { messages: [{ role: 'user', content: 'x' }] };

let upstream: FakeUpstream;
let hub: TestHub;

beforeAll(async () => {
  upstream = await startFakeUpstream();
  const models = new Map([
    ['gpt-4', 'gpt-4'],
    ['gpt-4o', 'gpt-4o'],
  ]);
  hub = await startHub({ channels: [{ name: 'main', baseUrl: upstream.url, models }] });
});
afterAll(async () => {
  await hub.close();
  await upstream.close();
});
afterEach(async () => {
  jest.restoreAllMocks();
  upstream.reset();
  await until(() => hub.app.get(RunRegistry).size === 0);
});

/** Watches the statements that read keys, which may have to wait before they go to the database, or fail. */
function watchKeyReads(first?: () => Promise<void>): { count: number } {
  const reads = { count: 0 };
  const query = hub.sql.query.bind(hub.sql);
  jest.spyOn(hub.sql, 'query').mockImplementation(async (text: string, parameters?: readonly SqlParameter[]) => {
    if (!text.includes('from api_key')) return await query(text, parameters);
    reads.count++;
    await first?.();
    return await query(text, parameters);
  });
  return reads;
}

async function keyWith(change: string): Promise<string> {
  const { id, key } = await hub.createKey();
  await hub.sql.query(`update api_key set ${change} where id = $1`, [id]);
  return key;
}

async function expectRefusal(response: Response, status: number, code: string): Promise<void> {
  const body = (await response.json()) as { error: Record<string, unknown>; message: string };
  expect({ status: response.status, ...body.error }).toEqual({
    status,
    code,
    type: status >= 500 ? 'server_error' : 'invalid_request_error',
    param: null,
    message: body.message,
  });
  expect(response.headers.get('x-request-id')).toMatch(/^req_/);
  if (status === 401) expect(response.headers.get('www-authenticate')).toBe('Bearer');
  if (status < 500) expect(response.headers.get('x-should-retry')).toBe('false');
}

const authorization = (value: string): Promise<Response> =>
  hub.fetch(MODELS, { key: null, headers: { authorization: value } });

describe('a key that cannot be one is refused with 401 without a database read', () => {
  const good = generateApiKey();
  it.each([
    ['none', ''],
    ['another scheme', `Basic ${good}`],
    ['no scheme', good],
    ['an empty one', 'Bearer '],
    ['a wrong prefix', `Bearer ${good.replace('sk_live_', 'sk-proj-')}`],
    ['one character less', `Bearer ${good.slice(0, -1)}`],
    ['one character more', `Bearer ${good}a`],
    ['a wrong checksum', `Bearer ${good.slice(0, -1)}${good.endsWith('a') ? 'b' : 'a'}`],
    ['10 KB', `Bearer sk_live_${'a'.repeat(10 * 1024)}`],
    ['Latin-1 letters', `Bearer ${good.slice(0, -1)}\u00e9`],
    ['SQL', "Bearer sk_live_' or '1'='1"],
    ['two keys', `Bearer ${good} ${good}`],
  ])('%s', async (_what, value) => {
    const reads = watchKeyReads();
    await expectRefusal(await authorization(value), 401, 'invalid_api_key');
    expect(reads.count).toBe(0);
  });

  it('a header in raw UTF-8', async () => {
    const reads = watchKeyReads();
    const header = Buffer.from('authorization: Bearer sk_live_密钥😀').toString('latin1');
    const response = await sendRaw(hub.port, rawRequest({ path: MODELS, headers: [header, 'connection: close'] }));
    expect(response.status).toBe(401);
    expect(reads.count).toBe(0);
  });
});

describe('the scheme', () => {
  it.each(['bearer', 'BEARER', 'Bearer '])('may be written "%s"', async (scheme) => {
    expect((await authorization(`${scheme} ${hub.apiKey}`)).status).toBe(200);
  });
});

describe('the state of a key', () => {
  it('unknown: 401, and the second time without a read', async () => {
    const reads = watchKeyReads();
    const key = generateApiKey();
    await expectRefusal(await hub.fetch(MODELS, { key }), 401, 'invalid_api_key');
    await expectRefusal(await hub.fetch(MODELS, { key }), 401, 'invalid_api_key');
    expect(reads.count).toBe(1);
  });

  it('expired: 401', async () => {
    const { key } = await hub.createKey({ expiresAt: new Date(Date.now() - 1000) });
    const response = await hub.fetch(MODELS, { key });
    expect(await response.clone().text()).toContain('expired');
    await expectRefusal(response, 401, 'invalid_api_key');
  });

  it('expires while it is cached', async () => {
    const { key } = await hub.createKey({ expiresAt: new Date(Date.now() + 60_000) });
    expect((await hub.fetch(MODELS, { key })).status).toBe(200);
    const now = Date.now() + 61_000;
    jest.spyOn(Date, 'now').mockReturnValue(now);
    const response = await hub.fetch(MODELS, { key });
    jest.restoreAllMocks();
    await expectRefusal(response, 401, 'invalid_api_key');
  });

  it('revoked: 403', async () => {
    await expectRefusal(await hub.fetch(MODELS, { key: await keyWith('revoked_at = now()') }), 403, 'key_revoked');
  });

  it('of an account that is not active: 403', async () => {
    const [account] = await hub.sql.query<{ id: string }>(
      `insert into account (name, status) values ('frozen', 'frozen') returning id`,
    );
    const { key } = await hub.createKey({ accountId: account!.id });
    await expectRefusal(await hub.fetch(MODELS, { key }), 403, 'account_not_active');
  });

  it('revoked while it is in use: 403 within 5 s', async () => {
    const { id, key } = await hub.createKey();
    expect((await hub.fetch(MODELS, { key })).status).toBe(200);
    await hub.sql.query('update api_key set revoked_at = now() where id = $1', [id]);
    await within(5500, async () => (await hub.fetch(MODELS, { key })).status === 403);
  });
});

describe('the database', () => {
  it('is asked once when 500 requests bring an unseen key at the same time', async () => {
    const { key } = await hub.createKey();
    const asked = jest.spyOn(hub.app.get(ApiKeyService), 'authenticate');
    // The database has not answered before all have asked: some seconds later the key would be read again.
    const allHaveAsked = Promise.withResolvers<void>();
    const reads = watchKeyReads(() => allHaveAsked.promise);
    const pending = Promise.all(Array.from({ length: 500 }, () => hub.fetch(MODELS, { key })));
    await until(() => asked.mock.calls.length === 500);
    allHaveAsked.resolve();
    const responses = await pending;
    expect(responses.filter((response) => response.status === 200)).toHaveLength(500);
    await Promise.all(responses.map((response) => response.arrayBuffer()));
    expect(reads.count).toBe(1);
  });

  it.each([
    ['is away', new DatabaseUnavailableError(new Error('connect ECONNREFUSED 10.1.2.3:5432'))],
    ['fails in an unknown way', new Error('relation "api_key" does not exist')],
  ])('%s: 503, never 401, and nothing of the reason is shown', async (_how, error) => {
    const { key } = await hub.createKey();
    const reads = watchKeyReads(() => Promise.reject(error));
    const response = await hub.fetch(MODELS, { key });
    expect(await response.clone().text()).not.toMatch(/10\.1|5432|relation|api_key/);
    expect(response.headers.get('retry-after')).toBe('2');
    await expectRefusal(response, 503, 'service_unavailable');
    expect(reads.count).toBe(1);
    jest.restoreAllMocks();
    expect((await hub.fetch(MODELS, { key })).status).toBe(200);
  });
});

describe('a key restricted to', () => {
  it('models lists, shows and uses only these', async () => {
    const { key } = await hub.createKey({ models: ['gpt-4'] });
    const list = (await (await hub.fetch(MODELS, { key })).json()) as { data: { id: string }[] };
    expect(list.data.map((model) => model.id)).toEqual(['gpt-4']);
    expect((await hub.fetch(`${MODELS}/gpt-4`, { key })).status).toBe(200);
    expect((await hub.fetch(`${MODELS}/gpt-4o`, { key })).status).toBe(404);
    expect((await hub.post(CHAT, { ...QUESTION, model: 'gpt-4' }, { key })).status).toBe(200);
    const refused = await hub.post(CHAT, { ...QUESTION, model: 'gpt-4o' }, { key });
    expect(refused.status).toBe(404);
    // The same words as for a model that does not exist: whether it does is not this key's business.
    const other = await hub.post(CHAT, { ...QUESTION, model: 'gpt-4p' }, { key });
    expect((await refused.text()).replaceAll('gpt-4o', 'X')).toBe((await other.text()).replaceAll('gpt-4p', 'X'));
    expect(upstream.requests).toHaveLength(1);
  });

  it('addresses is refused from another one, whatever X-Forwarded-For says', async () => {
    const { key } = await hub.createKey({ ipAllowList: ['203.0.113.0/24'] });
    const headers = { 'x-forwarded-for': '203.0.113.9', 'x-real-ip': '203.0.113.9', forwarded: 'for=203.0.113.9' };
    await expectRefusal(await hub.fetch(MODELS, { key, headers }), 403, 'key_not_allowed');
    const { key: local } = await hub.createKey({ ipAllowList: ['203.0.113.0/24', '127.0.0.1'] });
    expect((await hub.fetch(MODELS, { key: local })).status).toBe(200);
  });

  it('other scopes is refused', async () => {
    const key = await keyWith(`scopes = '{video}'`);
    await expectRefusal(await hub.fetch(MODELS, { key }), 403, 'key_not_allowed');
    expect((await hub.fetch(MODELS, { key: await keyWith(`scopes = '{video,relay}'`) })).status).toBe(200);
  });
});

describe('every handler of the application', () => {
  it('declares who may call it', () => {
    const handlers: string[] = [];
    const undeclared: string[] = [];
    for (const module of hub.app.get(ModulesContainer).values()) {
      for (const { metatype } of module.controllers.values()) {
        if (typeof metatype !== 'function') continue;
        for (const name of Object.getOwnPropertyNames(metatype.prototype)) {
          const handler: unknown = metatype.prototype[name];
          if (typeof handler !== 'function' || Reflect.getMetadata(METHOD_METADATA, handler) === undefined) continue;
          handlers.push(`${metatype.name}.${name} ${String(Reflect.getMetadata(PATH_METADATA, handler))}`);
          const isDeclared = [handler, metatype].some(
            (target) =>
              Reflect.getMetadata(API_KEY_SCOPE, target) !== undefined ||
              Reflect.getMetadata(IS_PUBLIC, target) === true,
          );
          if (!isDeclared) undeclared.push(`${metatype.name}.${name}`);
        }
      }
    }
    expect(handlers.length).toBeGreaterThan(8);
    expect(undeclared).toEqual([]);
  });
});

describe('the log', () => {
  it('never shows a key, its hash or a refused one', async () => {
    const wrong = `${hub.apiKey.slice(0, -1)}${hub.apiKey.endsWith('a') ? 'b' : 'a'}`;
    await hub.fetch(MODELS, { key: wrong });
    await hub.fetch(`${MODELS}?api_key=${hub.apiKey}`);
    expect(hub.logText()).toContain('invalid_api_key');
    expect(hub.logText()).not.toContain('sk_live_');
  });
});
