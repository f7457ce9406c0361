import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../support/until.js';
import { startVideoHub, VIDEO_MODEL, type VideoHub } from '../support/video-hub.js';

// OpenAI's video API over plain HTTP; the official SDKs are in test/sdk.

const VIDEOS = '/api/relay/v1/videos';
const UNKNOWN = `video_${'0'.repeat(32)}`;
const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');

interface SeenVideo {
  readonly id: string;
  readonly status: string;
}

let rig: VideoHub;
beforeAll(async () => {
  rig = await startVideoHub();
});
afterAll(() => rig.close());
afterEach(() => rig.upstream.reset());

async function refusal(response: Response): Promise<{ status: number; error: unknown }> {
  return { status: response.status, error: ((await response.json()) as { error: unknown }).error };
}

const refused = (status: number, code: string, param: string | null, message = /\w/) => ({
  status,
  error: { type: 'invalid_request_error', code, param, message: expect.stringMatching(message) },
});

async function create(body: object = { prompt: 'a cat' }): Promise<SeenVideo> {
  const response = await rig.hub.post(VIDEOS, body);
  if (response.status !== 200) throw new Error(await response.text());
  return (await response.json()) as SeenVideo;
}

const get = (path: string, init: RequestInit & { key?: string | null } = {}): Promise<Response> =>
  rig.hub.fetch(`${VIDEOS}${path}`, init);

const untilStatus = (id: string, status: string): Promise<SeenVideo> =>
  until(async () => {
    const video = (await (await get(`/${id}`)).json()) as SeenVideo;
    return video.status === status && video;
  });

describe('POST /videos', () => {
  it('200: answers JSON with a video in the shape of OpenAI', async () => {
    expect(await create({ prompt: 'a cat', model: VIDEO_MODEL, seconds: '2', size: '720x1280' })).toEqual({
      id: expect.stringMatching(/^video_[0-9a-f]{32}$/),
      object: 'video',
      status: 'queued',
      progress: expect.any(Number),
      model: VIDEO_MODEL,
      prompt: 'a cat',
      seconds: '2',
      size: '720x1280',
      created_at: expect.any(Number),
      completed_at: null,
      expires_at: null,
      error: null,
      remixed_from_video_id: null,
    });
  });

  it('200: takes a form with a picture, and hands the picture on byte for byte', async () => {
    const form = new FormData();
    form.set('prompt', 'a cat');
    form.set('input_reference', new File([PNG], '猫.png', { type: 'application/octet-stream' }));
    const response = await rig.hub.fetch(VIDEOS, { method: 'POST', body: form });
    expect(response.status).toBe(200);
    await untilStatus(((await response.json()) as SeenVideo).id, 'completed');
    expect(rig.upstream.requests.some(({ body }) => body.includes(PNG))).toBe(true);
  });

  it('200: is the same job as at /api/video', async () => {
    const { id } = await create();
    const jobId = id.replace('video_', 'job_');
    expect(await rig.untilStatus(jobId, ['succeeded'])).toMatchObject({ progress: 100 });
  });

  it('200: with an Idempotency-Key makes one video, and shows it as it is then', async () => {
    const init = { method: 'POST', headers: { 'content-type': 'application/json', 'idempotency-key': 'one' } };
    const ask = (): Promise<Response> => rig.hub.fetch(VIDEOS, { ...init, body: '{"prompt":"a cat"}' });
    const { id } = (await (await ask()).json()) as SeenVideo;
    await untilStatus(id, 'completed');
    const again = await ask();
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(await again.json()).toMatchObject({ id, status: 'completed' });
  });

  it('200: knows a form by what is in it, not by its boundary', async () => {
    const ask = (prompt: string): Promise<Response> => {
      const form = new FormData();
      form.set('prompt', prompt);
      return rig.hub.fetch(VIDEOS, { method: 'POST', headers: { 'idempotency-key': 'form' }, body: form });
    };
    const [first, second, third] = [await ask('a'), await ask('a'), await ask('b')];
    expect(((await second.json()) as SeenVideo).id).toBe(((await first.json()) as SeenVideo).id);
    expect(await refusal(third)).toEqual(refused(422, 'idempotency_key_reused', null));
  });

  it.each<[string, object, string, string]>([
    ['without a prompt', {}, 'missing_required_parameter', 'prompt'],
    ['with a field that OpenAI has not', { prompt: 'a', n: 2 }, 'unknown_parameter', 'n'],
    ['for a length in words', { prompt: 'a', seconds: 'four' }, 'invalid_value', 'seconds'],
    ['for a length that the model has not', { prompt: 'a', seconds: '21' }, 'unsupported_option', 'seconds'],
    ['for a size that the model has not', { prompt: 'a', size: '3840x2160' }, 'unsupported_option', 'size'],
    ['for a model that chats', { prompt: 'a', model: 'gpt-4' }, 'unsupported_operation', 'model'],
    [
      'for a file id',
      { prompt: 'a', input_reference: { file_id: 'f' } },
      'unsupported_operation',
      'input_reference.file_id',
    ],
  ])('400 %s, in the words of OpenAI', async (_what, body, code, param) => {
    const seen = await refusal(await rig.hub.post(VIDEOS, body));
    expect(seen).toEqual(refused(400, code, param));
  });

  it.each<[string, (form: FormData) => void, string, string]>([
    ['a field twice', (form) => form.append('prompt', 'b'), 'duplicate_parameter', 'prompt'],
    ['an unknown field', (form) => form.set('style', 'b'), 'unknown_parameter', 'style'],
    ['a file for a text', (form) => form.set('model', new File(['x'], 'x')), 'invalid_value', 'model'],
    [
      'a file that is no picture',
      (form) => form.set('input_reference', new File(['x'], 'x.png')),
      'invalid_value',
      'input_reference',
    ],
    [
      'a picture and a link',
      (form) => {
        form.set('input_reference', new File([PNG], 'a.png'));
        form.set('input_reference[image_url]', 'https://a.example/b.png');
      },
      'duplicate_parameter',
      'input_reference',
    ],
  ])('400 for a form with %s', async (_what, spoil, code, param) => {
    const form = new FormData();
    form.set('prompt', 'a');
    spoil(form);
    const response = await rig.hub.fetch(VIDEOS, { method: 'POST', body: form });
    expect(await refusal(response)).toEqual(refused(400, code, param));
  });

  it('401 without a key, 415 for another content type', async () => {
    expect((await rig.hub.fetch(VIDEOS, { method: 'POST', key: null })).status).toBe(401);
    const plain = await rig.hub.fetch(VIDEOS, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'a' });
    expect(plain.status).toBe(415);
  });

  it.each([
    ['relay', 200],
    ['video', 200],
    ['user', 403],
  ])('with a key of the scope "%s" answers %d', async (scope, status) => {
    const { id, key } = await rig.hub.createKey();
    await rig.hub.sql.query('update api_key set scopes = array[$2] where id = $1', [id, scope]);
    expect((await rig.hub.post(VIDEOS, { prompt: 'a cat' }, { key })).status).toBe(status);
  });
});

describe('GET /videos/{id}', () => {
  it('200: tells a failed and a cancelled video apart by the code', async () => {
    rig.upstream.script({ video_end: 'error' });
    const { id } = await create();
    expect(await untilStatus(id, 'failed')).toMatchObject({ error: { code: expect.any(String) } });
  });

  it.each([UNKNOWN, 'video_1', UNKNOWN.replace('video_', 'job_'), 'a%2Fb'])('404 for %s', async (id) => {
    expect(await refusal(await get(`/${id}`))).toEqual(
      refused(404, 'video_not_found', 'video_id', /^There is no video/),
    );
  });

  it("404 for another account's", async () => {
    const { id } = await create();
    const [account] = await rig.hub.sql.query<{ id: string }>(`insert into account (name) values ('x') returning id`);
    const { key } = await rig.hub.createKey({ accountId: account!.id });
    for (const init of [{ key }, { key, method: 'DELETE' }]) {
      expect(await refusal(await get(`/${id}`, init))).toEqual(refused(404, 'video_not_found', 'video_id'));
    }
    expect((await get(`/${id}/content`, { key })).status).toBe(404);
  });
});

describe('GET /videos', () => {
  interface Page {
    readonly data: readonly SeenVideo[];
    readonly first_id: string | null;
    readonly last_id: string | null;
    readonly has_more: boolean;
  }
  const list = async (query: string, key?: string): Promise<Page> =>
    (await (await get(`?${query}`, { key })).json()) as Page;

  it('200: pages both ways', async () => {
    const [account] = await rig.hub.sql.query<{ id: string }>(
      `insert into account (name) values ('lister') returning id`,
    );
    const { key } = await rig.hub.createKey({ accountId: account!.id });
    expect(await list('', key)).toEqual({ object: 'list', data: [], first_id: null, last_id: null, has_more: false });
    const ids: string[] = [];
    for (let number = 0; number < 3; number++) ids.push((await create()).id);
    const newest = await list('limit=2');
    expect(newest.data.map(({ id }) => id)).toEqual([ids[2], ids[1]]);
    expect(newest).toMatchObject({ object: 'list', first_id: ids[2], last_id: ids[1], has_more: true });
    expect((await list(`limit=1&after=${newest.last_id}`)).data.map(({ id }) => id)).toEqual([ids[0]]);
    const upwards = await list(`order=asc&limit=2&after=${ids[0]}`);
    expect(upwards.data.map(({ id }) => id)).toEqual([ids[1], ids[2]]);
    expect(upwards.has_more).toBe(false);
  });

  it.each([
    ['limit=101', 'limit'],
    ['order=up', 'order'],
    ['after=job_1', 'after'],
    ['page=2', 'page'],
  ])('400 for %s', async (query, param) => {
    expect(await refusal(await get(`?${query}`))).toEqual(refused(400, 'invalid_value', param));
  });
});

describe('GET /videos/{id}/content', () => {
  it('200: sends the file; 400 for what the hub does not keep', async () => {
    const { id } = await create({ prompt: 'a cat', seconds: '1', size: '854x480' });
    await untilStatus(id, 'completed');
    const response = await get(`/${id}/content`);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'video/mp4']);
    expect(Buffer.from(await response.arrayBuffer()).toString('latin1', 4, 8)).toBe('ftyp');
    expect((await get(`/${id}/content?variant=video`)).status).toBe(200);
    expect(await refusal(await get(`/${id}/content?variant=thumbnail`))).toEqual(
      refused(400, 'invalid_value', 'variant'),
    );
  });

  it('409 while there is none, which SDKs must not repeat by themselves', async () => {
    rig.upstream.script({ video_ms: 60_000 });
    const { id } = await create();
    const response = await get(`/${id}/content`);
    expect(response.headers.get('x-should-retry')).toBe('false');
    expect(await refusal(response)).toEqual(refused(409, 'job_not_succeeded', null));
  });
});

describe('DELETE /videos/{id}', () => {
  it('200: takes a finished video away, here and at /api/video', async () => {
    const { id } = await create();
    await untilStatus(id, 'completed');
    const response = await get(`/${id}`, { method: 'DELETE' });
    expect([response.status, await response.json()]).toEqual([200, { id, object: 'video.deleted', deleted: true }]);
    for (const path of [`/${id}`, `/${id}/content`]) expect((await get(path)).status).toBe(404);
    expect((await rig.hub.fetch(`/api/video/status?jobId=${id.replace('video_', 'job_')}`)).status).toBe(404);
    expect((await get(`/${id}`, { method: 'DELETE' })).status).toBe(404);
  });

  it('409 while it is being made', async () => {
    rig.upstream.script({ video_ms: 60_000 });
    const { id } = await create();
    expect(await refusal(await get(`/${id}`, { method: 'DELETE' }))).toEqual(refused(409, 'job_not_finished', null));
  });
});

describe('what OpenAI makes of other videos', () => {
  it.each([
    ['POST', `/${UNKNOWN}/remix`],
    ['POST', '/edits'],
    ['POST', '/extensions'],
    ['POST', '/characters'],
    ['GET', '/characters/char_1'],
  ])('%s %s is refused by name', async (method, path) => {
    expect(await refusal(await get(path, { method }))).toEqual(refused(400, 'unsupported_operation', null, /This hub/));
  });
});
