import { JobEnder } from '../../src/jobs/job-ender.js';
import { JobStore } from '../../src/jobs/job-store.js';
import { simulatedKling } from '../simulators/kling/kling.js';
import { Simulator } from '../simulators/simulator.js';
import { startHub, type TestHub } from '../support/hub.js';
import { acceptJob, makeJob } from '../support/jobs.js';
import { jobEnd, submitJob } from '../support/submit-job.js';
import { until } from '../support/until.js';

const OWNER = { name: 'test', leaseMs: 60_000 };
const HOUR_MS = 3_600_000;

let hub: TestHub;
let lastChannel = 100;

beforeAll(async () => {
  hub = await startHub({ env: { HUB_JOB_STATUS_MS_MAX: '60' } });
});
afterAll(() => hub.close());

interface AlertRow {
  severity: string;
  subject: string;
  message: string;
  details: Record<string, unknown>;
}

const alertsAbout = (jobId: string) =>
  hub.sql.query<AlertRow>(
    `select severity, subject, message, details from alert where kind = 'job_trouble' and details ->> 'jobId' = $1`,
    [`job_${jobId}`],
  );

/** A job that a channel of its own has taken on. */
async function jobOn(channelId: string): Promise<string> {
  const id = await makeJob(hub.sql, hub.accountId, { channelId });
  await acceptJob(hub.sql, id, { id }, id);
  return id;
}

async function fail(id: string, code: string): Promise<void> {
  await hub.sql.query('update job set lease_owner = $2 where id = $1', [id, OWNER.name]);
  const job = (await hub.app.get(JobStore).find(id))!;
  await hub.app.get(JobEnder).fail(job, OWNER, { code, message: 'Nothing was charged.', detail: 'secret detail' });
}

const newChannel = () => String(lastChannel++);
/** Both sides of what is compared must lie in one hour. */
const notAtTheTurn = () => until(() => Promise.resolve(HOUR_MS - (Date.now() % HOUR_MS) > 15_000));

describe('an operator is told', () => {
  it.each([
    ['submission_uncertain', 'may have made it'],
    ['internal_error', 'a fault of the hub'],
    ['result_unavailable', 'could not be fetched'],
  ])('of a job that failed with %s', async (code, why) => {
    const channelId = newChannel();
    const id = await jobOn(channelId);
    await fail(id, code);
    expect(await alertsAbout(id)).toEqual([
      {
        severity: 'warning',
        subject: `channel:${channelId}`,
        message: expect.stringContaining(`Job job_${id} on channel "main" failed and was refunded: `),
        details: { jobId: `job_${id}`, code, channelId, channel: 'main', accountId: hub.accountId },
      },
    ]);
    const [alert] = await alertsAbout(id);
    expect(alert?.message).toContain(why);
    expect(JSON.stringify(alert)).not.toContain('secret');
  });

  it('of a job that never got as far as a channel', async () => {
    const id = await makeJob(hub.sql, hub.accountId);
    await fail(id, 'internal_error');
    const [alert] = await alertsAbout(id);
    expect(alert).toMatchObject({ subject: 'jobs', details: { channel: null, channelId: null } });
    expect(alert?.message).toContain(`Job job_${id} without a channel failed`);
  });

  it('once an hour for each code and channel', async () => {
    await notAtTheTurn();
    const channelId = newChannel();
    const [first, second, third] = [await jobOn(channelId), await jobOn(channelId), await jobOn(channelId)];
    await fail(first, 'result_unavailable');
    await fail(second, 'result_unavailable');
    await fail(third, 'submission_uncertain');
    const told = await Promise.all([first, second, third].map(async (id) => (await alertsAbout(id)).length));
    expect(told).toEqual([1, 0, 1]);
    await hub.sql.query(
      `update alert set dedupe_key = dedupe_key || ':an hour ago' where kind = 'job_trouble' and details ->> 'jobId' = $1`,
      [`job_${first}`],
    );
    const next = await jobOn(channelId);
    await fail(next, 'result_unavailable');
    expect(await alertsAbout(next)).toHaveLength(1);
  });

  it('nothing of failures that are the caller’s or the provider’s', async () => {
    const id = await jobOn(newChannel());
    await fail(id, 'content_policy_violation');
    expect((await hub.app.get(JobStore).find(id))?.state).toBe('failed');
    expect(await alertsAbout(id)).toEqual([]);
  });

  it('of a success that came after a job was given up, with what it cost', async () => {
    const upstream = await Simulator.start(simulatedKling());
    upstream.obey({ progression: { by: 'hand' } });
    const { baseUrl, apiKey } = { baseUrl: upstream.url, apiKey: upstream.credential };
    const models = new Map([['kling-3.0', 'kling-3.0']]);
    const costs = new Map([['kling-3.0', { perVideoSecond: '0.06' }]]);
    await hub.setChannels(
      [{ name: 'late', provider: 'kling', baseUrl, apiKey, models, costs }],
      [{ id: 'kling-3.0', price: { perVideoSecond: '0.1' } }],
    );
    const id = await submitJob(hub, { request: { prompt: 'a cat', count: 1, durationSeconds: 5 } });
    await until(async () => (await hub.app.get(JobStore).find(id))?.state === 'accepted');
    await hub.sql.query(`update job set deadline_at = now() where id = $1`, [id]);
    expect((await jobEnd(hub, id)).job.error?.code).toBe('timeout');
    expect(await alertsAbout(id)).toEqual([]);
    for (const task of upstream.tasks.list()) upstream.obey({ advance: { id: task.id, phase: 'succeeded' } });
    const [alert] = await until(async () => {
      const alerts = await alertsAbout(id);
      return alerts.length > 0 ? alerts : undefined;
    });
    expect(alert?.message).toMatch(/on channel "late" succeeded after .* 0\.3 credits of purchase cost are a loss/);
    expect(alert?.details).toMatchObject({ code: 'late_success', lossNanoCredits: '300000000' });
    const entries = await hub.sql.query(`select amount from entry where kind = 'loss' and ref = $1`, [`${id}:late`]);
    expect(entries).toEqual([{ amount: '300000000' }]);
    await upstream.close();
  });
});
