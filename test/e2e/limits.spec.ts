import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ApiKeyService } from '../../src/auth/api-key.service.js';
import type { Caller } from '../../src/auth/caller.js';
import { generateApiKey } from '../../src/common/api-key.js';
import { AttemptThrottles } from '../../src/limits/attempt-throttle.js';
import { RateLimiter } from '../../src/limits/rate-limiter.js';
import { ModelCatalog } from '../../src/routing/model-catalog.js';
import { startHub, type TestHub } from '../support/hub.js';
import { readError } from '../support/relay-client.js';

const MODELS = '/api/relay/v1/models';
const PUBLIC_RPM = 40;

let hub: TestHub;
let address = 0;

beforeAll(async () => {
  hub = await startHub({
    // Each test comes from an address of its own.
    env: { HUB_TRUST_PROXY: '127.0.0.1', HUB_PUBLIC_RPM: String(PUBLIC_RPM), HUB_ACCOUNT_TPM_DEFAULT: '5000' },
    channels: [
      {
        name: 'main',
        baseUrl: 'http://127.0.0.1:9',
        models: new Map([
          ['gpt-4', 'gpt-4'],
          ['gpt-4o', 'gpt-4o'],
        ]),
      },
    ],
  });
});
afterAll(() => hub.close());
afterEach(() => {
  jest.restoreAllMocks();
});

function from(): { ip: string; headers: Record<string, string> } {
  const ip = `198.51.100.${++address}`;
  return { ip, headers: { 'x-forwarded-for': ip } };
}

async function callerOf(key: string): Promise<Caller> {
  return await hub.app.get(ApiKeyService).authenticate(`Bearer ${key}`);
}

describe('routes without a key', () => {
  it.each(['/docs', '/api/openapi.json', '/api/health', `/api/files/${'x'.repeat(32)}`])(
    'answers 429 at %s after HUB_PUBLIC_RPM requests from one address',
    async (path) => {
      const { headers } = from();
      for (let i = 0; i < PUBLIC_RPM; i++) {
        const answer = await hub.fetch(path, { key: null, headers });
        await answer.arrayBuffer();
        expect(answer.status).not.toBe(429);
      }
      const refused = await hub.fetch(path, { key: null, headers });
      expect(refused.status).toBe(429);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(30);
      expect(await refused.json()).toMatchObject({ success: false, code: 'too_many_requests' });
      expect((await hub.fetch(path, { key: null, headers: from().headers })).status).not.toBe(429);
    },
  );

  it.each(['/api/health/live', '/api/health/ready'])('never refuses a probe at %s', async (path) => {
    const { headers } = from();
    for (let i = 0; i < PUBLIC_RPM + 5; i++) expect((await hub.fetch(path, { key: null, headers })).status).toBe(200);
  });

  it('leaves the relay alone', async () => {
    const { headers } = from();
    for (let i = 0; i < PUBLIC_RPM + 5; i++) expect((await hub.fetch(MODELS, { headers })).status).toBe(200);
  });
});

describe('guessing keys', () => {
  it('is refused after a hundred in a minute, without asking the database, and harms no good key', async () => {
    const { headers } = from();
    const { key: good } = await hub.createKey();
    expect((await hub.fetch(MODELS, { key: good, headers })).status).toBe(200);
    const guess = () => hub.fetch(MODELS, { key: generateApiKey(), headers });
    for (let i = 0; i < 101; i++) expect((await guess()).status).toBe(401);
    const query = jest.spyOn(hub.sql, 'query');
    const refused = await guess();
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(await readError(refused)).toMatchObject({ status: 429, code: 'too_many_attempts' });
    expect((await hub.fetch(MODELS, { key: null, headers })).status).toBe(429);
    expect((await hub.fetch(MODELS, { key: 'malformed', headers })).status).toBe(429);
    expect(query.mock.calls.filter(([text]) => text.includes('from api_key'))).toEqual([]);
    expect((await hub.fetch(MODELS, { key: good, headers })).status).toBe(200);
    expect((await hub.fetch(MODELS, { key: generateApiKey(), headers: from().headers })).status).toBe(401);
  });
});

describe('configured limits', () => {
  it('of key and account come with the caller, and the defaults where there are none', async () => {
    const { id, key } = await hub.createKey({ limits: { rpm: 60, concurrency: 4 } });
    const [account] = await hub.sql.query<{ id: string }>(
      `insert into account (name, rpm_limit, concurrency_limit) values ('limited', 120, 8) returning id`,
    );
    const own = await hub.createKey({ accountId: account!.id, limits: { tpm: 10_000 } });
    const { accountId } = await callerOf(key);
    expect((await callerOf(key)).limits).toEqual([
      { scope: 'key', id, rpm: 60, concurrency: 4 },
      { scope: 'account', id: accountId, tpm: 5000 },
    ]);
    expect((await callerOf(own.key)).limits).toEqual([
      { scope: 'key', id: own.id, tpm: 10_000 },
      { scope: 'account', id: account!.id, rpm: 120, tpm: 5000, concurrency: 8 },
    ]);
  });

  it('of a model come with the catalogue', async () => {
    await hub.sql.query(`update model set rpm_limit = 7 where id = 'gpt-4'`);
    await hub.sql.query(`update hub_state set catalog_version = catalog_version + 1`);
    await hub.app.get(ModelCatalog).refresh();
    const { models } = hub.app.get(ModelCatalog).table;
    expect(models.get('gpt-4')?.limits).toEqual({ scope: 'model', id: 'gpt-4', rpm: 7 });
    expect(models.get('gpt-4o')?.limits).toBeUndefined();
  });

  it('are what the limiter of the application goes by', async () => {
    const { key } = await hub.createKey({ limits: { rpm: 1 } });
    const { limits } = await callerOf(key);
    const limiter = hub.app.get(RateLimiter);
    expect((await limiter.acquire(limits, 1)).isAllowed).toBe(true);
    expect((await limiter.acquire(limits, 1)).isAllowed).toBe(false);
  });

  it('of attempts can be had by the services that need them', async () => {
    const throttle = hub.app.get(AttemptThrottles).for('test', { limit: 1, windowMs: 60_000 });
    await throttle.note(['ip:a']);
    await expect(throttle.check(['ip:a'])).rejects.toMatchObject({ status: 429 });
  });
});

describe('the group of an account', () => {
  let key: string;

  beforeAll(async () => {
    const [group] = await hub.sql.query<{ id: string }>(
      `insert into account_group (name, multiplier_millionths, models) values ('mini', 1500000, '{gpt-4o}') returning id`,
    );
    const [account] = await hub.sql.query<{ id: string }>(
      `insert into account (name, group_id) values ('grouped', $1) returning id`,
      [group!.id],
    );
    ({ key } = await hub.createKey({ accountId: account!.id }));
    expect(await callerOf(key)).toMatchObject({ groupId: group!.id, multiplierMillionths: 1_500_000n });
    expect(await callerOf(hub.apiKey)).toMatchObject({
      groupId: '1',
      multiplierMillionths: 1_000_000n,
      groupModels: null,
    });
  });

  it('hides other models from the list', async () => {
    const { data } = (await (await hub.fetch(MODELS, { key })).json()) as { data: { id: string }[] };
    expect(data.map(({ id }) => id)).toEqual(['gpt-4o']);
  });

  it('makes other models not exist, for the list and for a request', async () => {
    expect(await readError(await hub.fetch(`${MODELS}/gpt-4`, { key }))).toMatchObject({ status: 404 });
    expect((await hub.fetch(`${MODELS}/gpt-4o`, { key })).status).toBe(200);
    const body = { model: 'gpt-4', messages: [{ role: 'user', content: 'x' }] };
    const answer = await hub.post('/api/relay/v1/chat/completions', body, { key });
    expect(await readError(answer)).toMatchObject({ status: 404, code: 'model_not_found' });
  });
});
