// @ts-check

import pg from 'pg';
import { dropIndexes, makeIndexes } from './indexes.mjs';
import { parts } from './parts.mjs';
import { sumTasks } from './sums.mjs';
import { runTasks } from './tasks.mjs';
import {
  ACCOUNTS,
  entriesText,
  eventsText,
  grantsText,
  holdsText,
  RETRIED,
  requestsText,
  seedTableTexts,
} from './traffic-texts.mjs';

/** Filled without their indexes, which are made afterwards: several times faster than keeping them. */
const TABLES = ['usage_event', 'hold', 'entry', 'usage_hour', 'usage_day', 'usage_user_day', 'usage_slice'];

/**
 * Fills an empty database with usage of the last 35 days, evenly spread in time and unevenly over everything else: the greatest
 * of 2,000 accounts has 8 % of it, the greatest of 50 models 14 %. The sums are made from the events set by set, by other
 * statements than the roll-up's: `compareWithEvents` shows that they are right.
 *
 * @param {string} url of an empty database
 * @param {number} events
 * @param {(text: string) => void} log
 */
export async function seed(url, events, log) {
  const { Database } = await parts();
  await (await Database.open({ url, dataDir: '', poolMax: 2, ledgerPoolMax: 2 })).close();
  const clients = [await connect(url), await connect(url)];
  const [one] = clients;
  if (one === undefined) throw new Error('no connection');
  for (const text of [
    `alter system set fsync = off`,
    `alter system set autovacuum = off`,
    `alter system set max_wal_size = '16GB'`,
    `select pg_reload_conf()`,
    `select ensure_partitions(3, now() - interval '40 days')`,
    `insert into account (id, name) select 1000 + i, 'account ' || i from generate_series(0, ${ACCOUNTS - 1}) i`,
    `insert into api_key (id, account_id, name, key_hash, last4) overriding system value
     select 1 + i, 1000 + i / 3, 'key', sha256(i::text::bytea), 'abcd' from generate_series(0, ${ACCOUNTS * 3 - 1}) i`,
    ...seedTableTexts(Math.round(events / (1 + RETRIED))),
  ]) {
    await one.query(text);
  }
  const indexes = await dropIndexes(one, TABLES);
  await runTasks(
    clients,
    [...trafficTasks(Math.round(events / (1 + RETRIED))), ...sumTasks(), ...makeIndexes(indexes)],
    log,
  );
  await one.query(
    `update usage_rollup_state set watermark = pg_snapshot_xmin(pg_current_snapshot()),
            statistics_watermark = pg_snapshot_xmin(pg_current_snapshot()),
            passed_watermark = pg_snapshot_xmin(pg_current_snapshot())`,
  );
  await one.query('drop table seed');
  await Promise.all(clients.map((client) => client.end()));
}

/** @param {number} requests @returns {import('./tasks.mjs').Task[]} */
function trafficTasks(requests) {
  const texts = (/** @type {string} */ name, /** @type {string[]} */ after, /** @type {string} */ text) => ({
    name,
    after,
    run: (/** @type {pg.Client} */ client) => client.query(text),
  });
  const halves = ['requests 1', 'requests 2'];
  return [
    texts('requests 1', [], requestsText(requests, 1)),
    texts('requests 2', [], requestsText(requests, 2)),
    texts('rows of usage_event', halves, eventsText()),
    texts('rows of hold', halves, holdsText()),
    texts('rows of settlements', halves, entriesText()),
    texts('rows of entry', ['rows of settlements'], grantsText()),
  ];
}

/** Durable again, and everything on disk. @param {string} url */
export async function settleDown(url) {
  const clients = [await connect(url), await connect(url)];
  const vacuum = async (/** @type {pg.Client | undefined} */ client, /** @type {string[]} */ tables) =>
    client?.query(`vacuum analyze ${tables.join(', ')}`);
  const [one, two] = clients;
  await Promise.all([vacuum(one, TABLES.slice(0, 2)), vacuum(two, TABLES.slice(2))]);
  for (const text of [
    'vacuum analyze account, api_key',
    'alter system reset all',
    'select pg_reload_conf()',
    'checkpoint',
  ]) {
    await one?.query(text);
  }
  await Promise.all(clients.map((client) => client.end()));
}

/** @param {string} url */
export async function connect(url) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const [name, value] of Object.entries({
    work_mem: '768MB',
    maintenance_work_mem: '1GB',
    synchronous_commit: 'off',
    // Else a scan may begin where another one is, and rows come in another order than that of time.
    synchronize_seqscans: 'off',
    jit: 'off',
  })) {
    await client.query(`set ${name} = '${value}'`);
  }
  return client;
}
