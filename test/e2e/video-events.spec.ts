import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { shutDown } from '../../src/app.shutdown.js';
import { until } from '../support/until.js';
import { type SeenJob, startVideoHub, type VideoHub } from '../support/video-hub.js';

const STREAMS_MAX = 32;

let rig: VideoHub;
beforeAll(async () => {
  rig = await startVideoHub({ HUB_STREAM_PING_MS: '100' });
});
afterAll(() => rig.close());
afterEach(() => rig.upstream.reset());

const events = (jobId: string, init: { key?: string; signal?: AbortSignal } = {}): Promise<Response> =>
  rig.hub.fetch(`/api/video/events?jobId=${jobId}`, init);

/** The states of a stream, in order; everything else in it must be comments. */
function statesOf(text: string): SeenJob[] {
  return text
    .split('\n\n')
    .filter((block) => block !== '' && block !== ': ping')
    .map((block) => {
      expect(block).toMatch(/^event: status\ndata: \{.*\}$/);
      return JSON.parse(block.slice(block.indexOf('data: ') + 'data: '.length)) as SeenJob;
    });
}

describe('GET /api/video/events, 200', () => {
  it('tells of each state as it comes, and ends with the job', async () => {
    rig.keepAt('queued');
    const response = await events(await rig.submit());
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(response.headers.get('x-accel-buffering')).toBe('no');
    let text = '';
    for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
      text += piece;
      // Each state lasts until it has been told of, and the first until the silence has been filled.
      if (text.includes('"processing"')) rig.keepAt(undefined);
      else if (text.includes('"queued"') && text.includes(': ping\n\n')) rig.keepAt('in_progress');
    }
    const states = statesOf(text);
    expect([...new Set(states.map(({ status }) => status))]).toEqual(['queued', 'processing', 'succeeded']);
    expect(states.at(-1)).toEqual({ status: 'succeeded', progress: 100, resultUrl: expect.stringMatching(/^http/) });
    expect(text).toContain(': ping\n\n');
  });

  it('tells of a job that is over at once, and ends', async () => {
    const jobId = await rig.submit();
    await rig.untilStatus(jobId, ['succeeded']);
    expect(statesOf(await (await events(jobId)).text()).map(({ status }) => status)).toEqual(['succeeded']);
  });

  it('lets a client leave, and gives its place to another', async () => {
    rig.upstream.script({ video_ms: 60_000 });
    const { key } = await rig.hub.createKey();
    const jobId = await rig.submit();
    const leaving = new AbortController();
    const open = Array.from({ length: STREAMS_MAX }, () => events(jobId, { key, signal: leaving.signal }));
    for (const response of await Promise.all(open)) expect(response.status).toBe(200);
    const refused = await events(jobId, { key });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '5']);
    expect(await refused.json()).toEqual({
      success: false,
      code: 'too_many_streams',
      message: expect.stringContaining(`${STREAMS_MAX} event streams`),
    });
    // Another key has places of its own.
    const elsewhere = new AbortController();
    expect((await events(jobId, { signal: elsewhere.signal })).status).toBe(200);
    elsewhere.abort();
    leaving.abort();
    await until(async () => {
      const again = new AbortController();
      const { status } = await events(jobId, { key, signal: again.signal });
      again.abort();
      return status === 200;
    });
  });
});

describe('GET /api/video/events', () => {
  it('400 without an id, 401 without a key', async () => {
    expect((await rig.hub.fetch('/api/video/events')).status).toBe(400);
    expect((await rig.hub.fetch('/api/video/events', { key: null })).status).toBe(401);
  });
});

it('a stop ends the streams instead of waiting for their jobs', async () => {
  const stopping = await startVideoHub();
  stopping.upstream.script({ video_ms: 60_000 });
  const response = await stopping.hub.fetch(`/api/video/events?jobId=${await stopping.submit()}`);
  const reader = response.body!.getReader();
  expect((await reader.read()).done).toBe(false);
  const stopped = shutDown(stopping.hub.app, { size: 0, isAnyLeaving: false } as never, 5000);
  while (!(await reader.read()).done);
  await stopped;
  await stopping.upstream.close();
});
