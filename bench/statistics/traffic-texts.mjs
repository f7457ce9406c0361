// @ts-check

export const DAYS = 35;
export const ACCOUNTS = 2_000;
export const MODELS = 50;
export const CHANNELS = 20;
const USERS = 200_000;
/** Attempts that another one followed. */
export const RETRIED = 0.03;

/** Made in two halves at a time, which are read one after the other: rows are in the order of time. @param {number} requests */
export function seedTableTexts(requests) {
  const half = Math.ceil(requests / 2);
  const columns = `i bigint, id uuid, at timestamptz, account_id bigint, key_id bigint, model text, channel_id bigint,
    user_identifier text, outcome text, tokens bigint, is_retried boolean`;
  return [
    `create table seed (${columns}) partition by range (i)`,
    `create unlogged table seed_1 partition of seed for values from (minvalue) to (${half + 1})`,
    `create unlogged table seed_2 partition of seed for values from (${half + 1}) to (maxvalue)`,
  ];
}

/** @param {number} requests @param {1 | 2} half */
export function requestsText(requests, half) {
  const middle = Math.ceil(requests / 2);
  const [first, last] = half === 1 ? [1, middle] : [middle + 1, requests];
  return `insert into seed_${half}
    select i, (lpad(to_hex(floor(extract(epoch from at) * 1000)::bigint), 12, '0') || '70008' || lpad(to_hex(i), 15, '0'))::uuid as id,
           at, 1000 + a as account_id, 1 + a * 3 + floor(k * 3)::int as key_id, 'model-' || m as model, 1 + (m * 7 + floor(c * 3)::int) % ${CHANNELS} as channel_id,
           case when u < 0.1 then '' else 'user-' || floor(greatest(30, ${USERS} * (cbrt(a + 1) - cbrt(a)) / cbrt(${ACCOUNTS})) * v ^ 2)::int end as user_identifier,
           case when o < 0.03 then 'failed' when o < 0.04 then 'client_gone' when o < 0.045 then 'overrun' when o < 0.0451 then 'swept' else 'done' end as outcome,
           floor(-ln(1 - x) * 2000)::bigint as tokens, r < ${RETRIED} as is_retried
      from (select i, now() - make_interval(secs => ${DAYS * 86_400}.0 * (1 - i::float8 / ${requests})) as at,
                   floor(${ACCOUNTS} * random() ^ 3)::int as a, random() as k, floor(${MODELS} * random() ^ 2)::int as m, random() as c,
                   random() as u, random() as v, random() as o, random() as x, random() as r
              from generate_series(${first}, ${last}) i) s`;
}

const COST = `case when outcome = 'failed' then 0 else 100 + tokens * 3 end`;

export function eventsText() {
  return `insert into usage_event (hold_id, attempt, is_final, account_id, key_id, channel_id, model, upstream_model, endpoint,
           user_identifier, outcome, error_code, input_tokens, output_tokens, duration_ms, first_token_ms, price_version_id, cost,
           purchase_cost, audio_ms, characters, searches, created_at)
    select id, n, n = 1 + is_retried::int, account_id, key_id, channel_id, model, model, case when i % 10 = 0 then 'embeddings' else 'chat' end,
           user_identifier, case when n = 1 and is_retried then 'failed' else outcome end,
           case when (n = 1 and is_retried) or outcome = 'failed' then 'timeout' end, tokens, tokens / 4, 400 + tokens, 300,
           case when outcome = 'failed' or (n = 1 and is_retried) then null else 1 end,
           case when n = 1 and is_retried then 0 else ${COST} end, tokens, case when i % 20 = 1 then tokens * 7 end,
           case when i % 20 = 2 then tokens end, case when i % 20 = 3 then 1 + tokens % 3 end, at + interval '2 s'
      from seed cross join lateral generate_series(1, 1 + is_retried::int) n`;
}

export function holdsText() {
  return `insert into hold (id, account_id, key_id, kind, amount, settled, state, owner, epoch, lease_until, model, user_identifier,
           created_at, closed_at)
    select id, account_id, key_id, case when i % 50 = 0 then 'video' else 'stream' end, 1000000,
           case when is_open then null else ${COST} end,
           case when is_open then 'open' when outcome = 'failed' then 'released' when outcome = 'swept' then 'swept' else 'settled' end,
           'bench', 1, at + interval '1 min', model, user_identifier, at, case when is_open then null else at + interval '2 s' end
      from (select *, false as is_open from seed) s`;
}

export function entriesText() {
  return `insert into entry (kind, debit_id, credit_id, amount, ref, actor, created_at)
    select 'settle', account_id, 1, ${COST}, id::text, 'relay', at + interval '2 s' from seed where outcome <> 'failed'`;
}

export function grantsText() {
  return `insert into entry (kind, debit_id, credit_id, amount, ref, actor, created_at)
    select 'grant', 1, 1000 + i % ${ACCOUNTS}, 1000000, 'grant ' || i, 'operator', now() from generate_series(1, 20000) i`;
}
