import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { generateApiKey } from '../../src/common/api-key.js';
import { freePort } from './free-port.js';
import { until } from './until.js';

/** The top folder of the project. */
export const PROJECT_ROOT = join(import.meta.dirname, '..', '..');

/** The compiled hub, as `npm start` ends up running it. */
export const HUB_COMMAND: readonly string[] = [process.execPath, join(PROJECT_ROOT, 'dist', 'src', 'main.js')];

/** The compiled operator CLI. */
export const CLI_COMMAND: readonly string[] = [process.execPath, join(PROJECT_ROOT, 'dist', 'src', 'cli', 'main.js')];

const READY_MS_MAX = 60_000;
const STOP_MS_MAX = 60_000;

/** What a test may choose about a hub that runs as a process. */
export interface HubProcessOptions {
  /**
   * Variables besides what the harness sets: PORT, DATA_DIR and HUB_API_KEY of its own. An empty string takes one of those
   * away. Nothing else of the test's environment but PATH and HOME gets through.
   */
  readonly env?: Readonly<Record<string, string>>;
  /** Text of a HUB_CONFIG file. */
  readonly config?: string;
  /** Program and arguments; default {@link HUB_COMMAND}. */
  readonly command?: readonly string[];
  readonly cwd?: string;
}

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

/** A hub that serves. */
export interface HubProcess extends RunningProcess {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly port: number;
  /** A key that works: the one given to it, else the one that it printed. */
  readonly apiKey: string;
  readonly dataDir: string;
  /** The HUB_CONFIG file, where `config` gave one. */
  readonly configFile: string | undefined;
  /** Resident memory of the process. */
  rssBytes(): number;
}

// A start takes seconds, and many of them on a machine that has other things to do.
jest.setTimeout(120_000);

const folders = new Set<string>();
const running = new Set<ChildProcess>();

// Also when a test fails half-way, and when the test runner itself is ended.
process.on('exit', killAll);
afterAll(async () => {
  killAll();
  await until(() => running.size === 0);
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function killAll(): void {
  for (const child of running) killGroup(child);
}

/** A new folder under the system's temporary one, removed when the suite ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hub-process-'));
  folders.add(folder);
  return folder;
}

/**
 * Starts the compiled hub and waits until it is ready.
 *
 * @throws Error with everything it printed when it ends first, or is not ready within a minute.
 */
export async function startHubProcess(options: HubProcessOptions = {}): Promise<HubProcess> {
  const { env, configFile } = await hubEnvironment(options);
  const started = launchHub(options, env);
  const url = `http://127.0.0.1:${env['PORT']}`;
  let ended: Ended | undefined;
  void started.ended.then((end) => {
    ended = end;
  });
  await until(() => ended !== undefined || isReady(url), READY_MS_MAX).catch(async (error: unknown) => {
    await started.kill();
    throw new Error(`${error}\n${started.stdout()}\n${started.stderr()}`);
  });
  if (ended !== undefined) throw new Error(`The hub ended (${ended.code})\n${started.stdout()}\n${started.stderr()}`);
  return {
    ...started,
    url,
    port: Number(env['PORT']),
    apiKey: env['HUB_API_KEY'] || (await until(() => printedKey(started.stdout()))),
    dataDir: env['DATA_DIR'] ?? '',
    configFile,
    rssBytes: () => residentBytes(started.pid),
  };
}

/** Starts the compiled hub in the expectation that it ends by itself, and gives all it printed. */
export async function runHubToEnd(
  options: HubProcessOptions = {},
): Promise<Ended & { readonly stdout: string; readonly stderr: string }> {
  const { env } = await hubEnvironment(options);
  const started = launchHub(options, env);
  const end = await withBound(started, READY_MS_MAX);
  return { ...end, stdout: started.stdout(), stderr: started.stderr() };
}

/** Runs a program with exactly these variables besides PATH and HOME, in a process group of its own. */
export function launch(
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd: string = PROJECT_ROOT,
): RunningProcess {
  const [program = '', ...args] = command;
  const startedAt = performance.now();
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(program, args, { cwd, env: { PATH, HOME, ...env }, detached: true, stdio: 'pipe' });
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
      return { ...(await withBound(self, STOP_MS_MAX)), ms: performance.now() - askedAt };
    },
    kill: async () => {
      killGroup(child);
      return await ended;
    },
  };
  return self;
}

function launchHub(options: HubProcessOptions, env: Readonly<Record<string, string>>): RunningProcess {
  return launch(options.command ?? HUB_COMMAND, env, options.cwd);
}

async function hubEnvironment(
  options: HubProcessOptions,
): Promise<{ env: Readonly<Record<string, string>>; configFile: string | undefined }> {
  const folder = temporaryFolder();
  const configFile = options.config === undefined ? undefined : join(folder, 'hub.yaml');
  if (configFile !== undefined) writeFileSync(configFile, options.config ?? '');
  const env = {
    PORT: String(await freePort()),
    DATA_DIR: join(folder, 'data'),
    HUB_API_KEY: generateApiKey(),
    ...(configFile === undefined ? {} : { HUB_CONFIG: configFile }),
    ...options.env,
  };
  return { env, configFile };
}

async function isReady(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/api/health/ready`, { headers: { connection: 'close' } });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}

function printedKey(stdout: string): string | undefined {
  return /^ *API key: +(sk_live_\w+)$/m.exec(stdout)?.[1];
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString('utf8');
}

/** Waits for the end; a process that does not end is killed, which fails the test. */
async function withBound(started: Pick<RunningProcess, 'ended' | 'kill' | 'stdout' | 'stderr'>, ms: number) {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`The process did not end within ${ms} ms\n${started.stdout()}\n${started.stderr()}`));
      void started.kill();
    }, ms);
  });
  return await Promise.race([started.ended, late]).finally(() => clearTimeout(timer));
}

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}

/** Linux only, as are the tests that ask. */
function residentBytes(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  if (kib === undefined) throw new Error(`Process ${pid} is gone`);
  return Number(kib) * 1024;
}
