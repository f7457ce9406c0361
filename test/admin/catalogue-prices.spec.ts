import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AdminClient, signInAs } from '../support/admin.js';
import { startHub } from '../support/admin-hub.js';
import { balanceOf, bookedRequest, UNIT } from '../support/books.js';
import { CatalogueCalls, CREATE_MODEL, REMOVE_MODEL, SET_PRICE } from '../support/catalogue.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { type TestHub } from '../support/hub.js';

describe('prices in the admin API', () => {
  let hub: TestHub;
  let upstream: FakeUpstream;
  let admin: AdminClient;
  let calls: CatalogueCalls;
  let channelId: string;
  beforeAll(async () => {
    upstream = await startFakeUpstream();
    hub = await startHub({ channels: [{ name: 'declared', baseUrl: upstream.url }] });
    admin = await signInAs(hub, 'admin');
    calls = new CatalogueCalls(hub, admin, upstream.url);
    channelId = (await calls.createChannel({ credential: 'own-credential-1' })).id;
  });
  afterAll(async () => {
    await hub.close();
    await upstream.close();
  });

  const costOf = async (response: Response): Promise<bigint> =>
    (await bookedRequest(hub.sql, response.headers.get('x-request-id')!))!.settled!;

  it('lets a request in flight pay the old price and the next one the new', async () => {
    const model = await calls.createModel(channelId);
    expect((await calls.chat(model)).status).toBe(503);
    await calls.setPrice({ modelId: model, price: { perRequest: '1' } });
    const first = await calls.chat(model);
    expect(first.status).toBe(200);
    expect(await costOf(first)).toBe(1_000_000_000n);
    upstream.scriptKey('own-credential-1', { tokens: 5, token_ms: 100 });
    const running = await calls.chat(model, { stream: true });
    expect(await calls.setPrice({ modelId: model, price: { perRequest: '3' } })).toMatchObject({
      isChanged: true,
      applies: { text: '3 per request' },
    });
    upstream.scriptKey('own-credential-1', undefined);
    const next = await calls.chat(model);
    expect(await costOf(next)).toBe(3_000_000_000n);
    await running.text();
    expect(await costOf(running)).toBe(1_000_000_000n);
  });

  it('states every part of a price, and says once what has been said', async () => {
    const model = await calls.createModel(channelId);
    const price = {
      inputPerMillion: '2.5',
      perRequest: '0.01',
      perImage: [{ price: '0.04' }, { size: '1024x1024', quality: 'hd', price: '0.08' }],
      perVideoSecond: [{ price: '0.1' }],
      perAudioSecond: '0.0001',
      perMillionCharacters: '15',
      perSearch: '0.002',
      tiers: [{ aboveInputTokens: 1000, inputPerMillion: '5' }],
    };
    const priority = { inputPerMillion: '5', tiers: [{ aboveInputTokens: 1000, inputPerMillion: '9' }] };
    const flex = { inputPerMillion: '1', outputPerMillion: '3' };
    const serviceTiers = [
      { name: 'priority', ...priority },
      { name: 'flex', ...flex },
    ];
    const stated = { ...price, serviceTiers };
    const outcome = await calls.setPrice({ modelId: model, price: stated });
    expect(outcome).toMatchObject({
      isChanged: true,
      applies: {
        source: `operator:user:${admin.userId}`,
        isCurrent: true,
        rates: {
          inputPerMillion: '2.5',
          perRequest: '0.01',
          perImage: [
            { size: null, price: '0.04' },
            { size: '1024x1024', price: '0.08' },
          ],
          perVideoSecond: [{ price: '0.1' }],
          perAudioSecond: '0.0001',
          perMillionCharacters: '15',
          perSearch: '0.002',
          tiers: [{ aboveInputTokens: 1000, inputPerMillion: '5' }],
          serviceTiers: [
            { name: 'flex', ...flex, tiers: null },
            { name: 'priority', outputPerMillion: null, ...priority },
          ],
        },
      },
    });
    const again = await calls.setPrice({ modelId: model, price: stated });
    expect(again).toMatchObject({ isChanged: false, applies: { id: outcome.applies.id } });
    const stored = await hub.sql.query(`select price from price_version where model_id = $1`, [model]);
    const kept = { ...price, perVideoSecond: '0.1', serviceTiers: { priority, flex } };
    expect(stored).toEqual([{ price: kept }]);
    const changes = await hub.sql.query<{ after: string }>(
      `select after from audit_log where subject_kind = 'price' and subject_id = $1`,
      [`${model}:selling:all`],
    );
    expect(changes.map(({ after }) => JSON.parse(after).stated)).toEqual([kept]);
  });

  it('lets a price of one channel stand beside that of all, and takes both back', async () => {
    const model = await calls.createModel(channelId);
    await calls.setPrice({ modelId: model, price: { perRequest: '1' } });
    await calls.setPrice({ modelId: model, channelId, price: { perRequest: '2' } });
    await calls.setPrice({ modelId: model, channelId, side: 'PURCHASE', price: { perRequest: '0.5' } });
    expect(await costOf(await calls.chat(model))).toBe(2_000_000_000n);
    const { routes } = await admin.data(
      `query ($id: ID!) { routes(filter: {modelId: $id}) { nodes { sellingPrice { text channelId } purchasePrice { text } } } }`,
      { id: model },
    );
    expect(routes.nodes).toEqual([
      { sellingPrice: { text: '2 per request', channelId }, purchasePrice: { text: '0.5 per request' } },
    ]);
    expect(await calls.setPrice({ modelId: model, channelId, withdraw: true })).toMatchObject({
      isChanged: true,
      applies: null,
    });
    expect(await costOf(await calls.chat(model))).toBe(1_000_000_000n);
    expect(await calls.setPrice({ modelId: model, channelId, withdraw: true })).toMatchObject({ isChanged: false });
    await calls.setPrice({ modelId: model, withdraw: true });
    expect((await calls.chat(model)).status).toBe(503);
    const { prices } = await admin.data(
      `query ($id: ID!) { prices(filter: {modelId: $id}) { nodes { side text isCurrent channel { name } } } }`,
      { id: model },
    );
    expect(prices.nodes.map(({ side, text, isCurrent }: Record<string, unknown>) => [side, text, isCurrent])).toEqual([
      ['SELLING', 'withdrawn', false],
      ['SELLING', 'withdrawn', false],
      ['PURCHASE', '0.5 per request', true],
      ['SELLING', '2 per request', false],
      ['SELLING', '1 per request', false],
    ]);
  });

  it('says when a stronger source hides what was stated', async () => {
    const outcome = await calls.setPrice({ modelId: 'gpt-4', price: { perRequest: '7' } });
    expect(outcome).toMatchObject({ isChanged: true, applies: { source: 'config' } });
    expect(outcome.message).toContain('What applies is that of the config: 1000 in');
    await calls.setPrice({ modelId: 'gpt-4', withdraw: true });
  });

  it('takes what the catalogue suggests', async () => {
    const { priceCatalogue } = await admin.data(
      `{ priceCatalogue(search: "gpt-4o-mini", first: 1) { nodes { models text source asOf rates { inputPerMillion } } } }`,
    );
    const [suggestion] = priceCatalogue.nodes;
    expect(suggestion.models).toContain('gpt-4o-mini');
    await admin.data(CREATE_MODEL, { input: { id: 'gpt-4o-mini' } });
    expect(await calls.setPrice({ modelId: 'gpt-4o-mini', suggested: true })).toMatchObject({
      applies: { text: suggestion.text },
    });
    const model = await calls.createModel(channelId);
    expect(await admin.code(SET_PRICE, { input: { modelId: model, suggested: true } })).toBe('no_suggestion');
  });

  it.each([
    [{ price: { inputPerMillion: '-1' } }, 'price.inputPerMillion'],
    [{ price: { perRequest: '1e3' } }, 'price.perRequest'],
    [{ price: {} }, 'price'],
    [{ price: { perImage: [{ size: 'a', price: '1' }] } }, 'price.perImage'],
    [{ price: { perImage: [{ price: '1' }, { size: 'a', price: 'x' }] } }, 'price.perImage[1].price'],
    [{ price: { tiers: [{ aboveInputTokens: 10 }] } }, 'price.tiers[0]'],
    [{ price: { perImage: [{ price: '1' }, { size: 'a\0', price: '1' }] } }, 'price.perImage[1].size'],
    [{ price: { perImage: [{ price: '1' }, { quality: '\ud800', price: '1' }] } }, 'price.perImage[1].quality'],
    [{ price: { tiers: [{ aboveInputTokens: 0, inputPerMillion: '1' }] } }, 'price.tiers[0].aboveInputTokens'],
    [{ price: { serviceTiers: [{ name: 'flex', inputPerMillion: '1' }] } }, 'price'],
    [{ price: { perRequest: '1', serviceTiers: [{ name: 'Flex', inputPerMillion: '1' }] } }, 'price.serviceTiers.Flex'],
    [{ price: { perRequest: '1', serviceTiers: [{ name: 'flex' }] } }, 'price.serviceTiers.flex'],
    [
      {
        price: { perRequest: '1', serviceTiers: ['1', '2'].map((inputPerMillion) => ({ name: 'a', inputPerMillion })) },
      },
      'price.serviceTiers[1].name',
    ],
    [{ price: { perRequest: '1' }, withdraw: true }, 'price'],
    [{}, 'price'],
  ])('refuses %j naming the place', async (input, param) => {
    const { errors } = await admin.send(SET_PRICE, { input: { modelId: 'gpt-4', ...input } });
    expect(errors?.[0]?.extensions).toMatchObject({ status: 400, param });
  });

  it('refuses prices of what is not there', async () => {
    const price = { perRequest: '1' };
    expect(await admin.code(SET_PRICE, { input: { modelId: 'nothing', price } })).toBe('not_found');
    expect(await admin.code(SET_PRICE, { input: { modelId: 'gpt-4', channelId: '99999', price } })).toBe('not_found');
    expect(await admin.code(SET_PRICE, { input: { modelId: 'a\u0000', price } })).toBe('not_found');
  });

  it('forgets what operators said of a model that is removed', async () => {
    const model = await calls.createModel(channelId);
    await calls.setPrice({ modelId: model, price: { perRequest: '1' } });
    await admin.data(REMOVE_MODEL, { input: { id: model, version: 1 } });
    await admin.data(CREATE_MODEL, { input: { id: model } });
    const { model: again } = await admin.data(
      `query ($id: ID!) { model(id: $id) { sellingPrices { text } routes { channelId } } }`,
      { id: model },
    );
    expect(again).toEqual({ sellingPrices: [], routes: [] });
  });

  it('leaves the balance exact', async () => {
    const [row] = await hub.sql.query<{ sum: string }>(
      'select coalesce(sum(cost), 0) as sum from usage_event where account_id = $1',
      [hub.accountId],
    );
    const { used, held } = await balanceOf(hub.sql, hub.accountId);
    expect({ used, held }).toEqual({ used: BigInt(row!.sum), held: 0n });
    expect(used % UNIT).toBe(0n);
  });
});
