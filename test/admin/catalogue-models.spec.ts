import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AdminClient, signInAs } from '../support/admin.js';
import { startHub } from '../support/admin-hub.js';
import { CatalogueCalls, CREATE_MODEL, REMOVE_MODEL, SET_PRICE, UPDATE_MODEL } from '../support/catalogue.js';
import { countStatements } from '../support/count-statements.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { type TestHub } from '../support/hub.js';
import { until } from '../support/until.js';

describe('models in the admin API', () => {
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

  it('makes, changes and removes a model', async () => {
    const id = `life/${calls.uniqueName()}`;
    const { createModel } = await admin.data(CREATE_MODEL, { input: { id, limits: { rpm: 10 } } });
    expect(createModel).toEqual({
      id,
      onDisconnect: 'ABORT',
      outputTokensDefault: null,
      video: null,
      version: 1,
      managedBy: null,
      limits: { rpm: 10, tpm: null, concurrency: null },
    });
    const video = { durations: [5, 10], durationDefault: 5 };
    const changed = await admin.data(UPDATE_MODEL, {
      input: { id, version: 1, onDisconnect: 'DRAIN', outputTokensDefault: 100, video },
    });
    expect(changed.updateModel).toEqual({
      __typename: 'Model',
      id,
      onDisconnect: 'DRAIN',
      outputTokensDefault: 100,
      video,
      version: 2,
      limits: { rpm: 10, tpm: null, concurrency: null },
    });
    const stale = await admin.data(UPDATE_MODEL, { input: { id, version: 1, onDisconnect: 'ABORT' } });
    expect(stale.updateModel).toEqual({ __typename: 'VersionConflict', currentVersion: 2 });
    const cleared = await admin.data(UPDATE_MODEL, {
      input: { id, version: 2, video: null, limits: null, outputTokensDefault: null },
    });
    expect(cleared.updateModel).toMatchObject({
      video: null,
      outputTokensDefault: null,
      limits: { rpm: null },
      onDisconnect: 'DRAIN',
    });
    expect((await admin.data(REMOVE_MODEL, { input: { id, version: 1 } })).removeModel.__typename).toBe(
      'VersionConflict',
    );
    expect((await admin.data(REMOVE_MODEL, { input: { id, version: 3 } })).removeModel).toEqual({
      __typename: 'Model',
      id,
    });
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
    [{ id: 'm', video: { options: ['a\0'] } }, 'video'],
    [{ id: 'm', video: { options: ['\ud800'] } }, 'video'],
    [{ id: 'm', video: JSON.parse(`${'['.repeat(1_000)}${']'.repeat(1_000)}`) }, 'video'],
    [{ id: 'm', video: { options: [`${'$'}{HOME}`] } }, 'video'],
  ])('refuses the model %j by name', async (input, param) => {
    const { errors } = await admin.send(CREATE_MODEL, { input });
    expect(errors?.[0]?.extensions).toMatchObject({ status: 400, param });
  });

  it('refuses a name that is taken, and what is declared elsewhere', async () => {
    expect(await admin.code(CREATE_MODEL, { input: { id: 'gpt-4' } })).toBe('name_taken');
    expect(await admin.code(UPDATE_MODEL, { input: { id: 'gpt-4', version: 1, limits: { rpm: 1 } } })).toBe(
      'declared_elsewhere',
    );
    expect(await admin.code(REMOVE_MODEL, { input: { id: 'gpt-4', version: 1 } })).toBe('declared_elsewhere');
    await hub.sql.query(`insert into model (id) values ('own-by-declared')`);
    await hub.sql.query(
      `insert into route (channel_id, model_id, upstream_model) select id, 'own-by-declared', 'x' from channel where name = 'declared'`,
    );
    expect(await admin.code(REMOVE_MODEL, { input: { id: 'own-by-declared', version: 1 } })).toBe('declared_elsewhere');
  });

  it('shows members the models that their account may use, and nothing of channels, prices and limits', async () => {
    const usable = await calls.createModel(channelId);
    const closed = await calls.createModel(channelId);
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
    expect(models.nodes).toEqual([{ id: usable, onDisconnect: 'ABORT' }]);
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
    expect(await member.code('{ rateLimits(filter: {scope: ACCOUNT}) { nodes { rpm } } }')).toBe('forbidden');
    expect(await member.code(SET_PRICE, { input: { modelId: usable, price: { perRequest: '0' } } })).toBe('forbidden');
  });

  it('lets staff see prices and admins alone set them', async () => {
    const model = await calls.createModel(channelId);
    for (const role of ['operator', 'viewer'] as const) {
      const staff = await signInAs(hub, role);
      expect(
        (await staff.send('{ prices { nodes { text } } models { nodes { purchasePrices { text } } } }')).errors,
      ).toBeUndefined();
      expect(await staff.code(SET_PRICE, { input: { modelId: model, price: { perRequest: '1' } } })).toBe('forbidden');
      expect(await staff.code(CREATE_MODEL, { input: { id: 'x' } })).toBe('forbidden');
      expect(await staff.code(REMOVE_MODEL, { input: { id: model, version: 1 } })).toBe('forbidden');
    }
  });

  it('looks for names letter by letter', async () => {
    await admin.data(CREATE_MODEL, { input: { id: '100%_sure' } });
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
      '{ providers(filter: {operation: VIDEO, search: "KLING"}) { nodes { id operations isCredentialRequired hasModelList } } }',
    );
    expect(providers.nodes).toEqual([
      { id: 'kling', operations: ['IMAGES', 'VIDEO'], isCredentialRequired: true, hasModelList: false },
    ]);
  });

  it('shows what limits callers, and how much of it is used', async () => {
    const model = await calls.createModel(channelId, { limits: { rpm: 5, tpm: 100_000 } });
    await calls.setPrice({ modelId: model, price: { perRequest: '0' } });
    expect((await calls.chat(model)).status).toBe(200);
    const query = `query ($filter: RateLimitFilter!) { rateLimits(filter: $filter) { nodes { scope subjectId rpm tpm concurrency isOwn requestsUsed tokensUsed inFlight } } }`;
    const read = async (filter: object): Promise<object[]> => (await admin.data(query, { filter })).rateLimits.nodes;
    await until(async () => {
      const [limit] = (await read({ scope: 'MODEL', subjectId: model })) as { inFlight: number }[];
      return limit?.inFlight === 0;
    });
    expect(await read({ scope: 'MODEL', onlyOwn: true, subjectId: model })).toEqual([
      {
        scope: 'MODEL',
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
    expect(await read({ scope: 'KEY', accountId: hub.accountId, onlyOwn: true })).toMatchObject([
      { subjectId: keyId, rpm: 7, isOwn: true },
    ]);
    const { rpm } = hub.settings.limits.accountDefaults;
    expect(await read({ scope: 'ACCOUNT', subjectId: hub.accountId })).toMatchObject([
      { rpm: rpm ?? null, isOwn: false },
    ]);
    expect(await admin.code(query, { filter: { scope: 'MODEL', accountId: '1' } })).toBe('invalid_value');
    expect(await admin.code(query, { filter: { scope: 'KEY', subjectId: 'x' } })).toBe('not_found');
  });
});
