// @ts-check

import { INTERVAL_MS } from './hub.mjs';

/** @typedef {{ query: (text: string, parameters?: unknown[]) => Promise<any[]> }} Sql */

const BATCH = 500;

/**
 * Stores jobs that an upstream has accepted, after the example of one that a hub has submitted; due one after the other over one
 * interval. From now on the moment at which a job was due is kept whenever a worker takes it.
 *
 * @param {Sql} sql
 * @param {number} count
 * @param {(ms: number) => string} newId
 */
export async function plantJobs(sql, count, newId) {
  for (let from = 0; from < count; from += BATCH) {
    const ids = Array.from({ length: Math.min(BATCH, count - from) }, () => newId(Date.now()));
    // Each with its hold, as when it is submitted.
    await sql.query(
      `with template as materialized (select * from job limit 1)
       select c.code from template t, unnest($1::uuid[]) u (id),
              job_create(jsonb_build_object('id', u.id, 'kind', t.kind, 'account_id', t.account_id, 'key_id', t.key_id, 'endpoint', t.endpoint,
                'model', t.model, 'provider', t.provider, 'request', t.request, 'offers', t.offers, 'held', t.held,
                'multiplier_millionths', t.multiplier_millionths, 'user_identifier', '', 'deadline_ms', 3600000),
                '[]', (t.offers->0->>'priceVersionId')::bigint, 'jobs', 0, 2000000000, null, null) c`,
      [ids],
    );
  }
  await sql.query(
    `update job j set state = 'processing', attempt = 1, looks = 20, progress = 50, channel_id = (j.offers->0->>'channelId')::bigint,
            task_id = j.id::text, task_ref = jsonb_build_object('id', j.id), sent_at = now(), accepted_at = now()
      where state = 'queued'`,
  );
  await sql.query(`create unlogged table bench_claim (job_id uuid, due_at timestamptz)`);
  await sql.query(
    `create function bench_note_claim() returns trigger language plpgsql as $$
     begin insert into bench_claim values (old.id, old.due_at); return new; end $$`,
  );
  await sql.query(
    `create trigger bench_claim after update of lease_owner on job for each row
     when (old.lease_owner is distinct from new.lease_owner and new.lease_owner is not null) execute function bench_note_claim()`,
  );
}

/**
 * Spreads what is due over the interval to come; right before the hub is started.
 *
 * @param {Sql} sql
 */
export async function spreadJobs(sql) {
  await sql.query(
    `update job set due_at = now() + make_interval(secs => random() * $1::float8 / 1000), lease_owner = null, lease_until = null`,
    [INTERVAL_MS],
  );
}

/**
 * How late each look at a job was: from the moment it was due to its arrival at the upstream.
 *
 * @param {Sql} sql
 * @param {[task: string, times: number[]][]} asked
 * @param {{ fromMs: number, toMs: number }} window of moments at which jobs were due
 * @returns {Promise<number[]>} milliseconds, ascending
 */
export async function latenessOf(sql, asked, { fromMs, toMs }) {
  const claims = await sql.query(
    `select job_id::text as id, array_agg((extract(epoch from due_at) * 1000)::float8 order by due_at) as due from bench_claim group by job_id`,
  );
  const dueOf = new Map(claims.map(({ id, due }) => [id, due.map(Number)]));
  /** @type {number[]} */
  const lateness = [];
  for (const [task, times] of asked) {
    const due = dueOf.get(task) ?? [];
    for (const [index, dueMs] of due.entries()) {
      const arrivedMs = times[index];
      if (dueMs >= fromMs && dueMs < toMs) lateness.push((arrivedMs ?? Number.POSITIVE_INFINITY) - dueMs);
    }
  }
  return lateness.sort((one, other) => one - other);
}
