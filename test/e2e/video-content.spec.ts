import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startVideoHub, type VideoHub } from '../support/video-hub.js';

let rig: VideoHub;
let jobId: string;
let file: Buffer;
beforeAll(async () => {
  rig = await startVideoHub();
  jobId = await rig.submit({ prompt: 'a cat', duration: 1, resolution: '480p' });
  const { resultUrl } = await rig.untilStatus(jobId, ['succeeded']);
  file = Buffer.from(await (await fetch(resultUrl ?? '')).arrayBuffer());
});
afterAll(() => rig.close());
afterEach(() => rig.upstream.reset());

const content = (query: string, init: RequestInit & { key?: string | null } = {}): Promise<Response> =>
  rig.hub.fetch(`/api/video/content?${query}`, init);
const bytesOf = async (response: Response): Promise<Buffer> => Buffer.from(await response.arrayBuffer());
const refusal = async (response: Response): Promise<object> => ({
  status: response.status,
  ...((await response.json()) as object),
});

describe('a result behind the credential of its channel', () => {
  it('is fetched from where the upstream redirects to', async () => {
    rig.upstream.script(({ path }) => (path.endsWith('/content') ? { redirect: `${path}?moved` } : undefined));
    const moved = await rig.submit();
    await rig.untilStatus(moved, ['succeeded', 'failed']);
    expect((await content(`jobId=${moved}`)).headers.get('content-type')).toBe('video/mp4');
  });
});

describe('GET /api/video/content', () => {
  it('200: sends the file that is behind the link, under the name of its job', async () => {
    const response = await content(`jobId=${jobId}`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('video/mp4');
    expect(response.headers.get('accept-ranges')).toBe('bytes');
    expect(response.headers.get('content-disposition')).toBe(`inline; filename="${jobId}.mp4"`);
    const bytes = await bytesOf(response);
    expect(bytes.equals(file)).toBe(true);
    expect(bytes.toString('latin1', 4, 8)).toBe('ftyp');
  });

  it('206: sends a part', async () => {
    const response = await content(`jobId=${jobId}&index=0`, { headers: { range: 'bytes=4-7' } });
    expect(response.status).toBe(206);
    expect(response.headers.get('content-range')).toBe(`bytes 4-7/${file.length}`);
    expect(await response.text()).toBe('ftyp');
  });

  it('416: says how long the file is', async () => {
    const response = await content(`jobId=${jobId}`, { headers: { range: `bytes=${file.length}-` } });
    expect([response.status, response.headers.get('content-range')]).toEqual([416, `bytes */${file.length}`]);
  });

  it('400 without an id, and for a number that is none', async () => {
    expect(await refusal(await content(''))).toMatchObject({ status: 400, code: 'missing_required_parameter' });
    expect(await refusal(await content(`jobId=${jobId}&index=-1`))).toMatchObject({
      status: 400,
      code: 'invalid_value',
    });
  });

  it('401 without a key', async () => {
    expect((await content(`jobId=${jobId}`, { key: null })).status).toBe(401);
  });

  it('404 for a result that the job does not have', async () => {
    expect(await refusal(await content(`jobId=${jobId}&index=1`))).toEqual({
      status: 404,
      success: false,
      code: 'result_not_found',
      message: 'The job has no result 1; it has 1, counted from 0.',
    });
  });

  it('409 for a job that has no result', async () => {
    rig.upstream.script({ video_ms: 60_000 });
    const waiting = await rig.submit();
    expect(await refusal(await content(`jobId=${waiting}`))).toMatchObject({ status: 409, code: 'job_not_succeeded' });
    rig.upstream.script({ video_end: 'error' });
    const failing = await rig.submit();
    await rig.untilStatus(failing, ['failed']);
    expect(await refusal(await content(`jobId=${failing}`))).toEqual({
      status: 409,
      success: false,
      code: 'job_not_succeeded',
      message: 'The job is failed; only a job that has succeeded has a file.',
    });
  });

  it('410 for a file whose time is over, and the status has no link to it any more', async () => {
    const old = await rig.submit();
    await rig.untilStatus(old, ['succeeded']);
    const id = old.slice('job_'.length);
    await rig.hub.sql.query('update job set results_deleted_at = now() where id = $1', [id]);
    expect(await refusal(await content(`jobId=${old}`))).toMatchObject({ status: 410, code: 'result_expired' });
    expect(await rig.statusOf(old)).toEqual({ status: 'succeeded', progress: 100, resultUrl: null });
  });
});
