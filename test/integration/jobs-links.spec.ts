import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { toPublicJobId } from '../../src/jobs/job.js';
import { simulatedKling } from '../simulators/kling/kling.js';
import { Simulator } from '../simulators/simulator.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { startHub, type TestHub } from '../support/hub.js';
import { jobEnd, submitJob } from '../support/submit-job.js';

const LINKED = 'kling-3.0';
const COPIED = 'sandbox-video';

let kling: Simulator;
let sandbox: FakeUpstream;
let hub: TestHub;
beforeAll(async () => {
  kling = await Simulator.start(simulatedKling());
  sandbox = await startFakeUpstream({ videoWorkMs: 0 });
  hub = await startHub({
    sandboxUrl: sandbox.url,
    channels: [
      {
        name: 'kling',
        provider: 'kling',
        baseUrl: kling.url,
        apiKey: kling.credential,
        models: new Map([[LINKED, LINKED]]),
      },
      { name: 'sandbox', provider: 'sandbox', models: new Map([[COPIED, COPIED]]) },
    ],
    models: [
      { id: LINKED, price: { perVideoSecond: '0.1' } },
      { id: COPIED, price: { perVideoSecond: '0.1' } },
    ],
    // More than any disk has.
    env: { HUB_JOB_STATUS_MS_MAX: '50', HUB_RESULT_DELIVERY: 'link', HUB_MEDIA_FREE_BYTES_MIN: '999999999999999' },
  });
});
afterAll(async () => {
  await hub.close();
  await Promise.all([kling.close(), sandbox.close()]);
});
beforeEach(() => {
  kling.reset();
  kling.obey({ progression: { by: 'looks', queued: 1, processing: 1 }, linkTtlMs: 60_000 });
});

const ask = { prompt: 'a cat on grass', count: 1, durationSeconds: 5 };

describe('a hub that hands out links of upstreams', () => {
  it('gives them as they are, needs no room for them, and sends those who ask for the file there', async () => {
    const id = await submitJob(hub, { model: LINKED, request: ask });
    const { job, outputs } = await jobEnd(hub, id);
    expect(job.state).toBe('succeeded');
    const [output] = outputs;
    expect(output).toMatchObject({ storageKey: null, upstreamUrl: expect.stringContaining(kling.url) });
    const { key } = await hub.createKey();
    const jobId = toPublicJobId(id);
    const status = await hub.fetch(`/api/video/status?jobId=${jobId}`, { key });
    expect(await status.json()).toMatchObject({ data: { status: 'succeeded', resultUrl: output?.upstreamUrl } });
    const content = await hub.fetch(`/api/video/content?jobId=${jobId}`, { key, redirect: 'manual' });
    expect([content.status, content.headers.get('location')]).toEqual([302, output?.upstreamUrl]);
  });

  it('takes no job on whose result it would have to keep all the same, when there is no room', async () => {
    await expect(submitJob(hub, { model: COPIED, request: ask })).rejects.toMatchObject({ code: 'storage_full' });
  });
});
