import { startHub, type TestHub } from '../support/hub.js';
import { endJob, makeJob } from '../support/jobs.js';
import { until } from '../support/until.js';
import { insertAccount } from '../support/usage-events.js';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.js';

let hub: TestHub;
let receiver: WebhookReceiver;

beforeAll(async () => {
  receiver = await startWebhookReceiver();
  hub = await startHub({ channels: [], env: { HUB_WEBHOOK_ALLOW_PRIVATE: 'true' } });
});
afterAll(async () => {
  await hub.close();
  await receiver.close();
});
beforeEach(() => {
  receiver.received.length = 0;
  receiver.answerWith((response) => response.writeHead(204).end());
});

interface Answer {
  readonly status: number;
  readonly body: { readonly data?: Record<string, unknown>; readonly code?: string; readonly message?: string };
}

async function answerOf(pending: Promise<Response>): Promise<Answer> {
  const response = await pending;
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

/** A key that may do one thing only. */
async function keyFor(scope: 'user' | 'video'): Promise<string> {
  const { id, key } = await hub.createKey();
  await hub.sql.query('update api_key set scopes = $2 where id = $1', [id, [scope]]);
  return key;
}

const deliveriesOf = (job: string, init = {}) => answerOf(hub.fetch(`/api/video/webhooks?jobId=job_${job}`, init));
const redeliver = (body: unknown, init = {}) => answerOf(hub.post('/api/video/webhooks/redeliver', body, init));

async function finished(): Promise<string> {
  const job = await makeJob(hub.sql, hub.accountId, { webhookUrl: `${receiver.url}/hook` });
  await endJob(hub.sql, job, 'failed');
  return job;
}

const delivered = (job: string) =>
  until(async () => {
    const [row] = await hub.sql.query<{ delivered_at: Date | null }>(
      'select delivered_at from webhook_delivery where job_id = $1',
      [job],
    );
    return row?.delivered_at !== null;
  });

describe('a job with a webhook', () => {
  it('is reported by the running hub, with what its status says', async () => {
    const job = await finished();
    await delivered(job);
    expect(JSON.parse(receiver.received[0]!.body.toString())).toEqual({
      type: 'video.failed',
      timestamp: expect.any(String),
      data: {
        jobId: `job_${job}`,
        status: 'failed',
        progress: expect.any(Number),
        resultUrl: null,
        error: { code: 'content_policy_violation', message: 'The content was refused.' },
      },
    });
  });
});

describe('GET /api/video/webhooks', () => {
  it('200: what has become of the message', async () => {
    const job = await finished();
    await delivered(job);
    expect(await deliveriesOf(job)).toEqual({
      status: 200,
      body: {
        success: true,
        data: {
          jobId: `job_${job}`,
          deliveries: [
            {
              messageId: receiver.received[0]!.headers['webhook-id'],
              status: 'delivered',
              attempts: 1,
              lastStatus: 204,
              lastError: null,
              nextAttemptAt: null,
              deliveredAt: expect.any(String),
              createdAt: expect.any(String),
            },
          ],
        },
      },
    });
  });

  it.each(['', '?jobId=', '?jobId=a&jobId=b', '?job=x'])('400 for the query %j', async (query) => {
    const { status } = await answerOf(hub.fetch(`/api/video/webhooks${query}`));
    expect(status).toBe(query === '?jobId=' ? 404 : 400);
  });

  it('401 without a key, 403 for a key that is not for videos', async () => {
    expect((await deliveriesOf('0'.repeat(32), { key: null })).status).toBe(401);
    const key = await keyFor('user');
    expect((await deliveriesOf('0'.repeat(32), { key })).status).toBe(403);
  });

  it('404 for a job of another account', async () => {
    const job = await makeJob(hub.sql, await insertAccount(hub.sql), { webhookUrl: receiver.url });
    expect(await deliveriesOf(job)).toMatchObject({ status: 404, body: { code: 'job_not_found' } });
  });
});

describe('POST /api/video/webhooks/redeliver', () => {
  it('200: sends the message again, with the same id', async () => {
    const job = await finished();
    await delivered(job);
    expect(await redeliver({ jobId: `job_${job}` })).toMatchObject({ status: 200, body: { success: true } });
    await until(() => receiver.received.length === 2);
    const [first, second] = receiver.received;
    expect(second!.headers['webhook-id']).toBe(first!.headers['webhook-id']);
  });

  it.each([
    ['{}', 'missing_required_parameter'],
    ['{"jobId":7}', 'invalid_value'],
    ['{"jobId":"job_1","jobId":"job_2"}', 'duplicate_parameter'],
    ['{"jobId":"job_1","force":true}', 'unknown_parameter'],
    ['{', 'invalid_json'],
  ])('400 for %s', async (body, code) => {
    expect(await redeliver(body)).toMatchObject({ status: 400, body: { code } });
  });

  it('404 for what is no job, and for one of another account', async () => {
    const foreign = await makeJob(hub.sql, await insertAccount(hub.sql), { webhookUrl: receiver.url });
    for (const jobId of ['job_1', 'nonsense', `job_${foreign}`]) {
      expect(await redeliver({ jobId })).toMatchObject({ status: 404, body: { code: 'job_not_found' } });
    }
  });

  it('409 for a job that has no message', async () => {
    const silent = await makeJob(hub.sql, hub.accountId);
    expect(await redeliver({ jobId: `job_${silent}` })).toMatchObject({ status: 409, body: { code: 'no_webhook' } });
  });

  it('413 for a body that is no id any more, 415 for one that is not JSON', async () => {
    expect(await redeliver({ jobId: 'x'.repeat(20_000) })).toMatchObject({ status: 413 });
    const init = { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'job_1' };
    expect((await hub.fetch('/api/video/webhooks/redeliver', init)).status).toBe(415);
  });
});

describe('the webhook secret', () => {
  const secretOf = async (path = '', init: RequestInit & { key?: string | null } = {}) => {
    const response = await hub.fetch(`/api/user/webhook-secret${path}`, init);
    return { status: response.status, cache: response.headers.get('cache-control'), body: await response.json() };
  };

  it('200: is made when it is first asked for, and stays', async () => {
    const first = await secretOf();
    expect(first).toEqual({
      status: 200,
      cache: 'no-store',
      body: {
        success: true,
        data: {
          secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{32}$/),
          createdAt: expect.any(String),
          previousValidUntil: null,
        },
      },
    });
    expect(await secretOf()).toEqual(first);
  });

  it('200: is another one after it was changed, and says until when the old one signs', async () => {
    const before = (await secretOf()).body as { data: { secret: string } };
    const rotated = await secretOf('/rotate', { method: 'POST' });
    expect(rotated).toMatchObject({ status: 200, body: { data: { previousValidUntil: expect.any(String) } } });
    expect((rotated.body as typeof before).data.secret).not.toBe(before.data.secret);
    expect((await secretOf()).body).toEqual(rotated.body);
  });

  it('401 without a key, 403 for a key that is for videos only', async () => {
    expect((await secretOf('', { key: null })).status).toBe(401);
    const key = await keyFor('video');
    expect((await secretOf('', { key })).status).toBe(403);
    expect((await secretOf('/rotate', { method: 'POST', key })).status).toBe(403);
  });

  it('is in neither log nor table as it is', async () => {
    const { secret } = ((await secretOf()).body as { data: { secret: string } }).data;
    expect(hub.logText()).not.toContain(secret);
    const stored = await hub.sql.query<{ secret: Buffer }>('select secret from webhook_secret');
    expect(stored.some((row) => row.secret.includes(Buffer.from(secret)))).toBe(false);
  });
});
