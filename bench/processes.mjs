// @ts-check

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism } from 'node:os';

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 5_000;

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();
/** Endings that nobody asked for. @type {string[]} */
const failures = [];
// Whatever way the runner ends, nothing it started stays behind.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

const cores = findCores();
/** Core of the measured process, null when processes cannot be pinned here. */
export const targetCore = cores?.target ?? null;
/** Core of generator, upstream and database, null likewise. */
export const helperCore = cores?.helper ?? null;

/**
 * Starts a program, pinned to a core where that is possible. It keeps its process id under `taskset`, which replaces itself.
 *
 * @param {number | null} core
 * @param {string[]} command
 * @param {import('node:child_process').SpawnOptions} [options]
 */
export function start(core, command, options = {}) {
  const [program = '', ...args] = core === null ? command : ['taskset', '-c', String(core), ...command];
  const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'], env: cleanEnvironment(), ...options });
  running.add(child);
  child.once('exit', (code, signal) => {
    running.delete(child);
    if (code !== 0) failures.push(`${command.slice(0, 2).join(' ')} ended with ${code ?? signal}`);
  });
  child.once('error', () => running.delete(child));
  return child;
}

/**
 * Starts one of the bench's own modules, which reports its port once it listens.
 *
 * @param {number | null} core
 * @param {string} modulePath
 * @param {string[]} [args]
 * @returns {Promise<{ pid: number, port: number }>}
 */
export async function startServer(core, modulePath, args = []) {
  const child = start(core, [process.execPath, modulePath, ...args], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const message = await messageOf(child, START_TIMEOUT_MS);
  return { pid: pidOf(child), port: /** @type {{ port: number }} */ (message).port };
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {number} timeoutMs
 * @returns {Promise<unknown>} its next message
 * @throws {Error} when it ends or says nothing in time
 */
export async function messageOf(child, timeoutMs) {
  const settled = new AbortController();
  const signal = AbortSignal.any([settled.signal, AbortSignal.timeout(timeoutMs)]);
  try {
    return await Promise.race([
      once(child, 'message', { signal }).then(([message]) => message),
      once(child, 'exit', { signal }).then(([code]) => Promise.reject(new Error(`a bench process ended with ${code}`))),
    ]);
  } finally {
    settled.abort();
  }
}

/** @param {import('node:child_process').ChildProcess} child */
export function pidOf(child) {
  if (child.pid === undefined) throw new Error(`could not start ${child.spawnfile}`);
  return child.pid;
}

/**
 * @throws {Error} when something that was started has ended on its own or was killed: the figures would be of nothing
 */
export function assertAllRunning() {
  if (failures.length > 0) throw new Error(failures.join('; '));
}

/** Asks all that was started to end, in reverse order, and waits for it within a bound. */
export async function stopAll() {
  for (const child of [...running].reverse()) {
    child.kill('SIGINT');
    const deadline = performance.now() + STOP_TIMEOUT_MS;
    while (running.has(child) && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
    if (running.has(child)) child.kill('SIGKILL');
  }
}

/** @returns {Promise<number>} a loopback port that was free a moment ago */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address !== 'object') throw new Error('no free port');
  return address.port;
}

/**
 * @param {string} what for the message
 * @param {import('node:child_process').ChildProcess} child
 * @param {() => Promise<boolean>} isReady
 */
export async function waitUntil(what, child, isReady) {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`${what} ended while starting`);
    if (await isReady().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${what} was not ready after ${START_TIMEOUT_MS / 1e3} s`);
}

/** Provider keys, database addresses and the like of the surrounding shell must not reach what is measured. */
export function cleanEnvironment() {
  const { PATH = '', HOME = '', TMPDIR, LANG } = process.env;
  return { PATH, HOME, ...(TMPDIR === undefined ? {} : { TMPDIR }), ...(LANG === undefined ? {} : { LANG }) };
}

/** @returns {{ helper: number, target: number } | null} */
function findCores() {
  if (process.platform !== 'linux' || availableParallelism() < 2) return null;
  if (spawnSync('taskset', ['-V'], { stdio: 'ignore' }).status !== 0) return null;
  const allowed = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1] ?? '';
  const [helper, target] = allowed.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: Math.min(last - first + 1, 2) }, (_, index) => first + index);
  });
  return helper === undefined || target === undefined ? null : { helper, target };
}
