import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const running = new Set();
process.once('exit', () => {
  for (const child of running) killGroup(child);
});
for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
]) {
  process.once(signal, () => process.exit(status));
}

/**
 * Starts a program in a process group of its own, which ends with this script at the latest.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv }} [options] variables besides those of this process.
 */
export function start(program, args, { env } = {}) {
  const child = spawn(program, args, {
    env: { ...process.env, ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  }
  const ended = new Promise((resolve) => {
    const finish = (code) => {
      running.delete(child);
      resolve(code);
    };
    child.once('error', (error) => {
      output += error.message;
      finish(-1);
    });
    child.once('close', (code, signal) => finish(code ?? signal));
  });
  return { child, ended, output: () => output, isRunning: () => running.has(child) };
}

/**
 * Runs a program to its end.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, timeoutMs: number, isShown?: boolean }} options isShown also prints what it prints.
 * @returns {Promise<string>} what it printed.
 * @throws Error when it fails or takes longer.
 */
export async function run(program, args, { env, timeoutMs, isShown = false }) {
  const started = start(program, args, { env });
  if (isShown) {
    started.child.stdout.on('data', (text) => process.stdout.write(text));
  }
  const timer = setTimeout(() => killGroup(started.child), timeoutMs);
  const code = await started.ended;
  clearTimeout(timer);
  if (code !== 0) {
    throw new Error(
      `${program} ${args.join(' ')}\nended with ${code} (limit ${timeoutMs / 1000} s):\n${started.output().slice(-3000)}`,
    );
  }
  return started.output();
}

/**
 * Polls until a running program is ready.
 *
 * @throws Error with its output when it ends first or is not ready in time.
 */
export async function waitFor(started, isReady, timeoutMs) {
  const end = Date.now() + timeoutMs;
  while (!(await isReady())) {
    if (!started.isRunning()) throw new Error(`It ended before it was ready:\n${started.output().slice(-3000)}`);
    if (Date.now() > end)
      throw new Error(`It was not ready within ${timeoutMs / 1000} s:\n${started.output().slice(-3000)}`);
    await sleep(200);
  }
}

/** Asks a program to stop and kills its group when it does not within `timeoutMs`; gives its exit status. */
export async function stop(started, timeoutMs = 40_000) {
  started.child.kill('SIGTERM');
  const timer = setTimeout(() => killGroup(started.child), timeoutMs);
  const code = await started.ended;
  clearTimeout(timer);
  return code;
}

/** A TCP port of 127.0.0.1 that is free at this moment. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

function killGroup(child) {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}
