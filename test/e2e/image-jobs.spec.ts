import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { balanceOf, UNIT } from '../support/books.js';
import { startVideoHub, type VideoHub } from '../support/video-hub.js';

// Pictures as jobs. What they share with videos is tested with these.

const PNG_SIGNATURE = '89504e470d0a1a0a';

let rig: VideoHub;
beforeAll(async () => {
  rig = await startVideoHub();
});
afterAll(() => rig.close());
afterEach(() => rig.upstream.reset());

async function refusal(response: Response): Promise<{ status: number; body: unknown }> {
  return { status: response.status, body: await response.json() };
}

describe('POST /api/image/submit', () => {
  it('200: makes pictures while nobody waits, and charges each', async () => {
    const before = await balanceOf(rig.hub.sql, rig.hub.accountId);
    const body = { model: 'gpt-image-1', prompt: 'a cute cat', n: 2, size: '1024x1024', user_identifier: 'u1' };
    const jobId = await rig.submit(body, 'image');
    const job = await rig.untilStatus(jobId, ['succeeded', 'failed'], 'image');
    expect(job).toEqual({
      status: 'succeeded',
      progress: 100,
      resultUrl: expect.stringMatching(/^http/),
      results: [{ url: expect.stringMatching(/^http/) }, { url: expect.stringMatching(/^http/) }],
    });
    for (const { url } of job.results ?? []) {
      const picture = await fetch(url);
      expect(picture.headers.get('content-type')).toBe('image/png');
      expect(Buffer.from(await picture.arrayBuffer()).toString('hex', 0, 8)).toBe(PNG_SIGNATURE);
    }
    const second = await rig.hub.fetch(`/api/image/content?jobId=${jobId}&index=1`);
    expect([second.status, second.headers.get('content-type')]).toEqual([200, 'image/png']);
    const after = await balanceOf(rig.hub.sql, rig.hub.accountId);
    expect(after.used - before.used).toBe(80n * UNIT);
    const listed = (await (await rig.hub.fetch('/api/image/jobs')).json()) as { data: { items: object[] } };
    expect(listed.data.items[0]).toMatchObject({ jobId, model: 'gpt-image-1', userIdentifier: 'u1', cost: '0.08' });
  });

  it.each<[string, object, string, RegExp]>([
    ['without a prompt', { model: 'gpt-image-1' }, 'missing_required_parameter', /"prompt"/],
    ['with a field of videos', { prompt: 'a', duration: 5 }, 'unknown_parameter', /"duration"/],
    ['for more than ten', { prompt: 'a', n: 11 }, 'invalid_value', /"n"/],
    ['for a size that is none', { prompt: 'a', size: 1024 }, 'invalid_value', /"size"/],
  ])('400 %s', async (_what, body, code, message) => {
    expect(await refusal(await rig.hub.post('/api/image/submit', body))).toEqual({
      status: 400,
      body: { success: false, code, message: expect.stringMatching(message) },
    });
  });

  it('401 without a key; 403 for a key that may neither relay nor make videos', async () => {
    expect((await rig.hub.fetch('/api/image/submit', { method: 'POST', key: null })).status).toBe(401);
    const { id, key } = await rig.hub.createKey();
    await rig.hub.sql.query(`update api_key set scopes = '{user}' where id = $1`, [id]);
    expect(await refusal(await rig.hub.post('/api/image/submit', { prompt: 'a' }, { key }))).toEqual({
      status: 403,
      body: {
        success: false,
        code: 'key_not_allowed',
        message: 'This API key may not be used for "relay" or "video" requests.',
      },
    });
  });
});

describe('a job of pictures', () => {
  it('is no job of videos: 404 at the routes of these', async () => {
    const jobId = await rig.submit({ model: 'gpt-image-1', prompt: 'a cat' }, 'image');
    expect((await rig.hub.fetch(`/api/video/status?jobId=${jobId}`)).status).toBe(404);
    expect((await rig.hub.fetch(`/api/image/status?jobId=${jobId}`)).status).toBe(200);
    const { data } = (await (await rig.hub.fetch('/api/video/jobs')).json()) as { data: { items: object[] } };
    expect(data.items).toEqual([]);
  });

  it('can be followed, and is then over', async () => {
    const jobId = await rig.submit({ model: 'gpt-image-1', prompt: 'a cat' }, 'image');
    const text = await (await rig.hub.fetch(`/api/image/events?jobId=${jobId}`)).text();
    expect(text.trimEnd().split('\n\n').at(-1)).toMatch(/^event: status\ndata: \{"status":"succeeded"/);
    const response = await rig.hub.post('/api/image/cancel', { jobId });
    expect(await refusal(response)).toMatchObject({ status: 409, body: { code: 'job_finished' } });
  });
});
