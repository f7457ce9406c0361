import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { JobWorker } from '../../src/jobs/job-worker.js';
import { Custody } from '../../src/media/custody.js';
import { balanceOf } from '../support/books.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { startHub, type TestHub } from '../support/hub.js';
import { findUnsound } from '../support/sound-books.js';
import { jobEnd, submitJob } from '../support/submit-job.js';
import { until } from '../support/until.js';

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

  it('in hand is not taken up anew by its own worker when its lease ran out while the process stood still', async () => {
    const accepted = Promise.withResolvers<undefined>();
    upstream.script(() => accepted.promise);
    const id = await submitJob(hub, { request: { prompt: 'a dog', count: 1, durationSeconds: 4 } });
    await until(() => upstream.requests.length === 1);
    await hub.sql.query(`update job set lease_until = now() - interval '1 second', due_at = now() where id = $1`, [id]);
    // Some looks of the worker; that nothing comes of them cannot be waited for.
    for (let round = 0; round < 5; round++) {
      hub.app.get(JobWorker).wake();
      await sleep(100);
    }
    expect(upstream.requests).toHaveLength(1);
    accepted.resolve(undefined);
    expect((await jobEnd(hub, id)).job).toMatchObject({ state: 'succeeded', cost: 400_000_000n });
    expect(upstream.executions).toBe(1);
    expect(await findUnsound(hub.sql)).toEqual([]);
  });
});
