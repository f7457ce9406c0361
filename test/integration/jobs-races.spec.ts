import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { Database } from '../../src/database/database.js';
import { JobLeaseStore } from '../../src/jobs/job-lease-store.js';
import { JobStore } from '../../src/jobs/job-store.js';
import { Jobs } from '../../src/jobs/jobs.service.js';
import { simulatedKling } from '../simulators/kling/kling.js';
import { Simulator } from '../simulators/simulator.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { startHub, type TestHub } from '../support/hub.js';
import { acceptJob, makeJob } from '../support/jobs.js';
import { describeWithPostgres, type PostgresServer, startPostgres } from '../support/postgres.js';
import { findUnsound } from '../support/sound-books.js';
import { jobEnd, submitJob } from '../support/submit-job.js';
import { until } from '../support/until.js';
import { insertAccount } from '../support/usage-events.js';

const MODEL = { id: 'kling-3.0', price: { perVideoSecond: '0.1' } };
const MODELS = [MODEL, { id: 'gpt-image-1', price: { perImage: '0.04' } }];
const PICTURES = { name: 'pictures', provider: 'sandbox', models: new Map([['gpt-image-1', 'gpt-image-1']]) };
const JOBS = 24;

describeWithPostgres('jobs on PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server?.stop());

  const open = () => Database.open({ url: server.url, dataDir: '', poolMax: 8, ledgerPoolMax: 4 });

  describe('two hubs', () => {
    let simulator: Simulator;
    let sandbox: FakeUpstream;
    let hubs: TestHub[];
    beforeAll(async () => {
      sandbox = await startFakeUpstream();
      simulator = await Simulator.start(simulatedKling());
      const env = {
        HUB_JOB_STATUS_MS_MAX: '50',
        // Renewed every few seconds, and not lost to a busy machine.
        HUB_JOB_LEASE_MS: '10000',
        HUB_MASTER_KEY: randomBytes(32).toString('base64'),
      };
      hubs = [];
      for (let n = 0; n < 2; n++) {
        hubs.push(
          await startHub({
            env,
            database: await open(),
            sandboxUrl: sandbox.url,
            channels: [channel(), PICTURES],
            models: MODELS,
          }),
        );
      }
    });
    afterAll(async () => {
      await Promise.all(hubs.map((hub) => hub.close()));
      await Promise.all([simulator.close(), sandbox.close()]);
    });
    beforeEach(() => {
      simulator.reset();
      simulator.obey({ progression: { by: 'looks', queued: 1, processing: 1 }, linkTtlMs: 60_000 });
    });

    function channel(tasksMax?: number) {
      return {
        name: 'kling',
        provider: 'kling',
        baseUrl: simulator.url,
        apiKey: simulator.credential,
        models: new Map([[MODEL.id, MODEL.id]]),
        tasksMax,
      };
    }

    async function submitMany(count: number): Promise<{ hub: TestHub; id: string }[]> {
      return await Promise.all(
        Array.from({ length: count }, async (_, n) => {
          const hub = hubs[n % 2]!;
          return { hub, id: await submitJob(hub, { request: { prompt: `cat ${n}`, count: 1, durationSeconds: 5 } }) };
        }),
      );
    }

    it('submit every job once between them, and the books are exact', async () => {
      const made = await submitMany(JOBS);
      for (const { hub, id } of made) expect((await jobEnd(hub, id)).job.state).toBe('succeeded');
      expect(simulator.paid.total).toBe(JOBS);
      expect(Object.values(simulator.paid.byPrompt)).toEqual(Array.from({ length: JOBS }, () => 1));
      expect(await findUnsound(hubs[0]!.sql)).toEqual([]);
    });

    it('keep to the tasks that a channel may have, together', async () => {
      for (const hub of hubs) await hub.setChannels([channel(2), PICTURES], MODELS);
      let most = 0;
      const made = await submitMany(8);
      await until(async () => {
        most = Math.max(most, simulator.tasks.running);
        const states = await Promise.all(made.map(({ hub, id }) => hub.app.get(Jobs).find(hub.accountId, id)));
        return states.every((view) => view?.job.state === 'succeeded');
      });
      expect(most).toBeGreaterThan(0);
      expect(most).toBeLessThanOrEqual(2);
      for (const hub of hubs) await hub.setChannels([channel(), PICTURES], MODELS);
    });

    // They exist nowhere but in the worker's hands, and their upstream has been paid.
    it('keep pictures that are in hand while an account is locked', async () => {
      const hub = hubs[0]!;
      sandbox.script({ delay_ms: 1_000 });
      await hub.setChannels([channel(), PICTURES], MODELS);
      // Ready before: the account has to be locked while the picture is on its way.
      const client = new Client(server.url);
      await client.connect();
      await client.query('begin');
      const id = await submitJob(hub, {
        kind: 'image',
        endpoint: 'image/submit',
        model: 'gpt-image-1',
        request: { prompt: 'a cat', count: 1 },
      });
      await until(() => sandbox.executions > 0 || sandbox.requests.length > 0);
      await client.query('select from account where id = $1 for update', [hub.accountId]);
      await until(() => server.log().includes('lock timeout'));
      await client.query('rollback');
      await client.end();
      expect((await jobEnd(hub, id)).job).toMatchObject({ state: 'succeeded', cost: 40_000_000n });
    });

    it('take an account that is locked for a while for no fault of theirs', async () => {
      simulator.obey({ progression: { by: 'hand' } });
      const [{ hub, id } = { hub: hubs[0]!, id: '' }] = await submitMany(1);
      await until(() => simulator.tasks.list().length === 1);
      const client = new Client(server.url);
      await client.connect();
      await client.query('begin');
      await client.query('select from account where id = $1 for update', [hub.accountId]);
      simulator.obey({ advance: { id: simulator.tasks.list()[0]!.id, phase: 'succeeded' } });
      const jobs = new JobStore(hub.sql, hub.sql);
      const looks = await until(async () => {
        const job = await jobs.find(id);
        return job?.state === 'fetching' && job.looks >= 3 ? job : undefined;
      });
      expect(looks.failures).toBe(0);
      await client.query('rollback');
      await client.end();
      expect((await jobEnd(hub, id)).job).toMatchObject({ state: 'succeeded', cost: 500_000_000n });
      expect(hub.logs.filter(({ level }) => level === 50)).toEqual([]);
    });
  });

  describe('two stores', () => {
    let database: Database;
    let leases: JobLeaseStore;
    const owners = ['a', 'b'].map((name) => ({ name, leaseMs: 60_000 }));
    beforeAll(async () => {
      database = await open();
      leases = new JobLeaseStore(database.sql, database.sql);
    });
    afterAll(() => database?.close());
    beforeEach(() => database.sql.query('update job set due_at = null, lease_owner = null, lease_until = null'));

    async function made(count: number): Promise<string[]> {
      const account = await insertAccount(database.sql);
      const ids = await Promise.all(Array.from({ length: count }, () => makeJob(database.sql, account)));
      await database.sql.query('update job set due_at = now() where id = any ($1::uuid[])', [ids]);
      return ids;
    }

    it('never claim the same job', async () => {
      const ids = await made(40);
      const rounds = await Promise.all(
        Array.from({ length: 12 }, (_, round) => leases.claim(owners[round % 2]!, 4, [])),
      );
      const rest = await leases.claim(owners[0]!, 100, []);
      const claimed = [...rounds.flat(), ...rest].map(({ id }) => id);
      expect(claimed).toHaveLength(40);
      expect(new Set(claimed)).toEqual(new Set(ids));
    });

    it('end a job once, however many try', async () => {
      const [id = ''] = await made(1);
      await acceptJob(database.sql, id, { id: 'raced' }, 'raced');
      const [job] = await database.sql.query('update job set lease_owner = $2 where id = $1 returning id', [id, 'a']);
      expect(job).toBeDefined();
      const stored = (await new JobStore(database.sql, database.sql).find(id))!;
      const end = { cost: 0n, events: [], retentionMs: 60_000 };
      const ends = await Promise.all(
        Array.from({ length: 10 }, (_, n) =>
          leases.finish(stored, owners[0]!, { ...end, state: n % 2 === 0 ? 'failed' : 'succeeded' }),
        ),
      );
      expect(ends.filter((one) => one === 'now')).toHaveLength(1);
      expect(ends.filter((one) => one === 'before')).toHaveLength(9);
    });

    it('never begin more tasks of a channel than it may have', async () => {
      await database.sql.query(
        `insert into channel (id, name, provider, tasks_max) overriding system value values (77, 'narrow', 'sandbox', 3)`,
      );
      await made(12);
      const jobs = await leases.claim(owners[0]!, 12, []);
      const begun = await Promise.all(
        jobs.map((job) => leases.begin(job, owners[0]!, 0, { ...job.offers[0]!, channelId: '77' })),
      );
      expect(begun.filter((one) => one === 'go')).toHaveLength(3);
      expect(begun.filter((one) => one === 'channel_full')).toHaveLength(9);
    });

    // Two batches that lock the same rows in different orders end as a deadlock.
    it('renew what they can without waiting for what something else writes', async () => {
      const [held = '', free = ''] = await made(2);
      await leases.claim(owners[0]!, 2, []);
      await database.sql.query(`update job set lease_until = now() where lease_owner = 'a'`);
      await database.sql.transaction(async (session) => {
        await session.query('select from job where id = $1 for update', [held]);
        await leases.renew(owners[0]!, [held, free]);
      });
      const renewed = await database.sql.query<{ id: string }>(
        `select replace(id::text, '-', '') as id from job where lease_until > now() + interval '10 seconds'`,
      );
      expect(renewed.map(({ id }) => id)).toEqual([free]);
    });
  });
});
