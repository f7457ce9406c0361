import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DeclaredPrice } from '../../src/common/declared-price.js';
import { JobStore } from '../../src/jobs/job-store.js';
import { Jobs } from '../../src/jobs/jobs.service.js';
import { simulatedKling } from '../simulators/kling/kling.js';
import { SIMULATED as SIMULATED_RUNWAY } from '../simulators/runway/runway.simulator.js';
import { Simulator } from '../simulators/simulator.js';
import { volcengineSimulator } from '../simulators/volcengine.js';
import { balanceOf, setAvailable, UNIT } from '../support/books.js';
import { startHub, type TestHub } from '../support/hub.js';
import { findUnsound } from '../support/sound-books.js';
import { callerOf, jobEnd, submitJob } from '../support/submit-job.js';
import { until } from '../support/until.js';

const KLING = 'kling-3.0';
const SEEDANCE = 'doubao-seedance-2-0-260128';
const RUNWAY = 'gen4.5';
const RICH = 1_000_000n * UNIT;
const ask = { prompt: 'a cat on grass', count: 1, durationSeconds: 5 };

let kling: Simulator;
let ark: Simulator;
let hub: TestHub;

beforeAll(async () => {
  kling = await Simulator.start(simulatedKling());
  ark = await Simulator.start(volcengineSimulator);
  hub = await startHub({ env: { HUB_JOB_STATUS_MS_MAX: '50' } });
});
afterAll(async () => {
  await hub.close();
  await Promise.all([kling.close(), ark.close()]);
});
beforeEach(async () => {
  for (const simulator of [kling, ark]) {
    simulator.reset();
    simulator.obey({ progression: { by: 'looks', queued: 1, processing: 1 }, linkTtlMs: 60_000 });
  }
  await declare();
  await setAvailable(hub.sql, hub.accountId, RICH);
});
afterEach(async () => {
  expect(await findUnsound(hub.sql)).toEqual([]);
});

async function declare(price: DeclaredPrice = { perVideoSecond: '0.1' }, isOn = true): Promise<void> {
  const channels = [
    {
      name: 'kling',
      provider: 'kling',
      baseUrl: kling.url,
      apiKey: kling.credential,
      models: new Map([[KLING, KLING]]),
    },
    {
      name: 'ark',
      provider: 'volcengine',
      baseUrl: `${ark.url}/api/v3`,
      apiKey: ark.credential,
      models: new Map([[SEEDANCE, SEEDANCE]]),
    },
  ];
  const models = [
    { id: KLING, price },
    { id: SEEDANCE, price: { outputPerMillion: '10' } },
  ];
  await hub.setChannels(isOn ? channels : channels.slice(1), models);
}

/** What an account has paid, and has set aside, because of `work`. */
async function spentBy(work: () => Promise<unknown>): Promise<{ paid: bigint; held: bigint }> {
  const before = await balanceOf(hub.sql, hub.accountId);
  await work();
  const after = await balanceOf(hub.sql, hub.accountId);
  return { paid: after.used - before.used, held: after.held - before.held };
}

async function countJobs(): Promise<number> {
  const [row] = await hub.sql.query<{ count: string }>('select count(*) as count from job');
  return Number(row?.count);
}

/** A job that waits at its upstream until the test moves it on. */
async function held(model = KLING): Promise<string> {
  kling.obey({ progression: { by: 'hand' } });
  const id = await submitJob(hub, { model, request: ask });
  await until(async () => (await hub.app.get(JobStore).find(id))?.state === 'accepted');
  return id;
}

function finishAtUpstream(): void {
  for (const { id } of kling.tasks.list()) kling.obey({ advance: { id, phase: 'succeeded' } });
}

describe('a job that is submitted again under its Idempotency-Key', () => {
  const claim = (key: string, body = 'body') => ({
    accountId: hub.accountId,
    route: 'POST /api/video/submit',
    key,
    hash: createHash('sha256').update(body).digest(),
  });

  it('is one job with one hold, also when both come at once', async () => {
    const before = await countJobs();
    const { paid } = await spentBy(async () => {
      const submit = () => submitJob(hub, { model: KLING, request: ask, claim: claim('twice') });
      const both = await Promise.all([submit(), submit()]);
      expect(await submit()).toBe(both[0]);
      expect(both[1]).toBe(both[0]);
      expect((await jobEnd(hub, both[0])).job.state).toBe('succeeded');
      expect(await submit()).toBe(both[0]);
    });
    expect(paid).toBe(500_000_000n);
    expect(await countJobs()).toBe(before + 1);
    expect(kling.paid.total).toBe(1);
  });

  it('is refused when it asks for something else', async () => {
    const id = await submitJob(hub, { model: KLING, request: ask, claim: claim('other') });
    await expect(
      submitJob(hub, { model: KLING, request: ask, claim: claim('other', 'another body') }),
    ).rejects.toMatchObject({ status: 422 });
    // Under way, it would be asked after and paid for in the tests that come.
    await jobEnd(hub, id);
  });
});

describe('books with a job that is under way', () => {
  // An answer of an open hold used to freeze the account in the night.
  it('are sound, also when it was submitted under an Idempotency-Key', async () => {
    const claimed = { accountId: hub.accountId, route: 'POST /api/video/submit', key: 'open', hash: Buffer.alloc(32) };
    kling.obey({ progression: { by: 'hand' } });
    const id = await submitJob(hub, { model: KLING, request: ask, claim: claimed });
    await until(async () => (await hub.app.get(JobStore).find(id))?.state === 'accepted');
    expect(await findUnsound(hub.sql)).toEqual([]);
    finishAtUpstream();
    await jobEnd(hub, id);
  });
});

describe('a job that cannot be paid', () => {
  it('is refused for want of quota, and nothing of it is stored', async () => {
    await setAvailable(hub.sql, hub.accountId, 499_999_999n);
    const before = await countJobs();
    const spent = await spentBy(() =>
      expect(submitJob(hub, { model: KLING, request: ask })).rejects.toMatchObject({
        status: 403,
        code: 'insufficient_quota',
      }),
    );
    expect(spent).toEqual({ paid: 0n, held: 0n });
    expect(await countJobs()).toBe(before);
    expect(kling.requests).toEqual([]);
  });

  it('is refused when its key’s budget is used up, and taken on by another key', async () => {
    const { id: keyId } = await hub.createKey();
    await hub.sql.query(`insert into key_budget (key_id, period, limit_amount) values ($1, 'total', $2)`, [
      keyId,
      499_999_999n,
    ]);
    const before = await countJobs();
    await expect(submitJob(hub, { model: KLING, request: ask, caller: callerOf(hub, keyId) })).rejects.toMatchObject({
      status: 403,
    });
    expect(await countJobs()).toBe(before);
    expect((await jobEnd(hub, await submitJob(hub, { model: KLING, request: ask }))).job.state).toBe('succeeded');
  });

  it('is refused for a text that cannot be stored, by its field', async () => {
    const before = await countJobs();
    await expect(submitJob(hub, { model: KLING, request: { ...ask, prompt: 'a\u0000cat' } })).rejects.toMatchObject({
      status: 400,
      param: 'prompt',
    });
    expect(await countJobs()).toBe(before);
  });
});

describe('the price of a job', () => {
  it('is the one at which it was taken on, whatever is declared meanwhile', async () => {
    const { paid } = await spentBy(async () => {
      const id = await held();
      await declare({ perVideoSecond: '9' });
      finishAtUpstream();
      expect((await jobEnd(hub, id)).job).toMatchObject({ state: 'succeeded', cost: 500_000_000n });
    });
    expect(paid).toBe(500_000_000n);
  });

  it('is paid although its channel was switched off while it was under way', async () => {
    const id = await held();
    await declare(undefined, false);
    finishAtUpstream();
    expect((await jobEnd(hub, id)).job).toMatchObject({ state: 'succeeded', cost: 500_000_000n });
  });

  it('is multiplied by the factor that its account’s group had then', async () => {
    const { id: keyId } = await hub.createKey();
    const caller = { ...callerOf(hub, keyId), multiplierMillionths: 500_000n };
    const { paid } = await spentBy(async () => {
      await jobEnd(hub, await submitJob(hub, { model: KLING, request: ask, caller }));
    });
    expect(paid).toBe(250_000_000n);
  });

  it('is counted in the tokens that its upstream reports, where it bills by them', async () => {
    const id = await submitJob(hub, { model: SEEDANCE, request: { ...ask, resolution: '720p', aspectRatio: '16:9' } });
    const { job } = await jobEnd(hub, id);
    expect(job.state).toBe('succeeded');
    const [event] = await hub.sql.query<{ output_tokens: string; cost: string; estimated: boolean }>(
      'select output_tokens, cost, estimated from usage_event where hold_id = $1 and is_final',
      [id],
    );
    const tokens = BigInt(event?.output_tokens ?? 0);
    expect(tokens).toBeGreaterThan(0n);
    // 10 credits a million: 10,000 nano-credits each.
    expect(job.cost).toBe(tokens * 10_000n);
    expect(event).toMatchObject({ cost: String(job.cost), estimated: false });
    expect(job.held).toBeGreaterThanOrEqual(job.cost ?? 0n);
  });

  it('is given back to the last unit when the job is called off while it waits', async () => {
    kling.setFaults({ fault: 'concurrency' });
    const spent = await spentBy(async () => {
      const id = await submitJob(hub, { model: KLING, request: ask });
      await until(async () => ((await hub.app.get(JobStore).find(id))?.attempt ?? 0) > 0);
      await hub.app.get(Jobs).cancel(hub.accountId, id);
      await jobEnd(hub, id);
    });
    expect(spent).toEqual({ paid: 0n, held: 0n });
  });

  it('is given back where a vendor bills what is called off, and the operator knows what that costs', async () => {
    const runway = await Simulator.start(SIMULATED_RUNWAY);
    try {
      runway.obey({ progression: { by: 'hand' } });
      await hub.setChannels(
        [
          {
            name: 'runway',
            provider: 'runway',
            baseUrl: runway.url,
            apiKey: runway.credential,
            models: new Map([[RUNWAY, RUNWAY]]),
            costs: new Map([[RUNWAY, { perVideoSecond: '0.03' }]]),
          },
        ],
        [{ id: RUNWAY, price: { perVideoSecond: '0.1' } }],
      );
      let id = '';
      const spent = await spentBy(async () => {
        id = await submitJob(hub, { model: RUNWAY, request: ask });
        await until(async () => (await hub.app.get(JobStore).find(id))?.state === 'accepted');
        await hub.app.get(Jobs).cancel(hub.accountId, id);
        expect((await jobEnd(hub, id)).job).toMatchObject({ state: 'cancelled', cost: 0n });
      });
      expect(spent).toEqual({ paid: 0n, held: 0n });
      const [event] = await hub.sql.query<{ cost: string; purchase_cost: string | null }>(
        'select cost, purchase_cost from usage_event where hold_id = $1 and is_final',
        [id],
      );
      expect(event).toEqual({ cost: '0', purchase_cost: '150000000' });
    } finally {
      await runway.close();
    }
  });
});
