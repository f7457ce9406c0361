// @ts-check

import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { monotonicUs } from './clock.mjs';

const TICKS = 0;
const STOP = 1;
// Above this a tick covers several requests: the cost of waking up would take more than the requests themselves.
const TICKS_PER_SECOND_MAX = 10_000;
// The threads' clocks differ by a few microseconds; a tick that came too early would find nothing due until the next one.
const LATE_US = 20;

if (!isMainThread) keepTime(workerData);

/**
 * Calls back on time, far more often than the millisecond that timers of the event loop can do, without spinning: a thread
 * sleeps until the next tick and wakes this one.
 *
 * @param {number} startUs of the monotonic clock; ticks fall just after it and each multiple of the period
 * @param {number} rate wanted calls per second
 * @param {() => void} onTick
 * @returns {() => void} stops it
 */
export function startPacer(startUs, rate, onTick) {
  const shared = new Int32Array(new SharedArrayBuffer(8));
  const periodUs = 1e6 / Math.min(rate, TICKS_PER_SECOND_MAX);
  const worker = new Worker(new URL(import.meta.url), { workerData: { shared, periodUs, startUs } });
  let isStopped = false;

  const wait = () => {
    if (isStopped) return;
    const seen = Atomics.load(shared, TICKS);
    onTick();
    const waiting = Atomics.waitAsync(shared, TICKS, seen);
    if (waiting.async) waiting.value.then(wait);
    else setImmediate(wait);
  };
  wait();

  return () => {
    isStopped = true;
    Atomics.store(shared, STOP, 1);
    Atomics.notify(shared, TICKS);
    worker.unref();
  };
}

/** @param {{ shared: Int32Array<SharedArrayBuffer>, periodUs: number, startUs: number }} data */
function keepTime({ shared, periodUs, startUs }) {
  for (let tick = 1; Atomics.load(shared, STOP) === 0; tick += 1) {
    const dueUs = startUs + tick * periodUs + LATE_US;
    for (let waitUs = dueUs - monotonicUs(); waitUs > 0; waitUs = dueUs - monotonicUs()) {
      if (Atomics.wait(shared, STOP, 0, waitUs / 1e3) !== 'timed-out') return;
    }
    Atomics.add(shared, TICKS, 1);
    Atomics.notify(shared, TICKS);
  }
}
