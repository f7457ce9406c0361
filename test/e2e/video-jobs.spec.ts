import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../support/until.js';
import { startVideoHub, VIDEO_MODEL, VIDEO_PRICE, type VideoHub } from '../support/video-hub.js';

const UNKNOWN = `job_${'0'.repeat(32)}`;

let rig: VideoHub;
/** Its job is another account's. */
let strangersKey: string;
beforeAll(async () => {
  rig = await startVideoHub();
  const [account] = await rig.hub.sql.query<{ id: string }>(`insert into account (name) values ('other') returning id`);
  strangersKey = (await rig.hub.createKey({ accountId: account!.id })).key;
});
afterAll(() => rig.close());
afterEach(() => rig.upstream.reset());

async function refusal(response: Response): Promise<{ status: number; body: unknown }> {
  return { status: response.status, body: await response.json() };
}

const refused = (status: number, code: string, message: RegExp) => ({
  status,
  body: { success: false, code, message: expect.stringMatching(message) },
});

const status = (query: string, key?: string | null): Promise<Response> =>
  rig.hub.fetch(`/api/video/status${query}`, { key });
const cancel = (jobId: unknown, key?: string): Promise<Response> =>
  rig.hub.post('/api/video/cancel', { jobId }, { key });

/** Everything that a caller can do with a job by its id. */
const LOOKS: readonly (readonly [string, (jobId: string, key?: string) => Promise<Response>])[] = [
  ['GET status', (jobId, key) => status(`?jobId=${jobId}`, key)],
  ['POST cancel', (jobId, key) => cancel(jobId, key)],
  ['GET events', (jobId, key) => rig.hub.fetch(`/api/video/events?jobId=${jobId}`, { key })],
  ['GET content', (jobId, key) => rig.hub.fetch(`/api/video/content?jobId=${jobId}`, { key })],
];

describe('GET /api/video/status', () => {
  it('200: tells of the work, then of the result, in the shape of the document', async () => {
    rig.keepAt('queued');
    const jobId = await rig.submit();
    expect(await rig.statusOf(jobId)).toEqual({ status: 'queued', progress: expect.any(Number), resultUrl: null });
    rig.keepAt('in_progress');
    const during = await rig.untilStatus(jobId, ['processing']);
    expect(during).toEqual({ status: 'processing', progress: expect.any(Number), resultUrl: null });
    const response = await status(`?jobId=${jobId}`);
    expect(response.headers.get('cache-control')).toBe('no-store');
    rig.keepAt(undefined);
    const after = await rig.untilStatus(jobId, ['succeeded']);
    expect(after).toEqual({ status: 'succeeded', progress: 100, resultUrl: expect.any(String) });
    const file = await fetch(after.resultUrl ?? '');
    expect([file.status, file.headers.get('content-type')]).toEqual([200, 'video/mp4']);
  });

  it('200: says why a job failed, in words that are safe', async () => {
    rig.upstream.script({ video_end: 'content' });
    const job = await rig.untilStatus(await rig.submit(), ['failed']);
    expect(job).toEqual({
      status: 'failed',
      progress: expect.any(Number),
      resultUrl: null,
      error: { code: 'content_policy_violation', message: expect.stringMatching(/\w/) },
    });
  });

  it('400 without an id, and for parameters that are not there', async () => {
    expect(await refusal(await status(''))).toEqual(refused(400, 'missing_required_parameter', /"jobId"/));
    expect(await refusal(await status(`?jobId=${UNKNOWN}&id=1`))).toEqual(refused(400, 'invalid_value', /"id"/));
  });

  it('401 without a key', async () => {
    expect((await status(`?jobId=${UNKNOWN}`, null)).status).toBe(401);
  });

  it('403 for a key of another scope', async () => {
    const { id, key } = await rig.hub.createKey();
    await rig.hub.sql.query(`update api_key set scopes = '{relay,user}' where id = $1`, [id]);
    expect(await refusal(await status(`?jobId=${UNKNOWN}`, key))).toEqual(refused(403, 'key_not_allowed', /"video"/));
  });

  it.each(LOOKS)(
    '404: %s says the same of jobs that are unknown, misspelt, of another kind and of others',
    async (_, look) => {
      const mine = await rig.submit();
      const picture = await rig.submit({ model: 'gpt-image-1', prompt: 'a cat' }, 'image');
      const answers = await Promise.all([
        look(UNKNOWN),
        look('job_1'),
        look(UNKNOWN.toUpperCase()),
        look(`${UNKNOWN}0`),
        look(picture),
        look(mine, strangersKey),
      ]);
      const seen = await Promise.all(answers.map(refusal));
      for (const one of seen) expect(one).toEqual(refused(404, 'job_not_found', /^There is no such job\.$/));
    },
  );
});

describe('POST /api/video/cancel', () => {
  it('200: ends at once a job that waits, and gives its money back', async () => {
    rig.upstream.script({ retry_after: 2 });
    const jobId = await rig.submit();
    // While it is being submitted, calling it off is a wish; once its vendor has said that it is busy, it takes effect.
    const answer = await until(async () => {
      const { status, body } = await refusal(await cancel(jobId));
      return status === 200 && JSON.stringify(body).includes('"cancelled"') && { status, body };
    });
    expect(answer).toEqual({
      status: 200,
      body: { success: true, data: { status: 'cancelled', progress: expect.any(Number), resultUrl: null } },
    });
    expect((await cancel(jobId)).status).toBe(200);
    const { data } = (await (await rig.hub.fetch('/api/video/jobs?status=cancelled')).json()) as {
      data: { items: object[] };
    };
    expect(data.items).toEqual([expect.objectContaining({ jobId, cost: '0' })]);
  });

  it('400 without an id, with more than an id, and for no JSON', async () => {
    expect(await refusal(await cancel(undefined))).toEqual(refused(400, 'missing_required_parameter', /"jobId"/));
    const more = await rig.hub.post('/api/video/cancel', { jobId: UNKNOWN, force: true });
    expect(await refusal(more)).toEqual(refused(400, 'unknown_parameter', /"force"/));
    expect((await rig.hub.post('/api/video/cancel', '{')).status).toBe(400);
  });

  it('409 for a job that its vendor lets nobody stop', async () => {
    rig.keepAt('in_progress');
    const jobId = await rig.submit();
    await rig.untilStatus(jobId, ['processing']);
    expect(await refusal(await cancel(jobId))).toEqual(refused(409, 'job_not_cancellable', /goes on/));
  });

  it('409 for a job that is over', async () => {
    const jobId = await rig.submit();
    await rig.untilStatus(jobId, ['succeeded']);
    expect(await refusal(await cancel(jobId))).toEqual(refused(409, 'job_finished', /succeeded/));
  });
});

describe('GET /api/video/jobs', () => {
  interface Page {
    readonly items: readonly { readonly jobId: string; readonly status: string }[];
    readonly nextCursor: string | null;
  }
  const list = async (query = ''): Promise<Page> => {
    const response = await rig.hub.fetch(`/api/video/jobs${query}`);
    if (response.status !== 200) throw new Error(await response.text());
    return ((await response.json()) as { data: Page }).data;
  };

  it('200: says of each job what its status says, and what tells it from others', async () => {
    const jobId = await rig.submit({
      prompt: 'a cat',
      duration: 2,
      user_identifier: 'lister',
      metadata: { order: '17' },
    });
    await rig.untilStatus(jobId, ['succeeded']);
    expect(await list('?user_identifier=lister')).toEqual({
      items: [
        {
          jobId,
          status: 'succeeded',
          progress: 100,
          resultUrl: expect.stringMatching(/^http/),
          provider: 'sandbox',
          model: VIDEO_MODEL,
          userIdentifier: 'lister',
          metadata: { order: '17' },
          cost: '0.1',
          createdAt: expect.stringMatching(/^20\d\d-.*Z$/),
          finishedAt: expect.stringMatching(/^20\d\d-.*Z$/),
          resultsExpireAt: expect.stringMatching(/^20\d\d-.*Z$/),
        },
      ],
      nextCursor: null,
    });
  });

  it('200: pages from the newest to the oldest, each job once, also while new ones come', async () => {
    const ids: string[] = [];
    for (const number of [1, 2, 3, 4, 5]) ids.push(await rig.submit({ prompt: `${number}`, user_identifier: 'pager' }));
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const after: string = cursor === null ? '' : `&after=${cursor}`;
      const page = await list(`?user_identifier=pager&limit=2${after}`);
      expect(page.items.length).toBeLessThanOrEqual(2);
      seen.push(...page.items.map(({ jobId }) => jobId));
      cursor = page.nextCursor;
      await rig.submit({ prompt: 'later', user_identifier: 'pager' });
    } while (cursor !== null);
    expect(seen).toEqual(ids.toReversed());
  });

  it('200: filters by state, model and time, and shows nobody the jobs of others', async () => {
    const jobId = await rig.submit({ prompt: 'a cat', user_identifier: 'filter' });
    await rig.untilStatus(jobId, ['succeeded']);
    const found = async (query: string): Promise<number> =>
      (await list(`?user_identifier=filter&${query}`)).items.length;
    expect(await found('status=succeeded')).toBe(1);
    expect(await found('status=failed,succeeded')).toBe(1);
    expect(await found('status=queued,processing,failed,cancelled')).toBe(0);
    expect(await found(`model=${VIDEO_MODEL}`)).toBe(1);
    expect(await found('model=another')).toBe(0);
    expect(await found('from=2020-01-01')).toBe(1);
    expect(await found('to=2020-01-01')).toBe(0);
    const others = await rig.hub.fetch('/api/video/jobs', { key: strangersKey });
    expect(await others.json()).toEqual({ success: true, data: { items: [], nextCursor: null } });
  });

  it.each([
    ['status=done', /"status"/],
    ['limit=0', /"limit"/],
    ['after=x', /"after"/],
    ['from=yesterday', /"from"/],
    ['user=u1', /"user"/],
  ])('400 for %s', async (query, message) => {
    expect(await refusal(await rig.hub.fetch(`/api/video/jobs?${query}`))).toEqual(
      refused(400, 'invalid_value', message),
    );
  });

  it('401 without a key', async () => {
    expect((await rig.hub.fetch('/api/video/jobs', { key: null })).status).toBe(401);
  });
});

describe('GET /api/video/models', () => {
  it('200: says what each model can do and what it costs, and leaves out what makes no videos', async () => {
    const response = await rig.hub.fetch('/api/video/models');
    expect(response.status).toBe(200);
    const { data } = (await response.json()) as { data: { items: { id: string }[] } };
    expect(data.items.map(({ id }) => id)).toEqual(['free-lunch', VIDEO_MODEL]);
    expect(data.items[1]).toEqual({
      id: VIDEO_MODEL,
      provider: 'sandbox',
      isDefault: true,
      durations: { min: 1, max: 20 },
      durationDefault: 4,
      resolutions: ['480p', '720p', '1080p'],
      resolutionDefault: '720p',
      aspectRatios: ['16:9', '9:16', '1:1'],
      inputs: { image: 'optional', lastFrame: false, forms: ['url', 'data'] },
      audio: 'never',
      audioDefault: false,
      negativePrompt: true,
      seed: true,
      countMax: 1,
      promptCharsMax: 32_000,
      options: [],
      price: {
        perSecond: [{ resolution: null, audio: null, price: VIDEO_PRICE }],
        perRequest: '0',
        perMillionTokens: '0',
      },
    });
    expect(data.items[0]).toMatchObject({ price: null });
  });

  it('200: shows a key only the models it may use', async () => {
    const { key } = await rig.hub.createKey({ models: ['gpt-4'] });
    expect(await (await rig.hub.fetch('/api/video/models', { key })).json()).toEqual({
      success: true,
      data: { items: [] },
    });
  });
});
