import { createJob } from '../support/job-calls.js';
import { brokenInvariants } from '../support/ledgers.js';
import { describeWithPostgres } from '../support/postgres.js';
import { until } from '../support/until.js';
import { VIDEO_COST, VIDEO_PURCHASE_COST, VideoHubs } from './video-hubs.js';

const GOOD_JOBS = 50;
/** Five pauses after six faults, each of 400 ms less a tenth. */
const BACK_OFF_MS_MIN = 1_800;

let hubs: VideoHubs;

describeWithPostgres('videos that go wrong', () => {
  beforeAll(async () => {
    hubs = await VideoHubs.start(1);
  });
  afterAll(() => hubs?.stop());
  beforeEach(() => hubs.reset());

  // T044
  it('end after six faults of the hub with pauses between them, and hold nobody up', async () => {
    const poison = (await createJob(hubs.sql, hubs.accountId, { held: VIDEO_COST, key: hubs.keyId })).replaceAll(
      '-',
      '',
    );
    // Accepted by an upstream of which nothing is known: each look at it is a fault of the hub.
    await hubs.sql.query(
      `update job set state = 'accepted', attempt = 1, task_ref = '{}', accepted_at = now(), due_at = now() where id = $1`,
      [poison],
    );
    const good = await Promise.all(Array.from({ length: GOOD_JOBS }, (_, n) => hubs.submit('kling-3.0', `cat ${n}`)));
    for (const id of good) expect(await hubs.end(id)).toMatchObject({ state: 'succeeded', failures: 0 });
    const job = await hubs.end(poison);
    expect(job).toMatchObject({ state: 'failed', error_code: 'internal_error', failures: 5, settled: '0' });
    expect(job.error_detail).toContain('has no offer 0');
    expect(job.took_ms).toBeGreaterThan(BACK_OFF_MS_MIN);
    const slowest = await hubs.sql.query<{ ms: number }>(
      `select max(extract(epoch from finished_at - created_at) * 1000)::float8 as ms from job where id = any ($1::uuid[])`,
      [good],
    );
    expect(slowest[0]?.ms).toBeLessThan(15_000);
    expect(await hubs.entriesOf(poison)).toEqual([]);
  });

  // T047
  it('stay failed when they succeed after their deadline, and the operator bears the cost once', async () => {
    hubs.kling.obey({ progression: { by: 'hand' } });
    const id = await hubs.submit('kling-3.0', 'a late cat');
    await until(async () => (await hubs.job(id)).state === 'accepted');
    await hubs.sql.query('update job set deadline_at = now() where id = $1', [id]);
    expect(await hubs.end(id)).toMatchObject({ state: 'failed', error_code: 'timeout', settled: '0' });
    for (const { id: task } of hubs.kling.tasks.list()) hubs.kling.obey({ advance: { id: task, phase: 'succeeded' } });
    for (let look = 0; look < 2; look++) {
      await hubs.sql.query('update job set due_at = now() where id = $1', [id]);
      // Nothing is left to look for.
      await until(async () => {
        const [row] = await hubs.sql.query<{ due_at: Date | null }>('select due_at from job where id = $1', [id]);
        return row?.due_at === null;
      });
      expect(await hubs.entriesOf(id)).toEqual([{ kind: 'loss', amount: String(VIDEO_PURCHASE_COST) }]);
    }
    expect(await hubs.statusOf(id)).toMatchObject({ status: 'failed', resultUrl: null });
    expect(await brokenInvariants(hubs.sql)).toEqual([]);
  });
});
