import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Custody } from '../../src/media/custody.js';
import { balanceOf } from '../support/books.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { startHub, type TestHub } from '../support/hub.js';
import { findUnsound } from '../support/sound-books.js';
import { jobEnd, submitJob } from '../support/submit-job.js';

const MODEL = { id: 'sandbox-video', price: { perVideoSecond: '0.1' } };

let upstream: FakeUpstream;
let hub: TestHub;

beforeAll(async () => {
  upstream = await startFakeUpstream({ videoWorkMs: 50 });
  hub = await startHub({
    sandboxUrl: upstream.url,
    channels: [{ name: 'sandbox', provider: 'sandbox', models: new Map([[MODEL.id, MODEL.id]]) }],
    models: [MODEL],
    env: { HUB_JOB_STATUS_MS_MAX: '50' },
  });
});
afterAll(async () => {
  await hub.close();
  await upstream.close();
});
beforeEach(() => upstream.reset());

describe('a job', () => {
  it('is submitted, asked after, fetched and paid', async () => {
    const before = await balanceOf(hub.sql, hub.accountId);
    const id = await submitJob(hub, { request: { prompt: 'a cat', count: 1, durationSeconds: 4 } });
    const { job, outputs } = await jobEnd(hub, id);
    expect(job).toMatchObject({ state: 'succeeded', progress: 100, error: null, cost: 400_000_000n });
    expect(outputs).toMatchObject([{ place: 0, contentType: 'video/mp4' }]);
    const after = await balanceOf(hub.sql, hub.accountId);
    expect(before.available - after.available).toBe(400_000_000n);
    const file = await fetch(
      hub.app.get(Custody).linkOf(job, outputs[0]!).replace(hub.settings.server.publicUrl, hub.url),
    );
    expect(file.status).toBe(200);
    expect((await file.arrayBuffer()).byteLength).toBe(outputs[0]!.bytes);
    expect(await findUnsound(hub.sql)).toEqual([]);
  });
});
