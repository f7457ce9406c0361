// @ts-check
// Measures jobs in flight: how late their upstreams are asked after them, what that costs, and how quick statuses are meanwhile.
// See README.md in this directory.

import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { INTERVAL_MS, prepareHub } from './jobs/hub.mjs';
import { latenessOf, plantJobs, spreadJobs } from './jobs/plant.mjs';
import { openDatabase, parts } from './ledger/parts.mjs';
import { cpuSeconds, treeCpuSeconds } from './load/proc.mjs';
import { describeMachine } from './machine.mjs';
import { helperCore, messageOf, pidOf, start, stopAll } from './processes.mjs';
import { newApiKey } from './targets/hub.mjs';
import { findPostgres, startPostgres } from './targets/postgres.mjs';

/** Until every job has been looked at twice. */
const WARM_UP_MS = 2 * INTERVAL_MS;
const STATUS_RATE = 50;
const ACCEPTED_MS_MAX = 30_000;
const HEADER = [
  ...['database', 'jobs', 'looks/s', 'late p50 / p99 / max ms', 'hub CPU %', 'PostgreSQL CPU %'],
  ...['statuses/s', 'status p50 / p99 ms', 'failed'],
];
/** What the project promises. */
const LATE_P99_MS = 2_000;
const STATUS_P99_MS = 20;
const CPU_PERCENT = 90;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    jobs: { type: 'string', default: '5000' },
    embedded: { type: 'string', default: '200' },
    only: { type: 'string', default: 'postgres,embedded' },
  },
});
const seconds = Number(values.seconds);
if (!(seconds >= 1 && seconds <= 3_600)) throw new Error('--seconds: 1 to 3600 is wanted');

const directory = mkdtempSync(join(tmpdir(), 'hub-bench-'));
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

/** @returns {Promise<number>} exit status: 1 when a status could not be read */
async function bench() {
  /** @type {string[][]} */
  const rows = [];
  /** @type {string[]} */
  const verdicts = [];
  let failed = 0;
  for (const kind of values.only.split(',')) {
    const isEmbedded = kind === 'embedded';
    const result = await measure(isEmbedded, Number(isEmbedded ? values.embedded : values.jobs));
    rows.push(result.cells);
    verdicts.push(...result.verdicts.map((verdict) => `${kind}: ${verdict}`));
    failed += result.failed;
    console.error(result.cells.join('  '));
  }
  const line = (/** @type {string[]} */ cells) => `| ${cells.join(' | ')} |`;
  console.log(
    [...describeMachine(), '', line(HEADER), line(HEADER.map(() => '---')), ...rows.map(line), '', ...verdicts].join(
      '\n',
    ),
  );
  return failed > 0 ? 1 : 0;
}

/**
 * @param {boolean} isEmbedded
 * @param {number} count
 */
async function measure(isEmbedded, count) {
  const upstream = await startUpstream();
  const postgres = isEmbedded ? undefined : await startDatabase();
  const apiKey = newApiKey();
  const prepared = prepareHub(upstream.port, directory, postgres?.url, apiKey);
  const open = () => openDatabase(postgres?.url, prepared.dataDir);

  // The first hub makes its database, and one job to take after.
  const first = await prepared.start();
  await submit(first.url, apiKey);
  await first.stop();
  const { uuid7Hex } = await parts();
  let database = await open();
  await plantJobs(database.sql, count - 1, uuid7Hex);
  const ids = (await database.sql.query(`select replace(id::text, '-', '') as id from job`)).map(({ id }) => id);
  await spreadJobs(database.sql);
  await database.close();
  upstream.child.send('forget');

  const hub = await prepared.start();
  await pause(WARM_UP_MS);
  const fromMs = Date.now();
  const before = { hub: cpuSeconds([hub.pid]), postgres: postgres === undefined ? 0 : treeCpuSeconds(postgres.pid) };
  const statuses = await askStatuses(hub.url, apiKey, ids, seconds * 1e3);
  const tookS = (Date.now() - fromMs) / 1e3;
  const cpu = (cpuSeconds([hub.pid]) - before.hub) / tookS;
  const postgresCpu = postgres === undefined ? 0 : (treeCpuSeconds(postgres.pid) - before.postgres) / tookS;
  const toMs = Date.now();
  // What was due by then is on its way.
  await pause(3_000);
  const asked = await (await fetch(`http://127.0.0.1:${upstream.port}/__asked`)).json();
  await hub.stop();
  database = await open();
  const late = await latenessOf(database.sql, asked, { fromMs, toMs });
  await database.close();
  await stopAll();

  const status = statuses.ms.sort((one, other) => one - other);
  const [lateP99, statusP99] = [quantile(late, 0.99), quantile(status, 0.99)];
  return {
    failed: statuses.failed,
    cells: [
      ...[isEmbedded ? 'embedded' : 'PostgreSQL', String(count), (late.length / tookS).toFixed(0)],
      `${quantile(late, 0.5).toFixed(0)} / ${lateP99.toFixed(0)} / ${(late.at(-1) ?? 0).toFixed(0)}`,
      ...[(cpu * 100).toFixed(0), isEmbedded ? '-' : (postgresCpu * 100).toFixed(0)],
      ...[(status.length / tookS).toFixed(0), `${quantile(status, 0.5).toFixed(1)} / ${statusP99.toFixed(1)}`],
      String(statuses.failed),
    ],
    verdicts: [
      `looks are late by at most ${LATE_P99_MS} ms (p99): ${lateP99 <= LATE_P99_MS ? 'met' : 'MISSED'}`,
      `a status takes at most ${STATUS_P99_MS} ms (p99): ${statusP99 <= STATUS_P99_MS ? 'met' : 'MISSED'}`,
      `the hub leaves a core at least ${100 - CPU_PERCENT} %: ${cpu * 100 <= CPU_PERCENT ? 'met' : 'MISSED'}`,
    ],
  };
}

async function startUpstream() {
  const module = fileURLToPath(new URL('./jobs/upstream.mjs', import.meta.url));
  const child = start(helperCore, [process.execPath, module], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const { port } = /** @type {{ port: number }} */ (await messageOf(child, ACCEPTED_MS_MAX));
  return { child, pid: pidOf(child), port };
}

async function startDatabase() {
  const binaries = findPostgres();
  if (binaries === null) throw new Error('no PostgreSQL server binaries found');
  const server = await startPostgres(binaries, directory);
  return { pid: server.pid, url: server.urlOf('jobs') };
}

/**
 * Submits one video and waits until the upstream has it.
 *
 * @param {string} url
 * @param {string} apiKey
 */
async function submit(url, apiKey) {
  const authorization = `Bearer ${apiKey}`;
  const answer = await fetch(`${url}/api/video/submit`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'bench-video', prompt: 'a cat' }),
  });
  const { data, message } = await answer.json();
  if (data === undefined) throw new Error(`the video was not taken on: ${message}`);
  const endsAt = performance.now() + ACCEPTED_MS_MAX;
  while (performance.now() < endsAt) {
    const status = await fetch(`${url}/api/video/status?jobId=${data.jobId}`, { headers: { authorization } });
    if ((await status.json()).data?.status === 'processing') return;
    await pause(100);
  }
  throw new Error('the video was not taken on by the upstream');
}

/**
 * Asks after jobs at fixed moments, whether or not earlier answers came; a latency counts from the moment its request was due.
 *
 * @param {string} url
 * @param {string} apiKey
 * @param {string[]} ids
 * @param {number} durationMs
 */
async function askStatuses(url, apiKey, ids, durationMs) {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const total = Math.round((durationMs / 1e3) * STATUS_RATE);
  const startedAt = performance.now();
  /** @type {number[]} */
  const ms = [];
  let failed = 0;
  /** @type {Promise<void>[]} */
  const open = [];
  for (let n = 0; n < total; n++) {
    const dueAt = startedAt + (n * 1e3) / STATUS_RATE;
    const waitMs = dueAt - performance.now();
    if (waitMs > 0) await pause(waitMs);
    const id = ids[Math.floor(Math.random() * ids.length)];
    open.push(
      askStatus(`${url}/api/video/status?jobId=job_${id}`, apiKey, agent).then((isGood) => {
        if (isGood) ms.push(performance.now() - dueAt);
        else failed++;
      }),
    );
  }
  await Promise.all(open);
  agent.destroy();
  return { ms, failed };
}

/**
 * @param {string} url
 * @param {string} apiKey
 * @param {Agent} agent
 * @returns {Promise<boolean>} whether it was answered with a status
 */
function askStatus(url, apiKey, agent) {
  return new Promise((resolve) => {
    const sent = request(url, { agent, headers: { authorization: `Bearer ${apiKey}` } }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode === 200));
    });
    sent.once('error', () => resolve(false));
    sent.end();
  });
}

/**
 * @param {number[]} sorted
 * @param {number} part
 */
function quantile(sorted, part) {
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN;
}

/** @param {number} ms */
function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
