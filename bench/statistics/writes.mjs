// @ts-check

import { parts } from './parts.mjs';

const BATCHES = 40;
const EVENTS_PER_BATCH = 50;
const NEW_INDEXES = [
  ...[
    'usage_event_key_idx',
    'usage_event_channel_idx',
    'usage_event_model_idx',
    'usage_event_outcome_idx',
    'usage_event_user_idx',
  ],
];

/**
 * What the statistics cost those who write: the roll-up with and without them, and an insert of events with and without the
 * indexes of the lists.
 *
 * @param {any} database
 * @param {import('pg').Client} client
 * @returns {Promise<string[]>} lines
 */
export async function measureWrites(database, client) {
  const { addToHours, addToStatistics, rollUpUsage } = await parts();
  const session = {
    query: async (/** @type {string} */ text, /** @type {unknown[]} */ values) =>
      (await client.query(text, values)).rows,
  };
  const withIndexes = await insertEvents(client, false);
  const without = await insertEvents(client, true);
  /** @type {number[]} */
  const [hours, statistics] = [[], []];
  const events = BATCHES * EVENTS_PER_BATCH;
  const lines = [];
  const { rows } = await client.query('select watermark::text as mark from usage_rollup_state');
  const mark = BigInt(rows[0].mark);
  for (let batch = 0; batch < BATCHES; batch++) await client.query(eventsText(batch));
  const { rows: ends } = await client.query('select pg_snapshot_xmin(pg_current_snapshot())::text as until');
  await client.query('begin');
  hours.push(await timeOf(() => addToHours(session, mark, BigInt(ends[0].until))));
  statistics.push(await timeOf(() => addToStatistics(session, mark, BigInt(ends[0].until))));
  await client.query('rollback');
  let steps = 0;
  const whole = await timeOf(async () => {
    for (;;) {
      steps++;
      if ((await rollUpUsage(database.sql)) !== 'more') break;
    }
  });
  const us = (/** @type {number} */ ms) => ((ms * 1e3) / events).toFixed(0);
  lines.push(
    `roll-up of ${events} events: hours alone (as before) ${us(hours[0] ?? 0)} us an event, statistics ${us(statistics[0] ?? 0)} us more;`,
    `  the whole in ${steps} steps of the product: ${us(whole)} us an event, ${(whole / steps).toFixed(0)} ms a step`,
    `insert of events in transactions of ${EVENTS_PER_BATCH}: ${us(without)} us an event without the indexes of the lists, ${us(withIndexes)} us with them`,
  );
  return lines;
}

/** @param {import('pg').Client} client @param {boolean} isWithout the new indexes @returns {Promise<number>} ms */
async function insertEvents(client, isWithout) {
  await client.query('begin');
  if (isWithout) for (const name of NEW_INDEXES) await client.query(`drop index ${name}`);
  const ms = await timeOf(async () => {
    for (let batch = 0; batch < BATCHES; batch++) await client.query(eventsText(batch));
  });
  await client.query('rollback');
  return ms;
}

/** @param {number} batch */
function eventsText(batch) {
  return `insert into usage_event (hold_id, attempt, is_final, account_id, key_id, channel_id, model, endpoint, user_identifier,
      outcome, input_tokens, output_tokens, price_version_id, cost)
    select (lpad(to_hex(floor(extract(epoch from now()) * 1000)::bigint), 12, '0') || '7001a' || lpad(to_hex(${batch * EVENTS_PER_BATCH} + i), 15, '0'))::uuid,
           1, true, 1000 + a, a * 3 + 1, 1 + i % 20, 'model-' || i % 50, 'chat', 'user-' || floor(random() * 1000), 'done', 100, 100, 1, 400
      from (select i, floor(2000 * random() ^ 3)::int as a from generate_series(1, ${EVENTS_PER_BATCH}) i) s`;
}

/** @param {() => Promise<unknown>} work @returns {Promise<number>} ms */
async function timeOf(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
