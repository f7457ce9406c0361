import { Database } from '../../src/database/database.js';
import { simulatedKling } from '../simulators/kling/kling.js';
import { Simulator } from '../simulators/simulator.js';
import { startHubProcess } from '../support/hub-process.js';
import { brokenInvariants } from '../support/ledgers.js';
import { describeWithPostgres } from '../support/postgres.js';
import { quietNow } from '../support/quiet-clock.js';
import { until } from '../support/until.js';
import { JOB_LEASE_MS, VIDEO_COST, VideoHubs } from './video-hubs.js';

const JOBS = 10;
const KILLS = 5;

let hubs: VideoHubs;

/** Who has a job in hand whose upstream does not answer. */
async function stuckOwner(ids: readonly string[]): Promise<{ owner: string; id: string }> {
  return await until(async () => {
    for (const id of ids) {
      const { lease_owner: owner, held_ms: heldMs } = await hubs.job(id);
      // Well above what a busy machine takes for a look.
      if (owner !== null && heldMs > 1_000) return { owner, id };
    }
    return undefined;
  });
}

describeWithPostgres('a hub that is killed while it works on videos', () => {
  beforeAll(async () => {
    hubs = await VideoHubs.start(2);
  });
  afterAll(() => hubs?.stop());
  beforeEach(() => hubs.reset());

  // T042
  it('has paid for one task, which another finds, when it dies before it has written its id down', async () => {
    hubs.kling.setFaults({ fault: 'silence', calls: ['create'] });
    const id = await hubs.submit('kling-3.0', 'a cat');
    await until(() => hubs.kling.paid.total === 1);
    const before = await hubs.job(id);
    expect(before).toMatchObject({ state: 'submitting', hold_state: 'open' });
    await hubs.replaceOwner(before.lease_owner ?? '');
    hubs.kling.setFaults();
    const job = await hubs.end(id);
    expect(job).toMatchObject({ state: 'succeeded', attempt: 1, hold_state: 'settled', settled: String(VIDEO_COST) });
    expect(hubs.kling.paid.byExternalId).toEqual({ [`job_${id}`]: 1 });
    expect(await hubs.entriesOf(id)).toEqual([{ kind: 'settle', amount: String(VIDEO_COST) }]);
  });

  // T042, where nobody can tell whether there is a task
  it('costs nothing and is not sent again when the vendor cannot be asked', async () => {
    hubs.minimax.setFaults({ fault: 'silence', calls: ['create'] });
    const id = await hubs.submit('hailuo', 'a dog');
    await until(() => hubs.minimax.paid.total === 1);
    await hubs.replaceOwner((await hubs.job(id)).lease_owner ?? '');
    hubs.minimax.setFaults();
    expect(await hubs.end(id)).toMatchObject({ state: 'failed', error_code: 'submission_uncertain', settled: '0' });
    expect(hubs.minimax.paid.total).toBe(1);
    expect(await hubs.entriesOf(id)).toEqual([]);
  });

  // T043
  it('leaves its jobs to others within a lease, five times, and each ends once', async () => {
    hubs.kling.obey({ progression: { by: 'hand' } });
    const ids = await Promise.all(Array.from({ length: JOBS }, (_, n) => hubs.submit('kling-3.0', `cat ${n}`)));
    await until(() => hubs.kling.paid.total === JOBS);
    await hubs.serving(2);
    for (let kill = 0; kill < KILLS; kill++) {
      // Whoever asks next waits for an answer that never comes, and has the job in hand meanwhile.
      hubs.kling.setFaults({ fault: 'silence', calls: ['status'], times: 1 });
      const { owner, id } = await stuckOwner(ids);
      const killedAt = quietNow();
      await hubs.replaceOwner(owner);
      await until(async () => (await hubs.job(id)).lease_owner !== owner);
      expect(quietNow() - killedAt).toBeLessThan(JOB_LEASE_MS + 8_000);
      await hubs.serving(2);
    }
    hubs.kling.obey({ progression: { by: 'looks', queued: 0, processing: 0 } });
    for (const id of ids) {
      expect(await hubs.end(id)).toMatchObject({ state: 'succeeded', attempt: 1, hold_state: 'settled' });
      expect(await hubs.entriesOf(id)).toEqual([{ kind: 'settle', amount: String(VIDEO_COST) }]);
    }
    expect(hubs.kling.paid.byExternalId).toEqual(Object.fromEntries(ids.map((id) => [`job_${id}`, 1])));
    expect(await brokenInvariants(hubs.sql)).toEqual([]);
  });
});

// One hub with the embedded database: whoever opens it next knows that the process before it is gone.
describe('a hub that is killed while a caller waits for pictures', () => {
  it('follows their task when it starts again, and books what it costs', async () => {
    const kling = await Simulator.start(simulatedKling());
    try {
      kling.obey({ progression: { by: 'hand' } });
      const options = { env: { HUB_JOB_STATUS_MS_MAX: '100' }, config: picturesOf(kling) };
      const hub = await startHubProcess(options);
      const answer = fetch(`${hub.url}/api/relay/v1/images/generations`, {
        method: 'POST',
        headers: { authorization: `Bearer ${hub.apiKey}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'kling-v2-1', prompt: 'a cat' }),
      }).catch(() => 'cut');
      // It was asked after, so its reference is written down.
      await until(() => kling.requests.some(({ method }) => method === 'GET'));
      await hub.kill();
      expect(await answer).toBe('cut');
      kling.tasks.advance(kling.tasks.list()[0]!.id, 'succeeded');
      const { dataDir, apiKey } = hub;
      const next = await startHubProcess({
        ...options,
        env: { ...options.env, DATA_DIR: dataDir, HUB_API_KEY: apiKey },
      });
      await until(() => next.stdout().includes('late_success'));
      await next.stop('SIGTERM');
      const database = await Database.open({ url: undefined, dataDir, poolMax: 1, ledgerPoolMax: 2 });
      try {
        const { sql } = database;
        expect(await sql.query(`select kind, amount from entry where kind in ('settle', 'loss')`)).toEqual([
          { kind: 'loss', amount: '30000000' },
        ]);
        expect(await sql.query('select state, settled from hold')).toEqual([{ state: 'swept', settled: '0' }]);
        expect(await sql.query('select 1 from late_task')).toEqual([]);
        expect(await brokenInvariants(sql)).toEqual([]);
      } finally {
        await database.close();
      }
    } finally {
      await kling.close();
    }
  });
});

function picturesOf(kling: Simulator): string {
  return `
models:
  - { id: kling-v2-1, price: { perImage: "0.04" } }
channels:
  - id: kling
    provider: kling
    baseUrl: ${kling.url}
    apiKey: ${kling.credential}
    allowPrivateNetwork: true
    models: { kling-v2-1: kling-v2-1 }
    costs: { kling-v2-1: { perImage: "0.03" } }
`;
}
