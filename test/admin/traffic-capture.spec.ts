import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type AdminClient, signInAs } from '../support/admin.js';
import { startHub } from '../support/admin-hub.js';
import { auditLength, auditRowsOf } from '../support/audit-rows.js';
import { countStatements } from '../support/count-statements.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { type TestHub } from '../support/hub.js';
import { declareScripted } from '../support/scripted-channels.js';
import { until } from '../support/until.js';

const CHAT = '/api/relay/v1/chat/completions';
const DAY_MS = 86_400_000;
const SET = `mutation ($input: SetCaptureInput!) { setCapture(input: $input) { keyId until } }`;
const SETTINGS = '{ captureSettings { nodes { keyId keyName accountId accountName until } } }';
const LIST = `query ($filter: CapturedExchangesFilter, $first: Int, $after: String) {
  capturedExchanges(filter: $filter, first: $first, after: $after) {
    nodes { id requestId accountId accountName keyId keyName endpoint model status isTruncated createdAt expiresAt }
    pageInfo { hasNextPage endCursor } } }`;
const OPEN = `mutation ($id: ID!) { openCapturedExchange(id: $id) {
  __typename ... on OpenedExchange { exchange { id requestId } request response } ... on UnreadableExchange { message } } }`;

describe('capture in the admin API', () => {
  let upstream: FakeUpstream;
  let hub: TestHub;
  let admin: AdminClient;
  let keyId: string;
  let secret: string;

  beforeAll(async () => {
    upstream = await startFakeUpstream();
    hub = await startHub();
    admin = await signInAs(hub, 'admin');
  });
  beforeEach(async () => {
    upstream.reset();
    ({ id: keyId, key: secret } = await hub.createKey());
  });
  afterAll(async () => {
    await hub?.close();
    await upstream?.close();
  });

  const inDays = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString();
  const switchOn = (days = 1): Promise<unknown> => admin.data(SET, { input: { keyId, until: inDays(days) } });
  /** @returns the request id. */
  const chat = async (content: string): Promise<string> => {
    const body = { model: 'gpt-4', messages: [{ role: 'user', content }] };
    const response = await hub.post(CHAT, body, { key: secret });
    await response.text();
    return response.headers.get('x-request-id') ?? '';
  };
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it asked for.
  const captured = (count: number): Promise<any[]> =>
    until(async () => {
      const { capturedExchanges } = await admin.data(LIST, { filter: { keyId } });
      return capturedExchanges.nodes.length >= count && capturedExchanges.nodes;
    });

  it('is switched on for a key, at once, shows who opened what, and is switched off', async () => {
    const [prompt, answer] = [`canary-${randomUUID()}`, `canary-${randomUUID()}`];
    await declareScripted(hub, upstream, [{ text: answer }]);
    // The hub knows the key by now, without capture.
    await chat('before');
    const until = inDays(1);
    const { setCapture } = await admin.data(SET, { input: { keyId, until, reason: ' ticket 7 ' } });
    expect(setCapture).toEqual({ keyId, until });
    const { captureSettings } = await admin.data(SETTINGS);
    const setting = { keyId, keyName: 'test', accountId: hub.accountId, accountName: 'test', until };
    expect(captureSettings.nodes).toContainEqual(setting);

    const requestId = await chat(prompt);
    const [exchange, ...others] = await captured(1);
    expect(others).toEqual([]);
    expect(exchange).toMatchObject({
      requestId,
      keyId,
      accountId: hub.accountId,
      accountName: 'test',
      keyName: 'test',
    });
    expect(exchange).toMatchObject({ endpoint: `POST ${CHAT}`, model: 'gpt-4', status: 200, isTruncated: false });
    const { openCapturedExchange: opened } = await admin.data(OPEN, { id: exchange.id });
    expect(opened).toMatchObject({ __typename: 'OpenedExchange', exchange: { id: exchange.id, requestId } });
    expect(opened.request).toContain(prompt);
    expect(opened.response).toContain(answer);

    await admin.data(SET, { input: { keyId, until: null } });
    await chat('after');
    expect((await admin.data(SETTINGS)).captureSettings.nodes).not.toContainEqual(setting);
    expect(await captured(1)).toHaveLength(1);

    expect(await auditRowsOf(hub.sql, 'capturedExchange', exchange.id)).toEqual([
      {
        ...{ action: 'capture.open', actor: admin.email, address: '127.0.0.1', accountId: hub.accountId },
        ...{ reason: null, before: null, after: { requestId, keyId } },
      },
    ]);
    const changes = await auditRowsOf(hub.sql, 'apiKey', keyId);
    expect(changes).toMatchObject([
      {
        action: 'apiKey.setCapture',
        reason: 'ticket 7',
        before: { captureUntil: null },
        after: { captureUntil: until },
      },
      { action: 'apiKey.setCapture', reason: null, before: { captureUntil: until }, after: { captureUntil: null } },
    ]);
    expect(JSON.stringify(await hub.sql.query('select to_jsonb(l) from audit_log l'))).not.toContain('canary');
  });

  it('shows the request in all books: what it cost is what usage, holds and the ledger say', async () => {
    await declareScripted(hub, upstream, [{ text: 'hello there' }]);
    const requestId = await chat('hi');
    const { request } = await admin.data(
      `query ($id: ID!) { request(id: $id) { state cost channelName attempts { isFinal cost channelName outcome } } }`,
      { id: requestId },
    );
    expect(request).toMatchObject({ state: 'SETTLED', channelName: 'c1' });
    expect(request.attempts).toEqual([{ isFinal: true, cost: request.cost, channelName: 'c1', outcome: 'done' }]);
    const { usage, holds, ledgerEntries } = await admin.data(
      `query ($keyId: ID, $requestId: ID) {
         usage(filter: { keyId: $keyId }) { totals { figures { requests cost } } }
         holds(filter: { keyId: $keyId }) { nodes { requestId settled } }
         ledgerEntries(filter: { requestId: $requestId }) { nodes { kind change amount } } }`,
      { keyId, requestId },
    );
    expect(Number(request.cost)).toBeGreaterThan(0);
    expect(usage.totals.figures).toEqual({ requests: 1, cost: request.cost });
    expect(holds.nodes).toEqual([{ requestId, settled: request.cost }]);
    expect(ledgerEntries.nodes).toEqual([{ kind: 'SETTLE', change: `-${request.cost}`, amount: request.cost }]);
  });

  it('is for owners and admins alone', async () => {
    const others = await Promise.all([
      signInAs(hub, 'operator'),
      signInAs(hub, 'viewer'),
      signInAs(hub, 'member', hub.accountId),
    ]);
    const rows = await auditLength(hub.sql);
    for (const client of others) {
      expect(await client.code(LIST)).toBe('forbidden');
      expect(await client.code(SETTINGS)).toBe('forbidden');
      expect(await client.code(OPEN, { id: randomUUID() })).toBe('forbidden');
      expect(await client.code(SET, { input: { keyId, until: inDays(1) } })).toBe('forbidden');
    }
    expect(await auditLength(hub.sql)).toBe(rows);
  });

  it('refuses times that are past or too far, keys and exchanges that are not there, and changes nothing', async () => {
    const rows = await auditLength(hub.sql);
    for (const until of [inDays(-1), inDays(7.01), '+275760-09-13T00:00:00Z']) {
      const { errors } = await admin.send(SET, { input: { keyId, until } });
      expect(errors?.[0]?.extensions['code']).toMatch(/^(invalid_value|bad_user_input)$/);
    }
    expect(await admin.code(SET, { input: { keyId, until: null, reason: 'x'.repeat(501) } })).toBe('invalid_value');
    expect(await admin.code(SET, { input: { keyId, until: null, reason: 'a\0' } })).toBe('invalid_value');
    const hostile = ['0', '-1', '999999', `1' or '1'='1`, 'a\0b', 'x'.repeat(10_240), '9'.repeat(40), ''];
    for (const id of hostile) {
      expect(await admin.code(SET, { input: { keyId: id, until: null } })).toBe('not_found');
      expect(await admin.code(OPEN, { id })).toBe('not_found');
      expect((await admin.data(LIST, { filter: { keyId: id } })).capturedExchanges.nodes).toEqual([]);
      expect((await admin.data(LIST, { filter: { accountId: id } })).capturedExchanges.nodes).toEqual([]);
      expect(await admin.code(LIST, { after: id })).toBe('invalid_value');
    }
    expect(await admin.code(OPEN, { id: randomUUID() })).toBe('not_found');
    expect(await admin.code(`{ captureSettings(after: "x") { nodes { keyId } } }`)).toBe('invalid_value');
    expect(await auditLength(hub.sql)).toBe(rows);
  });

  it('lists exchanges page by page, each once, in few statements, and none whose time is over', async () => {
    await switchOn();
    await declareScripted(hub, upstream, [{ text: 'x' }]);
    const sent = [await chat('1'), await chat('2'), await chat('3')];
    await captured(3);
    const page = async (after?: string) =>
      (await admin.data(LIST, { filter: { keyId, accountId: hub.accountId }, first: 2, after })).capturedExchanges;
    const first = await page();
    const second = await page(first.pageInfo.endCursor);
    const ids = [...first.nodes, ...second.nodes].map(({ requestId }: { requestId: string }) => requestId);
    expect([...ids].sort()).toEqual([...sent].sort());
    expect([first.pageInfo.hasNextPage, second.pageInfo.hasNextPage]).toEqual([true, false]);
    expect(await countStatements(hub, () => admin.data(LIST, { first: 100 }))).toBeLessThanOrEqual(4);
    expect(await countStatements(hub, () => admin.data(SETTINGS))).toBeLessThanOrEqual(4);
    const over = first.nodes[0].id;
    await hub.sql.query(`update captured_exchange set expires_at = now() where id = $1::uuid`, [over]);
    expect((await page()).nodes.map(({ id }: { id: string }) => id)).not.toContain(over);
    expect(await admin.code(OPEN, { id: over })).toBe('not_found');
  });

  it('says of an exchange that was tampered with that it cannot be read', async () => {
    await switchOn();
    await declareScripted(hub, upstream, [{ text: 'x' }]);
    await chat('1');
    const [{ id }] = await captured(1);
    await hub.sql.query(`update captured_exchange set request = request || '\\x00' where id = $1::uuid`, [id]);
    const { openCapturedExchange } = await admin.data(OPEN, { id });
    expect(openCapturedExchange).toEqual({
      __typename: 'UnreadableExchange',
      message: expect.stringMatching(/cannot be read/),
    });
  });
});
