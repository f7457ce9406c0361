// @ts-check
// One instance of the ledger in a process of its own: the product's core and store over the ledger's pool, without the rest of
// the hub. Takes its database from the arguments, one job at a time from its parent, and sends back what it measured.

import { monotonicUs } from '../load/clock.mjs';
import { Histogram } from '../load/histogram.mjs';
import { startPacer } from '../load/pacer.mjs';
import { openDatabase, parts } from './parts.mjs';

/**
 * @typedef {object} Job
 * @property {string[]} accountIds
 * @property {number | null} rate arrivals per second of an open loop; null for a closed one
 * @property {number} workers of the closed loop
 * @property {number} warmupMs
 * @property {number} durationMs
 */

/**
 * @typedef {object} JobResult
 * @property {number} requests held and settled within the window
 * @property {number} failed within the whole job
 * @property {string | null} failure the first one
 * @property {number} perSecond
 * @property {import('../load/types.mjs').Quantiles} reserve
 * @property {import('../load/types.mjs').Quantiles} settle
 * @property {number} reserveBatch requests per call, on average
 * @property {number} settleBatch
 * @property {number} cpuUs of this process
 */

const LEASE_MS = 60_000;
const HEARTBEAT_MS = 5_000;
/** Arrivals wait for the next tick, half a millisecond at most. */
const TICKS_PER_SECOND = 2_000;
const HOLD = 1_780_000n;
const COST = 650_000n;

const [url = '', name = ''] = process.argv.slice(2);
const { LedgerCore, SqlLedgerStore, SYSTEM_CLOCK, uuid7Hex } = await parts();
const database = await openDatabase(url);
const store = new SqlLedgerStore(database.ledgerSql, { name, epoch: 1n, leaseMs: LEASE_MS });
const calls = { reserve: 0, settle: 0 };
const core = new LedgerCore({
  store: Object.assign(Object.create(store), {
    reserve: (/** @type {unknown[]} */ ...args) => {
      calls.reserve += 1;
      return store.reserve(...args);
    },
    settle: (/** @type {unknown[]} */ ...args) => {
      calls.settle += 1;
      return store.settle(...args);
    },
  }),
  clock: SYSTEM_CLOCK,
  reservePatienceMs: 2_500,
  waitingMax: 20_000,
  findLocked: (/** @type {string[]} */ ids) => store.findLocked(ids),
  toReleaseEvents: () => [],
});
setInterval(() => core.beat().catch(() => undefined), HEARTBEAT_MS);

process.on('message', async (/** @type {Job} */ job) => process.send?.(await measure(job)));
process.on('disconnect', () => process.exit(0));
process.send?.('ready');

/**
 * @param {Job} job
 * @returns {Promise<JobResult>}
 */
async function measure({ accountIds, rate, workers, warmupMs, durationMs }) {
  const [reserve, settle] = [new Histogram(), new Histogram()];
  const startUs = monotonicUs();
  const fromUs = startUs + warmupMs * 1e3;
  const untilUs = fromUs + durationMs * 1e3;
  let requests = 0;
  let failed = 0;
  /** @type {string | null} */
  let failure = null;
  let underWay = 0;

  /** @param {number} dueUs */
  const request = async (dueUs) => {
    underWay += 1;
    try {
      const accountId = accountIds[Math.floor(Math.random() * accountIds.length)] ?? '';
      const holdId = uuid7Hex(Date.now());
      const held = await core.reserve(reservationOf(holdId, accountId));
      if (held.status !== 'held') throw new Error(`refused: ${held.reason}`);
      const heldUs = monotonicUs();
      await core.settle(settlementOf(holdId, accountId));
      if (dueUs < fromUs || dueUs >= untilUs) return;
      requests += 1;
      reserve.record(heldUs - dueUs);
      settle.record(monotonicUs() - heldUs);
    } catch (error) {
      failed += 1;
      failure ??= String(error);
    } finally {
      underWay -= 1;
    }
  };

  const stop = rate === null ? inLoops() : atRate(rate);
  await sleep(warmupMs);
  process.send?.('measuring');
  const before = { ...calls, requests, cpu: process.cpuUsage() };
  await sleep(durationMs);
  const { user, system } = process.cpuUsage(before.cpu);
  const batches = { reserve: calls.reserve - before.reserve, settle: calls.settle - before.settle };
  const done = requests;
  stop();
  while (underWay > 0) await sleep(5);
  return {
    requests,
    failed,
    failure,
    perSecond: (done - before.requests) / (durationMs / 1e3),
    reserve: reserve.summaryMs(),
    settle: settle.summaryMs(),
    reserveBatch: requests / batches.reserve,
    settleBatch: requests / batches.settle,
    cpuUs: user + system,
  };

  function inLoops() {
    let isStopped = false;
    for (let worker = 0; worker < workers; worker += 1) void loop();
    return () => {
      isStopped = true;
    };

    async function loop() {
      while (!isStopped) await request(monotonicUs());
    }
  }

  /**
   * Arrivals of a Poisson process: each counts from the moment it was due.
   *
   * @param {number} perSecond
   */
  function atRate(perSecond) {
    let dueUs = startUs;
    return startPacer(startUs, TICKS_PER_SECOND, () => {
      for (const now = monotonicUs(); dueUs < now; dueUs += (-Math.log(1 - Math.random()) / perSecond) * 1e6) {
        void request(dueUs);
      }
    });
  }
}

/** @param {string} holdId @param {string} accountId */
function reservationOf(holdId, accountId) {
  return {
    holdId,
    accountId,
    keyId: '1',
    kind: 'sync',
    amount: HOLD,
    minimum: HOLD,
    priceVersionId: '1',
    model: 'bench-model',
    userIdentifier: '',
  };
}

/** @param {string} holdId @param {string} accountId */
function settlementOf(holdId, accountId) {
  const event = {
    attempt: 1,
    isFinal: true,
    keyId: '1',
    channelId: '1',
    model: 'bench-model',
    upstreamModel: 'bench-upstream-model',
    endpoint: 'chat/completions',
    userIdentifier: '',
    outcome: 'done',
    isEstimated: false,
    inputTokens: 60,
    outputTokens: 50,
    durationMs: 5,
    priceVersionId: '1',
    cost: COST,
  };
  return { holdId, accountId, cost: COST, events: [event], hasClaim: false };
}

/** @param {number} ms @returns {Promise<void>} */
function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
