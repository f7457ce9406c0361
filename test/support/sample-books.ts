import { randomBytes } from 'node:crypto';
import { credentialBinding } from '../../src/channels/credential-binding.js';
import { generateApiKey } from '../../src/common/api-key.js';
import type { Sql, SqlParameter, SqlSession } from '../../src/database/sql.js';
import { createApiKey } from '../../src/keys/create-api-key.js';
import { CredentialCipher } from '../../src/secrets/credential-cipher.js';
import type { Keyring } from '../../src/secrets/keyring.js';
import { addToHours, addToStatistics } from '../../src/usage/add-to-sums.js';

/** What must still work after the books have been somewhere else. */
export interface SampleBooks {
  readonly apiKey: string;
  readonly accountIds: readonly string[];
  readonly channelId: string;
  readonly credential: string;
  /** Events that the watermark counts as rolled up, and those it does not. */
  readonly rolledUp: number;
  readonly pending: number;
}

const MONTHS = ['2026-03-31T23:59:59.999Z', '2026-07-01T00:00:00.000Z', '2026-11-20T12:00:00.000Z'].map(
  (at) => new Date(at),
);

/** A UUID version 7 of a moment; unlike the product's own, also of one before the last. */
export function uuid7At(at: Date): string {
  const hex = at.getTime().toString(16).padStart(12, '0') + randomBytes(10).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Fills a migrated database with something in every table: holds of all states, events of several months, codes, secrets. */
export async function writeSampleBooks(sql: Sql, keyring: Keyring): Promise<SampleBooks> {
  const accountIds: string[] = [];
  for (const name of ['one', 'Zwei ü', '三']) accountIds.push(await makeAccount(sql, name));
  const [first = ''] = accountIds;
  const apiKey = generateApiKey();
  const made = await createApiKey(sql, keyring, {
    accountId: first,
    name: 'made before',
    key: apiKey,
    models: ['a,b', '"quoted"', '{}', 'NULL'],
  });
  await sql.query(`insert into key_budget (key_id, period, limit_amount) values ($1, 'total', 1000000)`, [made.id]);
  const channel = await makeChannel(sql, keyring);
  await makePrices(sql, channel.id);
  for (const at of MONTHS) {
    for (const accountId of accountIds) await makeHolds(sql, accountId, accountId === first ? made.id : null, at);
  }
  // The watermark of a roll-up that has seen everything so far; what comes next has yet to be added.
  const [state] = await sql.query<{ until: string }>(
    `update usage_rollup_state set watermark = pg_current_xact_id(), statistics_watermark = pg_current_xact_id(),
            passed_watermark = pg_current_xact_id()
     returning watermark::text as until`,
  );
  await addToHours(sql, 0n, BigInt(state?.until ?? 0));
  await addToStatistics(sql, 0n, BigInt(state?.until ?? 0));
  await addHourOfDropped(sql);
  const [counted] = await sql.query<{ count: number }>('select count(*)::int as count from usage_event');
  await settled(sql, first, null, new Date('2026-11-25T10:00:00Z'), 77n);
  await settled(sql, first, null, new Date('2026-11-25T11:00:00Z'), 78n);
  await makeCodes(sql, accountIds);
  await makeJobs(sql, first);
  await makeTheRest(sql, first);
  return {
    apiKey,
    accountIds,
    channelId: channel.id,
    credential: channel.credential,
    rolledUp: counted?.count ?? 0,
    pending: 2,
  };
}

async function makeAccount(sql: Sql, name: string): Promise<string> {
  const [row] = await sql.query<{ id: string }>('insert into account (name) values ($1) returning id', [name]);
  const id = row?.id ?? '';
  await sql.query(`select ledger_post('grant', $1, 5000000, $2, 'test', 'a \\ "reason"\nof two lines')`, [
    id,
    `g-${id}`,
  ]);
  await sql.query(`select ledger_post('adjust', $1, -1234, $2, 'test', null)`, [id, `a-${id}`]);
  return id;
}

async function makeChannel(sql: Sql, keyring: Keyring): Promise<{ id: string; credential: string }> {
  const credential = 'credential-of-the-upstream';
  const [row] = await sql.query<{ id: string }>(
    `insert into channel (name, provider, limits) values ('upstream', 'deepseek', '{"deep": [1, null, "é"]}') returning id`,
  );
  const id = row?.id ?? '';
  const sealed = new CredentialCipher(keyring).encrypt(credential, credentialBinding(id));
  await sql.query('update channel set credential = $2, credential_last4 = $3 where id = $1', [id, sealed, 'eam']);
  return { id, credential };
}

async function makePrices(sql: Sql, channelId: string): Promise<void> {
  await sql.query(`insert into model (id, price) values ('m', '{"input": "123456789012345678"}')`);
  await sql.query(`insert into route (channel_id, model_id, upstream_model) values ($1, 'm', 'up-m')`, [channelId]);
  // A withdrawn price is null in one of two ways; both must stay what they are.
  await sql.query(`insert into price_version (model_id, side, price, source) values
    ('m', 'selling', '{"input": 12345678901234567890}', 'operator'), ('m', 'selling', 'null', 'operator'),
    ('m', 'selling', null, 'operator')`);
}

/** One hold of every kind of end: settled, released, swept, and one that stays open. */
async function makeHolds(sql: Sql, accountId: string, keyId: string | null, at: Date): Promise<void> {
  await settled(sql, accountId, keyId, at, 250n);
  await settled(sql, accountId, keyId, at, 0n);
  await reserve(sql, accountId, keyId, at, 1);
  await sql.query('select ledger_sweep(100, $1::timestamptz)', [new Date(at.getTime() + 60_000)]);
  await reserve(sql, accountId, keyId, at, 2_000_000_000);
}

/** Reserves 1000 and settles for `cost`, with an event. */
export async function settled(
  sql: SqlSession,
  accountId: string,
  keyId: string | null,
  at: Date,
  cost: bigint,
): Promise<void> {
  const id = await reserve(sql, accountId, keyId, at, 60_000);
  const event = {
    ...{ hold_id: id, attempt: 1, is_final: true, account_id: accountId, key_id: keyId, model: 'm', endpoint: 'chat' },
    ...{ user_identifier: 'user "x"', outcome: 'ok', input_tokens: 12, output_tokens: 30, cost: String(cost) },
  };
  await sql.query(
    'select ledger_settle($1::uuid[], $2::bigint[], $3::bigint[], $4::jsonb, null, null, $5::timestamptz)',
    [[id], [accountId], [cost], JSON.stringify([event]), at],
  );
}

async function reserve(
  sql: SqlSession,
  accountId: string,
  keyId: string | null,
  at: Date,
  leaseMs: number,
): Promise<string> {
  const id = uuid7At(at);
  const parameters: SqlParameter[] = [[id], [accountId], keyId, ['m'], leaseMs, at];
  const rows = await sql.query<{ codes: number[] }>(
    `select codes from ledger_reserve($1::uuid[], $2::bigint[], array[$3::bigint], '{1000}', '{1}', array[null]::bigint[],
       '{sync}', $4::text[], '{""}', 'sample', 1, $5, false, null, $6::timestamptz)`,
    parameters,
  );
  if (rows[0]?.codes[0] !== 1) throw new Error(`Not reserved: ${JSON.stringify(rows)}`);
  return id;
}

async function addHourOfDropped(sql: Sql): Promise<void> {
  // An hour whose events have been dropped since: what is known of it is here only.
  await sql.query(
    `insert into usage_hour (hour, account_id, model, requests, cost) values ('2024-02-29 23:00Z', 1000, 'm', 9, 99)`,
  );
}

async function makeCodes(sql: Sql, accountIds: readonly string[]): Promise<void> {
  const [batch] = await sql.query<{ id: string }>(
    `insert into redemption_batch (name, actor) values ('spring', 'test') returning id`,
  );
  for (const max of [1, 5]) {
    const [code] = await sql.query<{ id: string }>(
      `insert into redemption_code (batch_id, code_hmac, last4, amount, max_uses, used) values ($1, $2, 'abcd', 1000, $3, 1)
       returning id`,
      [batch?.id ?? '', randomBytes(32), max],
    );
    await sql.query('insert into redemption (code_id, account_id) values ($1, $2)', [
      code?.id ?? '',
      accountIds[0] ?? '',
    ]);
  }
  // A gap in the numbers: what was given out once must not be given out again.
  await sql.query(`delete from redemption_code where id = (
    select id from redemption_code where id not in (select code_id from redemption) limit 1)`);
}

/** A job with the id and the end of one of the holds, and something of everything that belongs to it. */
async function makeJobs(sql: Sql, accountId: string): Promise<void> {
  const [hold] = await sql.query<{ id: string; amount: string; settled: string }>(
    `update hold set kind = 'video'
      where id = (select id from hold where account_id = $1 and state = 'settled' and settled > 0 order by id limit 1)
     returning id, amount, settled`,
    [accountId],
  );
  const id = hold?.id ?? '';
  await sql.query(
    `insert into job (id, kind, state, account_id, endpoint, model, provider, request, offers, held, multiplier_millionths, cost,
            metadata, due_at, finished_at, deadline_at, results_expire_at)
     values ($1, 'video', 'succeeded', $2, 'video/submit', 'm', 'p', '{"prompt": "é"}', '[{"a": [1]}]', $4, 1000000, $3,
            '{"k": "v"}', null, now(), now(), 'infinity')`,
    [id, accountId, hold?.settled ?? '', hold?.amount ?? ''],
  );
  await sql.query(
    `insert into job_attempt (job_id, number, channel_id, provider, model, upstream_model, outcome)
     values ($1, 1, 1, 'p', 'm', 'up-m', 'accepted')`,
    [id],
  );
  await sql.query(`insert into job_input (job_id, name, content_type, bytes) values ($1, 'image', 'image/png', $2)`, [
    id,
    randomBytes(1000),
  ]);
  await sql.query(
    `insert into job_output (job_id, place, storage_key, content_type, bytes) values ($1, 0, 'x/0.mp4', 'video/mp4', 1)`,
    [id],
  );
  await sql.query(`insert into webhook_secret (account_id, secret) values ($1, $2)`, [accountId, randomBytes(32)]);
  await sql.query(
    `insert into webhook_delivery (job_id, account_id, url) values ($1, $2, 'https://customer.example/')`,
    [id, accountId],
  );
}

/** Who may sign in, by what, and what they did. */
async function makePeople(sql: Sql, accountId: string): Promise<void> {
  const [user] = await sql.query<{ id: string }>(
    `insert into app_user (account_id, email, password_hash, role) values ($1, 'A@b.example', 'x', 'owner') returning id`,
    [accountId],
  );
  const id = user?.id ?? '';
  await sql.query('insert into recovery_code (user_id, code_hash) values ($1, $2)', [id, randomBytes(32)]);
  await sql.query(
    `insert into user_session (user_id, token_hash, address, expires_at) values ($1, $2, '::1', 'infinity')`,
    [id, randomBytes(32)],
  );
  await sql.query(
    `insert into admin_token (user_id, name, token_hash, last4, permissions, expires_at)
     values ($1, 'night "job"', $2, 'wxyz', '{"a,b",c}', 'infinity')`,
    [id, randomBytes(32)],
  );
  await sql.query(
    `insert into audit_log (seq, created_at, actor_kind, actor_user_id, actor, action, subject_kind, subject_id, after, hash)
     values (1, now(), 'session', $1, 'A@b.example', 'account.create', 'account', $2, '{"name": "é"}', $3)`,
    [id, accountId, randomBytes(32)],
  );
  await sql.query(
    `insert into code_download (batch_id, token_hash, sealed, expires_at) select id, $1, $2, 'infinity' from redemption_batch limit 1`,
    [randomBytes(32), randomBytes(100)],
  );
  await sql.query(
    `insert into import_origin (label, kind, source_id, target_id) values ('old hub', 'account', '7', $1)`,
    [accountId],
  );
}

async function makeTheRest(sql: Sql, accountId: string): Promise<void> {
  await makePeople(sql, accountId);
  await sql.query('update hub_state set bootstrapped_at = now(), catalog_version = 42');
  await sql.query(
    `insert into account_group (name, multiplier_millionths, models) values ('staff', 500000, '{a,"b c"}')`,
  );
  await sql.query(
    `insert into idempotency (account_id, route, key, request_hash, state, status, headers, body, expires_at)
     values ($1, 'chat', 'k', $2, 'done', 200, '{"x": "y"}', $3, now() + interval '1 day')`,
    [accountId, randomBytes(32), randomBytes(300_000)],
  );
  await sql.query(
    `insert into stored_file (id, content_type, bytes, expires_at)
     select 'f' || i, 'image/png', $1, 'infinity' from generate_series(1, 12) i`,
    [randomBytes(500_000)],
  );
  await sql.query(`insert into instance (name, epoch, lease_until) values ('sample', 1, '-infinity')`);
  await sql.query(
    `insert into late_task (hold_id, attempt, channel_id, channel, credential, model, upstream_model, task_ref, task_id, followed_at)
     values (gen_random_uuid(), 1, 1, 'sample', 1, 'm', 'um', '{"id": "t"}', 't', now())`,
  );
  await sql.query(
    `insert into alert (kind, severity, subject, message, dedupe_key) values ('k', 'info', 's', 'm', 'd')`,
  );
  await sql.query(
    `insert into payment_event (provider, event_id, entry_id) select 'stripe', 'evt_1', min(id) from entry`,
  );
  // A month that was dropped, with one job, which had been removed as well.
  await sql.query(
    `insert into sealed_month (month, account_id, requests, attempts, audio_ms, characters, searches, cost, loss, budgeted, jobs, job_cost, first_at, last_at, dropped_at)
     values ('2025-01-01', $1, 1, 2, 1500, 3, 0, 0, 0, 0, 1, 0, '2025-01-05', '2025-01-05', now())`,
    [accountId],
  );
  await sql.query(
    `insert into sealed_hour (month, hour, account_id, model, endpoint, outcome, requests, attempts, audio_ms, characters)
     values ('2025-01-01', '2025-01-05', $1, 'm', 'chat', 'done', 1, 2, 1500, 3)`,
    [accountId],
  );
  await sql.query(`insert into removed_jobs (month, account_id, jobs, cost) values ('2025-01-01', $1, 1, 0)`, [
    accountId,
  ]);
  await sql.query(`update retention_state set last_day = '2026-11-26'`);
  await sql.query(
    `insert into captured_exchange (id, request_id, account_id, key_id, endpoint, request, status, is_truncated, expires_at)
     values (gen_random_uuid(), gen_random_uuid(), $1, 1, 'chat', $2, 200, false, 'infinity')`,
    [accountId, randomBytes(100)],
  );
  // More rows than one batch takes.
  await sql.query(
    `insert into model (id, created_at) select 'model-' || i, '2026-01-01 00:00:00.123456Z' from generate_series(1, 2500) i`,
  );
}
