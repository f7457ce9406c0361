// @ts-check
// Measures the ledger alone: reserve and settle on a PostgreSQL of its own, without HTTP. See README.md in this directory.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openDatabase, parts } from './ledger/parts.mjs';
import { treeCpuSeconds } from './load/proc.mjs';
import { describeMachine } from './machine.mjs';
import { assertAllRunning, messageOf, start, stopAll, targetCore } from './processes.mjs';
import { findPostgres, startPostgres } from './targets/postgres.mjs';

/** @typedef {import('./ledger/instance.mjs').JobResult} JobResult */

const SPARE_MS = 60_000;
const ACCOUNTS = 100;
const QUOTA = 10n ** 17n;
const RATES = [200, 1_000, 3_000];
const WORKERS = 200;
const HEADER = [
  ...['load', 'accounts', 'instance', 'req/s', 'reserve p50 / p99 ms', 'settle p50 / p99 ms', 'batch reserve / settle'],
  ...['Node CPU us/req', 'PostgreSQL CPU us/req', 'deadlocks', 'failed'],
];

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '5' }, quick: { type: 'boolean', default: false } },
});
const durationMs = Number(values.seconds) * 1e3 * (values.quick ? 0.2 : 1);
if (!(durationMs >= 200 && durationMs <= 600_000)) throw new Error('--seconds: 1 to 600 is wanted');

const directory = mkdtempSync(join(tmpdir(), 'hub-bench-'));
try {
  process.exitCode = await bench();
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
} finally {
  await stopAll();
  rmSync(directory, { recursive: true, force: true });
  process.exit();
}

/** @returns {Promise<number>} exit status: 1 when a request failed or the books do not add up */
async function bench() {
  const binaries = findPostgres();
  if (binaries === null) throw new Error('no PostgreSQL server binaries found');
  const postgres = await startPostgres(binaries, directory);
  const url = postgres.urlOf('ledger');
  const { Audit } = await parts();
  const database = await openDatabase(url);
  const accountIds = await fund(database.sql);
  const [first = ''] = accountIds;
  const instances = [await startInstance(url, 'A'), await startInstance(url, 'B')];
  const [a] = instances;
  if (a === undefined) throw new Error('no instance');

  const loads = [
    ...RATES.flatMap((rate) => [
      { rate, accountIds, on: [a] },
      { rate, accountIds: [first], on: [a] },
    ]),
    { rate: 1_000, accountIds: [first], on: instances },
    { rate: null, accountIds, on: [a] },
    { rate: null, accountIds: [first], on: [a] },
    { rate: null, accountIds: [first], on: instances },
  ];
  /** @type {string[][]} */
  const rows = [];
  let isFaulty = false;
  for (const { rate, accountIds: ids, on } of loads) {
    const job = { accountIds: ids, rate, workers: WORKERS, warmupMs: Math.min(2_000, durationMs), durationMs };
    const deadlocksBefore = await deadlocks(database.sql);
    const { results, databaseUs } = await runOn(on, job, postgres.pid);
    const deadlocked = (await deadlocks(database.sql)) - deadlocksBefore;
    const all = results.reduce((sum, { requests }) => sum + requests, 0);
    for (const [index, result] of results.entries()) {
      const load = rate === null ? `closed, ${WORKERS} at once` : `${rate}/s`;
      const server = [(databaseUs / all).toFixed(0), String(deadlocked)];
      rows.push([
        load,
        String(ids.length),
        on[index]?.name ?? '',
        ...cellsOf(result),
        ...server,
        String(result.failed),
      ]);
      console.error(rows.at(-1)?.join('  '));
      if (result.failure !== null) console.error(`  ${result.failure}`);
      isFaulty ||= result.failed > 0 || deadlocked > 0;
    }
  }
  const audit = await new Audit(database.sql).run();
  const bad = audit.filter((/** @type {{ badRows: number }} */ { badRows }) => badRows > 0);
  await database.close();
  const line = (/** @type {string[]} */ cells) => `| ${cells.join(' | ')} |`;
  console.log(
    [...describeMachine(), '', line(HEADER), line(HEADER.map(() => '---')), ...rows.map(line), ''].join('\n'),
  );
  console.log(
    bad.length === 0
      ? `audit: ${audit.length} invariants, no bad rows`
      : `audit: BROKEN ${bad.map((/** @type {{ id: string }} */ { id }) => id).join(', ')}`,
  );
  return isFaulty || bad.length > 0 ? 1 : 0;
}

/** @param {{ query: (text: string, parameters?: unknown[]) => Promise<any[]> }} sql @returns {Promise<string[]>} account ids */
async function fund(sql) {
  const accounts = await sql.query(
    `insert into account (name) select 'bench ' || i from generate_series(1, $1::int) i returning id`,
    [ACCOUNTS],
  );
  for (const { id } of accounts) {
    await sql.query(`select ledger_post('grant', $1, $2, $3, 'bench', null)`, [id, QUOTA, `bench ${id}`]);
  }
  return accounts.map(({ id }) => id);
}

/** @param {{ query: (text: string) => Promise<any[]> }} sql */
async function deadlocks(sql) {
  const [row] = await sql.query('select deadlocks from pg_stat_database where datname = current_database()');
  return Number(row?.deadlocks);
}

/** @param {string} url @param {string} name */
async function startInstance(url, name) {
  const module = fileURLToPath(new URL('./ledger/instance.mjs', import.meta.url));
  const child = start(targetCore, [process.execPath, module, url, name], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  await messageOf(child, SPARE_MS);

  return { name, child };
}

/**
 * @param {{ name: string, child: import('node:child_process').ChildProcess }[]} instances
 * @param {import('./ledger/instance.mjs').Job} job
 * @param {number} databasePid
 * @returns {Promise<{ results: JobResult[], databaseUs: number }>}
 */
async function runOn(instances, job, databasePid) {
  const limitMs = job.warmupMs + job.durationMs + SPARE_MS;
  for (const { child } of instances) child.send(job);
  await Promise.all(instances.map(({ child }) => messageOf(child, limitMs)));
  const before = treeCpuSeconds(databasePid);
  const results = await Promise.all(instances.map(({ child }) => messageOf(child, limitMs)));
  assertAllRunning();
  return { results: /** @type {JobResult[]} */ (results), databaseUs: (treeCpuSeconds(databasePid) - before) * 1e6 };
}

/** @param {JobResult} result */
function cellsOf({ perSecond, reserve, settle, reserveBatch, settleBatch, cpuUs, requests }) {
  const quantiles = (/** @type {import('./load/types.mjs').Quantiles} */ { p50, p99 }) =>
    `${p50?.toFixed(1)} / ${p99?.toFixed(1)}`;
  return [
    ...[perSecond.toFixed(0), quantiles(reserve), quantiles(settle)],
    ...[`${reserveBatch.toFixed(1)} / ${settleBatch.toFixed(1)}`, (cpuUs / requests).toFixed(0)],
  ];
}
