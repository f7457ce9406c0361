import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { balanceOf, setAvailable, UNIT } from '../support/books.js';
import { until } from '../support/until.js';
import { startVideoHub, VIDEO_MODEL, type VideoHub } from '../support/video-hub.js';

const SUBMIT = '/api/video/submit';
const JOB_ID = /^job_[0-9a-f]{32}$/;

let rig: VideoHub;
beforeAll(async () => {
  rig = await startVideoHub();
});
afterAll(() => rig.close());
afterEach(() => rig.upstream.reset());

const submit = (body: unknown, init: { key?: string; headers?: Record<string, string> } = {}): Promise<Response> =>
  rig.hub.fetch(SUBMIT, {
    method: 'POST',
    key: init.key,
    headers: { 'content-type': 'application/json', ...init.headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

async function refusal(response: Response): Promise<{ status: number; body: unknown }> {
  return { status: response.status, body: await response.json() };
}

const refused = (status: number, code: string, message: RegExp) => ({
  status,
  body: { success: false, code, message: expect.stringMatching(message) },
});

describe('POST /api/video/submit, 200', () => {
  it('answers with the id of a job that is then made', async () => {
    const response = await submit({ prompt: '一只猫在草地上奔跑', user_identifier: 'u1' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-store');
    const body = (await response.json()) as { data: { jobId: string } };
    expect(body).toEqual({ success: true, data: { jobId: expect.stringMatching(JOB_ID) } });
    const job = await rig.untilStatus(body.data.jobId, ['succeeded', 'failed']);
    expect(job).toEqual({ status: 'succeeded', progress: 100, resultUrl: expect.stringMatching(/^http:/) });
  });

  it('is not over when the upstream does not know a task that it has just taken on', async () => {
    let looks = 0;
    rig.upstream.script(({ method, path }) => {
      if (method !== 'GET' || !/^\/v1\/videos\/[^/]+$/.test(path) || ++looks > 2) return undefined;
      return { status: 404, body: { error: { message: 'The video was not found.', code: 'not_found' } } };
    });
    const jobId = await rig.submit({ prompt: 'a cat', duration: 1 });
    expect(await rig.untilStatus(jobId, ['succeeded', 'failed'])).toMatchObject({ status: 'succeeded' });
    expect(looks).toBeGreaterThan(2);
  });

  it('hands every option on to the upstream, the end user as a hash', async () => {
    const jobId = await rig.submit({
      provider: 'sandbox',
      model: VIDEO_MODEL,
      prompt: 'a cat',
      negativePrompt: 'dogs',
      duration: 2,
      aspectRatio: '9:16',
      resolution: '480P',
      seed: 7,
      user_identifier: 'a name',
    });
    await rig.untilStatus(jobId, ['succeeded']);
    const sent = rig.upstream.requests.find(({ method }) => method === 'POST');
    const text = sent?.body.toString() ?? '';
    expect(text).toContain('480x854');
    expect(text).toContain('dogs');
    expect(text).not.toContain('a name');
  });

  it('holds the most it may cost and charges what was made', async () => {
    const before = await balanceOf(rig.hub.sql, rig.hub.accountId);
    const jobId = await rig.submit({ prompt: 'a cat', duration: 3 });
    await rig.untilStatus(jobId, ['succeeded']);
    const after = await balanceOf(rig.hub.sql, rig.hub.accountId);
    // Three seconds at 0.05 credits.
    expect(after.used - before.used).toBe(150n * UNIT);
    expect(after.held).toBe(0n);
  });

  it('with an Idempotency-Key makes one job, and gives the same answer again', async () => {
    const headers = { 'idempotency-key': 'once' };
    const first = await submit({ prompt: 'a cat' }, { headers });
    const second = await submit({ prompt: 'a cat' }, { headers });
    expect(await second.text()).toBe(await first.text());
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(first.headers.get('idempotent-replayed')).toBeNull();
    expect(second.headers.get('idempotent-replayed')).toBe('true');
  });
});

describe('POST /api/video/submit, 400', () => {
  it.each<[string, unknown, string, RegExp]>([
    ['without a prompt', {}, 'missing_required_parameter', /"prompt"/],
    ['with a field that nobody reads', { prompt: 'a', style: 'x' }, 'unknown_parameter', /"style"/],
    ['with a field of the wrong type', { prompt: 'a', duration: '5' }, 'invalid_value', /"duration"/],
    ['for a provider that is not there', { prompt: 'a', provider: 'acme' }, 'provider_not_found', /"acme"/],
    ['for a length that the model has not', { prompt: 'a', duration: 21 }, 'unsupported_option', /"duration"/],
    ['for a resolution that it has not', { prompt: 'a', resolution: '8k' }, 'unsupported_option', /"resolution"/],
    ['for a shape that it has not', { prompt: 'a', aspectRatio: '5:1' }, 'unsupported_option', /"aspectRatio"/],
    ['for more than it makes at once', { prompt: 'a', n: 2 }, 'unsupported_option', /"n"/],
    ['for a last frame', { prompt: 'a', lastFrame: 'https://a.example/b' }, 'unsupported_option', /"lastFrame"/],
    ['for an option of another vendor', { prompt: 'a', providerOptions: { mode: 1 } }, 'unsupported_option', /"mode"/],
    ['for a model that chats', { prompt: 'a', model: 'gpt-4' }, 'unsupported_operation', /makes no videos/],
    ['with a webhook that is no address', { prompt: 'a', webhookUrl: 'x' }, 'invalid_value', /"webhookUrl"/],
    ['with a webhook within', { prompt: 'a', webhookUrl: 'https://10.1.2.3/' }, 'invalid_value', /"webhookUrl"/],
    ['with half a body', '{"prompt":', 'invalid_json', /JSON/],
  ])('%s names what is wrong', async (_what, body, code, message) => {
    expect(await refusal(await submit(body))).toEqual(refused(400, code, message));
  });

  it('with an Idempotency-Key that is none', async () => {
    const response = await submit({ prompt: 'a' }, { headers: { 'idempotency-key': '' } });
    expect(await refusal(response)).toEqual(refused(400, 'invalid_idempotency_key', /Idempotency-Key/));
  });
});

describe('POST /api/video/submit, other refusals', () => {
  it('401 without a key', async () => {
    const response = await rig.hub.fetch(SUBMIT, { method: 'POST', key: null });
    expect(await refusal(response)).toEqual(refused(401, 'invalid_api_key', /No API key/));
  });

  it('403 for a key of another scope', async () => {
    const { id, key } = await rig.hub.createKey();
    await rig.hub.sql.query(`update api_key set scopes = '{relay,user}' where id = $1`, [id]);
    expect(await refusal(await submit({ prompt: 'a' }, { key }))).toEqual(refused(403, 'key_not_allowed', /"video"/));
  });

  it('403 without the quota, and nothing is held', async () => {
    const { available } = await until(async () => {
      const balance = await balanceOf(rig.hub.sql, rig.hub.accountId);
      return balance.held === 0n && balance;
    });
    await setAvailable(rig.hub.sql, rig.hub.accountId, 199n * UNIT);
    try {
      // Four seconds at 0.05 credits are 200 units.
      const response = await submit({ prompt: 'a', duration: 4 });
      expect(await refusal(response)).toEqual(refused(403, 'insufficient_quota', /quota/));
      expect((await balanceOf(rig.hub.sql, rig.hub.accountId)).held).toBe(0n);
    } finally {
      await setAvailable(rig.hub.sql, rig.hub.accountId, available);
    }
  });

  it('404 for a model that is not there, or that the key may not use', async () => {
    const { key } = await rig.hub.createKey({ models: ['gpt-4'] });
    const expected = refused(404, 'model_not_found', /does not exist or this API key may not use it/);
    expect(await refusal(await submit({ prompt: 'a', model: 'nothing' }))).toEqual(expected);
    expect(await refusal(await submit({ prompt: 'a', model: VIDEO_MODEL }, { key }))).toEqual(expected);
  });

  it('413 for a body that is too large', async () => {
    const response = await submit({ prompt: 'a', image: 'x'.repeat(21 * 1024 * 1024) });
    expect(await refusal(response)).toEqual(refused(413, 'request_too_large', /bytes/));
  });

  it('415 for a body that does not call itself JSON', async () => {
    const response = await submit({ prompt: 'a' }, { headers: { 'content-type': 'text/plain' } });
    expect(await refusal(response)).toEqual(refused(415, 'unsupported_media_type', /application\/json/));
  });

  it('422 for an Idempotency-Key that came with another request', async () => {
    const headers = { 'idempotency-key': 'another' };
    await submit({ prompt: 'a cat' }, { headers });
    const response = await submit({ prompt: 'a dog' }, { headers });
    expect(await refusal(response)).toEqual(refused(422, 'idempotency_key_reused', /another request/));
  });

  it('429 over the rate of the key, and says when to come back', async () => {
    const { id, key } = await rig.hub.createKey();
    await rig.hub.sql.query('update api_key set rpm_limit = 1 where id = $1', [id]);
    expect((await submit({ prompt: 'a' }, { key })).status).toBe(200);
    const response = await submit({ prompt: 'a' }, { key });
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(response.headers.get('x-ratelimit-limit-requests')).toBe('1');
    expect(await refusal(response)).toEqual(refused(429, 'rate_limit_exceeded', /rate limit/i));
  });

  it('503 for a model without a price', async () => {
    const response = await submit({ prompt: 'a', model: 'free-lunch' });
    expect(await refusal(response)).toEqual(refused(503, 'model_not_priced', /free-lunch/));
  });
});

describe('POST /api/user/quote', () => {
  const quote = async (body: object): Promise<object> =>
    (await (await rig.hub.post('/api/user/quote', body)).json()) as object;

  it('says what a video or a job of pictures would hold, and makes none', async () => {
    const amount = (quota: number, credits: string) => ({ hold: { quota, credits }, minimum: { quota, credits } });
    const video = { endpoint: 'video/submit', request: { prompt: 'a cat', duration: 3 } };
    expect(await quote(video)).toMatchObject({
      success: true,
      data: { model: VIDEO_MODEL, endpoint: 'video/submit', promptTokens: null, ...amount(150, '0.15') },
    });
    const pictures = { endpoint: 'image/submit', request: { model: 'gpt-image-1', prompt: 'a cat', n: 2 } };
    expect(await quote(pictures)).toMatchObject({ data: { model: 'gpt-image-1', ...amount(80, '0.08') } });
    expect(rig.upstream.requests.filter(({ method }) => method === 'POST')).toEqual([]);
  });

  it('refuses what would be refused', async () => {
    const body = { endpoint: 'video/submit', request: { prompt: 'a cat', duration: 21 } };
    expect(await quote(body)).toMatchObject({ success: false, code: 'unsupported_option' });
  });
});

describe('a model of videos', () => {
  it('is refused by chat, which says where to send it', async () => {
    const response = await rig.hub.post('/api/relay/v1/chat/completions', {
      model: VIDEO_MODEL,
      messages: [{ role: 'user', content: 'a cat' }],
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: {
        code: 'unsupported_operation',
        param: 'model',
        message: `The model "${VIDEO_MODEL}" does not support chat completions. It makes videos: send them to POST /api/video/submit.`,
      },
    });
    expect(rig.upstream.requests.filter(({ path }) => path.includes('chat'))).toEqual([]);
  });
});
