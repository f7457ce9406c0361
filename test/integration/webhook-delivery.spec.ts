import { createHmac, randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { Logger } from '@nestjs/common';
import { parseSettings } from '../../src/config/parse-settings.js';
import type { Database } from '../../src/database/database.js';
import type { Sql } from '../../src/database/sql.js';
import type { JobOutput } from '../../src/jobs/job.js';
import { JobStore } from '../../src/jobs/job-store.js';
import { CredentialCipher } from '../../src/secrets/credential-cipher.js';
import { Keyring } from '../../src/secrets/keyring.js';
import { DeliveryStore } from '../../src/webhooks/delivery-store.js';
import { WebhookDelivery } from '../../src/webhooks/webhook-delivery.js';
import { WebhookMessages } from '../../src/webhooks/webhook-messages.js';
import { WebhookSecrets } from '../../src/webhooks/webhook-secrets.js';
import { openMemoryDatabase } from '../support/database.js';
import { endJob, jobViews, type MadeJob, makeJob } from '../support/jobs.js';
import { until } from '../support/until.js';
import { insertAccount } from '../support/usage-events.js';
import { type ReceivedMessage, startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.js';

let database: Database;
let sql: Sql;
let keyring: Keyring;
let secrets: WebhookSecrets;
let store: DeliveryStore;
let receiver: WebhookReceiver;
let accountId: string;
let links = 0;
const RESULT: JobOutput = { place: 0, storageKey: 'a/0.mp4', upstreamUrl: null, contentType: 'video/mp4', bytes: 4 };
const deliveries: WebhookDelivery[] = [];

/** Where results are said to be, another place each time. */
const custody = { linkOf: () => `https://hub.example/link/${++links}` };

function instance(allowPrivate = true): WebhookDelivery {
  const settings = parseSettings({ HUB_WEBHOOK_ALLOW_PRIVATE: String(allowPrivate) });
  const messages = new WebhookMessages(jobViews(sql), custody);
  const delivery = new WebhookDelivery(store, messages, secrets, settings);
  deliveries.push(delivery);
  return delivery;
}

beforeAll(async () => {
  Logger.overrideLogger(false);
  database = await openMemoryDatabase();
  ({ sql } = database);
  keyring = await Keyring.open(sql, randomBytes(32));
  secrets = new WebhookSecrets(sql, new CredentialCipher(keyring));
  store = new DeliveryStore(sql);
  receiver = await startWebhookReceiver();
});
afterEach(async () => {
  await Promise.all(deliveries.splice(0).map((delivery) => delivery.onModuleDestroy()));
});
afterAll(async () => {
  await receiver.close();
  await database.close();
});
beforeEach(async () => {
  await sql.query('delete from webhook_delivery');
  accountId = await insertAccount(sql);
  receiver.received.length = 0;
  receiver.answerWith((response) => response.writeHead(204).end());
});

async function finished(
  made: MadeJob = {},
  state: 'succeeded' | 'failed' | 'cancelled' = 'succeeded',
): Promise<string> {
  const job = await makeJob(sql, accountId, { webhookUrl: `${receiver.url}/hooks?token=1`, ...made });
  await endJob(sql, job, state, state === 'succeeded' ? [RESULT] : []);
  return job;
}

async function stored(job: string) {
  const [row] = await sql.query<{
    id: string;
    attempts: number;
    delivered_at: Date | null;
    next_attempt_at: Date | null;
    last_status: number | null;
    last_error: string | null;
    wait_s: number | null;
  }>(
    `select *, extract(epoch from next_attempt_at - now())::integer as wait_s from webhook_delivery where job_id = $1`,
    [job],
  );
  return row!;
}

const delivered = (job: string) => until(async () => (await stored(job)).delivered_at !== null);
const failed = (job: string) => until(async () => (await stored(job)).last_error !== null);
const fail = (status: number) => (response: ServerResponse) => void response.writeHead(status).end('{"private":1}');

/** Time goes on until the message is due. */
async function wait(job: string): Promise<void> {
  await sql.query(
    `update webhook_delivery set give_up_at = give_up_at - (next_attempt_at - now()), next_attempt_at = now(), last_error = null
      where job_id = $1`,
    [job],
  );
}

const jsonOf = ({ body }: ReceivedMessage) => JSON.parse(body.toString()) as Record<string, Record<string, unknown>>;

function isGenuine(secret: string, { headers, body }: ReceivedMessage): boolean {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const signature = `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
  return String(headers['webhook-signature']).split(' ').includes(signature);
}

describe('the message about a job that is over', () => {
  it('is posted, signed as Standard Webhooks say', async () => {
    const job = await finished({ metadata: { order: '7' } });
    const before = Math.floor(Date.now() / 1000);
    await instance().startDue();
    await delivered(job);
    const [message] = receiver.received as [ReceivedMessage];
    expect([message.method, message.path]).toEqual(['POST', '/hooks?token=1']);
    expect(message.headers).toMatchObject({
      'content-type': 'application/json',
      'webhook-id': `msg_${(await stored(job)).id.replaceAll('-', '')}`,
    });
    expect(Number(message.headers['webhook-timestamp'])).toBeGreaterThanOrEqual(before);
    const { secret } = await secrets.of(accountId);
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{32}$/);
    expect(isGenuine(secret, message)).toBe(true);
    expect(isGenuine(secret, { ...message, body: Buffer.concat([message.body, Buffer.from(' ')]) })).toBe(false);
    expect(JSON.parse(message.body.toString())).toEqual({
      type: 'video.succeeded',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      data: {
        jobId: `job_${job}`,
        status: 'succeeded',
        progress: 100,
        resultUrl: `https://hub.example/link/${links}`,
        metadata: { order: '7' },
      },
    });
    expect(await stored(job)).toMatchObject({ attempts: 1, last_status: 204, last_error: null, next_attempt_at: null });
  });

  it.each([
    ['video', 'failed', 'video.failed'],
    ['video', 'cancelled', 'video.cancelled'],
    ['image', 'succeeded', 'image.succeeded'],
  ] as const)('of a %s that has %s is %s', async (kind, state, type) => {
    const job = await finished({ kind }, state);
    await instance().startDue();
    await delivered(job);
    expect(jsonOf(receiver.received[0]!)['type']).toBe(type);
  });

  it('is written only for a job that asked for it', async () => {
    const job = await makeJob(sql, accountId);
    await endJob(sql, job);
    expect(await store.list(accountId, job)).toEqual([]);
  });

  it('is tried again with the same id, a fresh link and longer and longer pauses', async () => {
    receiver.answerWith(fail(503));
    const job = await finished();
    const delivery = instance();
    const waits: (number | null)[] = [];
    for (let attempt = 1; attempt <= 3; attempt++) {
      await delivery.startDue();
      await failed(job);
      waits.push((await stored(job)).wait_s);
      expect(await stored(job)).toMatchObject({
        attempts: attempt,
        last_status: 503,
        last_error: 'the receiver answered 503',
      });
      await wait(job);
    }
    for (const [i, longest] of [10, 20, 40].entries()) {
      expect(waits[i]).toBeGreaterThanOrEqual(longest / 2 - 2);
      expect(waits[i]).toBeLessThanOrEqual(longest);
    }
    receiver.answerWith((response) => response.writeHead(200).end());
    await delivery.startDue();
    await delivered(job);
    expect(receiver.received).toHaveLength(4);
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(new Set(receiver.received.map((message) => jsonOf(message)['data']?.['resultUrl'])).size).toBe(4);
  });

  it('is tried for 24 hours, the last time at their end, then given up with its reason', async () => {
    receiver.answerWith(fail(500));
    const job = await finished();
    const delivery = instance();
    await sql.query(
      `update webhook_delivery set attempts = 40, give_up_at = now() + interval '9 minutes' where job_id = $1`,
      [job],
    );
    await delivery.startDue();
    await failed(job);
    const { wait_s } = await stored(job);
    expect(wait_s).toBeGreaterThan(9 * 60 - 5);
    expect(wait_s).toBeLessThanOrEqual(9 * 60);
    await wait(job);
    await delivery.startDue();
    await failed(job);
    expect(await stored(job)).toMatchObject({
      attempts: 42,
      next_attempt_at: null,
      delivered_at: null,
      last_error: 'the receiver answered 500',
    });
  });

  it('is given up at once by a receiver that says it is gone', async () => {
    receiver.answerWith(fail(410));
    const job = await finished();
    await instance().startDue();
    await failed(job);
    expect(await stored(job)).toMatchObject({ attempts: 1, next_attempt_at: null, last_status: 410 });
  });

  it('does not follow a redirect', async () => {
    receiver.answerWith((response) => response.writeHead(307, { location: '/elsewhere' }).end());
    const job = await finished();
    await instance().startDue();
    await failed(job);
    expect((await stored(job)).last_error).toBe('the receiver answered 307');
    expect(receiver.received).toHaveLength(1);
  });

  it('is not sent to a private address unless that is allowed', async () => {
    const job = await finished();
    await instance(false).startDue();
    await failed(job);
    expect((await stored(job)).last_error).toBe('its address is private; HUB_WEBHOOK_ALLOW_PRIVATE=true allows that');
    expect(receiver.received).toEqual([]);
  });

  it('is never sent to the metadata service of a cloud', async () => {
    const job = await finished({ webhookUrl: 'http://169.254.169.254/latest/meta-data/' });
    await instance().startDue();
    await failed(job);
    expect((await stored(job)).last_error).toContain('its address is private');
  });

  it('is given up when its job was removed', async () => {
    const job = await finished();
    await new JobStore(sql, sql).remove(job);
    await instance().startDue();
    await failed(job);
    expect(await stored(job)).toMatchObject({ next_attempt_at: null, last_error: 'the job was deleted' });
    expect(receiver.received).toEqual([]);
  });
});

describe('a receiver that never answers', () => {
  let dead: WebhookReceiver;
  beforeEach(async () => {
    dead = await startWebhookReceiver();
    dead.answerWith(() => undefined);
  });
  afterEach(() => dead.close());

  it('holds up nobody else', async () => {
    for (let i = 0; i < 20; i++) await finished({ webhookUrl: dead.url });
    const job = await finished();
    await instance().startDue();
    await delivered(job);
    // Its share, and no more of it.
    await until(() => dead.received.length === 4);
    expect(
      await sql.query(`select from webhook_delivery where account_id = $1 and attempts > 0`, [accountId]),
    ).toHaveLength(5);
  });

  it('has its messages handed back by an instance that stops', async () => {
    const job = await finished({ webhookUrl: dead.url });
    const stopping = instance();
    await stopping.startDue();
    await until(() => dead.received.length === 1);
    await stopping.onModuleDestroy();
    expect(await stored(job)).toMatchObject({ attempts: 0, last_error: null });
    dead.answerWith((response) => response.writeHead(204).end());
    await instance().startDue();
    await delivered(job);
  });
});

describe('a message that is asked for again', () => {
  it('is sent again, with the same id, also after it was delivered', async () => {
    const job = await finished();
    const delivery = instance();
    await delivery.startDue();
    await delivered(job);
    await store.redeliver(accountId, job);
    expect(await store.list(accountId, job)).toMatchObject([{ attempts: 0, nextAttemptAt: expect.any(Date) }]);
    await delivery.startDue();
    await until(async () => (await stored(job)).next_attempt_at === null);
    const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
    expect(ids).toHaveLength(2);
    expect(ids[0]).toBe(ids[1]);
  });

  it('has another 24 hours after it was given up', async () => {
    receiver.answerWith(fail(410));
    const job = await finished();
    const delivery = instance();
    await delivery.startDue();
    await failed(job);
    await sql.query(`update webhook_delivery set give_up_at = now() - interval '1 day' where job_id = $1`, [job]);
    await store.redeliver(accountId, job);
    receiver.answerWith(fail(500));
    await delivery.startDue();
    await until(async () => (await stored(job)).last_status === 500);
    expect((await stored(job)).wait_s).toBeGreaterThan(3);
  });

  it('is refused for a job of another account, one that is not over, and one without a webhook', async () => {
    const stranger = await insertAccount(sql);
    const job = await finished();
    await expect(store.redeliver(stranger, job)).rejects.toMatchObject({ status: 404, code: 'job_not_found' });
    await expect(store.list(stranger, job)).rejects.toMatchObject({ status: 404, code: 'job_not_found' });
    const running = await makeJob(sql, accountId, { webhookUrl: receiver.url });
    await expect(store.redeliver(accountId, running)).rejects.toMatchObject({ status: 409, code: 'job_not_finished' });
    const silent = await makeJob(sql, accountId);
    await expect(store.redeliver(accountId, silent)).rejects.toMatchObject({ status: 409, code: 'no_webhook' });
  });

  it('stays as it is while it is on its way', async () => {
    const job = await finished();
    expect(await store.claim([], [])).toMatchObject({ attempt: 1 });
    await store.redeliver(accountId, job);
    expect(await store.claim([], [])).toBeUndefined();
    await sql.query(`update webhook_delivery set lease_until = now() where job_id = $1`, [job]);
    expect(await store.claim([], [])).toMatchObject({ attempt: 2 });
  });
});

describe('the secret of an account', () => {
  it('is made once, and is its own', async () => {
    const [one, same] = await Promise.all([secrets.of(accountId), secrets.of(accountId)]);
    expect(one.secret).toBe(same.secret);
    expect((await secrets.of(await insertAccount(sql))).secret).not.toBe(one.secret);
  });

  it('is stored encrypted, and opens for no other account', async () => {
    const { secret } = await secrets.of(accountId);
    const other = await insertAccount(sql);
    await secrets.of(other);
    const [row] = await sql.query<{ secret: Buffer }>('select secret from webhook_secret where account_id = $1', [
      accountId,
    ]);
    expect(row!.secret.includes(Buffer.from(secret))).toBe(false);
    await sql.query('update webhook_secret set secret = $2 where account_id = $1', [other, row!.secret]);
    await expect(secrets.of(other)).rejects.toThrow('do not open');
    await sql.query('delete from webhook_secret where account_id = $1', [other]);
  });

  it('signs for another 24 hours after it was changed', async () => {
    const { secret: old } = await secrets.of(accountId);
    const { secret: fresh, previousUntil } = await secrets.rotate(accountId);
    expect(fresh).not.toBe(old);
    expect(previousUntil!.getTime() - Date.now()).toBeGreaterThan(86_400_000 - 60_000);
    const job = await finished();
    const delivery = instance();
    await delivery.startDue();
    await delivered(job);
    const [message] = receiver.received as [ReceivedMessage];
    expect([isGenuine(fresh, message), isGenuine(old, message)]).toEqual([true, true]);
    await sql.query('update webhook_secret set previous_until = now() where account_id = $1', [accountId]);
    const late = await finished();
    await delivery.startDue();
    await delivered(late);
    const second = receiver.received[1]!;
    expect([isGenuine(fresh, second), isGenuine(old, second)]).toEqual([true, false]);
    expect((await secrets.of(accountId)).previousUntil).toBeNull();
  });

  it('ends at once when it is changed again', async () => {
    const { secret: first } = await secrets.of(accountId);
    const { secret: second } = await secrets.rotate(accountId);
    const { secret: third } = await secrets.rotate(accountId);
    expect(await secrets.signing(accountId)).toEqual([third, second]);
    expect([second, third]).not.toContain(first);
  });

  it('is the same under a new key of the operator', async () => {
    const before = [await secrets.rotate(accountId), await secrets.signing(accountId)];
    await keyring.rotateCredentialKey();
    expect(await secrets.reseal()).toBeGreaterThanOrEqual(2);
    expect(await secrets.reseal()).toBe(0);
    expect([await secrets.of(accountId), await secrets.signing(accountId)]).toEqual(before);
  });
});
