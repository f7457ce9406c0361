import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startBedrockSimulator } from '../simulators/bedrock/bedrock.js';
import { type AdminClient, signInAs } from '../support/admin.js';
import { startHub } from '../support/admin-hub.js';
import { balanceOf } from '../support/books.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { freePort } from '../support/free-port.js';
import { type TestHub } from '../support/hub.js';

const TEST = `mutation ($input: TestChannelInput!) { testChannel(input: $input) { __typename
  ... on ChannelWorks { latencyMs models missingModels } ... on ChannelFails { code message } } }`;
/** What an upstream writes that nobody may see here. */
const INNER = 'inner-secret-of-the-upstream';

describe('the test of a channel', () => {
  let hub: TestHub;
  let upstream: FakeUpstream;
  let admin: AdminClient;
  const servers: Server[] = [];
  let names = 0;
  beforeAll(async () => {
    upstream = await startFakeUpstream();
    const resolveAll = (_host: string, done: (error: null, addresses: { address: string; family: number }[]) => void) =>
      done(null, [{ address: '127.0.0.1', family: 4 }]);
    hub = await startHub({ upstreamClient: { resolveAll } });
    await hub.sql.query(`insert into model (id) values ('gpt-4o'), ('lost')`);
  });
  afterAll(async () => {
    await hub.close();
    await upstream.close();
    for (const server of servers) server.close();
  });
  // Each has ten tests in a minute.
  beforeEach(async () => {
    upstream.reset();
    admin = await signInAs(hub, 'admin');
  });

  const create = async (input: object = {}): Promise<{ id: string; credential: string }> => {
    const credential = `credential-of-test-${++names}`;
    const standard = {
      name: `tested-${names}`,
      provider: 'openai-compatible',
      baseUrl: upstream.url,
      credential,
      allowPrivateNetwork: true,
    };
    const { createChannel } = await admin.data(
      'mutation ($input: CreateChannelInput!) { createChannel(input: $input) { id } }',
      {
        input: { ...standard, ...input },
      },
    );
    return { id: createChannel.id, credential };
  };
  const addRoute = (channelId: string, modelId: string, upstreamModel?: string): Promise<unknown> =>
    admin.data('mutation ($input: AddRouteInput!) { addRoute(input: $input) { modelId } }', {
      input: { channelId, modelId, upstreamModel },
    });
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it asked for.
  const test = async (input: object, who = admin): Promise<any> => (await who.data(TEST, { input })).testChannel;
  /** A server that does this with each connection. */
  const listen = async (serve: (socket: Socket) => void): Promise<string> => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      serve(socket);
    });
    servers.push(server);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };

  it('signs what it asks where a provider signs requests', async () => {
    const keys = { accessKey: 'AKIDEXAMPLE', secretKey: 'wJalrXUtnFEMI' };
    const bedrock = await startBedrockSimulator({ keys });
    try {
      const signed = { provider: 'bedrock', baseUrl: bedrock.url };
      const { id } = await create({ ...signed, credential: `${keys.accessKey}:${keys.secretKey}` });
      await addRoute(id, 'gpt-4o', 'us.amazon.nova-lite-v1:0');
      expect(await test({ id, model: 'gpt-4o', allowCost: true })).toMatchObject({ __typename: 'ChannelWorks' });
      const wrong = await create({ ...signed, credential: `${keys.accessKey}:another` });
      await addRoute(wrong.id, 'gpt-4o', 'us.amazon.nova-lite-v1:0');
      expect(await test({ id: wrong.id, model: 'gpt-4o', allowCost: true })).toMatchObject({ code: 'CREDENTIAL' });
    } finally {
      await bedrock.close();
    }
  });

  it('asks for the list of models and says which routes it does not have', async () => {
    const { id, credential } = await create({ isEnabled: false });
    await addRoute(id, 'gpt-4o');
    await addRoute(id, 'lost', 'no-such-model');
    const result = await test({ id });
    expect(result).toEqual({
      __typename: 'ChannelWorks',
      latencyMs: expect.any(Number),
      models: expect.arrayContaining(['gpt-4', 'gpt-4o']),
      missingModels: ['no-such-model'],
    });
    expect(upstream.requests.map(({ method, headers }) => ({ method, authorization: headers.authorization }))).toEqual([
      { method: 'GET', authorization: `Bearer ${credential}` },
    ]);
  });

  it('tries each of several credentials, and says which of them is refused', async () => {
    const [good, bad] = [`credential-of-test-${++names}`, `credential-of-test-${++names}`];
    const { id } = await create({ credential: undefined, credentials: [good, bad] });
    expect(await test({ id })).toMatchObject({ __typename: 'ChannelWorks' });
    upstream.scriptKey(bad, { status: 401 });
    expect(await test({ id })).toMatchObject({
      code: 'CREDENTIAL',
      message: expect.stringMatching(/^Credential 2 of 2: The upstream refuses the credential/),
    });
  });

  it('asks a model for a few tokens when that is allowed, and charges nobody', async () => {
    const { id } = await create();
    await addRoute(id, 'gpt-4o', 'gpt-4o');
    const before = await balanceOf(hub.sql, hub.accountId);
    expect(await test({ id, allowCost: true, model: 'gpt-4o' })).toMatchObject({
      __typename: 'ChannelWorks',
      models: [],
    });
    const [request] = upstream.requests;
    expect(JSON.parse(String(request?.body))).toMatchObject({ model: 'gpt-4o', max_tokens: 16 });
    expect(await balanceOf(hub.sql, hub.accountId)).toEqual(before);
    expect(await hub.sql.query('select id from hold')).toEqual([]);
    expect(await hub.sql.query('select hold_id from usage_event')).toEqual([]);
  });

  it('sends nothing that may cost something unasked', async () => {
    const { id } = await create({ provider: 'zhipu' });
    expect(await test({ id })).toMatchObject({ code: 'NO_FREE_TEST' });
    expect(await test({ id, allowCost: true })).toMatchObject({ code: 'NO_FREE_TEST' });
    expect(upstream.requests).toEqual([]);
    expect(await admin.code(TEST, { input: { id, allowCost: true, model: 'gpt-4o' } })).toBe('not_found');
  });

  it.each([
    [{ status: 401, body: { error: { message: `Wrong key ${INNER}` } } }, 'CREDENTIAL'],
    [{ status: 402, body: { error: { message: INNER } } }, 'OUT_OF_MONEY'],
    [{ status: 429, body: { error: { message: INNER } } }, 'RATE_LIMITED'],
    [{ status: 404, body: `<html>${INNER}</html>` }, 'NOT_THIS_API'],
    [{ status: 500, body: INNER }, 'REFUSED'],
    [{ status: 200, body: `<html>${INNER}</html>` }, 'NOT_THIS_API'],
    [{ status: 200, body: { secret: INNER } }, 'NOT_THIS_API'],
    [{ redirect: `http://127.0.0.1/${INNER}` }, 'NOT_THIS_API'],
  ])('says what is wrong and nothing that the upstream wrote: %j', async (directive, code) => {
    const { id, credential } = await create();
    upstream.scriptKey(credential, directive as never);
    const result = await test({ id });
    expect(result).toMatchObject({ __typename: 'ChannelFails', code });
    expect(JSON.stringify(result)).not.toContain(INNER);
    expect(hub.logText()).not.toContain(INNER);
  });

  it('shows of a list only what names of models look like', async () => {
    const { id, credential } = await create();
    const data = [
      { id: 'good-model' },
      { id: `<script>${INNER}</script>` },
      { id: 'a'.repeat(500) },
      { id: 'ssh key\nline' },
    ];
    upstream.scriptKey(credential, { status: 200, body: { data } });
    expect(await test({ id })).toMatchObject({ models: ['good-model'] });
  });

  it('gives one answer for everything that is no answer, so that nobody can explore a network with it', async () => {
    const places = [
      { baseUrl: `http://127.0.0.1:${await freePort()}` },
      { baseUrl: await listen((socket) => socket.destroy()) },
      { baseUrl: await listen((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n')) },
      { baseUrl: (await listen(() => undefined)).replace('http:', 'https:').replace(/:\d+$/, `:${upstream.port}`) },
      { baseUrl: await listen((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{')) },
      // By its name nobody sees that it leads to this machine; the connection does.
      { baseUrl: `http://inner.example:${upstream.port}/v1`, allowPrivateNetwork: false },
    ];
    const answers = new Set<string>();
    for (const place of places) {
      const { id } = await create(place);
      answers.add(JSON.stringify(await test({ id })));
    }
    expect([...answers]).toEqual([
      JSON.stringify({
        __typename: 'ChannelFails',
        code: 'NO_ANSWER',
        message: 'No usable answer came from the address of this channel. Check its base URL and the network.',
      }),
    ]);
    expect(upstream.requests).toEqual([]);
  });

  it('is made ten times a minute by a person at most', async () => {
    const { id } = await create();
    for (let i = 0; i < 10; i++) expect((await test({ id })).__typename).toBe('ChannelWorks');
    const { errors } = await admin.send(TEST, { input: { id } });
    expect(errors?.[0]?.extensions).toMatchObject({
      code: 'too_many_tests',
      status: 429,
      retryAfterSeconds: expect.any(Number),
    });
    expect(upstream.requests).toHaveLength(10);
    const other = await signInAs(hub, 'operator');
    expect((await test({ id }, other)).__typename).toBe('ChannelWorks');
  });

  it('is made one at a time on a channel', async () => {
    const { id, credential } = await create();
    upstream.scriptKey(credential, { delay_ms: 1500, status: 200, body: { data: [] } });
    const answers = await Promise.all([1, 2, 3].map(() => admin.send(TEST, { input: { id } })));
    const codes = answers.map(({ errors, data }) => errors?.[0]?.extensions['code'] ?? data.testChannel.__typename);
    expect(codes.sort()).toEqual(['ChannelWorks', 'test_under_way', 'test_under_way']);
    expect(upstream.requests).toHaveLength(1);
  });

  it('is for operators and above, and leaves a trace', async () => {
    const { id } = await create();
    const viewer = await signInAs(hub, 'viewer');
    expect(await viewer.code(TEST, { input: { id } })).toBe('forbidden');
    const member = await signInAs(hub, 'member', hub.accountId);
    expect(await member.code(TEST, { input: { id } })).toBe('forbidden');
    const operator = await signInAs(hub, 'operator');
    await test({ id }, operator);
    const rows = await hub.sql.query(
      `select actor, action, after from audit_log where subject_kind = 'channel' and subject_id = $1 and action = 'channel.test'`,
      [id],
    );
    expect(rows).toEqual([
      { actor: operator.email, action: 'channel.test', after: '{"allowCost":false,"model":null}' },
    ]);
  });

  it('says when a channel cannot be used at all', async () => {
    const { id } = await create();
    await hub.sql.query(`update channel set credential = decode('00', 'hex') where id = $1`, [id]);
    expect(await test({ id })).toMatchObject({ code: 'UNUSABLE' });
    expect(upstream.requests).toEqual([]);
  });
});
