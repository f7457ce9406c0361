import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';

/** The top folder of the project. */
export const PROJECT_ROOT = join(import.meta.dirname, '..', '..');

/** The compiled hub, as `npm start` ends up running it. */
export const HUB_COMMAND: readonly string[] = [process.execPath, join(PROJECT_ROOT, 'dist', 'src', 'main.js')];

/** The compiled operator CLI. */
export const CLI_COMMAND: readonly string[] = [process.execPath, join(PROJECT_ROOT, 'dist', 'src', 'cli', 'main.js')];

const STOP_MS_MAX = 60_000;
const READY_ANSWER_MS = 5_000;

/** How a process ended, and after how many milliseconds. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly ms: number;
}

/** A process and what it has said. */
export interface RunningProcess {
  readonly pid: number;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Settles when the process is gone and its output is complete. */
  readonly ended: Promise<Ended>;
  /** Signals the process itself and waits for its end. */
  stop(signal?: NodeJS.Signals): Promise<Ended>;
  /** Kills the process and everything it started. */
  kill(): Promise<Ended>;
}

const running = new Set<ChildProcess>();

// Also when a run fails half-way, and when the test runner itself is ended.
process.on('exit', killAll);

/** Kills every process that {@link launch} started and that still runs. */
export function killAll(): void {
  for (const child of running) killGroup(child);
}

/** Number of processes that {@link launch} started and that still run. */
export function runningCount(): number {
  return running.size;
}

// `npm start` keeps compiled modules between starts too; a suite starts so many processes that it shows.
const COMPILE_CACHE = join(PROJECT_ROOT, '.cache', 'compiled');

/**
 * The embedded database is WebAssembly, and a process of a test lives for seconds: compiling it a second time, with optimisations, is a
 * quarter of what a start takes of the processor, and never pays off.
 */
export const NODE_ARGUMENTS: readonly string[] = ['--liftoff-only'];

/**
 * Runs a program with exactly these variables besides PATH, HOME and what makes Node start faster, in a process group of its own.
 */
export function launch(
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd: string = PROJECT_ROOT,
): RunningProcess {
  const [program = '', ...args] = command;
  if (program === process.execPath) args.unshift(...NODE_ARGUMENTS);
  const startedAt = performance.now();
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(program, args, {
    cwd,
    env: { PATH, HOME, NODE_COMPILE_CACHE: COMPILE_CACHE, ...env },
    detached: true,
    stdio: 'pipe',
  });
  running.add(child);
  child.stdin.end();
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', (error) => {
      running.delete(child);
      reject(error);
    });
    child.once('close', (code, signal) => {
      running.delete(child);
      resolve({ code, signal, ms: performance.now() - startedAt });
    });
  });
  const self: RunningProcess = {
    pid: child.pid ?? 0,
    stdout,
    stderr,
    ended,
    stop: async (signal = 'SIGTERM') => {
      const askedAt = performance.now();
      child.kill(signal);
      return { ...(await endWithin(self, STOP_MS_MAX)), ms: performance.now() - askedAt };
    },
    kill: async () => {
      killGroup(child);
      return await ended;
    },
  };
  return self;
}

/** Waits for the end; a process that does not end is killed, which fails the test. */
export async function endWithin(
  started: Pick<RunningProcess, 'ended' | 'kill' | 'stdout' | 'stderr'>,
  ms: number,
): Promise<Ended> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`The process did not end within ${ms} ms\n${started.stdout()}\n${started.stderr()}`));
      void started.kill();
    }, ms);
  });
  return await Promise.race([started.ended, late]).finally(() => clearTimeout(timer));
}

/** True when the hub at this address is ready for requests. */
export async function isReady(url: string): Promise<boolean> {
  // Many ask many times before anything listens; a request that fails costs much more than this.
  if (!(await isListening(new URL(url)))) return false;
  try {
    const signal = AbortSignal.timeout(READY_ANSWER_MS);
    const answer = await fetch(`${url}/api/health/ready`, { headers: { connection: 'close' }, signal });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}

function isListening({ hostname, port }: URL): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    const end = (isThere: boolean) => {
      socket.destroy();
      resolve(isThere);
    };
    socket.once('connect', () => end(true)).once('error', () => end(false));
  });
}

/** Resident memory of a process. Linux only, as are the tests that ask. */
export function residentBytes(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  if (kib === undefined) throw new Error(`Process ${pid} is gone`);
  return Number(kib) * 1024;
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString('utf8');
}

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}
