import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ChannelStore } from '../../src/channels/channel-store.js';
import { ModelCatalog } from '../../src/routing/model-catalog.js';
import { type AdminClient, signInAs } from '../support/admin.js';
import { startHub } from '../support/admin-hub.js';
import { CatalogueCalls, CREATE_CHANNEL, CREATE_MODEL, UPDATE_CHANNEL } from '../support/catalogue.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { type TestHub } from '../support/hub.js';

const UPDATE_MODEL = `mutation ($input: UpdateModelInput!) { updateModel(input: $input) { ... on Model { version routing {
  strategy sticky fallbacks { model on } rescue retryContentPolicy deadlines { connectMs firstTokenMs totalMs }
  capabilities { contextTokens tools vision imageSizes retiresOn } } } } }`;
const ADD_ROUTE = `mutation ($input: AddRouteInput!) { addRoute(input: $input) { upstreamModel priority weight } }`;
const [FIRST, SECOND] = ['canary-credential-one-ABCD', 'canary-credential-two-EFGH'];

describe('routing in the admin API', () => {
  let hub: TestHub;
  let upstream: FakeUpstream;
  let admin: AdminClient;
  let calls: CatalogueCalls;
  beforeAll(async () => {
    upstream = await startFakeUpstream();
    hub = await startHub({ channels: [{ name: 'declared', baseUrl: upstream.url }] });
    admin = await signInAs(hub, 'admin');
    calls = new CatalogueCalls(hub, admin, upstream.url);
  });
  afterAll(async () => {
    await hub.close();
    await upstream.close();
  });

  const routingOf = (id: string) => hub.app.get(ModelCatalog).table.models.get(id)?.routing;
  const lastAudit = async (id: string): Promise<{ before: object; after: object }> => {
    const [row] = await hub.sql.query<{ before: string; after: string }>(
      `select before, after from audit_log where subject_id = $1 order by seq desc limit 1`,
      [id],
    );
    return { before: JSON.parse(row!.before), after: JSON.parse(row!.after) };
  };

  it('sets how a model is routed, whole or back to the defaults', async () => {
    const { model: id } = await calls.serve({});
    const routing = {
      strategy: 'FASTEST',
      sticky: false,
      fallbacks: [{ model: 'gpt-4', on: ['RATE_LIMITED', 'CONTENT_REFUSED'] }, { model: `not-\${there}-yet` }],
      rescue: 'ERROR',
      retryContentPolicy: true,
      deadlines: { firstTokenMs: 3000, totalMs: 60_000, connectMs: null },
      capabilities: { contextTokens: 8192, tools: false, imageSizes: ['512x512'], retiresOn: '2027-06-30' },
    };
    const changed = await admin.data(UPDATE_MODEL, { input: { id, version: 1, routing } });
    expect(changed.updateModel).toEqual({
      version: 2,
      routing: {
        ...routing,
        fallbacks: [routing.fallbacks[0], { model: `not-\${there}-yet`, on: null }],
        capabilities: { ...routing.capabilities, vision: null },
      },
    });
    const stored = {
      strategy: 'fastest',
      sticky: false,
      fallbacks: [{ model: 'gpt-4', on: ['rate_limited', 'content_refused'] }, { model: `not-\${there}-yet` }],
      rescue: 'error',
      retryContentPolicy: true,
      deadlines: { firstTokenMs: 3000, totalMs: 60_000 },
      capabilities: routing.capabilities,
    };
    expect(routingOf(id)).toEqual(stored);
    expect(await lastAudit(id)).toMatchObject({ before: { routing: null }, after: { routing: stored } });
    // What is left out stays; what is given replaces all.
    const limited = await admin.data(UPDATE_MODEL, { input: { id, version: 2, limits: { rpm: 5 } } });
    expect(limited.updateModel.routing.strategy).toBe('FASTEST');
    const replaced = await admin.data(UPDATE_MODEL, { input: { id, version: 3, routing: { strategy: 'CHEAPEST' } } });
    expect(replaced.updateModel.routing).toMatchObject({ strategy: 'CHEAPEST', fallbacks: null, deadlines: null });
    expect(routingOf(id)).toEqual({ strategy: 'cheapest' });
    const cleared = await admin.data(UPDATE_MODEL, { input: { id, version: 4, routing: null } });
    expect(cleared.updateModel.routing).toBeNull();
    expect(routingOf(id)).toBeUndefined();
  });

  it.each([
    ['routing.fallbacks[0].model', { fallbacks: [{ model: 'self' }] }],
    ['routing.fallbacks[1].model', { fallbacks: [{ model: 'a' }, { model: 'a' }] }],
    ['routing.fallbacks[1].model', { fallbacks: [{ model: 'a' }, { model: 'b\0' }] }],
    ['routing.fallbacks[0].on', { fallbacks: [{ model: 'a', on: [] }] }],
    ['routing.fallbacks', { fallbacks: Array.from({ length: 17 }, (_, index) => ({ model: `m${index}` })) }],
    ['routing.deadlines.firstTokenMs', { deadlines: { firstTokenMs: 2, totalMs: 1 } }],
    ['routing.deadlines.gapMs', { deadlines: { gapMs: 0 } }],
    ['routing.deadlines', { deadlines: {} }],
    ['routing.capabilities.outputTokensMax', { capabilities: { contextTokens: 1, outputTokensMax: 2 } }],
    ['routing.capabilities.imageSizes[0]', { capabilities: { imageSizes: ['big'] } }],
    ['routing', { capabilities: { imageSizes: Array.from({ length: 9000 }, () => '1x1') } }],
    ['routing.capabilities.retiresOn', { capabilities: { retiresOn: '2027-02-30' } }],
  ])('refuses a routing by the name of its mistake: %s (%#)', async (param, routing) => {
    const { errors } = await admin.send(CREATE_MODEL, { input: { id: 'self', routing } });
    expect(errors?.[0]?.extensions).toMatchObject({ status: 400, param });
  });

  it('does not show members how a model is routed', async () => {
    const member = await signInAs(hub, 'member');
    const code = await member.code('query ($id: ID!) { model(id: $id) { id routing { strategy } } }', { id: 'gpt-4' });
    expect(code).toBe('forbidden');
  });

  it('gives a channel another place for one model, and takes it back', async () => {
    const { id: channelId, model: modelId } = await calls.serve({});
    const add = async (change: object) =>
      (await admin.data(ADD_ROUTE, { input: { channelId, modelId, upstreamModel: 'up', ...change } })).addRoute;
    const places = () =>
      hub.app
        .get(ModelCatalog)
        .table.candidatesOf(modelId)
        .map(({ channel }) => channel.places?.get(modelId));
    expect(await add({ priority: 7 })).toEqual({ upstreamModel: 'up', priority: 7, weight: null });
    expect(await add({ weight: 0 })).toEqual({ upstreamModel: 'up', priority: 7, weight: 0 });
    expect(places()).toEqual([{ priority: 7, weight: 0 }]);
    const { before, after } = await lastAudit(`${channelId}:${modelId}`);
    expect([before, after]).toMatchObject([
      { priority: 7, weight: null },
      { priority: 7, weight: 0 },
    ]);
    expect(await add({ priority: null, weight: null })).toEqual({ upstreamModel: 'up', priority: null, weight: null });
    expect(places()).toEqual([undefined]);
    for (const [change, param] of [
      [{ priority: 2_000_000 }, 'priority'],
      [{ weight: -1 }, 'weight'],
    ] as const) {
      const { errors } = await admin.send(ADD_ROUTE, { input: { channelId, modelId, ...change } });
      expect(errors?.[0]?.extensions).toMatchObject({ status: 400, param });
    }
  });

  it('takes several credentials, tells the end of each, and keeps them out of the audit log', async () => {
    const { id, credentialLast4 } = await calls.createChannel({ credential: undefined, credentials: [FIRST, SECOND] });
    expect(credentialLast4).toBe('ABCD, EFGH');
    const stored = () => hub.app.get(ChannelStore).findChannel(id);
    expect(await stored()).toMatchObject({ credential: FIRST, moreCredentials: [SECOND] });
    const change = { id, version: 1, concurrencyMax: 4 };
    expect((await admin.data(UPDATE_CHANNEL, { input: change })).updateChannel).toMatchObject({ version: 2 });
    expect(await stored()).toMatchObject({ moreCredentials: [SECOND], concurrencyMax: 4 });
    await admin.data(UPDATE_CHANNEL, { input: { id, version: 2, credential: SECOND, concurrencyMax: null } });
    const { credential, moreCredentials, concurrencyMax } = (await stored())!;
    expect({ credential, moreCredentials, concurrencyMax }).toEqual({ credential: SECOND });
    const rows = await hub.sql.query(`select * from audit_log where subject_id = $1`, [id]);
    expect(rows).toHaveLength(3);
    expect(JSON.stringify(rows)).toContain('isCredentialReplaced');
    for (const secret of [FIRST, SECOND]) expect(JSON.stringify(rows) + hub.logText()).not.toContain(secret);
  });

  it.each([
    ['both one and several credentials', { credential: 'a', credentials: ['b'] }, 'credentials'],
    ['a credential that a header cannot carry', { credentials: ['a', 'b\nc'] }, 'credentials[1]'],
    ['the same credential twice', { credentials: ['a', 'b', 'a'] }, 'credentials[2]'],
    ['more than 64 credentials', { credentials: Array.from({ length: 65 }, (_, index) => `k${index}`) }, 'credentials'],
    ['no credential where one is needed', { provider: 'openai', credentials: [] }, 'credential'],
    ['no request at a time', { concurrencyMax: 0 }, 'concurrencyMax'],
  ])('refuses %s by name', async (_what, input, param) => {
    const standard = { name: calls.uniqueName(), provider: 'openai-compatible', baseUrl: 'https://api.example/v1' };
    const { errors } = await admin.send(CREATE_CHANNEL, { input: { ...standard, ...input } });
    expect(errors?.[0]?.extensions).toMatchObject({ status: 400, param });
  });
});
