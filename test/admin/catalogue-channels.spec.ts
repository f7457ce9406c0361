import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ChannelStore } from '../../src/channels/channel-store.js';
import { Cancellation } from '../../src/common/cancellation.js';
import { ProviderError } from '../../src/providers/canonical/provider-error.js';
import { ChannelHealth } from '../../src/routing/health/channel-health.js';
import { ModelCatalog } from '../../src/routing/model-catalog.js';
import { type AdminClient, signInAs } from '../support/admin.js';
import { startHub } from '../support/admin-hub.js';
import {
  ADD_ROUTE,
  CatalogueCalls,
  CREATE_CHANNEL,
  ENABLE_CHANNEL,
  REMOVE_CHANNEL,
  UPDATE_CHANNEL,
} from '../support/catalogue.js';
import { countStatements } from '../support/count-statements.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { type TestHub } from '../support/hub.js';
import { until } from '../support/until.js';

/** Appears nowhere but upstream. */
const CANARY = 'canary-credential-5d0f3c1b9a77-WXYZ';

describe('channels in the admin API', () => {
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

  const declaredId = async (): Promise<string> => {
    const { channels } = await admin.data('{ channels(filter: {isOwn: false}) { nodes { id } } }');
    return channels.nodes[0].id;
  };

  it('serves requests by a channel, model, route and price that were made here', async () => {
    const { id, model } = await calls.serve({ credential: CANARY });
    expect((await calls.chat(model)).status).toBe(200);
    expect(upstream.requests.at(-1)?.headers.authorization).toBe(`Bearer ${CANARY}`);
    const { channel } = await admin.data(
      `query ($id: ID!) { channel(id: $id) { credentialLast4 status routes { modelId sellingPrice { text source } } } }`,
      { id },
    );
    expect(channel).toEqual({
      credentialLast4: 'WXYZ',
      status: 'ACTIVE',
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
    expect(await calls.createChannel({ name: 'shown', priority: 3, weight: 0, credential: CANARY })).toEqual({
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
      status: 'UNROUTED',
      statusReason: null,
    });
    expect(await calls.createChannel({ credential: 'short' })).toMatchObject({
      hasCredential: true,
      credentialLast4: null,
    });
  });

  it('changes what is named and nothing else', async () => {
    const { id } = await calls.createChannel({ priority: 1, weight: 2, tasksMax: 3, credential: CANARY });
    const { updateChannel } = await admin.data(UPDATE_CHANNEL, { input: { id, version: 1, weight: 5 } });
    expect(updateChannel).toMatchObject({ priority: 1, weight: 5, tasksMax: 3, version: 2, credentialLast4: 'WXYZ' });
    const again = await admin.data(UPDATE_CHANNEL, { input: { id, version: 2, tasksMax: null } });
    expect(again.updateChannel).toMatchObject({ weight: 5, tasksMax: null, version: 3 });
  });

  it('lets the second of two concurrent edits see the conflict (T138)', async () => {
    const { id } = await calls.createChannel();
    const other = await signInAs(hub, 'owner');
    const edits = await Promise.all([
      admin.data(UPDATE_CHANNEL, { input: { id, version: 1, weight: 5 } }),
      other.data(UPDATE_CHANNEL, { input: { id, version: 1, weight: 7 } }),
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
    const { id, model, version } = await calls.serve();
    await admin.data(UPDATE_CHANNEL, { input: { id, version, credential: 'another-credential-9876' } });
    expect((await calls.chat(model)).status).toBe(200);
    expect(upstream.requests.at(-1)?.headers.authorization).toBe('Bearer another-credential-9876');
  });

  it('stops serving by a channel that is switched off, and goes on when it is on again', async () => {
    const { id, model, version } = await calls.serve();
    const off = await admin.data(ENABLE_CHANNEL, { input: { id, version, isEnabled: false } });
    expect(off.setChannelEnabled).toEqual({
      __typename: 'Channel',
      id,
      isEnabled: false,
      version: 2,
      status: 'DISABLED',
    });
    expect((await calls.chat(model)).status).toBe(404);
    await admin.data(ENABLE_CHANNEL, { input: { id, version: 2, isEnabled: true } });
    expect((await calls.chat(model)).status).toBe(200);
    const stale = await admin.data(ENABLE_CHANNEL, { input: { id, version: 2, isEnabled: false } });
    expect(stale.setChannelEnabled).toEqual({ __typename: 'VersionConflict', currentVersion: 3 });
  });

  it('removes a channel but not what points at it: its name is free, its id never given again', async () => {
    const name = calls.uniqueName();
    const { id, model } = await calls.serve({ name });
    expect((await calls.chat(model)).status).toBe(200);
    const { removeChannel } = await admin.data(REMOVE_CHANNEL, { input: { id, version: 1, reason: 'moved away' } });
    expect(removeChannel).toEqual({
      __typename: 'Channel',
      id,
      name: `${name} (removed ${id})`,
      isEnabled: false,
      removedAt: expect.any(String),
      status: 'REMOVED',
      hasCredential: false,
    });
    expect((await calls.chat(model)).status).toBe(404);
    const next = await calls.createChannel({ name });
    expect(BigInt(next.id)).toBeGreaterThan(BigInt(id));
    const used = await hub.sql.query(`select channel_id from usage_event where model = $1`, [model]);
    expect(used).toEqual([{ channel_id: id }]);
    expect(await admin.code(UPDATE_CHANNEL, { input: { id, version: 2, weight: 1 } })).toBe('not_found');
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
    const { id, model } = await calls.serve({ credential: 'slow-credential-0001' });
    upstream.scriptKey('slow-credential-0001', { tokens: 10, token_ms: 100 });
    const response = await hub.post('/api/relay/v1/chat/completions', {
      model,
      stream: true,
      messages: [{ role: 'user', content: 'hello' }],
    });
    const { removeChannel } = await admin.data(REMOVE_CHANNEL, { input: { id, version: 1 } });
    expect(removeChannel.status).toBe('REMOVED');
    expect((await response.text()).trim()).toMatch(/data: \[DONE\]$/);
  });

  it('keeps the secrets of a removed channel for as long as a job runs there', async () => {
    const { id } = await calls.createChannel({ credential: CANARY });
    await hub.sql.query(
      `insert into job (id, kind, state, account_id, endpoint, model, provider, request, offers, held, multiplier_millionths, deadline_at, channel_id)
       values (gen_random_uuid(), 'video', 'processing', 1, 'video/submit', 'm', 'p', '{}', '[]', 0, 1000000, now(), $1)`,
      [id],
    );
    const { removeChannel } = await admin.data(REMOVE_CHANNEL, { input: { id, version: 1 } });
    expect(removeChannel).toMatchObject({ status: 'REMOVED', hasCredential: true });
    expect((await hub.app.get(ChannelStore).findChannel(id))?.credential).toBe(CANARY);
    await hub.sql.query(
      `update job set state = 'failed', due_at = null, finished_at = now(), cost = 0 where channel_id = $1`,
      [id],
    );
    await hub.setChannels([{ name: 'declared', baseUrl: upstream.url }]);
    const { channel } = await admin.data(`{ channel(id: "${id}") { hasCredential credentialLast4 } }`);
    expect(channel).toEqual({ hasCredential: false, credentialLast4: null });
  });

  it('says when a channel rests, and why', async () => {
    const state = async (id: string) =>
      (await admin.data(`{ channel(id: "${id}") { status statusReason rests { reason upstreamModel until } } }`))
        .channel;
    const refused = await calls.serve({ credential: 'refused-credential-01' });
    upstream.scriptKey('refused-credential-01', { status: 401 });
    await calls.chat(refused.model);
    expect(await state(refused.id)).toEqual({
      status: 'RESTING',
      statusReason: 'the upstream refuses its credential',
      rests: [{ reason: 'CREDENTIAL', upstreamModel: null, until: expect.any(String) }],
    });
    const busy = await calls.serve({ credential: 'busy-credential-0001' });
    upstream.scriptKey('busy-credential-0001', { retry_after: 60 });
    await calls.chat(busy.model);
    expect(await state(busy.id)).toEqual({
      status: 'ACTIVE',
      statusReason: null,
      rests: [{ reason: 'RATE_LIMITED', upstreamModel: busy.model, until: expect.any(String) }],
    });
    await hub.sql.query(`update channel set credential = decode('00', 'hex') where id = $1`, [busy.id]);
    await admin.data(UPDATE_CHANNEL, { input: { id: busy.id, version: 1, weight: 2 } });
    expect(await state(busy.id)).toMatchObject({ status: 'UNUSABLE', rests: [] });
  });

  it('says when the circuit breaker has taken a model out, and that the next request will show whether it works', async () => {
    const { id, model } = await calls.serve({ credential: 'broken-credential-01' });
    const rests = async () =>
      (await admin.data(`{ channel(id: "${id}") { status rests { reason upstreamModel credential } } }`)).channel;
    const health = hub.app.get(ChannelHealth);
    const [candidate] = hub.app.get(ModelCatalog).table.candidatesOf(model);
    const fail = async (retryAfterMs?: number) => {
      for (let i = 0; i < 5; i++) {
        const visit = await health.enter(candidate!, new Cancellation());
        visit.fail(new ProviderError({ kind: 'overloaded', message: 'no', retryAfterMs }));
      }
    };
    const rest = { upstreamModel: model, credential: 1 };
    await fail(8000);
    expect(await rests()).toEqual({ status: 'ACTIVE', rests: [{ reason: 'EJECTED', ...rest }] });
    (await health.enter(candidate!, new Cancellation(), true)).succeed();
    expect(await rests()).toEqual({ status: 'ACTIVE', rests: [] });
    await fail();
    await until(() => health.stateOf(candidate!).isHalfOpen);
    expect(await rests()).toEqual({ status: 'ACTIVE', rests: [{ reason: 'HALF_OPEN', ...rest }] });
  });

  it('refuses to change what is declared elsewhere', async () => {
    const id = await declaredId();
    const input = { id, version: 1 };
    expect(await admin.code(UPDATE_CHANNEL, { input: { ...input, weight: 2 } })).toBe('declared_elsewhere');
    expect(await admin.code(ENABLE_CHANNEL, { input: { ...input, isEnabled: false } })).toBe('declared_elsewhere');
    expect(await admin.code(REMOVE_CHANNEL, { input })).toBe('declared_elsewhere');
    expect(await admin.code(ADD_ROUTE, { input: { channelId: id, modelId: 'gpt-4', upstreamModel: 'x' } })).toBe(
      'declared_elsewhere',
    );
    const { errors } = await admin.send(UPDATE_CHANNEL, { input: { ...input, weight: 2 } });
    expect(errors?.[0]?.message).toBe(
      'The channel "declared" is declared in the file that HUB_CONFIG names. Change it there.',
    );
    expect(errors?.[0]?.extensions).toMatchObject({ status: 409, param: 'id' });
  });

  it('takes an id that is none for one that is not there', async () => {
    for (const id of ['0', '999999', '-1', 'x', '1 or 1=1', '\u0000', '9'.repeat(40)]) {
      expect(await admin.code('query ($id: ID!) { channel(id: $id) { id } }', { id })).toBe('not_found');
      expect(await admin.code(ENABLE_CHANNEL, { input: { id, version: 1, isEnabled: true } })).toBe('not_found');
    }
  });

  it('filters, orders and pages', async () => {
    const made: string[] = [];
    for (const [index, priority] of [1, 3, 2].entries()) {
      made.push((await calls.createChannel({ name: `paged-${'cab'[index]}`, priority })).id);
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
      ['ID', 'cab'],
      ['NAME', 'abc'],
      ['PRIORITY', 'abc'],
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
    expect(await filtered('managedBy: CONFIG')).toEqual(['declared']);
    expect(await filtered('isOwn: false')).toEqual(['declared']);
    expect(await filtered('modelId: "gpt-4"')).toEqual(['declared']);
    expect(await filtered('provider: "openai", search: "paged"')).toEqual([]);
    expect(await filtered('search: "%"')).toEqual([]);
    expect(await filtered('search: "_aged-a"')).toEqual([]);
    expect(await admin.code('{ channels(filter: {search: "a\\u0000b"}) { nodes { id } } }')).toBe('invalid_value');
    expect(await admin.code('{ channels(after: "nonsense") { nodes { id } } }')).toBe('invalid_value');
  });

  it('shows channels to staff and lets admins alone change them', async () => {
    const { id } = await calls.createChannel();
    const show = `{ channel(id: "${id}") { name } channels { nodes { id } } providers { nodes { id } } routes { nodes { modelId } } }`;
    for (const role of ['operator', 'viewer'] as const) {
      const staff = await signInAs(hub, role);
      expect((await staff.send(show)).errors).toBeUndefined();
      expect(await staff.code(UPDATE_CHANNEL, { input: { id, version: 1, weight: 2 } })).toBe('forbidden');
      expect(await staff.code(REMOVE_CHANNEL, { input: { id, version: 1 } })).toBe('forbidden');
      expect(await staff.code(CREATE_CHANNEL, { input: { name: 'x', provider: 'ollama' } })).toBe('forbidden');
    }
    const member = await signInAs(hub, 'member', hub.accountId);
    expect(await member.code(`{ channel(id: "${id}") { name } }`)).toBe('forbidden');
    expect(await member.code('{ channels { nodes { id } } }')).toBe('forbidden');
    expect(await member.code('{ providers { nodes { id } } }')).toBe('forbidden');
    expect(await member.code('{ routes { nodes { modelId } } }')).toBe('forbidden');
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

async function auditActions(hub: TestHub, kind: string, id: string): Promise<string[]> {
  const rows = await hub.sql.query<{ action: string }>(
    `select action from audit_log where subject_kind = $1 and subject_id = $2 order by seq`,
    [kind, id],
  );
  return rows.map(({ action }) => action);
}
