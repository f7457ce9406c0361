import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AdminClient, signInAs } from '../support/admin.js';
import { startHub } from '../support/admin-hub.js';
import { CatalogueCalls, CREATE_CHANNEL, REMOVE_CHANNEL, UPDATE_CHANNEL } from '../support/catalogue.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { type TestHub } from '../support/hub.js';

/** Appears nowhere but upstream. */
const CANARY = 'canary-credential-5d0f3c1b9a77-WXYZ';

describe('what channels refuse, and what of them is never told', () => {
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
      name: calls.uniqueName(),
      provider: 'openai-compatible',
      baseUrl: upstream.url,
      allowPrivateNetwork: true,
    };
    const { errors } = await admin.send(CREATE_CHANNEL, { input: { ...standard, ...input } });
    expect(errors?.[0]?.extensions).toMatchObject({ status: 400, param });
  });

  it('refuses a name that is taken', async () => {
    await calls.createChannel({ name: 'taken' });
    const input = { name: 'taken', provider: 'ollama' };
    expect(await admin.code(CREATE_CHANNEL, { input })).toBe('name_taken');
    const { id } = await calls.createChannel();
    expect(await admin.code(UPDATE_CHANNEL, { input: { id, version: 1, name: 'taken' } })).toBe('name_taken');
  });

  it('lets a channel be changed that has an imported name, and takes no new name of that kind', async () => {
    const { id } = await calls.createChannel();
    await hub.sql.query('update channel set name = $2 where id = $1', [id, '上游 #2']);
    const { updateChannel } = await admin.data(UPDATE_CHANNEL, { input: { id, version: 1, weight: 5 } });
    expect(updateChannel).toMatchObject({ name: '上游 #2', weight: 5 });
    const { errors } = await admin.send(UPDATE_CHANNEL, { input: { id, version: 2, name: '上游 #3' } });
    expect(errors?.[0]?.extensions).toMatchObject({ status: 400, param: 'name' });
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
      name: calls.uniqueName(),
      provider: 'openai-compatible',
      credential: CANARY,
      baseUrl,
      allowPrivateNetwork,
    };
    const { errors } = await admin.send(CREATE_CHANNEL, { input });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'base_url_refused', param: 'baseUrl' });
    const { id } = await calls.createChannel();
    const change = { id, version: 1, baseUrl, allowPrivateNetwork, credential: CANARY };
    expect(await admin.code(UPDATE_CHANNEL, { input: change })).toBe('base_url_refused');
  });

  it('lets a channel lead to a private address only when that is said', async () => {
    const { id } = await calls.createChannel({ baseUrl: 'http://10.0.0.7/v1/' });
    const { errors } = await admin.send(UPDATE_CHANNEL, { input: { id, version: 1, allowPrivateNetwork: false } });
    expect(errors?.[0]?.message).toContain('leads to 10.0.0.7, which is not on the public internet');
  });

  it('does not send a stored credential to another host', async () => {
    const { id } = await calls.createChannel({ credential: CANARY });
    const elsewhere = { id, version: 1, baseUrl: 'https://elsewhere.example/v1' };
    expect(await admin.code(UPDATE_CHANNEL, { input: elsewhere })).toBe('credential_needed');
    const { updateChannel } = await admin.data(UPDATE_CHANNEL, {
      input: { ...elsewhere, credential: 'given-once-more' },
    });
    expect(updateChannel).toMatchObject({ baseUrl: 'https://elsewhere.example/v1', version: 2 });
    const same = await admin.data(UPDATE_CHANNEL, {
      input: { id, version: 2, baseUrl: 'https://elsewhere.example/v2' },
    });
    expect(same.updateChannel.baseUrl).toBe('https://elsewhere.example/v2');
  });

  it('writes each change into the audit log, without secrets', async () => {
    const { id, version } = await calls.createChannel({ credential: CANARY });
    await admin.data(UPDATE_CHANNEL, { input: { id, version, weight: 9, credential: `${CANARY}-2` } });
    await admin.data(REMOVE_CHANNEL, { input: { id, version: 2, reason: 'no longer needed' } });
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
    const name = calls.uniqueName();
    const texts: string[] = [];
    const say = async (query: string, variables: object): Promise<void> => {
      texts.push(JSON.stringify(await admin.send(query, { ...variables })));
    };
    await say(CREATE_CHANNEL, {
      input: { name, provider: 'openai-compatible', credential: CANARY, baseUrl: 'file:///x' },
    });
    await say(CREATE_CHANNEL, { input: { name, provider: 'nobody', credential: CANARY } });
    await say(CREATE_CHANNEL, {
      input: { name, provider: 'openai-compatible', credential: `${CANARY}\n`, baseUrl: upstream.url },
    });
    const { id } = await calls.createChannel({ name, credential: CANARY });
    await say(UPDATE_CHANNEL, { input: { id, version: 99, credential: CANARY } });
    await say('query ($id: ID!) { channel(id: $id) { id credential } }', { id });
    await say(`mutation ($input: CreateChannelInput!) { createChannel(input: $input) { id apiKey } }`, {
      input: { name, provider: 'x', credential: CANARY },
    });
    texts.push(JSON.stringify(await hub.sql.query('select * from audit_log')));
    texts.push(hub.logText());
    for (const text of texts) expect(text).not.toContain(CANARY);
  });
});
