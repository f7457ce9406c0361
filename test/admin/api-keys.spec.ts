import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AdminClient, signInAs } from '../support/admin.js';
import { startHub } from '../support/admin-hub.js';
import { auditLength, auditRowsOf } from '../support/audit-rows.js';
import { balanceOf, UNIT } from '../support/books.js';
import { countStatements } from '../support/count-statements.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { type TestHub } from '../support/hub.js';
import { findUnsound } from '../support/sound-books.js';

const FIELDS = `id accountId name last4 state scopes models ipAllowList areLimitsByStaff expiresAt revokedAt version
  previousSecretUntil limits { requestsPerMinute tokensPerMinute concurrentRequests }
  budgets { period timeZone limit used pending remaining resetsAt isByStaff }`;
const CREATE = `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret apiKey { ${FIELDS} } } }`;
const UPDATE = `mutation ($input: UpdateApiKeyInput!) { updateApiKey(input: $input) { __typename
  ... on ApiKey { ${FIELDS} } ... on VersionConflict { currentVersion } } }`;
const ROTATE = `mutation ($input: RotateApiKeyInput!) { rotateApiKey(input: $input) { secret apiKey { ${FIELDS} } } }`;
const REVOKE = `mutation ($input: RevokeApiKeyInput!) { revokeApiKey(input: $input) { ${FIELDS} } }`;
const SET_BUDGET = `mutation ($input: SetKeyBudgetInput!) { setKeyBudget(input: $input) { ${FIELDS} } }`;
const REMOVE_BUDGET = `mutation ($input: RemoveKeyBudgetInput!) { removeKeyBudget(input: $input) { ${FIELDS} } }`;
const LIST = `query ($first: Int, $after: String, $filter: ApiKeyFilter) { apiKeys(first: $first, after: $after, filter: $filter) {
  nodes { id name state account { name } } pageInfo { hasNextPage endCursor } } }`;
const READ = `query ($id: ID!) { apiKey(id: $id) { ${FIELDS} } }`;
const CHAT = { model: 'gpt-4', max_tokens: 5, messages: [{ role: 'user', content: 'FAKE:{"in":10,"out":5}' }] };

let upstream: FakeUpstream;
let hub: TestHub;
let admin: AdminClient;
let viewer: AdminClient;
let member: AdminClient;
let foreigner: AdminClient;

beforeAll(async () => {
  upstream = await startFakeUpstream();
  hub = await startHub({ channels: [{ name: 'main', baseUrl: upstream.url }] });
  const [other] = await hub.sql.query<{ id: string }>(`insert into account (name) values ('other') returning id`);
  [admin, viewer, member, foreigner] = await Promise.all([
    signInAs(hub, 'operator'),
    signInAs(hub, 'viewer'),
    signInAs(hub, 'member', hub.accountId),
    signInAs(hub, 'member', other!.id),
  ]);
});
afterAll(async () => {
  expect(await findUnsound(hub.sql)).toEqual([]);
  await hub.close();
  await upstream.close();
});

const ask = async (key: string): Promise<number> =>
  (await hub.post('/api/relay/v1/chat/completions', CHAT, { key })).status;

async function newKey(
  client: AdminClient,
  input: Record<string, unknown> = {},
): Promise<{ id: string; secret: string; version: number }> {
  const account = client.email.startsWith('member') ? {} : { accountId: hub.accountId };
  const { createApiKey } = await client.data(CREATE, { input: { name: 'key', ...account, ...input } });
  return { id: createApiKey.apiKey.id, secret: createApiKey.secret, version: createApiKey.apiKey.version };
}

describe('an API key', () => {
  it('lives from its making to its end, and its secret is told once', async () => {
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    const input = {
      accountId: hub.accountId,
      name: 'whole life',
      scopes: ['RELAY', 'USER'],
      models: ['gpt-4'],
      ipAllowList: ['127.0.0.1', '10.0.0.0/8', '::1/128'],
      expiresAt,
      limits: { requestsPerMinute: 100 },
      budgets: [
        { period: 'TOTAL', limit: '0.06' },
        { period: 'DAY', limit: '5', timeZone: 'Asia/Shanghai' },
      ],
    };
    const { createApiKey } = await admin.data(CREATE, { input });
    const { secret, apiKey } = createApiKey;
    expect(secret).toMatch(/^sk_live_[0-9A-Za-z]{36}$/);
    expect(apiKey).toMatchObject({
      ...input,
      budgets: [
        { period: 'DAY', limit: '5', timeZone: 'Asia/Shanghai', remaining: '5', isByStaff: true },
        { period: 'TOTAL', limit: '0.06', timeZone: 'UTC', remaining: '0.06', resetsAt: null },
      ],
      limits: { requestsPerMinute: 100, tokensPerMinute: null },
      last4: secret.slice(-4),
      state: 'ACTIVE',
      areLimitsByStaff: true,
      version: 1,
    });
    const { id } = apiKey;

    // 10 prompt and 5 answer tokens: 20 units.
    expect(await ask(secret)).toBe(200);
    expect((await admin.data(READ, { id })).apiKey.budgets[1]).toMatchObject({ used: '0.02', remaining: '0.04' });

    const rotated = (await admin.data(ROTATE, { input: { id } })).rotateApiKey;
    expect(rotated.apiKey).toMatchObject({
      id,
      version: 2,
      previousSecretUntil: null,
      last4: rotated.secret.slice(-4),
    });
    expect(await ask(secret)).toBe(401);
    expect(await ask(rotated.secret)).toBe(200);
    expect(await ask(rotated.secret)).toBe(403);

    const { revokeApiKey } = await admin.data(REVOKE, { input: { id, reason: 'leaked' } });
    expect(revokeApiKey).toMatchObject({ state: 'REVOKED', version: 3, revokedAt: expect.any(String) });
    expect(await ask(rotated.secret)).toBe(403);
    expect((await admin.data(REVOKE, { input: { id } })).revokeApiKey.version).toBe(3);
    for (const [mutation, change] of [
      [UPDATE, { id, version: 3, name: 'again' }],
      [ROTATE, { id }],
      [SET_BUDGET, { keyId: id, period: 'TOTAL', limit: '1' }],
      [REMOVE_BUDGET, { keyId: id, period: 'TOTAL' }],
    ] as const) {
      expect(await admin.code(mutation, { input: change })).toBe('key_revoked');
    }

    const rows = await auditRowsOf(hub.sql, 'apiKey', id);
    expect(rows).toMatchObject([
      {
        action: 'apiKey.create',
        accountId: hub.accountId,
        actor: admin.email,
        before: null,
        after: { name: 'whole life' },
      },
      { action: 'apiKey.rotate', before: { last4: secret.slice(-4) }, after: { last4: rotated.secret.slice(-4) } },
      { action: 'apiKey.revoke', reason: 'leaked', before: { state: 'active' }, after: { state: 'revoked' } },
    ]);
    const written = JSON.stringify(await hub.sql.query(`select * from audit_log`)) + hub.logText();
    for (const told of [secret, rotated.secret]) expect(written).not.toContain(told.slice(8));
  });

  it('goes on with its old secret for a while when it is rotated so, within the same budgets and limits', async () => {
    const { id, secret } = await newKey(admin, { budgets: [{ period: 'TOTAL', limit: '0.2' }] });
    const { rotateApiKey } = await admin.data(ROTATE, { input: { id, graceMinutes: 5 } });
    const until = Date.parse(rotateApiKey.apiKey.previousSecretUntil);
    expect(Math.abs(until - Date.now() - 300_000)).toBeLessThan(60_000);
    expect([await ask(secret), await ask(rotateApiKey.secret)]).toEqual([200, 200]);
    expect((await admin.data(READ, { id })).apiKey.budgets).toMatchObject([{ used: '0.04' }]);
    const keys = await hub.sql.query(`select distinct key_id from usage_event where key_id = $1`, [id]);
    expect(keys).toHaveLength(1);

    // Its time is over; what is remembered of a key for some seconds is forgotten with each change.
    await hub.sql.query(`update api_key set previous_until = now() - interval '1 second' where id = $1`, [id]);
    await admin.data(UPDATE, { input: { id, version: 2, name: 'forget' } });
    expect([await ask(secret), await ask(rotateApiKey.secret)]).toEqual([401, 200]);

    const again = (await admin.data(ROTATE, { input: { id, graceMinutes: 5 } })).rotateApiKey.secret;
    const last = (await admin.data(ROTATE, { input: { id, graceMinutes: 5 } })).rotateApiKey.secret;
    expect([await ask(rotateApiKey.secret), await ask(again), await ask(last)]).toEqual([401, 200, 200]);
    await admin.data(REVOKE, { input: { id } });
    expect([await ask(again), await ask(last)]).toEqual([403, 403]);
  });

  it.each([-1, 1441])('is not rotated with a grace of %d minutes', async (graceMinutes) => {
    const { id } = await newKey(admin);
    expect(await admin.code(ROTATE, { input: { id, graceMinutes } })).toBe('invalid_value');
  });

  it('is changed by who saw it last, and only where something is said', async () => {
    const { id } = await newKey(admin, { models: ['gpt-4'], ipAllowList: ['127.0.0.1'] });
    const first = await admin.data(UPDATE, { input: { id, version: 1, name: 'renamed', models: null } });
    expect(first.updateApiKey).toMatchObject({ name: 'renamed', models: null, ipAllowList: ['127.0.0.1'], version: 2 });
    const second = await admin.data(UPDATE, { input: { id, version: 1, ipAllowList: null } });
    expect(second.updateApiKey).toEqual({ __typename: 'VersionConflict', currentVersion: 2 });
  });

  it('takes its changes from the next request on', async () => {
    const { id, secret } = await newKey(admin);
    expect(await ask(secret)).toBe(200);
    await admin.data(UPDATE, { input: { id, version: 1, ipAllowList: ['192.0.2.0/24'] } });
    expect(await ask(secret)).toBe(403);
    await admin.data(UPDATE, { input: { id, version: 2, ipAllowList: null, scopes: ['VIDEO'] } });
    expect(await ask(secret)).toBe(403);
    await admin.data(UPDATE, { input: { id, version: 3, scopes: null } });
    expect(await ask(secret)).toBe(200);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['no name', { name: '' }, 'name'],
    ['a NUL in its name', { name: 'a\0' }, 'name'],
    ['a list of no models', { models: [] }, 'models'],
    ['an empty model', { models: ['gpt-4', ''] }, 'models[1]'],
    ['too many models', { models: Array.from({ length: 501 }, (_, at) => `m${at}`) }, 'models'],
    ['no scopes', { scopes: [] }, 'scopes'],
    ['a host name for an address', { ipAllowList: ['example.com'] }, 'ipAllowList[0]'],
    ['a range that is none', { ipAllowList: ['127.0.0.1', '10.0.0.0/33'] }, 'ipAllowList[1]'],
    ['an address with a zone', { ipAllowList: ['fe80::1%eth0'] }, 'ipAllowList[0]'],
    ['an end in the past', { expiresAt: '2020-01-01T00:00:00Z' }, 'expiresAt'],
    ['a limit below 1', { limits: { tokensPerMinute: -5 } }, 'limits.tokensPerMinute'],
    ['a budget below 0', { budgets: [{ period: 'DAY', limit: '-1' }] }, 'budgets[0].limit'],
    [
      'an offset for a time zone',
      { budgets: [{ period: 'DAY', limit: '1', timeZone: '+01:00' }] },
      'budgets[0].timeZone',
    ],
    [
      'two budgets for a day',
      {
        budgets: [
          { period: 'DAY', limit: '1' },
          { period: 'DAY', limit: '2' },
        ],
      },
      'budgets',
    ],
  ])('is not made with %s', async (_what, changed, param) => {
    const before = await auditLength(hub.sql);
    const { errors } = await admin.send(CREATE, { input: { accountId: hub.accountId, name: 'k', ...changed } });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'invalid_value', param });
    expect(await auditLength(hub.sql)).toBe(before);
  });

  it('is not made without an account, for one that is not there, or for one that is closed', async () => {
    const [closed] = await hub.sql.query<{ id: string }>(
      `insert into account (name, status) values ('closed', 'closed') returning id`,
    );
    expect(await admin.code(CREATE, { input: { name: 'k' } })).toBe('invalid_value');
    expect(await admin.code(CREATE, { input: { name: 'k', accountId: '1' } })).toBe('not_found');
    expect(await admin.code(CREATE, { input: { name: 'k', accountId: closed!.id } })).toBe('account_closed');
  });

  // T121.
  it.each(['keyHash', 'ownerId', 'usedQuota', 'role', 'limitsByStaff', 'version', 'revokedAt'])(
    'is not made with the field %s',
    async (field) => {
      const { errors } = await member.send(CREATE, { input: { name: 'mass', [field]: '1' } });
      expect(errors?.[0]?.message).toContain(`Field "${field}" is not defined`);
    },
  );
});

describe('budgets of a key', () => {
  it('are set, changed and removed, and what was spent stays counted', async () => {
    const { id, secret } = await newKey(admin);
    const set = (limit: string) => admin.data(SET_BUDGET, { input: { keyId: id, period: 'MONTH', limit } });
    expect((await set('0.04')).setKeyBudget.budgets).toMatchObject([{ limit: '0.04', used: '0' }]);
    expect(await ask(secret)).toBe(200);
    expect(await ask(secret)).toBe(403);
    expect((await set('0.06')).setKeyBudget.budgets).toMatchObject([
      { limit: '0.06', used: '0.02', remaining: '0.04' },
    ]);
    expect(await ask(secret)).toBe(200);
    const removal = { input: { keyId: id, period: 'MONTH' } };
    expect((await admin.data(REMOVE_BUDGET, removal)).removeKeyBudget.budgets).toEqual([]);
    const before = await auditLength(hub.sql);
    expect((await admin.data(REMOVE_BUDGET, removal)).removeKeyBudget.budgets).toEqual([]);
    expect(await auditLength(hub.sql)).toBe(before);
    expect(await ask(secret)).toBe(200);
    expect((await auditRowsOf(hub.sql, 'apiKey', id)).slice(1)).toMatchObject([
      { action: 'apiKey.setBudget', before: null, after: { limit: '40000000' } },
      { action: 'apiKey.setBudget', before: { used: '20000000' }, after: { limit: '60000000', used: '20000000' } },
      { action: 'apiKey.removeBudget', before: { limit: '60000000' }, after: null },
    ]);
  });
});

describe('a customer', () => {
  it('makes, changes, rotates and revokes the own keys, and sets own limits and budgets as wanted', async () => {
    const { id, secret, version } = await newKey(member, { limits: { requestsPerMinute: 10 } });
    expect(await ask(secret)).toBe(200);
    const higher = { id, version, name: 'higher', limits: { requestsPerMinute: 1000 } };
    expect((await member.data(UPDATE, { input: higher })).updateApiKey).toMatchObject({
      name: 'higher',
      areLimitsByStaff: false,
      limits: { requestsPerMinute: 1000 },
    });
    for (const limit of ['1', '2']) {
      const { setKeyBudget } = await member.data(SET_BUDGET, { input: { keyId: id, period: 'DAY', limit } });
      expect(setKeyBudget.budgets).toMatchObject([{ limit, isByStaff: false }]);
    }
    await member.data(REMOVE_BUDGET, { input: { keyId: id, period: 'DAY' } });
    const rotated = (await member.data(ROTATE, { input: { id } })).rotateApiKey.secret;
    expect(await ask(rotated)).toBe(200);
    await member.data(REVOKE, { input: { id } });
    expect(await ask(rotated)).toBe(403);
  });

  it('lowers what staff has set, and neither raises nor lifts it', async () => {
    const { id } = await newKey(admin, {
      limits: { requestsPerMinute: 10 },
      budgets: [{ period: 'DAY', limit: '5' }],
    });
    let version = 1;
    const update = (limits: Record<string, number | null>) => ({ input: { id, version, limits } });
    for (const requestsPerMinute of [11, null]) {
      const { errors } = await member.send(UPDATE, update({ requestsPerMinute }));
      expect(errors?.[0]?.extensions).toMatchObject({ code: 'set_by_staff', param: 'limits.requestsPerMinute' });
    }
    await member.data(UPDATE, update({ requestsPerMinute: 5, tokensPerMinute: 100 }));
    version = 2;
    expect(await member.code(UPDATE, update({ requestsPerMinute: 10 }))).toBe('set_by_staff');
    await admin.data(UPDATE, update({ requestsPerMinute: 20 }));

    const budget = { keyId: id, period: 'DAY' };
    expect(await member.code(SET_BUDGET, { input: { ...budget, limit: '6' } })).toBe('set_by_staff');
    expect(await member.code(SET_BUDGET, { input: { ...budget, limit: '4', timeZone: 'Asia/Tokyo' } })).toBe(
      'set_by_staff',
    );
    expect(await member.code(REMOVE_BUDGET, { input: budget })).toBe('set_by_staff');
    await member.data(SET_BUDGET, { input: { ...budget, limit: '4' } });
    expect(await member.code(SET_BUDGET, { input: { ...budget, limit: '5' } })).toBe('set_by_staff');
    await admin.data(SET_BUDGET, { input: { ...budget, limit: '50' } });
    await admin.data(REMOVE_BUDGET, { input: budget });
  });

  it('does not find what belongs to others', async () => {
    const { id } = await newKey(admin);
    const before = await auditLength(hub.sql);
    for (const given of [id, '999999', '0', '-1', "1' or '1'='1", '9'.repeat(19)]) {
      expect(await foreigner.code(READ, { id: given })).toBe('not_found');
      expect(await foreigner.code(UPDATE, { input: { id: given, version: 1, name: 'mine' } })).toBe('not_found');
      expect(await foreigner.code(ROTATE, { input: { id: given } })).toBe('not_found');
      expect(await foreigner.code(REVOKE, { input: { id: given } })).toBe('not_found');
      const budget = { keyId: given, period: 'DAY' };
      expect(await foreigner.code(SET_BUDGET, { input: { ...budget, limit: '1' } })).toBe('not_found');
      expect(await foreigner.code(REMOVE_BUDGET, { input: budget })).toBe('not_found');
    }
    expect(await foreigner.code(CREATE, { input: { name: 'k', accountId: hub.accountId } })).toBe('not_found');
    expect((await foreigner.data(LIST, { filter: { accountId: hub.accountId } })).apiKeys.nodes).toEqual([]);
    expect((await foreigner.data(LIST, {})).apiKeys.nodes).toEqual([]);
    expect(await auditLength(hub.sql)).toBe(before);
    expect((await admin.data(READ, { id })).apiKey.version).toBe(1);
  });

  it('has at most a thousand keys', async () => {
    const [row] = await hub.sql.query<{ id: string }>(`insert into account (name) values ('crowded') returning id`);
    await hub.sql.query(
      `insert into api_key (account_id, name, key_hash, last4)
       select $1, 'k', sha256(convert_to('crowded ' || n, 'UTF8')), 'abcd' from generate_series(1, 999) n`,
      [row!.id],
    );
    const crowded = await signInAs(hub, 'member', row!.id);
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => crowded.send(CREATE, { input: { name: 'one more' } })),
    );
    expect(answers.filter(({ errors }) => errors === undefined)).toHaveLength(1);
    expect(await crowded.code(CREATE, { input: { name: 'too many' } })).toBe('too_many_keys');
  });
});

describe('the list of keys', () => {
  it('is filtered by account, state, name and the end of the secret, letter for letter', async () => {
    const [row] = await hub.sql.query<{ id: string }>(`insert into account (name) values ('listed') returning id`);
    const accountId = row!.id;
    const percent = await newKey(admin, { accountId, name: '100% mine' });
    const plain = await newKey(admin, { accountId, name: '100 mine' });
    await admin.data(REVOKE, { input: { id: plain.id } });
    const idsOf = async (filter: Record<string, unknown>): Promise<string[]> =>
      (await viewer.data(LIST, { filter: { accountId, ...filter } })).apiKeys.nodes.map(({ id }: { id: string }) => id);
    expect(await idsOf({})).toEqual([plain.id, percent.id]);
    expect(await idsOf({ search: '100%' })).toEqual([percent.id]);
    expect(await idsOf({ search: percent.secret.slice(-4) })).toEqual([percent.id]);
    expect(await idsOf({ search: percent.secret.slice(-8) })).toEqual([]);
    expect(await idsOf({ state: 'REVOKED' })).toEqual([plain.id]);
    expect(await idsOf({ state: 'EXPIRED' })).toEqual([]);
    expect(await viewer.code(LIST, { filter: { search: '%_\\'.repeat(1000) } })).toBe('invalid_value');
    expect(await viewer.code(LIST, { filter: { accountId: '0x1' } })).toBe('not_found');
  });

  it('of a hundred keys with accounts and budgets takes few statements, and pages', async () => {
    const query = `{ apiKeys(first: 100) { nodes { name account { name balance { total } } budgets { limit } } } }`;
    expect(await countStatements(hub, () => viewer.data(query))).toBeLessThanOrEqual(5);
    const first = (await viewer.data(LIST, { first: 2 })).apiKeys;
    const second = (await viewer.data(LIST, { first: 2, after: first.pageInfo.endCursor })).apiKeys;
    const ids = [...first.nodes, ...second.nodes].map(({ id }) => BigInt(id));
    expect(ids).toEqual([...ids].sort((a, b) => (a < b ? 1 : -1)));
    expect(new Set(ids).size).toBe(4);
  });

  it('is for reading only to viewers', async () => {
    expect(await viewer.code(CREATE, { input: { name: 'k', accountId: hub.accountId } })).toBe('forbidden');
    expect(await viewer.code(REVOKE, { input: { id: '1' } })).toBe('forbidden');
  });
});

it('the balance is what the requests left of it, to the unit', async () => {
  const [row] = await hub.sql.query<{ count: number; cost: string }>(
    `select count(*)::int as count, sum(cost) as cost from usage_event where account_id = $1`,
    [hub.accountId],
  );
  expect(row!.count).toBeGreaterThan(10);
  expect(await balanceOf(hub.sql, hub.accountId)).toEqual({
    available: 1_000_000_000n * UNIT - BigInt(row!.cost),
    used: BigInt(row!.cost),
    held: 0n,
  });
});
