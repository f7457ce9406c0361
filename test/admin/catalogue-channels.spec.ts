import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AdminClient, signInAs } from '../support/admin.js';
import { TEST_PRICE } from '../support/books.js';
import { countStatements } from '../support/count-statements.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { startHub, type TestHub } from '../support/hub.js';

/** Appears nowhere but upstream. */
const CANARY = 'canary-credential-5d0f3c1b9a77-WXYZ';

const CREATE = `mutation ($input: CreateChannelInput!) { createChannel(input: $input) {
  id name provider baseUrl effectiveBaseUrl hasCredential credentialLast4 isEnabled priority weight version managedBy status statusReason } }`;
const UPDATE = `mutation ($input: UpdateChannelInput!) { updateChannel(input: $input) { __typename
  ... on Channel { id name baseUrl priority weight version credentialLast4 hasCredential tasksMax }
  ... on VersionConflict { message currentVersion } } }`;
const ENABLE = `mutation ($input: SetChannelEnabledInput!) { setChannelEnabled(input: $input) { __typename
  ... on Channel { id isEnabled version status } ... on VersionConflict { currentVersion } } }`;
const REMOVE = `mutation ($input: RemoveChannelInput!) { removeChannel(input: $input) { __typename
  ... on Channel { id name isEnabled removedAt status hasCredential } ... on VersionConflict { currentVersion } } }`;
const ROUTE = `mutation ($input: AddRouteInput!) { addRoute(input: $input) {
  channelId modelId upstreamModel channel { name } model { id } sellingPrice { text } } }`;
const MODEL = `mutation ($input: CreateModelInput!) { createModel(input: $input) { id version limits { rpm } } }`;
const PRICE = `mutation ($input: SetPriceInput!) { setPrice(input: $input) { isChanged message applies { id source text isCurrent } } }`;

describe('channels in the admin API', () => {
  let hub: TestHub;
  let upstream: FakeUpstream;
  let admin: AdminClient;
  let names = 0;
  beforeAll(async () => {
    upstream = await startFakeUpstream();
    hub = await startHub({ channels: [{ name: 'declared', baseUrl: upstream.url }] });
    admin = await signInAs(hub, 'admin');
  });
  afterAll(async () => {
    await hub.close();
    await upstream.close();
  });

  const uniqueName = (): string => `channel-${++names}`;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it asked for.
  const create = async (input: object = {}): Promise<any> => {
    const standard = {
      name: uniqueName(),
      provider: 'openai-compatible',
      baseUrl: upstream.url,
      credential: 'a-credential-of-some-length-1234',
      allowPrivateNetwork: true,
    };
    return (await admin.data(CREATE, { input: { ...standard, ...input } })).createChannel;
  };
  /** A channel of its own with a model that has a price. */
  const serve = async (channel: object = {}): Promise<{ id: string; model: string; version: number }> => {
    const { id, version } = await create(channel);
    const model = `model-of-${id}`;
    await admin.data(MODEL, { input: { id: model } });
    await admin.data(ROUTE, { input: { channelId: id, modelId: model } });
    await admin.data(PRICE, { input: { modelId: model, price: rates(TEST_PRICE) } });
    return { id, model, version };
  };
  const chat = (model: string): Promise<Response> =>
    hub.post('/api/relay/v1/chat/completions', { model, messages: [{ role: 'user', content: 'hello' }] });
  const declaredId = async (): Promise<string> => {
    const { channels } = await admin.data('{ channels(filter: {isOwn: false}) { nodes { id } } }');
    return channels.nodes[0].id;
  };

  it('serves requests by a channel, model, route and price that were made here', async () => {
    const { id, model } = await serve({ credential: CANARY });
    expect((await chat(model)).status).toBe(200);
    expect(upstream.requests.at(-1)?.headers.authorization).toBe(`Bearer ${CANARY}`);
    const { channel } = await admin.data(
      `query ($id: ID!) { channel(id: $id) { credentialLast4 status routes { modelId sellingPrice { text source } } } }`,
      { id },
    );
    expect(channel).toEqual({
      credentialLast4: 'WXYZ',
      status: 'active',
      routes: [
        {
          modelId: model,
          sellingPrice: {
            text: '1000 in, 2000 out per 1M tokens; 0.1 per second of video',
            source: `operator:user:${admin.userId}`,
          },
        },
      ],
    });
  });

  it('shows what was made, and the last four characters of the credential only', async () => {
    expect(await create({ name: 'shown', priority: 3, weight: 0, credential: CANARY })).toEqual({
      id: expect.stringMatching(/^\d+$/),
      name: 'shown',
      provider: 'openai-compatible',
      baseUrl: upstream.url,
      effectiveBaseUrl: upstream.url,
      hasCredential: true,
      credentialLast4: 'WXYZ',
      isEnabled: true,
      priority: 3,
      weight: 0,
      version: 1,
      managedBy: null,
      status: 'unrouted',
      statusReason: null,
    });
    expect(await create({ credential: 'short' })).toMatchObject({ hasCredential: true, credentialLast4: null });
  });

  it('changes what is named and nothing else', async () => {
    const { id } = await create({ priority: 1, weight: 2, tasksMax: 3, credential: CANARY });
    const { updateChannel } = await admin.data(UPDATE, { input: { id, version: 1, weight: 5 } });
    expect(updateChannel).toMatchObject({ priority: 1, weight: 5, tasksMax: 3, version: 2, credentialLast4: 'WXYZ' });
    const again = await admin.data(UPDATE, { input: { id, version: 2, tasksMax: null } });
    expect(again.updateChannel).toMatchObject({ weight: 5, tasksMax: null, version: 3 });
  });

  it('lets the second of two concurrent edits see the conflict (T138)', async () => {
    const { id } = await create();
    const other = await signInAs(hub, 'owner');
    const edits = await Promise.all([
      admin.data(UPDATE, { input: { id, version: 1, weight: 5 } }),
      other.data(UPDATE, { input: { id, version: 1, weight: 7 } }),
    ]);
    const kinds = edits.map(({ updateChannel }) => updateChannel.__typename).sort();
    expect(kinds).toEqual(['Channel', 'VersionConflict']);
    const conflict = edits
      .map(({ updateChannel }) => updateChannel)
      .find((each) => each.__typename === 'VersionConflict');
    expect(conflict.currentVersion).toBe(2);
    expect(conflict.message).toContain(`channel ${id}`);
    const { channel } = await admin.data(`{ channel(id: "${id}") { version } }`);
    expect(channel.version).toBe(2);
    expect(await auditActions(hub, 'channel', id)).toEqual(['channel.create', 'channel.update']);
  });

  it('goes by another credential with the next request', async () => {
    const { id, model, version } = await serve();
    await admin.data(UPDATE, { input: { id, version, credential: 'another-credential-9876' } });
    expect((await chat(model)).status).toBe(200);
    expect(upstream.requests.at(-1)?.headers.authorization).toBe('Bearer another-credential-9876');
  });

  it('stops serving by a channel that is switched off, and goes on when it is on again', async () => {
    const { id, model, version } = await serve();
    const off = await admin.data(ENABLE, { input: { id, version, isEnabled: false } });
    expect(off.setChannelEnabled).toEqual({
      __typename: 'Channel',
      id,
      isEnabled: false,
      version: 2,
      status: 'disabled',
    });
    expect((await chat(model)).status).toBe(404);
    await admin.data(ENABLE, { input: { id, version: 2, isEnabled: true } });
    expect((await chat(model)).status).toBe(200);
    const stale = await admin.data(ENABLE, { input: { id, version: 2, isEnabled: false } });
    expect(stale.setChannelEnabled).toEqual({ __typename: 'VersionConflict', currentVersion: 3 });
  });

  it('removes a channel but not what points at it: its name is free, its id never given again', async () => {
    const name = uniqueName();
    const { id, model } = await serve({ name });
    expect((await chat(model)).status).toBe(200);
    const { removeChannel } = await admin.data(REMOVE, { input: { id, version: 1, reason: 'moved away' } });
    expect(removeChannel).toEqual({
      __typename: 'Channel',
      id,
      name: `${name} (removed ${id})`,
      isEnabled: false,
      removedAt: expect.any(String),
      status: 'removed',
      hasCredential: false,
    });
    expect((await chat(model)).status).toBe(404);
    const next = await create({ name });
    expect(BigInt(next.id)).toBeGreaterThan(BigInt(id));
    const used = await hub.sql.query(`select channel_id from usage_event where model = $1`, [model]);
    expect(used).toEqual([{ channel_id: id }]);
    expect(await admin.code(UPDATE, { input: { id, version: 2, weight: 1 } })).toBe('not_found');
    const { channels } = await admin.data(
      `{ channels(filter: {search: "${name} (removed", includeRemoved: false}) { nodes { id } } }`,
    );
    expect(channels.nodes).toEqual([]);
    const all = await admin.data(
      `{ channels(filter: {search: "${name} (removed", includeRemoved: true}) { nodes { id } } }`,
    );
    expect(all.channels.nodes).toEqual([{ id }]);
  });

  it('lets a stream end on a channel that is removed meanwhile', async () => {
    const { id, model } = await serve({ credential: 'slow-credential-0001' });
    upstream.scriptKey('slow-credential-0001', { tokens: 10, token_ms: 100 });
    const response = await hub.post('/api/relay/v1/chat/completions', {
      model,
      stream: true,
      messages: [{ role: 'user', content: 'hello' }],
    });
    const { removeChannel } = await admin.data(REMOVE, { input: { id, version: 1 } });
    expect(removeChannel.status).toBe('removed');
    expect((await response.text()).trim()).toMatch(/data: \[DONE\]$/);
  });

  it('refuses to change what is declared elsewhere', async () => {
    const id = await declaredId();
    const input = { id, version: 1 };
    expect(await admin.code(UPDATE, { input: { ...input, weight: 2 } })).toBe('declared_elsewhere');
    expect(await admin.code(ENABLE, { input: { ...input, isEnabled: false } })).toBe('declared_elsewhere');
    expect(await admin.code(REMOVE, { input })).toBe('declared_elsewhere');
    expect(await admin.code(ROUTE, { input: { channelId: id, modelId: 'gpt-4', upstreamModel: 'x' } })).toBe(
      'declared_elsewhere',
    );
    const { errors } = await admin.send(UPDATE, { input: { ...input, weight: 2 } });
    expect(errors?.[0]?.message).toBe(
      'The channel "declared" is declared in the file that HUB_CONFIG names. Change it there.',
    );
    expect(errors?.[0]?.extensions).toMatchObject({ status: 409, param: 'id' });
  });

  it.each([
    ['a name with a space', { name: 'a b' }, 'name'],
    ['a provider that there is not', { provider: 'nobody' }, 'provider'],
    ['a provider without a credential', { provider: 'openai', baseUrl: null, credential: null }, 'credential'],
    ['a server without an address', { baseUrl: null }, 'baseUrl'],
    ['a credential that a header cannot carry', { credential: 'a\r\nx-evil: 1' }, 'credential'],
    ['an empty credential', { credential: '' }, 'credential'],
    ['a secret for callbacks that nobody signs', { callbackSecret: 'whsec' }, 'callbackSecret'],
    ['a weight below 0', { weight: -1 }, 'weight'],
    ['a priority out of range', { priority: 2_000_000 }, 'priority'],
    ['no task at a time', { tasksMax: 0 }, 'tasksMax'],
  ])('refuses %s by name', async (_what, input, param) => {
    const standard = {
      name: uniqueName(),
      provider: 'openai-compatible',
      baseUrl: upstream.url,
      allowPrivateNetwork: true,
    };
    const { errors } = await admin.send(CREATE, { input: { ...standard, ...input } });
    expect(errors?.[0]?.extensions).toMatchObject({ status: 400, param });
  });

  it('refuses a name that is taken', async () => {
    await create({ name: 'taken' });
    const input = { name: 'taken', provider: 'ollama' };
    expect(await admin.code(CREATE, { input })).toBe('name_taken');
    const { id } = await create();
    expect(await admin.code(UPDATE, { input: { id, version: 1, name: 'taken' } })).toBe('name_taken');
  });

  it.each([
    ['file:///etc/passwd', true],
    ['gopher://example.com/', true],
    ['http://169.254.169.254/latest', true],
    ['http://[fd00:ec2::254]/', true],
    ['http://[::ffff:169.254.169.254]/', true],
    ['http://0xa9fea9fe/', true],
    ['http://0.0.0.0/', true],
    ['http://127.0.0.1/v1', false],
    ['http://2130706433/v1', false],
    ['http://localhost:11434/v1', false],
    ['http://api.localhost./v1', false],
    ['http://[::1]/v1', false],
    ['http://10.0.0.7/v1', false],
    ['http://[::ffff:10.0.0.7]/v1', false],
    ['http://[fd12::1]/v1', false],
    ['https://example.com/v1\r\nx-evil: 1', true],
    ['https://example.com/v1%0d%0ax-evil:%201', true],
    ['https://example.com\\@evil.example', true],
    ['https://user:pass@example.com/v1', true],
    ['https://example.com/v1?key=1', true],
    ['https://example.com/v1#', true],
    ['example.com', true],
  ])('refuses the base URL %j (T131)', async (baseUrl, allowPrivateNetwork) => {
    const input = {
      name: uniqueName(),
      provider: 'openai-compatible',
      credential: CANARY,
      baseUrl,
      allowPrivateNetwork,
    };
    const { errors } = await admin.send(CREATE, { input });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'base_url_refused', param: 'baseUrl' });
    const { id } = await create();
    const change = { id, version: 1, baseUrl, allowPrivateNetwork, credential: CANARY };
    expect(await admin.code(UPDATE, { input: change })).toBe('base_url_refused');
  });

  it('lets a channel lead to a private address only when that is said', async () => {
    const { id } = await create({ baseUrl: 'http://10.0.0.7/v1/' });
    const { errors } = await admin.send(UPDATE, { input: { id, version: 1, allowPrivateNetwork: false } });
    expect(errors?.[0]?.message).toContain('leads to 10.0.0.7, which is not on the public internet');
  });

  it('does not send a stored credential to another host', async () => {
    const { id } = await create({ credential: CANARY });
    const elsewhere = { id, version: 1, baseUrl: 'https://elsewhere.example/v1' };
    expect(await admin.code(UPDATE, { input: elsewhere })).toBe('credential_needed');
    const { updateChannel } = await admin.data(UPDATE, { input: { ...elsewhere, credential: 'given-once-more' } });
    expect(updateChannel).toMatchObject({ baseUrl: 'https://elsewhere.example/v1', version: 2 });
    const same = await admin.data(UPDATE, { input: { id, version: 2, baseUrl: 'https://elsewhere.example/v2' } });
    expect(same.updateChannel.baseUrl).toBe('https://elsewhere.example/v2');
  });

  it('takes an id that is none for one that is not there', async () => {
    for (const id of ['0', '999999', '-1', 'x', '1 or 1=1', '\u0000', '9'.repeat(40)]) {
      expect(await admin.code('query ($id: ID!) { channel(id: $id) { id } }', { id })).toBe('not_found');
      expect(await admin.code(ENABLE, { input: { id, version: 1, isEnabled: true } })).toBe('not_found');
    }
  });

  it('filters, orders and pages', async () => {
    const made: string[] = [];
    for (const [index, priority] of [1, 3, 2].entries()) {
      made.push((await create({ name: `paged-${'cab'[index]}`, priority })).id);
    }
    const list = async (
      args: string,
    ): Promise<{ nodes: { name: string }[]; pageInfo: { endCursor: string; hasNextPage: boolean } }> =>
      (
        await admin.data(
          `{ channels(filter: {search: "PAGED-"}, ${args}) { nodes { name } pageInfo { endCursor hasNextPage } } }`,
        )
      ).channels;
    for (const [orderBy, letters] of [
      ['id', 'cab'],
      ['name', 'abc'],
      ['priority', 'abc'],
    ] as const) {
      const seen: string[] = [];
      for (let after = ''; ; ) {
        const page = await list(`first: 1, orderBy: ${orderBy}${after}`);
        seen.push(...page.nodes.map(({ name }) => name.slice(-1)));
        if (!page.pageInfo.hasNextPage) break;
        after = `, after: "${page.pageInfo.endCursor}"`;
      }
      expect({ orderBy, seen: seen.join('') }).toEqual({ orderBy, seen: letters });
    }
    const filtered = async (filter: string): Promise<string[]> => {
      const { channels } = await admin.data(`{ channels(first: 100, filter: {${filter}}) { nodes { id name } } }`);
      return channels.nodes.map(({ name }: { name: string }) => name);
    };
    expect(await filtered('managedBy: config')).toEqual(['declared']);
    expect(await filtered('isOwn: false')).toEqual(['declared']);
    expect(await filtered('modelId: "gpt-4"')).toEqual(['declared']);
    expect(await filtered('provider: "openai", search: "paged"')).toEqual([]);
    expect(await filtered('search: "%"')).toEqual([]);
    expect(await filtered('search: "_aged-a"')).toEqual([]);
    expect(await admin.code('{ channels(filter: {search: "a\\u0000b"}) { nodes { id } } }')).toBe('invalid_value');
    expect(await admin.code('{ channels(after: "nonsense") { nodes { id } } }')).toBe('invalid_value');
  });

  it('shows channels to staff and lets admins alone change them', async () => {
    const { id } = await create();
    const show = `{ channel(id: "${id}") { name } channels { nodes { id } } providers { nodes { id } } routes { nodes { modelId } } }`;
    for (const role of ['operator', 'viewer'] as const) {
      const staff = await signInAs(hub, role);
      expect((await staff.send(show)).errors).toBeUndefined();
      expect(await staff.code(UPDATE, { input: { id, version: 1, weight: 2 } })).toBe('forbidden');
      expect(await staff.code(REMOVE, { input: { id, version: 1 } })).toBe('forbidden');
      expect(await staff.code(CREATE, { input: { name: 'x', provider: 'ollama' } })).toBe('forbidden');
    }
    const member = await signInAs(hub, 'member', hub.accountId);
    expect(await member.code(`{ channel(id: "${id}") { name } }`)).toBe('forbidden');
    expect(await member.code('{ channels { nodes { id } } }')).toBe('forbidden');
    expect(await member.code('{ providers { nodes { id } } }')).toBe('forbidden');
    expect(await member.code('{ routes { nodes { modelId } } }')).toBe('forbidden');
  });

  it('writes each change into the audit log, without secrets', async () => {
    const { id, version } = await create({ credential: CANARY });
    await admin.data(UPDATE, { input: { id, version, weight: 9, credential: `${CANARY}-2` } });
    await admin.data(REMOVE, { input: { id, version: 2, reason: 'no longer needed' } });
    const rows = await hub.sql.query<{ action: string; reason: string | null; before: string | null; after: string }>(
      `select action, reason, before, after from audit_log where subject_kind = 'channel' and subject_id = $1 order by seq`,
      [id],
    );
    expect(rows.map(({ action, reason }) => ({ action, reason }))).toEqual([
      { action: 'channel.create', reason: null },
      { action: 'channel.update', reason: null },
      { action: 'channel.remove', reason: 'no longer needed' },
    ]);
    expect(JSON.parse(rows[1]!.before!)).toMatchObject({ weight: 1, keyLast4: 'WXYZ', version: 1 });
    expect(JSON.parse(rows[1]!.after)).toMatchObject({ weight: 9, version: 2 });
    expect(JSON.stringify(rows)).not.toContain(CANARY);
  });

  it('gives the credential back in no answer, error, audit row or log line (T158)', async () => {
    const name = uniqueName();
    const texts: string[] = [];
    const say = async (query: string, variables: object): Promise<void> => {
      texts.push(JSON.stringify(await admin.send(query, { ...variables })));
    };
    await say(CREATE, { input: { name, provider: 'openai-compatible', credential: CANARY, baseUrl: 'file:///x' } });
    await say(CREATE, { input: { name, provider: 'nobody', credential: CANARY } });
    await say(CREATE, {
      input: { name, provider: 'openai-compatible', credential: `${CANARY}\n`, baseUrl: upstream.url },
    });
    const { id } = await create({ name, credential: CANARY });
    await say(UPDATE, { input: { id, version: 99, credential: CANARY } });
    await say('query ($id: ID!) { channel(id: $id) { id credential } }', { id });
    await say(`mutation ($input: CreateChannelInput!) { createChannel(input: $input) { id apiKey } }`, {
      input: { name, provider: 'x', credential: CANARY },
    });
    texts.push(JSON.stringify(await hub.sql.query('select * from audit_log')));
    texts.push(hub.logText());
    for (const text of texts) expect(text).not.toContain(CANARY);
  });

  it('lists a hundred channels with routes and prices in ten statements', async () => {
    await hub.sql.query(
      `with made as (insert into channel (name, provider, base_url)
         select 'many-' || lpad(n::text, 3, '0'), 'openai-compatible', 'https://example.com/v1' from generate_series(1, 100) n returning id, name),
       models as (insert into model (id) select 'model-' || name from made returning id)
       insert into route (channel_id, model_id, upstream_model) select made.id, models.id, 'up' from made join models on models.id = 'model-' || made.name`,
    );
    await hub.sql.query(
      `insert into price_version (model_id, side, price, source) select id, 'selling', '{"perRequest":"1"}', 'operator' from model where id like 'model-many-%'`,
    );
    const query = `{ channels(first: 100, filter: {search: "many-"}) { nodes {
      id status rests { until } routes { upstreamModel model { id } channel { name } sellingPrice { text isCurrent } purchasePrice { text } } } } }`;
    let nodes: { routes: { sellingPrice: { isCurrent: boolean; text: string } }[] }[] = [];
    const statements = await countStatements(hub, async () => {
      nodes = (await admin.data(query)).channels.nodes;
    });
    expect(nodes).toHaveLength(100);
    expect(
      nodes.every(({ routes }) => routes[0]?.sellingPrice.text === '1 per request' && routes[0].sellingPrice.isCurrent),
    ).toBe(true);
    expect(statements).toBeLessThanOrEqual(10);
  });
});

/** A price in the form that the schema takes. */
function rates({ perVideoSecond, ...others }: typeof TEST_PRICE): object {
  return { ...others, perVideoSecond: [{ price: perVideoSecond }] };
}

async function auditActions(hub: TestHub, kind: string, id: string): Promise<string[]> {
  const rows = await hub.sql.query<{ action: string }>(
    `select action from audit_log where subject_kind = $1 and subject_id = $2 order by seq`,
    [kind, id],
  );
  return rows.map(({ action }) => action);
}
