import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { JobStore } from '../../src/jobs/job-store.js';
import { simulatedKling } from '../simulators/kling/kling.js';
import { Simulator } from '../simulators/simulator.js';
import { balanceOf } from '../support/books.js';
import { startHub, type TestHub } from '../support/hub.js';
import { findUnsound } from '../support/sound-books.js';
import { jobEnd, submitJob } from '../support/submit-job.js';
import { until } from '../support/until.js';

const MODEL = { id: 'kling-3.0', price: { perVideoSecond: '0.1' } };
const SECRET_PROMPT = 'a cat whom nobody may know';
const ask = { prompt: SECRET_PROMPT, count: 1, durationSeconds: 5 };

let kling: Simulator;
let hub: TestHub;

beforeAll(async () => {
  kling = await Simulator.start(simulatedKling());
  const channel = {
    name: 'kling',
    provider: 'kling',
    baseUrl: kling.url,
    apiKey: kling.credential,
    models: new Map([[MODEL.id, MODEL.id]]),
    costs: new Map([[MODEL.id, { perVideoSecond: '0.06' }]]),
  };
  hub = await startHub({ channels: [channel], models: [MODEL], env: { HUB_JOB_STATUS_MS_MAX: '20' } });
});
afterAll(async () => {
  await hub.close();
  await kling.close();
});
beforeEach(() => {
  kling.reset();
  kling.obey({ progression: { by: 'hand' }, linkTtlMs: 60_000 });
});

async function held(): Promise<string> {
  const id = await submitJob(hub, { request: ask });
  await until(async () => (await hub.app.get(JobStore).find(id))?.state === 'accepted');
  return id;
}

function finishAtUpstream(): void {
  for (const { id } of kling.tasks.list()) kling.obey({ advance: { id, phase: 'succeeded' } });
}

describe('a job that meets a fault of the hub with every step', () => {
  it('is parked with its reason after some tries, costs nothing, and holds up no other', async () => {
    const before = await balanceOf(hub.sql, hub.accountId);
    const poisoned = await held();
    const sound = await held();
    await hub.sql.query(`update job set offers = jsonb_set(offers, '{0,priceVersionId}', '"999999"') where id = $1`, [
      poisoned,
    ]);
    finishAtUpstream();
    expect((await jobEnd(hub, sound)).job).toMatchObject({ state: 'succeeded', cost: 500_000_000n });
    const { job } = await jobEnd(hub, poisoned);
    expect(job).toMatchObject({ state: 'failed', cost: 0n, failures: 5, error: { code: 'internal_error' } });
    expect(job.error?.message).not.toMatch(/price version/);
    const [row] = await hub.sql.query<{ error_detail: string }>('select error_detail from job where id = $1', [
      poisoned,
    ]);
    expect(row?.error_detail).toMatch(/no price version 999999/);
    expect((await balanceOf(hub.sql, hub.accountId)).available).toBe(before.available - 500_000_000n);
    expect(await findUnsound(hub.sql)).toEqual([]);
  });

  it('is not watched for ever when it was over before', async () => {
    const id = await held();
    await hub.sql.query('update job set deadline_at = now(), due_at = now() where id = $1', [id]);
    expect((await jobEnd(hub, id)).job).toMatchObject({ state: 'failed', error: { code: 'timeout' } });
    await hub.sql.query('update job set offer = 99, due_at = now() where id = $1', [id]);
    const lease = await until(async () => {
      const [row] = await hub.sql.query<{ due: Date | null; owner: string | null }>(
        'select due_at as due, lease_owner as owner from job where id = $1',
        [id],
      );
      return row?.due === null ? row : undefined;
    });
    expect(lease.owner).toBeNull();
    expect((await hub.app.get(JobStore).find(id))?.error?.code).toBe('timeout');
  });
});

describe('what is written down about jobs', () => {
  it('has neither their prompts nor a credential in it', async () => {
    kling.setFaults({ fault: 'failed_late' });
    const id = await held();
    for (const task of kling.tasks.list()) kling.obey({ advance: { id: task.id, phase: 'failed' } });
    await jobEnd(hub, id);
    for (const secret of [SECRET_PROMPT, ...kling.credential.split(':')]) expect(hub.logText()).not.toContain(secret);
    const details = await hub.sql.query<{ detail: string | null }>(
      `select error_detail as detail from job union all select error_detail from job_attempt`,
    );
    const text = JSON.stringify(details);
    for (const secret of [SECRET_PROMPT, ...kling.credential.split(':')]) expect(text).not.toContain(secret);
  });
});
