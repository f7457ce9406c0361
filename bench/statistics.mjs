// @ts-check
// Fills a PostgreSQL of its own with millions of usage events, and measures every statistic and list of operators on it.
// See docs/statistics.md.

import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeMachine } from './machine.mjs';
import { stopAll } from './processes.mjs';
import { compareWithEvents } from './statistics/check.mjs';
import { parts } from './statistics/parts.mjs';
import { queries } from './statistics/queries.mjs';
import { connect, seed, settleDown } from './statistics/seed.mjs';
import { measureWrites } from './statistics/writes.mjs';
import { findPostgres, startPostgres } from './targets/postgres.mjs';

const HEADER = ['question', 'p50 ms', 'p95 ms', 'max ms', 'statements', 'budget ms', 'p95 within'];
const WARM_UP = 2;

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '10000000' },
    times: { type: 'string', default: '20' },
    only: { type: 'string', default: '' },
    'no-check': { type: 'boolean', default: false },
    // Where an earlier run with --wait has left its database: nothing is filled then.
    postgres: { type: 'string' },
    // Leaves the server running at the end, and says where, until the process is interrupted.
    wait: { type: 'boolean', default: false },
  },
});
const events = Number(values.events);
const times = Number(values.times);
if (!(events >= 1_000 && events <= 100_000_000)) throw new Error('--events: 1000 to 100000000 is wanted');
if (!(times >= 1 && times <= 1_000)) throw new Error('--times: 1 to 1000 is wanted');

const directory = mkdtempSync(join(tmpdir(), 'hub-bench-'));
const log = (/** @type {string} */ text) => console.error(text);
try {
  process.exitCode = await bench();
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.stack : error}`);
  process.exitCode = 1;
} finally {
  await stopAll();
  rmSync(directory, { recursive: true, force: true });
  process.exit();
}

/** @returns {Promise<{ url: string, filled: string }>} a database to measure on, and what it took to fill it */
async function fill() {
  if (values.postgres !== undefined) return { url: values.postgres, filled: 'the database of an earlier run' };
  const binaries = findPostgres();
  if (binaries === null) throw new Error('no PostgreSQL server binaries found');
  const url = (await startPostgres(binaries, directory, null)).urlOf('statistics');
  const start = performance.now();
  await seed(url, events, log);
  const loaded = performance.now();
  await settleDown(url);
  const seconds = (/** @type {number} */ ms) => (ms / 1e3).toFixed(0);
  const filled = `${events} events filled in ${seconds(loaded - start)} s, and ${seconds(performance.now() - loaded)} s for vacuum`;
  log(filled);
  return { url, filled };
}

/** @returns {Promise<number>} exit status: 1 when a figure is not what the events say; a missed budget is only marked */
async function bench() {
  const { url, filled } = await fill();
  const { Database } = await parts();
  const database = await Database.open({ url, dataDir: '', poolMax: 2, ledgerPoolMax: 2 });
  const client = await connect(url);
  const { rows: counts } = await client.query(
    `select 'usage_event' as name, count(*) from usage_event union all select 'usage_hour', count(*) from usage_hour
     union all select 'usage_day', count(*) from usage_day union all select 'usage_user_day', count(*) from usage_user_day
     union all select 'usage_slice', count(*) from usage_slice`,
  );
  // The last full moment of what was filled in, whenever that was.
  const { rows: last } = await client.query("select max(hour) + interval '1 hour' as end from usage_hour");
  /** @type {Date} */
  const end = last[0].end;
  const lines = [...describeMachine(), filled, counts.map(({ name, count }) => `${name} ${count}`).join(', '), ''];
  const table = await measureAll(database, end);
  lines.push(...table, '');
  let isWrong = false;
  if (!values['no-check']) {
    const { compared, differences } = await compareWithEvents(database, client, end, log);
    lines.push(
      `compared with the events, to the unit: ${compared}, different: ${differences.length} ${differences.join('; ')}`,
    );
    isWrong = differences.length > 0;
  }
  // Last: it adds events.
  lines.push(...(await measureWrites(database, client)));
  lines.push(`load average at the end: ${loadavg()[0]?.toFixed(1)}`);
  console.log(lines.join('\n'));
  await client.end();
  await database.close();
  if (values.wait) {
    log(`the server stays: --postgres ${url}`);
    await new Promise((resolve) => process.once('SIGINT', resolve));
  }
  return isWrong ? 1 : 0;
}

/** @param {any} database @param {Date} end @returns {Promise<string[]>} lines of a table */
async function measureAll(database, end) {
  const line = (/** @type {string[]} */ cells) => `| ${cells.join(' | ')} |`;
  const lines = [line(HEADER), line(HEADER.map(() => '---'))];
  for (const query of await queries(end)) {
    if (!query.name.includes(values.only)) continue;
    const cells = await measure(database, query);
    log(cells.join('  '));
    lines.push(line(cells));
  }
  return lines;
}

/** @param {any} database @param {import('./statistics/queries.mjs').Query} query @returns {Promise<string[]>} cells */
async function measure(database, query) {
  /** @type {number[]} */
  const took = [];
  let statements = 0;
  for (let run = -WARM_UP; run < (query.times ?? times); run++) {
    let count = 0;
    const start = performance.now();
    await database.reports.snapshot((/** @type {any} */ session) =>
      query.run({
        query: (/** @type {string} */ text, /** @type {unknown[]} */ bound) => {
          count++;
          return session.query(text, bound);
        },
      }),
    );
    if (run < 0) continue;
    took.push(performance.now() - start);
    statements = Math.max(statements, count);
  }
  took.sort((a, b) => a - b);
  const at = (/** @type {number} */ part) => took[Math.min(took.length - 1, Math.ceil(took.length * part) - 1)] ?? 0;
  const isWithin = at(0.95) <= query.budgetMs;
  return [
    query.name,
    ...[at(0.5), at(0.95), took.at(-1) ?? 0].map((ms) => ms.toFixed(1)),
    ...[String(statements), String(query.budgetMs), isWithin ? 'yes' : 'NO'],
  ];
}
