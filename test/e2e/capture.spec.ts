import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CAPTURED_BYTES_MAX } from '../../src/capture/capture.js';
import { CaptureRecorder } from '../../src/capture/capture-recorder.js';
import { CaptureSweeper } from '../../src/capture/capture-sweeper.js';
import { type CapturedExchange, listCaptured, openCaptured } from '../../src/capture/captured-store.js';
import { resealCaptured } from '../../src/capture/reseal-captured.js';
import { setCapture } from '../../src/capture/set-capture.js';
import { quoteName, readStoredTables } from '../../src/care/stored-tables.js';
import { uuid7Hex } from '../../src/common/ids.js';
import type { Sql } from '../../src/database/sql.js';
import { RedisService } from '../../src/redis/redis.service.js';
import { TOPIC_KEYS } from '../../src/redis/topics.js';
import { CredentialCipher } from '../../src/secrets/credential-cipher.js';
import { Keyring } from '../../src/secrets/keyring.js';
import { SealError } from '../../src/secrets/seal.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { startHub, type TestHub } from '../support/hub.js';
import { readError } from '../support/relay-client.js';
import { declareScripted } from '../support/scripted-channels.js';
import { callerOf } from '../support/submit-job.js';
import { until } from '../support/until.js';

const CHAT = '/api/relay/v1/chat/completions';
const HOUR_MS = 3_600_000;

let upstream: FakeUpstream;
let hub: TestHub;
let cipher: CredentialCipher;

beforeAll(async () => {
  upstream = await startFakeUpstream();
  hub = await startHub();
  cipher = hub.app.get(CredentialCipher);
});
beforeEach(async () => {
  upstream.reset();
  await hub.sql.query('delete from captured_exchange');
});
afterAll(async () => {
  await hub.close();
  await upstream.close();
});

const inAnHour = () => new Date(Date.now() + HOUR_MS);

/** A new key; capture is on until a moment when one is given. */
async function keyOf(captureUntil?: Date): Promise<{ id: string; key: string }> {
  const made = await hub.createKey();
  if (captureUntil !== undefined) await setCapture(hub.sql, made.id, captureUntil);
  return made;
}

function ask(key: string, content: string, more: Record<string, unknown> = {}): Promise<Response> {
  return hub.post(CHAT, { model: 'gpt-4', messages: [{ role: 'user', content }], ...more }, { key });
}

/** The one exchange of a key, opened, when it has been written. */
async function captured(keyId: string): Promise<CapturedExchange> {
  const [item] = await until(async () => {
    const items = await listCaptured(hub.sql, { keyId, first: 10 });
    return items.length > 0 && items;
  });
  return (await openCaptured(hub.sql, cipher, item!.id))!;
}

/** The tables of the database in which a text stands, as text or bytes, in the clear. */
async function tablesWith(sql: Sql, canary: string): Promise<string[]> {
  const found: string[] = [];
  for (const { name } of await readStoredTables(sql)) {
    const rows = await sql.query(
      `select from ${quoteName(name)} t where position($1 in t::text) > 0 or position(encode($1::text::bytea, 'hex') in t::text) > 0 limit 1`,
      [canary],
    );
    if (rows.length > 0) found.push(name);
  }
  return found;
}

describe('a key without capture', () => {
  it('leaves nothing of prompts and answers in the database, nor in the log', async () => {
    const [prompt, answer] = [`canary-${randomUUID()}`, `canary-${randomUUID()}`];
    await declareScripted(hub, upstream, [{ text: answer }, { text: answer }]);
    const { id, key } = await keyOf();
    const whole = await hub.fetch(CHAT, {
      method: 'POST',
      key,
      headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
      body: JSON.stringify({ model: 'gpt-4', messages: [{ role: 'user', content: prompt }] }),
    });
    expect(await whole.text()).toContain(answer);
    await (await ask(key, prompt, { stream: true })).text();
    // What comes after it in the queue of the recorder is there, so that it would be, too.
    const other = await keyOf(inAnHour());
    await declareScripted(hub, upstream, [{ text: 'x' }]);
    await (await ask(other.key, 'x')).text();
    await captured(other.id);
    expect(await listCaptured(hub.sql, { keyId: id, first: 10 })).toEqual([]);
    expect(await tablesWith(hub.sql, prompt)).toEqual([]);
    expect(await tablesWith(hub.sql, answer)).toEqual([]);
    expect(hub.logText()).not.toContain(prompt);
  });
});

describe('a key with capture', () => {
  it('has a whole exchange kept, encrypted, without the credential', async () => {
    const [prompt, answer] = [`canary-${randomUUID()}`, `canary-${randomUUID()}`];
    await declareScripted(hub, upstream, [{ text: answer }]);
    const { id, key } = await keyOf(inAnHour());
    const response = await ask(key, `${prompt}, my key is ${key}`);
    const body = await response.text();
    const exchange = await captured(id);
    expect(exchange).toMatchObject({
      requestId: response.headers.get('x-request-id'),
      accountId: hub.accountId,
      keyId: id,
      endpoint: `POST ${CHAT}`,
      model: 'gpt-4',
      status: 200,
      isTruncated: false,
      response: body,
    });
    expect(JSON.parse(exchange.request!)).toEqual({
      model: 'gpt-4',
      messages: [{ role: 'user', content: `${prompt}, my key is sk_live_...` }],
    });
    expect(exchange.expiresAt.getTime() - exchange.createdAt.getTime()).toBeGreaterThan(71.9 * HOUR_MS);
    for (const canary of [prompt, answer, key]) expect(await tablesWith(hub.sql, canary)).toEqual([]);
    expect(hub.logText()).not.toContain(prompt);
  });

  it('has a stream kept as it was sent', async () => {
    await declareScripted(hub, upstream, [{ tokens: 5 }]);
    const { id, key } = await keyOf(inAnHour());
    const text = await (await ask(key, 'stream', { stream: true })).text();
    const exchange = await captured(id);
    expect(text).toMatch(/data: \[DONE\]\n\n$/);
    expect(exchange).toMatchObject({ status: 200, response: text, isTruncated: false });
  });

  it('has refusals kept as the caller saw them', async () => {
    const { id, key } = await keyOf(inAnHour());
    const response = await ask(key, 'x', { model: 'nobody-has-this' });
    const body = await response.clone().text();
    expect(await readError(response)).toMatchObject({ status: 404 });
    expect(await captured(id)).toMatchObject({ status: 404, model: null, response: body });
  });

  it('has pictures and embeddings kept as well, of an upload the fields only', async () => {
    const { id, key } = await keyOf(inAnHour());
    const form = new FormData();
    form.set('model', 'no-such-model');
    form.set('prompt', 'a cat');
    form.set('image', new Blob(['canary-of-a-picture'], { type: 'image/png' }), 'cat.png');
    await hub.fetch('/api/relay/v1/images/edits', { method: 'POST', body: form, key });
    const edit = await captured(id);
    expect(JSON.parse(edit.request!)).toMatchObject({ model: 'no-such-model', prompt: 'a cat' });
    expect(edit.request).not.toContain('canary-of-a-picture');
    const embeddings = await keyOf(inAnHour());
    await hub.post('/api/relay/v1/embeddings', { model: 'none', input: 'embed me' }, { key: embeddings.key });
    expect(await captured(embeddings.id)).toMatchObject({ request: expect.stringContaining('embed me'), status: 404 });
    const images = await keyOf(inAnHour());
    await hub.post('/api/relay/v1/images/generations', { model: 'none', prompt: 'draw me' }, { key: images.key });
    expect(await captured(images.id)).toMatchObject({ request: expect.stringContaining('draw me') });
  });

  it('has each side cut at 256 KiB, between two characters, and marked', async () => {
    await declareScripted(hub, upstream, [{ text: 'short' }]);
    const { id, key } = await keyOf(inAnHour());
    const response = await ask(key, '漢'.repeat(CAPTURED_BYTES_MAX));
    expect(response.status).toBe(200);
    const { request, isTruncated, ...rest } = await captured(id);
    expect(isTruncated).toBe(true);
    expect(Buffer.byteLength(request!)).toBeGreaterThan(CAPTURED_BYTES_MAX - 3);
    expect(Buffer.byteLength(request!)).toBeLessThanOrEqual(CAPTURED_BYTES_MAX);
    expect(request).not.toContain('\ufffd');
    expect(rest.response).toContain('short');
  });

  it('is over at its time, and when it is switched off', async () => {
    const { id, key } = await keyOf(inAnHour());
    await declareScripted(hub, upstream, [{ text: 'a' }, { text: 'b' }, { text: 'c' }]);
    await (await ask(key, 'first')).text();
    await captured(id);
    // The key is remembered as it was; the moment itself is what counts.
    await hub.sql.query(`update api_key set capture_until = now() - interval '1 ms' where id = $1`, [id]);
    await hub.app.get(RedisService).publish(TOPIC_KEYS, '');
    await (await ask(key, 'second')).text();
    expect(await setCapture(hub.sql, id, null)).toMatchObject({ accountId: hub.accountId, after: null });
    await hub.app.get(RedisService).publish(TOPIC_KEYS, '');
    await (await ask(key, 'third')).text();
    const other = await keyOf(inAnHour());
    await declareScripted(hub, upstream, [{ text: 'd' }]);
    await (await ask(other.key, 'x')).text();
    await captured(other.id);
    expect(await listCaptured(hub.sql, { keyId: id, first: 10 })).toHaveLength(1);
  });

  it('never fails a request when it cannot be written', async () => {
    const { id, key } = await keyOf(inAnHour());
    await declareScripted(hub, upstream, [{ text: 'fine' }]);
    await hub.sql.query('alter table captured_exchange rename to captured_elsewhere');
    try {
      expect((await ask(key, 'x')).status).toBe(200);
      await until(() => hub.logText().includes('1 requests were not captured'));
    } finally {
      await hub.sql.query('alter table captured_elsewhere rename to captured_exchange');
    }
    expect(await listCaptured(hub.sql, { keyId: id, first: 10 })).toEqual([]);
  });
});

it('has room for so many exchanges at a time, and drops and counts the others', async () => {
  const recorder = hub.app.get(CaptureRecorder);
  const caller = { ...callerOf(hub, '1'), captureUntilMs: Date.now() + HOUR_MS };
  const begin = () => recorder.begin(caller, `req_${uuid7Hex(Date.now())}`, `POST ${CHAT}`);
  const open = Array.from({ length: 128 }, begin);
  expect(open).not.toContain(undefined);
  expect(begin()).toBeUndefined();
  for (const capture of open) {
    capture?.end(200, 'gpt-4');
    capture?.end(500, 'gpt-4');
  }
  const written = async (): Promise<number> => {
    const [row] = await hub.sql.query<{ count: number }>(
      `select count(*)::int as count from captured_exchange where status = 200 and request is null`,
    );
    return row!.count;
  };
  await until(async () => (await written()) === 128);
  // The last place is given back a moment after what had it is there.
  (await until(begin)).end(200, undefined);
  await until(async () => (await written()) === 129);
});

describe('switching it on', () => {
  it.each([
    ['eight days ahead', () => new Date(Date.now() + 8 * 24 * HOUR_MS)],
    ['in the past', () => new Date(Date.now() - 1)],
    ['no time at all', () => new Date(Number.NaN)],
  ])('is refused for a time that is %s', async (_title, when) => {
    const { id } = await keyOf();
    await expect(setCapture(hub.sql, id, when())).rejects.toMatchObject({
      status: 400,
      code: 'invalid_value',
      param: 'until',
    });
  });

  it('is refused for a key that does not exist', async () => {
    await expect(setCapture(hub.sql, '999999', inAnHour())).rejects.toMatchObject({
      status: 404,
      code: 'key_not_found',
    });
  });

  it('says what was before', async () => {
    const { id } = await keyOf();
    const first = inAnHour();
    expect(await setCapture(hub.sql, id, first)).toEqual({ accountId: hub.accountId, before: null, after: first });
    expect(await setCapture(hub.sql, id, null)).toEqual({ accountId: hub.accountId, before: first, after: null });
  });
});

describe('what was captured', () => {
  async function three(): Promise<{ keyId: string; items: CapturedExchange[] }> {
    const { id, key } = await keyOf(inAnHour());
    await declareScripted(hub, upstream, [{ text: 'one' }, { text: 'two' }, { text: 'three' }]);
    for (const content of ['one', 'two', 'three']) await (await ask(key, content)).text();
    const list = await until(async () => {
      const items = await listCaptured(hub.sql, { keyId: id, first: 10 });
      return items.length === 3 && items;
    });
    const items = await Promise.all(list.map(async (item) => (await openCaptured(hub.sql, cipher, item.id))!));
    return { keyId: id, items };
  }

  it('is listed by key or account, newest first, page by page', async () => {
    const { keyId, items } = await three();
    expect(items.map(({ request }) => /"content":"(\w+)/.exec(request!)?.[1])).toEqual(['three', 'two', 'one']);
    const ids = items.map(({ id }) => id);
    const page = async (filter: Parameters<typeof listCaptured>[1]) =>
      (await listCaptured(hub.sql, filter)).map(({ id }) => id);
    expect(await page({ keyId, first: 2 })).toEqual(ids.slice(0, 2));
    expect(await page({ keyId, first: 2, after: ids[1]! })).toEqual(ids.slice(2));
    expect(await page({ accountId: hub.accountId, first: 9 })).toEqual(ids);
    expect(await page({ accountId: '1', first: 9 })).toEqual([]);
  });

  // T155
  it('opens for its own row, column and account only', async () => {
    const { items } = await three();
    const [one, two] = items.map(({ id }) => id);
    const open = (id: string | undefined) => openCaptured(hub.sql, cipher, id!);
    const refused = async (statement: string, id = one) => {
      await hub.sql.query('create temporary table before as table captured_exchange');
      await hub.sql.query(statement, [one!, two!]);
      await expect(open(id)).rejects.toThrow(SealError);
      await hub.sql.query('delete from captured_exchange');
      await hub.sql.query('insert into captured_exchange table before');
      await hub.sql.query('drop table before');
    };
    await refused(
      `update captured_exchange c set request = o.request from captured_exchange o where c.id = $1 and o.id = $2`,
    );
    await refused(`update captured_exchange set request = response, response = request where id = $1 and id <> $2`);
    await refused(`update captured_exchange set account_id = 1 where id = $1 and id <> $2`);
    await refused(`update captured_exchange set key_id = key_id + 1 where id = $1 and id <> $2`);
    await refused(
      `update captured_exchange set response = set_byte(response, 60, get_byte(response, 60) # 1) where id = $1 and id <> $2`,
    );
    await expect(open(one)).resolves.toMatchObject({ id: one });
    await expect(open(two)).resolves.toMatchObject({ id: two });
  });

  it('is not shown and soon deleted when its time is over', async () => {
    const { keyId, items } = await three();
    const [first, ...others] = items.map(({ id }) => id);
    await hub.sql.query('update captured_exchange set expires_at = now() where id = $1', [first!]);
    expect((await listCaptured(hub.sql, { keyId, first: 9 })).map(({ id }) => id)).toEqual(others);
    expect(await openCaptured(hub.sql, cipher, first!)).toBeUndefined();
    // Also when the hub's own round has come first.
    await hub.app.get(CaptureSweeper).sweep();
    const left = await hub.sql.query<{ id: string }>('select id from captured_exchange order by id desc');
    expect(left.map(({ id }) => id)).toEqual(others);
  });

  it('is put under a new key with everything else', async () => {
    const { items } = await three();
    const sealed = 'select request, response from captured_exchange order by id';
    const before = await hub.sql.query<{ request: Buffer; response: Buffer }>(sealed);
    expect(await resealCaptured(hub.sql, cipher)).toBe(0);
    await hub.app.get(Keyring).rotateCredentialKey();
    expect(await resealCaptured(hub.sql, cipher)).toBe(6);
    const after = await hub.sql.query<{ request: Buffer; response: Buffer }>(sealed);
    expect(
      after.flatMap(({ request, response }) => [request, response]).some((bytes) => cipher.isOutdated(bytes)),
    ).toBe(false);
    expect(before[0]!.request.equals(after[0]!.request)).toBe(false);
    expect(await openCaptured(hub.sql, cipher, items[0]!.id)).toEqual(items[0]);
  });
});
