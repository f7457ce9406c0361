import { randomBytes } from 'node:crypto';
import { Database } from '../../src/database/database.js';
import type { Sql } from '../../src/database/sql.js';
import { createApiKey } from '../../src/keys/create-api-key.js';
import { Keyring } from '../../src/secrets/keyring.js';
import { simulatedKling } from '../simulators/kling/kling.js';
import { minimaxSimulator } from '../simulators/minimax.js';
import { Simulator } from '../simulators/simulator.js';
import { grant } from '../support/books.js';
import { type HubProcess, startHubProcess, temporaryFolder } from '../support/hub-process.js';
import { type PostgresServer, startPostgres } from '../support/postgres.js';
import { until } from '../support/until.js';

/** Nano-credits of a video of five seconds, for the customer and for the operator. */
export const VIDEO_COST = 500_000_000n;
export const VIDEO_PURCHASE_COST = 300_000_000n;
/** Takes over what a hub that was killed has in hand. */
export const JOB_LEASE_MS = 2_000;

const CUSTOMER_HAS = 1_000_000_000_000n;

/** A job as the tables have it. */
export interface JobRow {
  readonly state: string;
  readonly cost: string | null;
  readonly error_code: string | null;
  readonly error_detail: string | null;
  readonly attempt: number;
  readonly failures: number;
  readonly lease_owner: string | null;
  /** Milliseconds that its worker has had it. */
  readonly held_ms: number;
  /** From its acceptance to its end, in milliseconds. */
  readonly took_ms: number | null;
  readonly hold_state: string;
  readonly settled: string | null;
}

/** Hubs that are processes, on one PostgreSQL, with a Kling that can find lost tasks and a MiniMax that cannot. */
export class VideoHubs {
  private readonly running = new Set<HubProcess>();
  private readonly starting = new Set<Promise<void>>();

  private constructor(
    private readonly postgres: PostgresServer,
    private readonly database: Database,
    private readonly env: Readonly<Record<string, string>>,
    readonly kling: Simulator,
    readonly minimax: Simulator,
    readonly accountId: string,
    readonly keyId: string,
    private readonly apiKey: string,
  ) {}

  /** Starts so many hubs. */
  static async start(count: number): Promise<VideoHubs> {
    const [postgres, kling, minimax] = await Promise.all([
      startPostgres(),
      Simulator.start(simulatedKling()),
      Simulator.start(minimaxSimulator),
    ]);
    const masterKey = randomBytes(32);
    const database = await Database.open({ url: postgres.url, dataDir: '', poolMax: 4, ledgerPoolMax: 2 });
    const [account] = await database.sql.query<{ id: string }>(`insert into account (name) values ('t') returning id`);
    const accountId = account?.id ?? '';
    const keyring = await Keyring.open(database.sql, masterKey);
    const { id, key } = await createApiKey(database.sql, keyring, { accountId, name: 'test' });
    await grant(database.sql, accountId, CUSTOMER_HAS);
    const env = {
      DATABASE_URL: postgres.url,
      HUB_MASTER_KEY: masterKey.toString('base64'),
      HUB_JOB_LEASE_MS: String(JOB_LEASE_MS),
      HUB_JOB_STATUS_MS_MAX: '100',
      HUB_MEDIA_DIR: temporaryFolder(),
      HUB_MEDIA_FREE_BYTES_MIN: '0',
      HUB_PUBLIC_RPM: '1000000',
    };
    const hubs = new VideoHubs(postgres, database, env, kling, minimax, accountId, id, key);
    for (let i = 0; i < count; i++) hubs.startHub();
    await hubs.serving(count);
    return hubs;
  }

  get sql(): Sql {
    return this.database.sql;
  }

  /** Forgets tasks and faults; a task then takes two looks. */
  reset(): void {
    for (const simulator of [this.kling, this.minimax]) {
      simulator.reset();
      simulator.obey({ progression: { by: 'looks', queued: 1, processing: 1 } });
    }
  }

  /** Waits until so many hubs serve. */
  async serving(count: number): Promise<void> {
    while (this.running.size < count) {
      if (this.starting.size === 0) throw new Error('No hub is starting.');
      await Promise.race(this.starting);
    }
  }

  private startHub(): void {
    const config = configOf(this.kling, this.minimax);
    const start = startHubProcess({ env: this.env, config })
      .then((hub) => void this.running.add(hub))
      .finally(() => this.starting.delete(start));
    this.starting.add(start);
  }

  /** Kills the hub that has a job in hand, as a power cut would do it; another is started meanwhile. */
  async replaceOwner(leaseOwner: string): Promise<void> {
    const pid = Number(leaseOwner.split(':').at(-2));
    const owner = [...this.running].find((hub) => hub.pid === pid);
    if (owner === undefined) throw new Error(`No hub that runs is ${leaseOwner}.`);
    this.running.delete(owner);
    this.startHub();
    await owner.kill();
  }

  /** Submits a video of five seconds. @returns the id as the tables have it. */
  async submit(model: 'kling-3.0' | 'hailuo', prompt: string): Promise<string> {
    await this.serving(1);
    const [hub] = this.running;
    const answer = await fetch(`${hub?.url}/api/video/submit`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model, prompt, ...(model === 'hailuo' ? {} : { duration: 5 }) }),
    });
    const body = (await answer.json()) as { data?: { jobId: string } };
    if (body.data === undefined) throw new Error(`Not taken on: ${JSON.stringify(body)}`);
    return body.data.jobId.slice('job_'.length);
  }

  /** What the caller is told. */
  async statusOf(id: string): Promise<unknown> {
    const [hub] = this.running;
    const headers = { authorization: `Bearer ${this.apiKey}` };
    const answer = await fetch(`${hub?.url}/api/video/status?jobId=job_${id}`, { headers });
    return ((await answer.json()) as { data: unknown }).data;
  }

  async job(id: string): Promise<JobRow> {
    const [row] = await this.sql.query<JobRow>(
      `select j.state, j.cost, j.error_code, j.error_detail, j.attempt, j.failures, j.lease_owner,
              case when j.lease_owner is null then 0
                   else extract(epoch from clock_timestamp() - j.due_at) * 1000 end::float8 as held_ms,
              (extract(epoch from j.finished_at - j.accepted_at) * 1000)::float8 as took_ms, h.state as hold_state, h.settled
         from job j join hold h on h.id = j.id where j.id = $1`,
      [id],
    );
    if (row === undefined) throw new Error(`There is no job ${id}.`);
    return row;
  }

  /** The job once it is over. */
  async end(id: string): Promise<JobRow> {
    return await until(async () => {
      const job = await this.job(id);
      return job.cost === null ? undefined : job;
    });
  }

  /** Entries of the ledger that are about a job, each as often as it was made. */
  async entriesOf(id: string): Promise<{ kind: string; amount: string }[]> {
    return await this.sql.query(
      `select kind, amount from entry where replace(ref, '-', '') in ($1, $1 || ':late') order by id`,
      [id],
    );
  }

  async stop(): Promise<void> {
    await Promise.allSettled(this.starting);
    await Promise.all([...this.running].map((hub) => hub.kill()));
    await this.database.close();
    await Promise.all([this.kling.close(), this.minimax.close(), this.postgres.stop()]);
  }
}

function configOf(kling: Simulator, minimax: Simulator): string {
  return `
models:
  - { id: kling-3.0, price: { perVideoSecond: "0.1" } }
  - { id: hailuo, price: { perVideoSecond: "0.1" } }
channels:
  - id: kling
    provider: kling
    baseUrl: ${kling.url}
    apiKey: ${kling.credential}
    allowPrivateNetwork: true
    models: { kling-3.0: kling-3.0 }
    costs: { kling-3.0: { perVideoSecond: "0.06" } }
  - id: minimax
    provider: minimax
    baseUrl: ${minimax.url}/v1
    apiKey: ${minimax.credential}
    allowPrivateNetwork: true
    models: { hailuo: MiniMax-Hailuo-02 }
`;
}
