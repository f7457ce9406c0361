// @ts-check

import { parseArgs } from 'node:util';

export const WORKLOADS = ['json', 'json-open', 'sse', 'sse-open', 'slow'];
const TARGETS = ['direct', 'bare', 'hub', 'many', 'anthropic', 'responses', 'messages', 'books-off'];

const USAGE = `npm run bench -- [options]
  --quick              a smoke test of under 40 s: one short round, 100 slow streams
  --only LIST          of ${WORKLOADS.join(',')}; default all
  --targets LIST       of ${TARGETS.join(',')}; default all; hub is production mode, many the same with 20
                       channels for one model, anthropic the same with an upstream of that format, responses and
                       messages the same asked in those formats, books-off the same without its books
  --peer portkey       also @portkey-ai/gateway, installed by npm under .cache/bench on first use
  --rounds N           default 3
  --repeats N          of a round that other processes disturbed; default 2
  --connections N      of the closed loops; default 64
  --streams N          concurrent slow streams; default 1000
  --rate N             requests (or streams) per second of the open loops; default 30 % of the hub's measured capacity
  --database KIND      postgres (own temporary server; default where its binaries exist) or embedded
  --postgres URL       an existing empty database for the hub, without the target books-off
  --wrk                check the JSON rows with wrk as well
  --cpu-prof DIR       write CPU profiles of the hubs to DIR when they stop; profiling slows them down
  --json FILE          write all rounds and ratios to FILE
  --help`;

/**
 * @typedef {object} Options
 * @property {string[]} workloads
 * @property {string[]} targets
 * @property {number} rounds
 * @property {number} repeatsMax
 * @property {number} connections
 * @property {number} streams
 * @property {number | undefined} rate
 * @property {'postgres' | 'embedded' | undefined} database
 * @property {string | undefined} postgresUrl
 * @property {boolean} withWrk
 * @property {string | undefined} cpuProfileDirectory
 * @property {string | undefined} jsonFile
 * @property {{ warmupMs: number, durationMs: number, slowEvents: number }} times
 */

/**
 * @param {string[]} args
 * @returns {Options | null} null when only help was wanted, which is then printed
 * @throws {Error} naming the option and its rule
 */
export function readOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      targets: { type: 'string' },
      peer: { type: 'string' },
      rounds: { type: 'string' },
      repeats: { type: 'string' },
      connections: { type: 'string' },
      streams: { type: 'string' },
      rate: { type: 'string' },
      database: { type: 'string' },
      postgres: { type: 'string' },
      wrk: { type: 'boolean', default: false },
      'cpu-prof': { type: 'string' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return null;
  }
  const { quick } = values;
  const targets = listOf('targets', values.targets, TARGETS);
  if (values.postgres !== undefined && targets.includes('books-off')) {
    throw new Error('--postgres: one database serves one hub, so leave out books-off (--targets direct,bare,hub)');
  }
  if (values.peer !== undefined) targets.push(...listOf('peer', values.peer, ['portkey']));
  return {
    workloads: listOf('only', values.only, WORKLOADS),
    targets,
    rounds: numberOf('rounds', values.rounds, 20) ?? (quick ? 1 : 3),
    repeatsMax: numberOf('repeats', values.repeats, 20, 0) ?? (quick ? 0 : 2),
    connections: numberOf('connections', values.connections, 10_000) ?? 64,
    streams: numberOf('streams', values.streams, 20_000) ?? (quick ? 100 : 1000),
    rate: numberOf('rate', values.rate, 100_000),
    database: databaseOf(values.database),
    postgresUrl: values.postgres,
    withWrk: values.wrk,
    cpuProfileDirectory: values['cpu-prof'],
    jsonFile: values.json,
    times: quick
      ? { warmupMs: 500, durationMs: 1000, slowEvents: 2 }
      : { warmupMs: 3000, durationMs: 5000, slowEvents: 20 },
  };
}

/** @param {string} name @param {string | undefined} value @param {string[]} allowed */
function listOf(name, value, allowed) {
  if (value === undefined) return [...allowed];
  const items = value.split(',').map((item) => item.trim());
  const unknown = items.find((item) => !allowed.includes(item));
  if (unknown !== undefined) throw new Error(`--${name}: "${unknown}" is not one of ${allowed.join(', ')}`);
  return allowed.filter((item) => items.includes(item));
}

/** @param {string} name @param {string | undefined} value @param {number} max @param {number} [min] */
function numberOf(name, value, max, min = 1) {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (!Number.isInteger(number) || number < min || number > max) {
    throw new Error(`--${name}: a whole number from ${min} to ${max} is wanted`);
  }
  return number;
}

/** @param {string | undefined} value */
function databaseOf(value) {
  if (value === undefined || value === 'postgres' || value === 'embedded') return value;
  throw new Error('--database: postgres or embedded is wanted');
}
