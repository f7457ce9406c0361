// @ts-check

import { MikroORM } from '@mikro-orm/core';
import pg from 'pg';
import { parts } from './parts.mjs';

/** The last migration before the statistics: what comes after it is measured as an upgrade of a full database. */
const BEFORE_STATISTICS = 'Migration20261126100001_webhook_rotation';
export const DAYS = 35;
export const ACCOUNTS = 2_000;
export const MODELS = 50;
export const CHANNELS = 20;
const USERS = 200_000;
/** Attempts that another one followed. */
const RETRIED = 0.03;

/** Indexes that are made again after loading, which is several times faster than keeping them. */
const LATER = [
  'create index usage_event_account_idx on usage_event (account_id, hold_id desc)',
  'create index usage_event_tx_idx on usage_event (tx)',
  'create index entry_debit_idx on entry (debit_id, id)',
  'create index entry_credit_idx on entry (credit_id, id)',
  'alter table entry add constraint entry_kind_ref_key unique (kind, ref)',
];

/**
 * Fills a database of the version before with usage of the last 35 days, evenly spread in time and unevenly over everything
 * else: the greatest of 2,000 accounts has 8 % of it, the greatest of 50 models 14 %.
 *
 * @param {string} url of an empty database
 * @param {number} events
 * @param {(text: string) => void} log
 */
export async function seed(url, events, log) {
  const { postgresMigrationConfig, addToHours } = await parts();
  const orm = await MikroORM.init(postgresMigrationConfig(url));
  await orm.migrator.up({ to: BEFORE_STATISTICS });
  await orm.close();
  const one = await connect(url);
  const two = await connect(url);
  const step = async (/** @type {string} */ name, /** @type {() => Promise<unknown>} */ work) => {
    const start = performance.now();
    await work();
    log(`seed: ${name} in ${((performance.now() - start) / 1e3).toFixed(0)} s`);
  };
  const all = (/** @type {pg.Client} */ client, /** @type {string[]} */ texts) =>
    texts.reduce(
      (before, text) => before.then(() => client.query(text)),
      /** @type {Promise<unknown>} */ (Promise.resolve()),
    );
  await all(one, [
    `alter system set fsync = off`,
    `alter system set max_wal_size = '16GB'`,
    `select pg_reload_conf()`,
    `select ensure_partitions(3, now() - interval '40 days')`,
    ...['usage_event_account_idx', 'usage_event_tx_idx', 'entry_debit_idx', 'entry_credit_idx'].map(
      (name) => `drop index ${name}`,
    ),
    `alter table entry drop constraint entry_kind_ref_key`,
    `insert into account (id, name) select 1000 + i, 'account ' || i from generate_series(0, ${ACCOUNTS - 1}) i`,
    `insert into api_key (id, account_id, name, key_hash, last4) overriding system value
     select 1 + i, 1000 + i / 3, 'key', sha256(i::text::bytea), 'abcd' from generate_series(0, ${ACCOUNTS * 3 - 1}) i`,
  ]);
  const requests = Math.round(events / (1 + RETRIED));
  await step('requests', () => one.query(requestsText(requests)));
  await step('events and holds', () =>
    Promise.all([
      all(one, [eventsText(), ...LATER.slice(0, 2)]),
      all(two, [holdsText(), entriesText(), grantsText(), ...LATER.slice(2)]),
    ]),
  );
  await step('hours', async () => {
    const session = {
      query: async (/** @type {string} */ text, /** @type {unknown[]} */ values) =>
        (await one.query(text, values)).rows,
    };
    const [state] = await session.query(
      `update usage_rollup_state set watermark = pg_snapshot_xmin(pg_current_snapshot()) returning watermark::text as until`,
      [],
    );
    await addToHours(session, 0n, BigInt(state.until));
  });
  await all(one, ['drop table seed', 'analyze']);
  await Promise.all([one.end(), two.end()]);
}

/** Durable again, and everything on disk. @param {string} url */
export async function settleDown(url) {
  const client = await connect(url);
  for (const text of ['alter system reset all', 'select pg_reload_conf()', 'vacuum analyze', 'checkpoint']) {
    await client.query(text);
  }
  await client.end();
}

/** @param {string} url */
export async function connect(url) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const [name, value] of Object.entries({
    work_mem: '256MB',
    maintenance_work_mem: '1GB',
    synchronous_commit: 'off',
    jit: 'off',
  })) {
    await client.query(`set ${name} = '${value}'`);
  }
  return client;
}

/** @param {number} requests */
function requestsText(requests) {
  return `create unlogged table seed as
    select i, (lpad(to_hex(floor(extract(epoch from at) * 1000)::bigint), 12, '0') || '70008' || lpad(to_hex(i), 15, '0'))::uuid as id,
           at, 1000 + a as account_id, 1 + a * 3 + floor(k * 3)::int as key_id, 'model-' || m as model, 1 + (m * 7 + floor(c * 3)::int) % ${CHANNELS} as channel_id,
           case when u < 0.1 then '' else 'user-' || floor(greatest(30, ${USERS} * (cbrt(a + 1) - cbrt(a)) / cbrt(${ACCOUNTS})) * v ^ 2)::int end as user_identifier,
           case when o < 0.03 then 'failed' when o < 0.04 then 'client_gone' when o < 0.045 then 'overrun' when o < 0.0451 then 'swept' else 'done' end as outcome,
           floor(-ln(1 - x) * 2000)::bigint as tokens, r < ${RETRIED} as is_retried
      from (select i, now() - make_interval(secs => ${DAYS * 86_400}.0 * (1 - i::float8 / ${requests})) as at,
                   floor(${ACCOUNTS} * random() ^ 3)::int as a, random() as k, floor(${MODELS} * random() ^ 2)::int as m, random() as c,
                   random() as u, random() as v, random() as o, random() as x, random() as r
              from generate_series(1, ${requests}) i) s`;
}

const COST = `case when outcome = 'failed' then 0 else 100 + tokens * 3 end`;

function eventsText() {
  return `insert into usage_event (hold_id, attempt, is_final, account_id, key_id, channel_id, model, upstream_model, endpoint,
           user_identifier, outcome, error_code, input_tokens, output_tokens, duration_ms, first_token_ms, price_version_id, cost,
           purchase_cost, created_at)
    select id, n, n = 1 + is_retried::int, account_id, key_id, channel_id, model, model, case when i % 10 = 0 then 'embeddings' else 'chat' end,
           user_identifier, case when n = 1 and is_retried then 'failed' else outcome end,
           case when (n = 1 and is_retried) or outcome = 'failed' then 'timeout' end, tokens, tokens / 4, 400 + tokens, 300,
           case when outcome = 'failed' or (n = 1 and is_retried) then null else 1 end,
           case when n = 1 and is_retried then 0 else ${COST} end, tokens, at + interval '2 s'
      from seed cross join lateral generate_series(1, 1 + is_retried::int) n`;
}

function holdsText() {
  return `insert into hold (id, account_id, key_id, kind, amount, settled, state, owner, epoch, lease_until, model, user_identifier,
           created_at, closed_at)
    select id, account_id, key_id, case when i % 50 = 0 then 'video' else 'stream' end, 1000000,
           case when is_open then null else ${COST} end,
           case when is_open then 'open' when outcome = 'failed' then 'released' when outcome = 'swept' then 'swept' else 'settled' end,
           'bench', 1, at + interval '1 min', model, user_identifier, at, case when is_open then null else at + interval '2 s' end
      from (select *, false as is_open from seed) s`;
}

function entriesText() {
  return `insert into entry (kind, debit_id, credit_id, amount, ref, actor, created_at)
    select 'settle', account_id, 1, ${COST}, id::text, 'relay', at + interval '2 s' from seed where outcome <> 'failed' order by i`;
}

function grantsText() {
  return `insert into entry (kind, debit_id, credit_id, amount, ref, actor, created_at)
    select 'grant', 1, 1000 + i % ${ACCOUNTS}, 1000000, 'grant ' || i, 'operator', now() from generate_series(1, 20000) i`;
}
