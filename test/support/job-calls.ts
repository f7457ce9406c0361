import { uuid7Hex } from '../../src/common/ids.js';
import type { SqlSession } from '../../src/database/sql.js';

/** What a job is stored with, besides its account. */
export interface JobCallOptions {
  readonly held: bigint;
  readonly key?: string;
  /** Default: one that no channel has. */
  readonly offers?: readonly object[];
  readonly model?: string;
  readonly provider?: string;
  readonly request?: object;
  /** Idempotency-Key; its answer is stored with the job. */
  readonly claim?: string;
  /** Of its hold; it means nothing. */
  readonly leaseMs?: number;
}

const LEASE_MS = 2_000_000_000;
const QUEUE_MS = 600_000;

/** Stores a job with its hold by the function of the database, past the hub. @returns its id, as the tables have it. */
export async function createJob(sql: SqlSession, account: string, options: JobCallOptions): Promise<string> {
  const id = uuid7Hex(Date.now()).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  const row = {
    id,
    kind: 'video',
    account_id: account,
    key_id: options.key,
    endpoint: 'video/submit',
    model: options.model ?? 'm',
    provider: options.provider ?? 'p',
    request: options.request ?? { prompt: 'a cat', count: 1 },
    offers: options.offers ?? [],
    held: options.held.toString(),
    multiplier_millionths: '1000000',
    user_identifier: '',
    deadline_ms: QUEUE_MS,
  };
  const [created] = await sql.query<{ code: number }>(
    `select code from job_create($1::jsonb, '[]', null, 'jobs', 0, $2::integer, $3::jsonb, $4::jsonb)`,
    [
      JSON.stringify(row),
      options.leaseMs ?? LEASE_MS,
      options.claim === undefined
        ? null
        : JSON.stringify({ route: 'video', key: options.claim, hash: '00', ttl_s: 3600 }),
      options.claim === undefined ? null : JSON.stringify({ status: 200, headers: {}, body: '00' }),
    ],
  );
  expect(created?.code).toBe(1);
  return id;
}

/** Ends a job that is still queued by the function of the database. */
export async function finishJob(
  sql: SqlSession,
  account: string,
  id: string,
  {
    state,
    cost,
    key,
  }: { readonly state: 'succeeded' | 'failed' | 'cancelled'; readonly cost: bigint; readonly key?: string },
): Promise<void> {
  const events = [
    {
      hold_id: id,
      attempt: 0,
      is_final: true,
      account_id: account,
      key_id: key ?? null,
      model: 'm',
      endpoint: 'video/submit',
      outcome: state === 'succeeded' ? 'done' : state,
      cost: cost.toString(),
    },
  ];
  const [finished] = await sql.query<{ code: number }>(
    `select job_finish($1, null, $2, $3, $4::jsonb, $5, null, null, '[]', 60000, null) as code`,
    [id, state, cost, JSON.stringify(events), state === 'failed' ? 'generation_failed' : null],
  );
  expect(finished?.code).toBe(1);
}
