import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { JobStore } from '../../src/jobs/job-store.js';
import { Jobs } from '../../src/jobs/jobs.service.js';
import { simulatedKling } from '../simulators/kling/kling.js';
import { SIMULATED as simulatedPixverse } from '../simulators/pixverse/pixverse.simulator.js';
import { Simulator } from '../simulators/simulator.js';
import { SIMULATED as simulatedVertex } from '../simulators/vertex/vertex.simulator.js';
import { balanceOf } from '../support/books.js';
import { startHub, type TestHub } from '../support/hub.js';
import { findUnsound } from '../support/sound-books.js';
import { jobEnd, submitJob } from '../support/submit-job.js';
import { until } from '../support/until.js';

const TINY = join(import.meta.dirname, '../simulators/tiny.mp4');
const MODEL = { id: 'kling-3.0', price: { perVideoSecond: '0.1' } };

let first: Simulator;
let second: Simulator;
let pixverse: Simulator;
let vertex: Simulator;
let hub: TestHub;
let generation = 0;

beforeAll(async () => {
  first = await Simulator.start(simulatedKling());
  second = await Simulator.start(simulatedKling());
  pixverse = await Simulator.start(simulatedPixverse);
  vertex = await Simulator.start(simulatedVertex);
  hub = await startHub({ env: { HUB_JOB_STATUS_MS_MAX: '60' } });
});
afterAll(async () => {
  await hub.close();
  await Promise.all([first.close(), second.close(), pixverse.close(), vertex.close()]);
});
beforeEach(async () => {
  for (const simulator of [first, second, pixverse, vertex]) {
    simulator.reset();
    simulator.obey({ progression: { by: 'looks', queued: 1, processing: 1 }, linkTtlMs: 60_000 });
  }
  // New channels: those of the test before may still rest.
  generation++;
  await hub.setChannels([channel('first', first, 1), channel('second', second, 0)], [MODEL]);
});

function channel(name: string, simulator: Simulator, priority: number) {
  return {
    name: `${name} ${generation}`,
    provider: 'kling',
    baseUrl: simulator.url,
    apiKey: simulator.credential,
    priority,
    models: new Map([[MODEL.id, MODEL.id]]),
    costs: new Map([[MODEL.id, { perVideoSecond: '0.06' }]]),
  };
}

async function spentBy(work: () => Promise<void>): Promise<bigint> {
  const before = await balanceOf(hub.sql, hub.accountId);
  await work();
  const after = await balanceOf(hub.sql, hub.accountId);
  expect(after.available).toBeLessThanOrEqual(before.available);
  return before.available - after.available;
}

const ask = { prompt: 'a cat on grass', count: 1, durationSeconds: 5 };

async function attemptsOf(id: string): Promise<{ channel: string; outcome: string; error_code: string | null }[]> {
  return await hub.sql.query(
    `select split_part(c.name, ' ', 1) as channel, a.outcome, a.error_code from job_attempt a join channel c on c.id = a.channel_id
      where a.job_id = $1 order by a.number`,
    [id],
  );
}

describe('a job at an upstream', () => {
  it('is carried out by the channel of the highest priority, and pays its seconds', async () => {
    const spent = await spentBy(async () => {
      const { job, outputs } = await jobEnd(hub, await submitJob(hub, { request: ask }));
      expect(job).toMatchObject({ state: 'succeeded', provider: 'kling', model: 'kling-3.0', cost: 500_000_000n });
      expect(outputs).toHaveLength(1);
    });
    expect(spent).toBe(500_000_000n);
    expect([first.paid.total, second.paid.total]).toEqual([1, 0]);
  });

  it.each([
    ['out_of_balance', 'refused'],
    ['auth_failure', 'refused'],
  ] as const)('goes on to the next channel after %s', async (fault, outcome) => {
    first.setFaults({ fault });
    const id = await submitJob(hub, { request: { ...ask, prompt: `after ${fault}` } });
    const { job } = await jobEnd(hub, id);
    expect(job).toMatchObject({ state: 'succeeded', cost: 500_000_000n });
    expect((await attemptsOf(id)).map(({ channel, outcome: end }) => [channel, end])).toEqual([
      ['first', outcome],
      ['second', 'accepted'],
    ]);
    expect([first.paid.total, second.paid.total]).toEqual([0, 1]);
  });

  it('fails with its reason and costs nothing when its content is refused', async () => {
    first.setFaults({ fault: 'content_refused' });
    second.setFaults({ fault: 'content_refused' });
    const spent = await spentBy(async () => {
      const { job } = await jobEnd(hub, await submitJob(hub, { request: ask }));
      expect(job).toMatchObject({ state: 'failed', cost: 0n, error: { code: 'content_policy_violation' } });
    });
    expect(spent).toBe(0n);
    expect(first.requests.length + second.requests.length).toBe(1);
  });

  it.each(['content_refused_late', 'failed_late'] as const)('is refunded after %s', async (fault) => {
    first.setFaults({ fault });
    second.setFaults({ fault });
    const spent = await spentBy(async () => {
      const { job } = await jobEnd(hub, await submitJob(hub, { request: ask }));
      expect(job.state).toBe('failed');
      expect(['content_policy_violation', 'generation_failed']).toContain(job.error?.code);
    });
    expect(spent).toBe(0n);
  });

  it('is submitted once although the answer was lost', async () => {
    for (const simulator of [first, second]) simulator.setFaults({ fault: 'lost_answer', calls: ['create'] });
    const id = await submitJob(hub, { request: ask });
    const { job } = await jobEnd(hub, id);
    expect(job).toMatchObject({ state: 'succeeded', cost: 500_000_000n });
    expect(first.paid.total + second.paid.total).toBe(1);
  });

  it('survives an upstream that cannot be asked for a while', async () => {
    for (const simulator of [first, second]) {
      simulator.setFaults(
        { fault: 'server_error', calls: ['status'], times: 3 },
        { fault: 'empty_error', calls: ['status'], times: 2 },
        { fault: 'rate_limited', calls: ['status'], times: 1 },
      );
    }
    const { job } = await jobEnd(hub, await submitJob(hub, { request: ask }));
    expect(job.state).toBe('succeeded');
  });

  it('fails, refunded, when its result can lastingly not be fetched, and the operator sees what it cost', async () => {
    for (const simulator of [first, second]) simulator.setFaults({ fault: 'forbidden_link' });
    let id = '';
    const spent = await spentBy(async () => {
      id = await submitJob(hub, { request: ask });
      await until(async () => {
        const job = await hub.app.get(JobStore).find(id);
        return job?.state === 'fetching' && job.looks >= 2;
      });
      await hub.sql.query(`update job set looks = 100 where id = $1`, [id]);
      expect((await jobEnd(hub, id)).job).toMatchObject({ state: 'failed', error: { code: 'result_unavailable' } });
    });
    expect(spent).toBe(0n);
    const [event] = await hub.sql.query<{ purchase_cost: string }>(
      `select purchase_cost from usage_event where hold_id = $1 and is_final`,
      [id],
    );
    expect(event?.purchase_cost).toBe('300000000');
  });

  it('is given up at its deadline, refunded, and a success that comes late is the operator’s loss', async () => {
    for (const simulator of [first, second]) simulator.obey({ progression: { by: 'hand' } });
    const id = await submitJob(hub, { request: ask });
    await until(async () => (await hub.app.get(JobStore).find(id))?.state === 'accepted');
    await hub.sql.query(`update job set deadline_at = now() where id = $1`, [id]);
    expect((await jobEnd(hub, id)).job).toMatchObject({ state: 'failed', cost: 0n, error: { code: 'timeout' } });
    for (const simulator of [first, second]) {
      for (const task of simulator.tasks.list()) {
        simulator.obey({ advance: { id: task.id, phase: 'succeeded' } });
      }
    }
    const entries = await until(async () => {
      const rows = await hub.sql.query<{ amount: string; kind: string }>(
        `select kind, amount from entry where ref = $1 || ':late'`,
        [id],
      );
      return rows.length > 0 ? rows : undefined;
    });
    expect(entries).toEqual([{ kind: 'loss', amount: '300000000' }]);
    expect((await hub.app.get(Jobs).find(hub.accountId, id))?.job.state).toBe('failed');
  });

  it('is called off while no channel takes it', async () => {
    first.setFaults({ fault: 'concurrency' });
    second.setFaults({ fault: 'concurrency' });
    const id = await submitJob(hub, { request: ask });
    await until(async () => ((await hub.app.get(JobStore).find(id))?.attempt ?? 0) > 1);
    await hub.app.get(Jobs).cancel(hub.accountId, id);
    expect((await jobEnd(hub, id)).job).toMatchObject({ state: 'cancelled', cost: 0n });
  });

  it('leaves the books sound', async () => {
    expect(await findUnsound(hub.sql)).toEqual([]);
    const open = await hub.sql.query(`select id from hold where state = 'open'`);
    expect(open).toEqual([]);
  });
});

describe('a job whose upstream wants its pictures first', () => {
  const image = { kind: 'url', url: 'https://pictures.example/first.png' } as const;
  beforeEach(async () => {
    const uploading = {
      ...channel('uploading', pixverse, 2),
      provider: 'pixverse',
      models: new Map([[MODEL.id, 'pixverse-v6']]),
    };
    await hub.setChannels([uploading, channel('second', second, 0)], [MODEL]);
  });

  it('is submitted once they are there', async () => {
    const { job } = await jobEnd(hub, await submitJob(hub, { request: { ...ask, image } }));
    expect(job).toMatchObject({ state: 'succeeded', provider: 'pixverse', cost: 500_000_000n });
    expect(pixverse.requests.slice(0, 2).map(({ method, path, status }) => [method, path, status])).toEqual([
      ['POST', '/openapi/v2/image/upload', 200],
      ['POST', '/openapi/v2/video/img/generate', 200],
    ]);
    expect(pixverse.paid.total).toBe(1);
  });

  // Also where nobody knows whether they arrived: nothing was made.
  it.each(['server_error', 'lost_answer'] as const)('goes on to the next channel after %s', async (fault) => {
    pixverse.setFaults({ fault, calls: ['file'] });
    const id = await submitJob(hub, { request: { ...ask, prompt: `after ${fault}`, image } });
    expect((await jobEnd(hub, id)).job).toMatchObject({ state: 'succeeded', provider: 'kling' });
    expect((await attemptsOf(id)).map(({ channel: name, outcome }) => [name, outcome])).toEqual([
      ['uploading', 'refused'],
      ['second', 'accepted'],
    ]);
    expect(pixverse.paid.total).toBe(0);
  });

  it('fails, and costs nothing, when there is something wrong with them', async () => {
    pixverse.setFaults({ fault: 'bad_parameter', calls: ['file'] });
    const { job } = await jobEnd(hub, await submitJob(hub, { request: { ...ask, image } }));
    expect(job).toMatchObject({ state: 'failed', cost: 0n });
    expect([pixverse.paid.total, second.paid.total]).toEqual([0, 0]);
  });
});

describe('a job whose upstream tells its result within an answer', () => {
  it('keeps the file that is in there', async () => {
    const telling = {
      ...channel('telling', vertex, 2),
      provider: 'vertex',
      baseUrl: `${vertex.url}/v1/projects/p1/locations/us-central1`,
      models: new Map([[MODEL.id, 'veo-3.1-generate-001']]),
    };
    await hub.setChannels([telling], [MODEL]);
    const id = await submitJob(hub, { request: { ...ask, durationSeconds: 6 } });
    const { job, outputs } = await jobEnd(hub, id);
    expect(job).toMatchObject({ state: 'succeeded', provider: 'vertex', cost: 600_000_000n });
    expect(outputs).toMatchObject([{ upstreamUrl: null, contentType: 'video/mp4', bytes: readFileSync(TINY).length }]);
    expect(vertex.paid.total).toBe(1);
  });
});
