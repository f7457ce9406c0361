import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Database } from '../../src/database/database.js';
import type { Job } from '../../src/jobs/job.js';
import { JobStore } from '../../src/jobs/job-store.js';
import { JobWorker } from '../../src/jobs/job-worker.js';
import { simulatedKling } from '../simulators/kling/kling.js';
import { SIMULATED as simulatedPixverse } from '../simulators/pixverse/pixverse.simulator.js';
import { Simulator } from '../simulators/simulator.js';
import { copyDatabaseTo, MEMORY_DATABASE } from '../support/database.js';
import { startHub, type TestHub } from '../support/hub.js';
import { submitJob } from '../support/submit-job.js';
import { until } from '../support/until.js';

const MODEL = { id: 'kling-3.0', price: { perVideoSecond: '0.1' } };
const UPLOADING = { id: 'pixverse-v6', price: { perVideoSecond: '0.1' } };
const MASTER_KEY = randomBytes(32).toString('base64');

let simulator: Simulator;
let pixverse: Simulator;
let folder: string;
let hub: TestHub;

async function start(): Promise<TestHub> {
  const database = await Database.open({ ...MEMORY_DATABASE, dataDir: join(folder, 'data') });
  const channel = {
    name: 'kling',
    provider: 'kling',
    baseUrl: simulator.url,
    apiKey: simulator.credential,
    models: new Map([[MODEL.id, MODEL.id]]),
  };
  const uploading = {
    name: 'pixverse',
    provider: 'pixverse',
    baseUrl: pixverse.url,
    apiKey: pixverse.credential,
    models: new Map([[UPLOADING.id, UPLOADING.id]]),
  };
  const env = { HUB_JOB_STATUS_MS_MAX: '50', HUB_JOB_LEASE_MS: '600000', HUB_MASTER_KEY: MASTER_KEY };
  return await startHub({ database, channels: [channel, uploading], models: [MODEL, UPLOADING], env });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hub-jobs-'));
  await copyDatabaseTo(join(folder, 'data'));
  simulator = await Simulator.start(simulatedKling());
  pixverse = await Simulator.start(simulatedPixverse);
  for (const one of [simulator, pixverse]) {
    one.obey({ progression: { by: 'looks', queued: 1, processing: 1 }, linkTtlMs: 60_000 });
  }
  hub = await start();
}, 60_000);
afterAll(async () => {
  await hub.close();
  await Promise.all([simulator.close(), pixverse.close()]);
  rmSync(folder, { recursive: true, force: true });
});

async function stored(id: string): Promise<Job> {
  const job = await hub.app.get(JobStore).find(id);
  if (job === undefined) throw new Error('It is gone');
  return job;
}

async function leaseOf(id: string): Promise<{ owner: string | null; isDue: boolean }> {
  const [row] = await hub.sql.query<{ owner: string | null; isDue: boolean }>(
    `select lease_owner as owner, due_at <= now() + interval '1 second' as "isDue" from job where id = $1`,
    [id],
  );
  return row!;
}

describe('a hub that stops', () => {
  let asked: string;
  let sent: string;
  let uploaded: string;

  // Leases here last ten minutes: what is not given back stays undone for that long.
  it('hands back what it was asking after, and what it was submitting', async () => {
    simulator.setFaults(
      { fault: 'silence', calls: ['status'] },
      { fault: 'silence', calls: ['create'], match: 'no answer' },
    );
    asked = await submitJob(hub, { model: MODEL.id, request: { prompt: 'a cat', count: 1, durationSeconds: 5 } });
    sent = await submitJob(hub, { model: MODEL.id, request: { prompt: 'no answer', count: 1, durationSeconds: 5 } });
    pixverse.setFaults({ fault: 'silence', calls: ['file'] });
    const image = { kind: 'url', url: 'https://pictures.example/a.png' } as const;
    uploaded = await submitJob(hub, {
      model: UPLOADING.id,
      request: { prompt: 'a cat', count: 1, durationSeconds: 5, image },
    });
    await until(async () => (await stored(asked)).state === 'accepted' && (await stored(sent)).state === 'submitting');
    await until(() => pixverse.requests.length === 1);
    await until(() => simulator.requests.some(({ method, status }) => method === 'GET' && status === undefined));
    const before = await stored(asked);
    await hub.app.get(JobWorker).onModuleDestroy();
    expect(await leaseOf(asked)).toEqual({ owner: null, isDue: true });
    expect(await stored(asked)).toMatchObject({ state: 'accepted', looks: before.looks, failures: 0 });
    expect(await leaseOf(sent)).toEqual({ owner: null, isDue: true });
    expect((await stored(sent)).state).toBe('unknown');
    // An upload makes nothing: there is nothing to be looked up.
    expect(await leaseOf(uploaded)).toEqual({ owner: null, isDue: true });
    expect((await stored(uploaded)).state).toBe('queued');
  });

  it('carries on with all of it when it starts again, and nothing is submitted twice', async () => {
    simulator.setFaults();
    pixverse.setFaults();
    await hub.close();
    hub = await start();
    for (const id of [asked, sent, uploaded]) {
      await until(async () => (await stored(id)).finishedAt !== null);
      expect(await stored(id)).toMatchObject({ state: 'succeeded', cost: 500_000_000n });
    }
    expect([simulator.paid.total, pixverse.paid.total]).toEqual([2, 1]);
  });

  it('finds its channels before it looks for a job that waits for one', async () => {
    simulator.setFaults({ fault: 'concurrency' });
    const id = await submitJob(hub, {
      model: MODEL.id,
      request: { prompt: 'a patient cat', count: 1, durationSeconds: 5 },
    });
    await until(async () => (await stored(id)).attempt > 0);
    await hub.app.get(JobWorker).onModuleDestroy();
    await hub.close();
    simulator.setFaults();
    hub = await start();
    await until(async () => (await stored(id)).finishedAt !== null);
    expect((await stored(id)).state).toBe('succeeded');
  });
});
