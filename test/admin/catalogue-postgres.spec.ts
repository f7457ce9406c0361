import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Database } from '../../src/database/database.js';
import { type AdminClient, adminClient, signInAs } from '../support/admin.js';
import { startHub } from '../support/admin-hub.js';
import { CatalogueCalls, SET_PRICE, UPDATE_CHANNEL } from '../support/catalogue.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { type TestHub } from '../support/hub.js';
import { describeWithPostgres, type PostgresServer, startPostgres } from '../support/postgres.js';
import { until } from '../support/until.js';

const MASTER_KEY = Buffer.alloc(32, 7).toString('base64');
/** Every list and look-up of the catalogue. */
const EVERYTHING = `query ($id: ID!, $model: ID!) {
  channels(first: 5, orderBy: PRIORITY, filter: {search: "n", isEnabled: true, isOwn: true, modelId: $model, provider: "openai-compatible"}) {
    nodes { id status rests { until } routes { upstreamModel sellingPrice { text } purchasePrice { text } } } pageInfo { endCursor } }
  byName: channels(orderBy: NAME) { nodes { name } }
  channel(id: $id) { name }
  models(filter: {search: "m", isServed: true, isOwn: true}) { nodes { id limits { rpm } routes { channelId } sellingPrices { isCurrent } } }
  model(id: $model) { id }
  routes(filter: {channelId: $id, modelId: $model}) { nodes { channelId model { id } channel { id } } }
  prices(filter: {modelId: $model, side: SELLING}) { nodes { text isCurrent } }
  accounts: rateLimits(filter: {scope: ACCOUNT}) { nodes { rpm } }
  keys: rateLimits(filter: {scope: KEY, onlyOwn: true}) { nodes { rpm } }
  limited: rateLimits(filter: {scope: MODEL, subjectId: $model}) { nodes { subjectId } }
}`;

describeWithPostgres('the catalogue of several instances on PostgreSQL', () => {
  let postgres: PostgresServer;
  let upstream: FakeUpstream;
  const hubs: TestHub[] = [];
  let admin: AdminClient;
  let elsewhere: AdminClient;
  let calls: CatalogueCalls;
  beforeAll(async () => {
    postgres = await startPostgres();
    upstream = await startFakeUpstream();
    for (let i = 0; i < 2; i++) {
      const env = { DATABASE_URL: postgres.url, HUB_MASTER_KEY: MASTER_KEY };
      const database = await Database.open({ url: postgres.url, dataDir: 'unused', poolMax: 4, ledgerPoolMax: 2 });
      hubs.push(await startHub({ database, env }));
    }
    admin = await signInAs(hubs[0]!, 'admin');
    elsewhere = adminClient(hubs[1]!, admin);
    calls = new CatalogueCalls(hubs[0]!, admin, upstream.url);
  });
  afterAll(async () => {
    for (const hub of hubs) await hub.close();
    await upstream.close();
    await postgres.stop();
  });

  it('serves by what was made on another instance, as soon as that looks', async () => {
    const { model } = await calls.serve();
    expect((await calls.chat(model)).status).toBe(200);
    await until(async () => {
      const response = await hubs[1]!.post('/api/relay/v1/chat/completions', {
        model,
        messages: [{ role: 'user', content: 'hi' }],
      });
      return response.status === 200;
    });
  });

  it('lets one of two edits on two instances win', async () => {
    const { id } = await calls.createChannel();
    const edits = await Promise.all(
      [admin, elsewhere, admin, elsewhere].map((who, weight) =>
        who.data(UPDATE_CHANNEL, { input: { id, version: 1, weight } }),
      ),
    );
    const kinds = edits.map(({ updateChannel }) => updateChannel.__typename).sort();
    expect(kinds).toEqual(['Channel', 'VersionConflict', 'VersionConflict', 'VersionConflict']);
  });

  it('adds one version when two state the same price at once', async () => {
    const { id } = await calls.createChannel();
    const modelId = await calls.createModel(id);
    const input = { modelId, price: { perRequest: '1' } };
    const outcomes = await Promise.all([admin, elsewhere].map((who) => who.data(SET_PRICE, { input })));
    expect(outcomes.map(({ setPrice }) => setPrice.isChanged).sort()).toEqual([false, true]);
  });

  it('answers every list and look-up', async () => {
    const { id, model } = await calls.serve();
    const data = await admin.data(EVERYTHING, { id, model });
    expect(data).toMatchObject({
      channels: { nodes: [{ id, status: 'ACTIVE', routes: [{ upstreamModel: model }] }] },
      model: { id: model },
      routes: { nodes: [{ channelId: id }] },
      prices: { nodes: [{ isCurrent: true }] },
      limited: { nodes: [{ subjectId: model }] },
    });
    const after = data.channels.pageInfo.endCursor;
    expect(
      await admin.data(`query ($after: String) { channels(after: $after, orderBy: PRIORITY) { nodes { id } } }`, {
        after,
      }),
    ).toMatchObject({
      channels: { nodes: expect.any(Array) },
    });
  });

  it('makes dry runs of today', async () => {
    const { id, model } = await calls.serve();
    expect((await calls.chat(model)).status).toBe(200);
    const from = new Date(Date.now() - 60_000).toISOString();
    const price = {
      from,
      changes: [
        { modelId: model, price: { perRequest: '0.5' } },
        { modelId: model, side: 'PURCHASE', price: { perRequest: '0.1' } },
      ],
    };
    const route = { from, modelId: model, changes: [{ channelId: id, isServed: false }] };
    const { dryRunPrice } = await admin.data(
      `query ($input: DryRunPriceInput!) { dryRunPrice(input: $input) { requests newCost purchase { newCost } } }`,
      { input: price },
    );
    expect(dryRunPrice).toEqual({ requests: 1, newCost: '0.5', purchase: { newCost: '0.1' } });
    const { dryRunRoute } = await admin.data(
      `query ($input: DryRunRouteInput!) { dryRunRoute(input: $input) { requestsRead withoutChannelAfter } }`,
      { input: route },
    );
    expect(dryRunRoute).toEqual({ requestsRead: 1, withoutChannelAfter: 1 });
  });
});
