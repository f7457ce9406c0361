// @ts-check

import { helperCore, targetCore } from './processes.mjs';
import { medianResult } from './report.mjs';
import { inFormat, jsonBody, streamBody } from './requests.mjs';
import { MARK_PATTERN } from './stamp.mjs';
import { BOOKS_OFF, PRODUCTION } from './targets/hub-names.mjs';
import { OPEN_LOAD, workloadsOf } from './workloads.mjs';
import { runWrk } from './wrk.mjs';

const FOREIGN_CPU_MAX = 0.05;
const HELPER_CPU_MAX = 0.9;

/** @typedef {import('./targets/target.mjs').Target} Target */
/** @typedef {import('./load/types.mjs').LoadResult} LoadResult */

/**
 * @typedef {object} Helpers process ids of what shares the generator's core
 * @property {number[]} helpers
 * @property {number | null} databasePid which of them is the database, if any
 */

/**
 * @typedef {object} Row
 * @property {string} workload
 * @property {string} target
 * @property {string} about the workload
 * @property {LoadResult[]} rounds
 * @property {string[]} notes
 */

/**
 * One request of each kind that must come back from the bench upstream: a target that answers by itself, or only with
 * errors, would look very fast.
 *
 * @param {Target} target
 */
export async function checkTarget(target) {
  const { name, port, path, headers } = target;
  for (const body of [jsonBody, streamBody(2, 0)].map((body) => bodyFor(target, body))) {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', headers, body });
    const text = await response.text();
    // Formats that are translated have ids of their own.
    const isFromThere = text.includes('chatcmpl-bench') || text.includes('lorem ipsum') || MARK_PATTERN.test(text);
    if (response.status !== 200 || !isFromThere) {
      throw new Error(`${name} does not relay to the bench upstream: ${response.status} ${text.slice(0, 300)}`);
    }
  }
}

/**
 * Runs every workload against every target. Rounds are the outer loop, so that a slow minute of the machine hits all targets.
 *
 * @param {import('./options.mjs').Options} options
 * @param {Target[]} targets
 * @param {import('./generator-client.mjs').GeneratorClient} generator
 * @param {Helpers} helpers
 * @param {string} directory for temporary files
 * @returns {Promise<Row[]>}
 */
export async function measureWorkloads(options, targets, generator, helpers, directory) {
  /** @type {Row[]} */
  const rows = [];
  for (const workload of workloadsOf(options)) {
    const rate = workload.capacityOf === null ? 0 : (options.rate ?? rateFrom(rows, workload.capacityOf));
    const taking = targets.filter(
      (target) =>
        target.workloads?.includes(workload.id) !== false &&
        (workload.capacityOf === null || canTake(rows, workload.capacityOf, target, rate)),
    );
    const about = rate === 0 ? workload.about : `${workload.about}, ${rate}/s`;
    const ofWorkload = taking.map((target) => ({ target, row: newRow(workload.id, target.name, about) }));
    for (let round = 0; round < (workload.once ? 1 : options.rounds); round += 1) {
      for (const { target, row } of ofWorkload) {
        const command = commandFor(target, helpers, workload.commandOf(round, rate));
        const result = await measureUndisturbed(generator, command, options.repeatsMax);
        row.rounds.push(result);
        row.notes.push(...notesOn(result, target));
        console.error(progressOf(row, result));
      }
    }
    rows.push(...ofWorkload.map(({ row }) => row));
    if (options.withWrk && workload.id === 'json') rows.push(...(await wrkRows(options, targets, directory)));
  }
  return rows;
}

/**
 * @param {Target} target
 * @param {Helpers} helpers
 * @param {ReturnType<import('./workloads.mjs').Workload['commandOf']>} load
 * @returns {import('./load/types.mjs').LoadCommand}
 */
function commandFor(target, { helpers, databasePid }, load) {
  const { port, path, headers, pid, isRelay, format = 'chat' } = target;
  const cores =
    targetCore === null || helperCore === null
      ? null
      : { target: isRelay ? targetCore : helperCore, helpers: helperCore };
  return {
    ...load,
    body: bodyFor(target, load.body),
    port,
    path,
    headers,
    format,
    watchPids: [pid, ...helpers],
    databasePid,
    cores,
  };
}

/**
 * A request for the model of a target, in its format.
 *
 * @param {Target} target
 * @param {string} body
 */
function bodyFor({ model, format }, body) {
  return inFormat(model === undefined ? body : body.replace('"bench-model"', JSON.stringify(model)), format);
}

/**
 * Measures again, a bounded number of times, while something else took part of the cores; keeps the least disturbed round.
 *
 * @param {import('./generator-client.mjs').GeneratorClient} generator
 * @param {import('./load/types.mjs').LoadCommand} command
 * @param {number} repeatsMax
 */
async function measureUndisturbed(generator, command, repeatsMax) {
  let best = await generator.run(command);
  for (let repeat = 0; repeat < repeatsMax && foreignOf(best) > FOREIGN_CPU_MAX && best.failed === 0; repeat += 1) {
    const again = await generator.run(command);
    if (foreignOf(again) < foreignOf(best) || again.failed > 0) best = again;
  }
  return best;
}

/** @param {LoadResult} result */
function foreignOf({ use }) {
  return use?.foreignCpu ?? 0;
}

/** @param {string} workload @param {string} target @param {string} about @returns {Row} */
function newRow(workload, target, about) {
  return { workload, target, about, rounds: [], notes: [] };
}

/**
 * @param {Row[]} rows
 * @param {string} workload
 * @returns {number} the rate of an open loop: a fixed part of what the hub (else the bare relay, else the upstream) can do
 */
function rateFrom(rows, workload) {
  for (const name of [PRODUCTION, BOOKS_OFF, 'bare', 'direct']) {
    const row = rows.find((candidate) => candidate.workload === workload && candidate.target === name);
    if (row !== undefined) return Math.max(1, Math.round(medianResult(row.rounds).perSecond * OPEN_LOAD));
  }
  throw new Error(`the open loop needs a rate: measure ${workload} in the same run, or give --rate`);
}

/**
 * A target slower than the rate would only show a growing queue.
 *
 * @param {Row[]} rows
 * @param {string} workload
 * @param {Target} target
 * @param {number} rate
 */
function canTake(rows, workload, target, rate) {
  const row = rows.find((candidate) => candidate.workload === workload && candidate.target === target.name);
  return row === undefined || medianResult(row.rounds).perSecond * 0.8 > rate;
}

/** @param {LoadResult} result @param {Target} target @returns {string[]} */
function notesOn({ failed, failure, use }, target) {
  const notes = [];
  if (failed > 0) notes.push(`${failed} failed: ${failure}`);
  if (use !== null && use.helperCpu > HELPER_CPU_MAX && target.isRelay)
    notes.push('generator and upstream at their limit');
  if (use !== null && (use.foreignCpu ?? 0) > FOREIGN_CPU_MAX) notes.push('other processes on the cores');
  const own = target.noteOfRow?.() ?? null;
  if (own !== null) notes.push(own);
  return notes;
}

/** @param {Row} row @param {LoadResult} result */
function progressOf({ workload, target, rounds }, { perSecond, latency, failed }) {
  const p50 = latency.p50 === null ? '-' : `${latency.p50.toFixed(2)} ms`;
  return `${workload} ${target} round ${rounds.length}: ${perSecond.toFixed(0)}/s, p50 ${p50}, ${failed} failed`;
}

/**
 * @param {import('./options.mjs').Options} options
 * @param {Target[]} targets
 * @param {string} directory
 * @returns {Promise<Row[]>}
 */
async function wrkRows({ connections, rounds, times }, targets, directory) {
  const rows = targets.map((target) => ({
    target,
    row: newRow('json-wrk', target.name, 'the json requests sent by wrk'),
  }));
  for (let round = 0; round < rounds; round += 1) {
    for (const { target, row } of rows) {
      row.rounds.push(await runWrk(target, connections, times.durationMs, directory));
      target.noteOfRow?.();
    }
  }
  return rows.map(({ row }) => row);
}
