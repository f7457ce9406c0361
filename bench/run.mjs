// @ts-check
// Measures the hub beside a bare relay (and, on request, a peer) in one run. See README.md in this directory.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GeneratorClient } from './generator-client.mjs';
import { describeMachine } from './machine.mjs';
import { checkTarget, measureWorkloads } from './measure.mjs';
import { readOptions } from './options.mjs';
import { helperCore, startServer, stopAll } from './processes.mjs';
import { medianResult, ratiosOf, tableOf } from './report.mjs';
import { startHub, variantsOf } from './targets/hub.mjs';
import { startPortkey } from './targets/portkey.mjs';
import { findPostgres, startPostgres } from './targets/postgres.mjs';
import { directTarget, startBareRelay } from './targets/relay-targets.mjs';

/** @typedef {import('./options.mjs').Options} Options */
/** @typedef {import('./targets/target.mjs').Target} Target */

const [nodeMajor = 0] = process.versions.node.split('.').map(Number);
if (nodeMajor < 24) throw new Error('Node 24 or newer is needed: start this with "npm run bench"');

const options = readOptions(process.argv.slice(2));
if (options !== null) {
  const directory = mkdtempSync(join(tmpdir(), 'hub-bench-'));
  const interrupted = new Promise((_resolve, reject) => {
    for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
      process.on(signal, () => reject(new Error(`stopped by ${signal}`)));
    }
  });
  try {
    process.exitCode = await Promise.race([bench(options, directory), /** @type {Promise<never>} */ (interrupted)]);
  } catch (error) {
    console.error(`bench: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  } finally {
    await stopAll();
    for (const path of [directory, `${directory}-postgres`]) rmSync(path, { recursive: true, force: true });
    process.exit();
  }
}

/**
 * @param {Options} options
 * @param {string} directory
 * @returns {Promise<number>} exit status: 1 when a request failed or an event was lost
 */
async function bench(options, directory) {
  const upstream = await startServer(helperCore, fileURLToPath(import.meta.resolve('./upstream.mjs')));
  const helpers = [upstream.pid];
  const { targets, databasePid } = await startTargets(options, directory, upstream);
  if (databasePid !== null) helpers.push(databasePid);
  for (const target of targets) await checkTarget(target);

  const generator = new GeneratorClient();
  const rows = await measureWorkloads(options, targets, generator, { helpers, databasePid }, directory);
  const medians = rows.map((row) => ({ ...row, result: medianResult(row.rounds) }));
  const ratios = ratiosOf(medians, { isEmbedded: databasePid === null && options.postgresUrl === undefined });
  const head = [...describeMachine(), ...targets.map(({ name, about }) => `${name}: ${about}`)];
  console.log([...head, '', ...tableOf(medians), '', ...ratios.map(({ text }) => text)].join('\n'));
  if (options.jsonFile !== undefined) {
    writeFileSync(options.jsonFile, `${JSON.stringify({ head, rows: medians, ratios }, null, 2)}\n`);
  }
  return medians.some(({ rounds }) => rounds.some(isFaulty)) ? 1 : 0;
}

/**
 * @param {Options} options
 * @param {string} directory
 * @param {{ pid: number, port: number }} upstream
 * @returns {Promise<{ targets: Target[], databasePid: number | null }>} `databasePid` of a server that was started here
 */
async function startTargets({ targets: names, database, postgresUrl, cpuProfileDirectory }, directory, upstream) {
  /** @type {Target[]} */
  const targets = [];
  let databasePid = null;
  if (names.includes('direct')) targets.push(directTarget(upstream));
  if (names.includes('bare')) targets.push(await startBareRelay(upstream));
  const production = ['hub', 'many', 'anthropic', 'responses', 'messages'];
  const modes = [{ withBooks: true }, { withBooks: false }].filter(({ withBooks }) =>
    withBooks ? production.some((name) => names.includes(name)) : names.includes('books-off'),
  );
  if (modes.length > 0) {
    const binaries = database === 'embedded' ? null : findPostgres();
    if (database === 'postgres' && binaries === null) throw new Error('--database postgres: no server binaries found');
    const own =
      postgresUrl === undefined && binaries !== null ? await startPostgres(binaries, `${directory}-postgres`) : null;
    if (own !== null) databasePid = own.pid;
    for (const { withBooks } of modes) {
      const url = own === null ? postgresUrl : own.urlOf(withBooks ? 'hub' : 'hub_books_off');
      const hub = await startHub(upstream, directory, url, { withBooks, cpuProfileDirectory });
      if (!withBooks || names.includes('hub')) targets.push(hub);
      if (withBooks) targets.push(...variantsOf(hub, names));
    }
  }
  if (names.includes('portkey')) targets.push(await startPortkey(upstream, directory));
  return { targets, databasePid };
}

/** @param {import('./load/types.mjs').LoadResult} result */
function isFaulty({ failed, stream }) {
  if (failed > 0) return true;
  return stream !== null && stream.lost + stream.duplicated + stream.outOfOrder + stream.unfinished > 0;
}
