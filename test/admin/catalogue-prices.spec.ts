import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AdminClient, signInAs } from '../support/admin.js';
import { balanceOf, bookedRequest, UNIT } from '../support/books.js';
import { countStatements } from '../support/count-statements.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { startHub, type TestHub } from '../support/hub.js';
import { until } from '../support/until.js';

const CREATE = `mutation ($input: CreateModelInput!) { createModel(input: $input) {
  id onDisconnect outputTokensDefault video version managedBy limits { rpm tpm concurrency } } }`;
const UPDATE = `mutation ($input: UpdateModelInput!) { updateModel(input: $input) { __typename
  ... on Model { id onDisconnect outputTokensDefault video version limits { rpm tpm concurrency } } ... on VersionConflict { currentVersion } } }`;
const REMOVE = `mutation ($input: RemoveModelInput!) { removeModel(input: $input) { __typename
  ... on Model { id } ... on VersionConflict { currentVersion } } }`;
const SET = `mutation ($input: SetPriceInput!) { setPrice(input: $input) { isChanged message
  applies { id side source channelId text isCurrent rates { inputPerMillion perRequest perImage { size price } perVideoSecond { price } tiers { aboveInputTokens inputPerMillion } } } } }`;

describe('models and prices in the admin API', () => {
  let hub: TestHub;
  let upstream: FakeUpstream;
  let admin: AdminClient;
  let channelId: string;
  let names = 0;
  beforeAll(async () => {
    upstream = await startFakeUpstream();
    hub = await startHub({ channels: [{ name: 'declared', baseUrl: upstream.url }] });
    admin = await signInAs(hub, 'admin');
    const { createChannel } = await admin.data(
      'mutation ($input: CreateChannelInput!) { createChannel(input: $input) { id } }',
      {
        input: {
          name: 'own',
          provider: 'openai-compatible',
          baseUrl: upstream.url,
          credential: 'own-credential-1',
          allowPrivateNetwork: true,
        },
      },
    );
    channelId = createChannel.id;
  });
  afterAll(async () => {
    await hub.close();
    await upstream.close();
  });

  const createModel = async (input: object = {}): Promise<string> => {
    const id = `model/${++names}`;
    await admin.data(CREATE, { input: { id, ...input } });
    await admin.data('mutation ($input: AddRouteInput!) { addRoute(input: $input) { modelId } }', {
      input: { channelId, modelId: id },
    });
    return id;
  };
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it asked for.
  const setPrice = async (input: object): Promise<any> => (await admin.data(SET, { input })).setPrice;
  const chat = (model: string, more: object = {}): Promise<Response> =>
    hub.post('/api/relay/v1/chat/completions', { model, messages: [{ role: 'user', content: 'hi' }], ...more });
  const costOf = async (response: Response): Promise<bigint> =>
    (await bookedRequest(hub.sql, response.headers.get('x-request-id')!))!.settled!;

  it('makes, changes and removes a model', async () => {
    const id = `life/${++names}`;
    const { createModel } = await admin.data(CREATE, { input: { id, limits: { rpm: 10 } } });
    expect(createModel).toEqual({
      id,
      onDisconnect: 'abort',
      outputTokensDefault: null,
      video: null,
      version: 1,
      managedBy: null,
      limits: { rpm: 10, tpm: null, concurrency: null },
    });
    const video = { durations: [5, 10], durationDefault: 5 };
    const changed = await admin.data(UPDATE, {
      input: { id, version: 1, onDisconnect: 'drain', outputTokensDefault: 100, video },
    });
    expect(changed.updateModel).toEqual({
      __typename: 'Model',
      id,
      onDisconnect: 'drain',
      outputTokensDefault: 100,
      video,
      version: 2,
      limits: { rpm: 10, tpm: null, concurrency: null },
    });
    const stale = await admin.data(UPDATE, { input: { id, version: 1, onDisconnect: 'abort' } });
    expect(stale.updateModel).toEqual({ __typename: 'VersionConflict', currentVersion: 2 });
    const cleared = await admin.data(UPDATE, {
      input: { id, version: 2, video: null, limits: null, outputTokensDefault: null },
    });
    expect(cleared.updateModel).toMatchObject({
      video: null,
      outputTokensDefault: null,
      limits: { rpm: null },
      onDisconnect: 'drain',
    });
    expect((await admin.data(REMOVE, { input: { id, version: 1 } })).removeModel.__typename).toBe('VersionConflict');
    expect((await admin.data(REMOVE, { input: { id, version: 3 } })).removeModel).toEqual({ __typename: 'Model', id });
    expect(await admin.code('query ($id: ID!) { model(id: $id) { id } }', { id })).toBe('not_found');
    const rows = await hub.sql.query<{ action: string }>(
      `select action from audit_log where subject_id = $1 order by seq`,
      [id],
    );
    expect(rows.map(({ action }) => action)).toEqual(['model.create', 'model.update', 'model.update', 'model.remove']);
  });

  it.each([
    [{ id: '' }, 'id'],
    [{ id: 'a\u0000b' }, 'id'],
    [{ id: 'x'.repeat(257) }, 'id'],
    [{ id: ' a' }, 'id'],
    [{ id: 'm', outputTokensDefault: 0 }, 'outputTokensDefault'],
    [{ id: 'm', limits: { tpm: -1 } }, 'limits.tpm'],
    [{ id: 'm', video: { colour: 'red' } }, 'video'],
    [{ id: 'm', video: 'often' }, 'video'],
  ])('refuses the model %j by name', async (input, param) => {
    const { errors } = await admin.send(CREATE, { input });
    expect(errors?.[0]?.extensions).toMatchObject({ status: 400, param });
  });

  it('refuses a name that is taken, and what is declared elsewhere', async () => {
    expect(await admin.code(CREATE, { input: { id: 'gpt-4' } })).toBe('name_taken');
    expect(await admin.code(UPDATE, { input: { id: 'gpt-4', version: 1, limits: { rpm: 1 } } })).toBe(
      'declared_elsewhere',
    );
    expect(await admin.code(REMOVE, { input: { id: 'gpt-4', version: 1 } })).toBe('declared_elsewhere');
    await hub.sql.query(`insert into model (id) values ('own-by-declared')`);
    await hub.sql.query(
      `insert into route (channel_id, model_id, upstream_model) select id, 'own-by-declared', 'x' from channel where name = 'declared'`,
    );
    expect(await admin.code(REMOVE, { input: { id: 'own-by-declared', version: 1 } })).toBe('declared_elsewhere');
  });

  it('lets a request in flight pay the old price and the next one the new', async () => {
    const model = await createModel();
    expect((await chat(model)).status).toBe(503);
    await setPrice({ modelId: model, price: { perRequest: '1' } });
    const first = await chat(model);
    expect(first.status).toBe(200);
    expect(await costOf(first)).toBe(1_000_000_000n);
    upstream.scriptKey('own-credential-1', { tokens: 5, token_ms: 100 });
    const running = await chat(model, { stream: true });
    expect(await setPrice({ modelId: model, price: { perRequest: '3' } })).toMatchObject({
      isChanged: true,
      applies: { text: '3 per request' },
    });
    upstream.scriptKey('own-credential-1', undefined);
    const next = await chat(model);
    expect(await costOf(next)).toBe(3_000_000_000n);
    await running.text();
    expect(await costOf(running)).toBe(1_000_000_000n);
  });

  it('states every part of a price, and says once what has been said', async () => {
    const model = await createModel();
    const price = {
      inputPerMillion: '2.5',
      perRequest: '0.01',
      perImage: [{ price: '0.04' }, { size: '1024x1024', quality: 'hd', price: '0.08' }],
      perVideoSecond: [{ price: '0.1' }],
      tiers: [{ aboveInputTokens: 1000, inputPerMillion: '5' }],
    };
    const outcome = await setPrice({ modelId: model, price });
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
          tiers: [{ aboveInputTokens: 1000, inputPerMillion: '5' }],
        },
      },
    });
    const again = await setPrice({ modelId: model, price });
    expect(again).toMatchObject({ isChanged: false, applies: { id: outcome.applies.id } });
    const stored = await hub.sql.query(`select price from price_version where model_id = $1`, [model]);
    expect(stored).toEqual([{ price: { ...price, perVideoSecond: '0.1' } }]);
    const changes = await hub.sql.query<{ after: string }>(
      `select after from audit_log where subject_kind = 'price' and subject_id = $1`,
      [`${model}:selling:all`],
    );
    expect(changes.map(({ after }) => JSON.parse(after).stated)).toEqual([{ ...price, perVideoSecond: '0.1' }]);
  });

  it('lets a price of one channel stand beside that of all, and takes both back', async () => {
    const model = await createModel();
    await setPrice({ modelId: model, price: { perRequest: '1' } });
    await setPrice({ modelId: model, channelId, price: { perRequest: '2' } });
    await setPrice({ modelId: model, channelId, side: 'purchase', price: { perRequest: '0.5' } });
    expect(await costOf(await chat(model))).toBe(2_000_000_000n);
    const { routes } = await admin.data(
      `query ($id: ID!) { routes(filter: {modelId: $id}) { nodes { sellingPrice { text channelId } purchasePrice { text } } } }`,
      { id: model },
    );
    expect(routes.nodes).toEqual([
      { sellingPrice: { text: '2 per request', channelId }, purchasePrice: { text: '0.5 per request' } },
    ]);
    expect(await setPrice({ modelId: model, channelId, withdraw: true })).toMatchObject({
      isChanged: true,
      applies: null,
    });
    expect(await costOf(await chat(model))).toBe(1_000_000_000n);
    expect(await setPrice({ modelId: model, channelId, withdraw: true })).toMatchObject({ isChanged: false });
    await setPrice({ modelId: model, withdraw: true });
    expect((await chat(model)).status).toBe(503);
    const { prices } = await admin.data(
      `query ($id: ID!) { prices(filter: {modelId: $id}) { nodes { side text isCurrent channel { name } } } }`,
      { id: model },
    );
    expect(prices.nodes.map(({ side, text, isCurrent }: Record<string, unknown>) => [side, text, isCurrent])).toEqual([
      ['selling', 'withdrawn', false],
      ['selling', 'withdrawn', false],
      ['purchase', '0.5 per request', true],
      ['selling', '2 per request', false],
      ['selling', '1 per request', false],
    ]);
  });

  it('says when a stronger source hides what was stated', async () => {
    const outcome = await setPrice({ modelId: 'gpt-4', price: { perRequest: '7' } });
    expect(outcome).toMatchObject({ isChanged: true, applies: { source: 'config' } });
    expect(outcome.message).toContain('What applies is that of the config: 1000 in');
    await setPrice({ modelId: 'gpt-4', withdraw: true });
  });

  it('takes what the catalogue suggests', async () => {
    const { priceCatalogue } = await admin.data(
      `{ priceCatalogue(search: "gpt-4o-mini", first: 1) { nodes { models text source asOf rates { inputPerMillion } } } }`,
    );
    const [suggestion] = priceCatalogue.nodes;
    expect(suggestion.models).toContain('gpt-4o-mini');
    await admin.data(CREATE, { input: { id: 'gpt-4o-mini' } });
    expect(await setPrice({ modelId: 'gpt-4o-mini', suggested: true })).toMatchObject({
      applies: { text: suggestion.text },
    });
    const model = await createModel();
    expect(await admin.code(SET, { input: { modelId: model, suggested: true } })).toBe('no_suggestion');
  });

  it.each([
    [{ price: { inputPerMillion: '-1' } }, 'price.inputPerMillion'],
    [{ price: { perRequest: '1e3' } }, 'price.perRequest'],
    [{ price: {} }, 'price'],
    [{ price: { perImage: [{ size: 'a', price: '1' }] } }, 'price.perImage'],
    [{ price: { perImage: [{ price: '1' }, { size: 'a', price: 'x' }] } }, 'price.perImage[1].price'],
    [{ price: { tiers: [{ aboveInputTokens: 10 }] } }, 'price.tiers[0]'],
    [{ price: { tiers: [{ aboveInputTokens: 0, inputPerMillion: '1' }] } }, 'price.tiers[0].aboveInputTokens'],
    [{ price: { perRequest: '1' }, withdraw: true }, 'price'],
    [{}, 'price'],
  ])('refuses %j naming the place', async (input, param) => {
    const { errors } = await admin.send(SET, { input: { modelId: 'gpt-4', ...input } });
    expect(errors?.[0]?.extensions).toMatchObject({ status: 400, param });
  });

  it('refuses prices of what is not there', async () => {
    const price = { perRequest: '1' };
    expect(await admin.code(SET, { input: { modelId: 'nothing', price } })).toBe('not_found');
    expect(await admin.code(SET, { input: { modelId: 'gpt-4', channelId: '99999', price } })).toBe('not_found');
    expect(await admin.code(SET, { input: { modelId: 'a\u0000', price } })).toBe('not_found');
  });

  it('forgets what operators said of a model that is removed', async () => {
    const model = await createModel();
    await setPrice({ modelId: model, price: { perRequest: '1' } });
    await admin.data(REMOVE, { input: { id: model, version: 1 } });
    await admin.data(CREATE, { input: { id: model } });
    const { model: again } = await admin.data(
      `query ($id: ID!) { model(id: $id) { sellingPrices { text } routes { channelId } } }`,
      { id: model },
    );
    expect(again).toEqual({ sellingPrices: [], routes: [] });
  });

  it('shows members the models that their account may use, and nothing of channels, prices and limits', async () => {
    const usable = await createModel();
    const closed = await createModel();
    await hub.sql.query(`insert into model (id) values ('not-served')`);
    const [group] = await hub.sql.query<{ id: string }>(
      `insert into account_group (name, multiplier_millionths, models) values ('narrow', 1000000, $1::text[]) returning id`,
      [[usable, 'not-served']],
    );
    const [account] = await hub.sql.query<{ id: string }>(
      `insert into account (name, group_id) values ('narrow', $1) returning id`,
      [group!.id],
    );
    const member = await signInAs(hub, 'member', account!.id);
    const { models } = await member.data('{ models { nodes { id onDisconnect } } }');
    expect(models.nodes).toEqual([{ id: usable, onDisconnect: 'abort' }]);
    expect(await member.code('query ($id: ID!) { model(id: $id) { id } }', { id: closed })).toBe('not_found');
    for (const field of [
      'routes { channelId }',
      'sellingPrices { id }',
      'purchasePrices { id }',
      'limits { rpm }',
      'managedBy',
    ]) {
      expect(await member.code(`query ($id: ID!) { model(id: $id) { ${field} } }`, { id: usable })).toBe('forbidden');
    }
    expect(await member.code('{ prices { nodes { id } } }')).toBe('forbidden');
    expect(await member.code('{ priceCatalogue { nodes { text } } }')).toBe('forbidden');
    expect(await member.code('{ rateLimits(filter: {scope: account}) { nodes { rpm } } }')).toBe('forbidden');
    expect(await member.code(SET, { input: { modelId: usable, price: { perRequest: '0' } } })).toBe('forbidden');
  });

  it('lets staff see prices and admins alone set them', async () => {
    const model = await createModel();
    for (const role of ['operator', 'viewer'] as const) {
      const staff = await signInAs(hub, role);
      expect(
        (await staff.send('{ prices { nodes { text } } models { nodes { purchasePrices { text } } } }')).errors,
      ).toBeUndefined();
      expect(await staff.code(SET, { input: { modelId: model, price: { perRequest: '1' } } })).toBe('forbidden');
      expect(await staff.code(CREATE, { input: { id: 'x' } })).toBe('forbidden');
      expect(await staff.code(REMOVE, { input: { id: model, version: 1 } })).toBe('forbidden');
    }
  });

  it('looks for names letter by letter', async () => {
    await admin.data(CREATE, { input: { id: '100%_sure' } });
    const find = async (search: string): Promise<string[]> => {
      const { models } = await admin.data('query ($filter: ModelFilter) { models(filter: $filter) { nodes { id } } }', {
        filter: { search },
      });
      return models.nodes.map(({ id }: { id: string }) => id);
    };
    expect(await find('%_SURE')).toEqual(['100%_sure']);
    expect(await find('1%sure')).toEqual([]);
    expect(await admin.code('{ models(filter: {search: "a\\u0000"}) { nodes { id } } }')).toBe('invalid_value');
  });

  it('lists a hundred models with routes and prices in ten statements', async () => {
    await hub.sql.query(`insert into model (id) select 'hundred-' || n from generate_series(1, 100) n`);
    await hub.sql.query(
      `insert into route (channel_id, model_id, upstream_model) select $1, id, id from model where id like 'hundred-%'`,
      [channelId],
    );
    await hub.sql.query(
      `insert into price_version (model_id, side, price, source) select id, 'selling', '{"perRequest":"1"}', 'operator' from model where id like 'hundred-%'`,
    );
    let count = 0;
    const statements = await countStatements(hub, async () => {
      const { models } = await admin.data(
        `{ models(first: 100, filter: {search: "hundred-"}) { nodes { id limits { rpm }
           routes { channel { name status } sellingPrice { text } } sellingPrices { text isCurrent } purchasePrices { text } } } }`,
      );
      count = models.nodes.filter(({ routes }: { routes: object[] }) => routes.length === 1).length;
    });
    expect(count).toBe(100);
    expect(statements).toBeLessThanOrEqual(10);
  });

  it('pages through providers and suggestions, which lie in memory', async () => {
    const seen: string[] = [];
    for (let after: string | null = null; ; ) {
      const { providers } = await admin.data(
        'query ($after: String) { providers(first: 10, after: $after) { nodes { id } pageInfo { endCursor hasNextPage } } }',
        { after },
      );
      seen.push(...providers.nodes.map(({ id }: { id: string }) => id));
      if (!providers.pageInfo.hasNextPage) break;
      after = providers.pageInfo.endCursor;
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toContain('deepseek');
    const { providers } = await admin.data(
      '{ providers(filter: {operation: video, search: "KLING"}) { nodes { id operations isCredentialRequired hasModelList } } }',
    );
    expect(providers.nodes).toEqual([
      { id: 'kling', operations: ['video'], isCredentialRequired: true, hasModelList: false },
    ]);
  });

  it('shows what limits callers, and how much of it is used', async () => {
    const model = await createModel({ limits: { rpm: 5, tpm: 100_000 } });
    await setPrice({ modelId: model, price: { perRequest: '0' } });
    expect((await chat(model)).status).toBe(200);
    const query = `query ($filter: RateLimitFilter!) { rateLimits(filter: $filter) { nodes { scope subjectId rpm tpm concurrency isOwn requestsUsed tokensUsed inFlight } } }`;
    const read = async (filter: object): Promise<object[]> => (await admin.data(query, { filter })).rateLimits.nodes;
    await until(async () => {
      const [limit] = (await read({ scope: 'model', subjectId: model })) as { inFlight: number }[];
      return limit?.inFlight === 0;
    });
    expect(await read({ scope: 'model', onlyOwn: true, subjectId: model })).toEqual([
      {
        scope: 'model',
        subjectId: model,
        rpm: 5,
        tpm: 100_000,
        concurrency: null,
        isOwn: true,
        requestsUsed: 1,
        tokensUsed: expect.any(Number),
        inFlight: 0,
      },
    ]);
    const { id: keyId } = await hub.createKey({ name: 'limited' });
    await hub.sql.query('update api_key set rpm_limit = 7 where id = $1', [keyId]);
    expect(await read({ scope: 'key', accountId: hub.accountId, onlyOwn: true })).toMatchObject([
      { subjectId: keyId, rpm: 7, isOwn: true },
    ]);
    const { rpm } = hub.settings.limits.accountDefaults;
    expect(await read({ scope: 'account', subjectId: hub.accountId })).toMatchObject([
      { rpm: rpm ?? null, isOwn: false },
    ]);
    expect(await admin.code(query, { filter: { scope: 'model', accountId: '1' } })).toBe('invalid_value');
    expect(await admin.code(query, { filter: { scope: 'key', subjectId: 'x' } })).toBe('not_found');
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
