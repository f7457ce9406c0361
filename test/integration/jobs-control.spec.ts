import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Cancellation } from '../../src/common/cancellation.js';
import type { JobStatus } from '../../src/jobs/job.js';
import { statusOf } from '../../src/jobs/job.js';
import { JobStore } from '../../src/jobs/job-store.js';
import { type JobQuery, Jobs } from '../../src/jobs/jobs.service.js';
import { dashscopeSimulator } from '../simulators/dashscope.js';
import { SIMULATED as runwaySimulator } from '../simulators/runway/runway.simulator.js';
import { Simulator } from '../simulators/simulator.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { startHub, type TestHub } from '../support/hub.js';
import { findUnsound } from '../support/sound-books.js';
import { jobEnd, submitJob } from '../support/submit-job.js';
import { until } from '../support/until.js';
import { insertAccount } from '../support/usage-events.js';

const WAN = 'wan2.6-t2v';
const GEN = 'gen4.5';
const IMAGE = 'gpt-image-1';
const ask = { prompt: 'a cat on grass', count: 1, durationSeconds: 5 };

let wan: Simulator;
let runway: Simulator;
let sandbox: FakeUpstream;
let hub: TestHub;
let jobs: Jobs;

beforeAll(async () => {
  wan = await Simulator.start(dashscopeSimulator);
  runway = await Simulator.start(runwaySimulator);
  sandbox = await startFakeUpstream({ videoWorkMs: 0 });
  hub = await startHub({
    sandboxUrl: sandbox.url,
    channels: [
      {
        name: 'wan',
        provider: 'dashscope',
        baseUrl: `${wan.url}/api/v1`,
        apiKey: wan.credential,
        models: new Map([[WAN, WAN]]),
      },
      {
        name: 'runway',
        provider: 'runway',
        baseUrl: runway.url,
        apiKey: runway.credential,
        models: new Map([[GEN, GEN]]),
      },
      { name: 'sandbox', provider: 'sandbox', models: new Map([[IMAGE, IMAGE]]) },
    ],
    models: [
      { id: WAN, price: { perVideoSecond: '0.1' } },
      { id: GEN, price: { perVideoSecond: '0.12' } },
      { id: IMAGE, price: { perImage: '0.04' } },
    ],
    env: { HUB_JOB_STATUS_MS_MAX: '50' },
  });
  jobs = hub.app.get(Jobs);
});
afterAll(async () => {
  expect(await findUnsound(hub.sql)).toEqual([]);
  await hub.close();
  await Promise.all([wan.close(), runway.close(), sandbox.close()]);
});
beforeEach(() => {
  wan.reset();
  runway.reset();
  runway.obey({ progression: { by: 'hand' } });
  sandbox.reset();
  wan.obey({ progression: { by: 'hand' }, linkTtlMs: 60_000 });
});

const submit = () => submitJob(hub, { model: WAN, request: ask });

async function inState(id: string, state: string): Promise<void> {
  await until(async () => (await hub.app.get(JobStore).find(id))?.state === state);
}

function advance(phase?: 'processing' | 'succeeded' | 'failed'): void {
  for (const { id } of wan.tasks.list()) wan.obey({ advance: { id, phase } });
}

describe('a job is called off', () => {
  it('in its upstream’s queue, by asking there', async () => {
    const id = await submit();
    await inState(id, 'accepted');
    await jobs.cancel(hub.accountId, id);
    expect((await jobEnd(hub, id)).job).toMatchObject({ state: 'cancelled', cost: 0n, error: null });
    expect(wan.requests.filter(({ path }) => path.endsWith('/cancel'))).toHaveLength(1);
    // Again: it is what was wanted.
    expect((await jobs.cancel(hub.accountId, id)).job.state).toBe('cancelled');
  });

  it('not any more when its upstream works on it', async () => {
    const id = await submit();
    advance();
    await until(() => wan.tasks.list().length === 1);
    advance('processing');
    await inState(id, 'processing');
    await expect(jobs.cancel(hub.accountId, id)).rejects.toMatchObject({ status: 409, code: 'job_not_cancellable' });
    advance('succeeded');
    expect((await jobEnd(hub, id)).job.state).toBe('succeeded');
    await expect(jobs.cancel(hub.accountId, id)).rejects.toMatchObject({ status: 409, code: 'job_finished' });
  });

  it('at an upstream that forgets at once what was called off, also a new task', async () => {
    const id = await submitJob(hub, { model: GEN, request: ask });
    await inState(id, 'accepted');
    await jobs.cancel(hub.accountId, id);
    expect((await jobEnd(hub, id)).job).toMatchObject({ state: 'cancelled', cost: 0n, error: null });
    expect(runway.requests.filter(({ method }) => method === 'DELETE')).toHaveLength(1);
  });

  it('too late: it began just before, goes on, and is paid', async () => {
    const id = await submit();
    await inState(id, 'accepted');
    advance('processing');
    // The hub has not looked yet, or has: either way the status tells what came of it.
    await jobs
      .cancel(hub.accountId, id)
      .catch((error: { code?: string }) => expect(error.code).toBe('job_not_cancellable'));
    advance('succeeded');
    expect((await jobEnd(hub, id)).job).toMatchObject({ state: 'succeeded', cost: 500_000_000n });
  });

  it('before its upstream has answered, and ends when it comes back to the queue', async () => {
    wan.setFaults({ fault: 'silence', calls: ['create'] });
    const id = await submit();
    await inState(id, 'submitting');
    expect(statusOf((await jobs.cancel(hub.accountId, id)).job.state)).toBe('queued');
    await hub.sql.query(
      `update job set state = 'queued', due_at = now(), lease_owner = null, lease_until = null where id = $1`,
      [id],
    );
    expect((await jobEnd(hub, id)).job).toMatchObject({ state: 'cancelled', cost: 0n });
  });

  it('by nobody else', async () => {
    const id = await submit();
    const other = await insertAccount(hub.sql);
    await expect(jobs.cancel(other, id)).rejects.toMatchObject({ status: 404 });
    await expect(jobs.remove(other, id)).rejects.toMatchObject({ status: 404 });
    expect(await jobs.find(other, id)).toBeUndefined();
    await jobs.cancel(hub.accountId, id);
  });
});

describe('who watches a job', () => {
  it('hears of each change, in order, and of its end last', async () => {
    const id = await submit();
    const seen: { status: JobStatus; version: number }[] = [];
    const watching = (async () => {
      for await (const view of jobs.watch(hub.accountId, id, new Cancellation())) {
        if (view !== 'ping') seen.push({ status: statusOf(view.job.state), version: view.job.version });
      }
    })();
    await inState(id, 'accepted');
    advance('processing');
    await until(() => seen.some(({ status }) => status === 'processing'));
    advance('succeeded');
    await watching;
    const versions = seen.map(({ version }) => version);
    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
    const statuses = seen.map(({ status }) => status).filter((status, index, all) => status !== all[index - 1]);
    expect(statuses).toEqual(['queued', 'processing', 'succeeded']);
  });

  it('hears of changes that another instance made', async () => {
    const id = await submit();
    await inState(id, 'accepted');
    const seen: number[] = [];
    const stop = new Cancellation();
    const watching = (async () => {
      for await (const view of jobs.watch(hub.accountId, id, stop)) if (view !== 'ping') seen.push(view.job.progress);
    })();
    await until(() => seen.length > 0);
    await hub.sql.query('update job set progress = 33, version = version + 1 where id = $1', [id]);
    await until(() => seen.includes(33));
    stop.abort(new Error('The client has gone'));
    await watching;
    await jobs.cancel(hub.accountId, id);
  });

  it('is told nothing of a job that is somebody else’s', async () => {
    const id = await submit();
    const views = jobs.watch(await insertAccount(hub.sql), id, new Cancellation());
    expect(await views.next()).toEqual({ done: true, value: undefined });
    await jobs.cancel(hub.accountId, id);
  });
});

describe('jobs of an account', () => {
  it('are listed page by page, each once, and by what is asked for', async () => {
    wan.obey({ progression: { by: 'looks', queued: 0, processing: 0 } });
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) {
      const userIdentifier = n % 2 === 0 ? 'even' : 'odd';
      ids.push(await submitJob(hub, { model: WAN, request: ask, userIdentifier }));
    }
    for (const id of ids) await jobEnd(hub, id);
    const list = async (query: Partial<JobQuery>) =>
      (await jobs.list(hub.accountId, { kind: 'video', limit: 2, ...query })).map(({ job }) => job.id);
    const newest = ids.toReversed();
    const first = await list({});
    expect(first).toEqual(newest.slice(0, 2));
    expect(await list({ before: first[1] })).toEqual(newest.slice(2, 4));
    expect(await list({ order: 'asc', after: ids[1] })).toEqual(ids.slice(2, 4));
    expect(await list({ userIdentifier: 'odd', limit: 9 })).toEqual([ids[3], ids[1]]);
    expect(await list({ statuses: ['failed'], after: ids[0] })).toEqual([]);
    expect(await list({ statuses: ['succeeded', 'failed'], after: ids[2], limit: 9 })).toEqual([ids[4], ids[3]]);
    expect(await list({ model: 'another' })).toEqual([]);
    expect(await list({ since: new Date(Date.now() + 60_000) })).toEqual([]);
    expect(await list({ kind: 'image', after: ids[0] })).toEqual([]);
  });

  it('show their results in the list', async () => {
    wan.obey({ progression: { by: 'looks', queued: 0, processing: 0 } });
    const id = await submit();
    await jobEnd(hub, id);
    const [view] = await jobs.list(hub.accountId, { kind: 'video', limit: 1 });
    expect(view).toMatchObject({ job: { id }, outputs: [{ place: 0, contentType: 'video/mp4' }] });
  });

  it('are removed when they are over, with their files', async () => {
    const id = await submit();
    await expect(jobs.remove(hub.accountId, id)).rejects.toMatchObject({ status: 409, code: 'job_not_finished' });
    await until(() => wan.tasks.list().length === 1);
    advance('succeeded');
    await jobEnd(hub, id);
    await jobs.remove(hub.accountId, id);
    expect(await jobs.find(hub.accountId, id)).toBeUndefined();
    expect((await jobs.list(hub.accountId, { kind: 'video', limit: 99 })).map(({ job }) => job.id)).not.toContain(id);
    await expect(jobs.remove(hub.accountId, id)).rejects.toMatchObject({ status: 404 });
    const [row] = await hub.sql.query<{ isDue: boolean }>(
      `select results_expire_at <= now() as "isDue" from job where id = $1`,
      [id],
    );
    expect(row?.isDue).toBe(true);
  });
});

describe('pictures that nobody waits for', () => {
  const submitImage = (count: number) =>
    submitJob(hub, { kind: 'image', endpoint: 'image/submit', model: IMAGE, request: { prompt: 'a cat', count } });

  it('are made, kept and paid each', async () => {
    const { job, outputs } = await jobEnd(hub, await submitImage(2));
    expect(job).toMatchObject({ state: 'succeeded', cost: 80_000_000n });
    expect(outputs.map(({ place, contentType }) => [place, contentType])).toEqual([
      [0, 'image/png'],
      [1, 'image/png'],
    ]);
    expect(sandbox.executions).toBe(1);
  });

  it('cost nothing when they are refused', async () => {
    sandbox.script({
      status: 400,
      body: { error: { message: 'no', type: 'invalid_request_error', code: 'bad' } },
    } as never);
    const { job } = await jobEnd(hub, await submitImage(1));
    expect(job).toMatchObject({ state: 'failed', cost: 0n });
    const attempts = await hub.sql.query<{ outcome: string }>('select outcome from job_attempt where job_id = $1', [
      job.id,
    ]);
    expect(attempts).toEqual([{ outcome: 'refused' }]);
  });
});
