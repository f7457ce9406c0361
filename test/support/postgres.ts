import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, closeSync, existsSync, mkdtempSync, openSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findProgram } from './find-program.js';
import { freePort } from './free-port.js';
import { describeWithServer } from './server-suite.js';
import { until } from './until.js';

const POSTGRES = findProgram('postgres', ['/usr/lib/postgresql/*/bin', '/opt/homebrew/opt/postgresql*/bin']);

/** A PostgreSQL server of this suite's own. */
export interface PostgresServer {
  /** Connection string of its empty database. */
  readonly url: string;
  /** Stops it for good and removes its files. */
  stop(): Promise<void>;
  /** Immediate shutdown, as a power cut would do it. */
  crash(): Promise<void>;
  /** Starts it again after {@link crash}, on the same port and data. */
  restart(): Promise<void>;
  /** The server stays connected and answers nothing until `resume`. */
  pause(): void;
  resume(): void;
  /** What it has logged since it was made. */
  log(): string;
}

/** What a test may choose about its server. */
export interface PostgresOptions {
  /** Server settings, such as `max_connections: '200'`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Variables of the server process, besides those of this one. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A suite that needs the PostgreSQL programs. */
export function describeWithPostgres(title: string, suite: () => void): void {
  describeWithServer('PostgreSQL', POSTGRES, title, suite);
}

/** Makes and starts a server on a free port, in a temporary directory. */
export async function startPostgres({ settings = {}, env = {} }: PostgresOptions = {}): Promise<PostgresServer> {
  if (POSTGRES === undefined) throw new Error('PostgreSQL is not installed');
  const bin = dirname(POSTGRES);
  const folder = mkdtempSync(join(tmpdir(), 'hub-postgres-'));
  const data = join(folder, 'data');
  const port = await freePort();
  const owner = serverUser();
  if (owner) {
    execFileSync('chown', [String(owner.uid), folder]);
    chmodSync(folder, 0o700);
  }
  const run = { ...owner, cwd: folder, stdio: 'ignore' as const };
  execFileSync('cp', ['-r', emptyCluster(bin, owner), data], run);

  // No test cuts the power of the machine, and a commit that waits for a disk that others use runs into the hub's time limits.
  const fixed = { listen_addresses: '127.0.0.1', fsync: 'off' };
  const chosen = Object.entries({ ...fixed, ...settings }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const logFile = join(folder, 'server.log');
  let exited = Promise.resolve();
  const start = async () => {
    const log = openSync(logFile, 'a');
    const child = spawn(POSTGRES, ['-D', data, '-p', String(port), '-k', folder, ...chosen], {
      ...run,
      env: { ...process.env, ...env },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    // A run that is ended half-way must not leave it behind. SIGQUIT takes its backends with it.
    const killWithUs = () => child.kill('SIGQUIT');
    process.once('exit', killWithUs);
    exited = new Promise((resolve) =>
      child.once('exit', () => {
        process.off('exit', killWithUs);
        resolve();
      }),
    );
    await until(() => isReady(bin, port, run));
  };
  const signal = async (name: NodeJS.Signals) => {
    process.kill(postmasterPid(data), name);
    await exited;
  };
  await start();

  // The backends are children of the postmaster: pausing only that one would leave connections answering.
  const toAll = (name: NodeJS.Signals) => {
    const postmaster = postmasterPid(data);
    process.kill(postmaster, name);
    for (const pid of childrenOf(postmaster)) signalIfThere(pid, name);
  };
  return {
    url: `postgres://hub@127.0.0.1:${port}/postgres`,
    crash: () => signal('SIGQUIT'),
    restart: start,
    pause: () => toAll('SIGSTOP'),
    resume: () => toAll('SIGCONT'),
    log: () => readFileSync(logFile, 'utf8'),
    stop: async () => {
      toAll('SIGCONT');
      await signal('SIGINT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * The files of a server that nothing has been done with: made once on a machine, and copied, which takes a quarter of the time.
 */
function emptyCluster(bin: string, owner: ReturnType<typeof serverUser>): string {
  const made = join(tmpdir(), `hub-postgres-empty-${versionOf(bin)}-${owner?.uid ?? process.getuid?.()}`);
  const cluster = join(made, 'data');
  if (existsSync(cluster)) return cluster;
  const folder = mkdtempSync(join(tmpdir(), 'hub-postgres-new-'));
  if (owner) execFileSync('chown', [String(owner.uid), folder]);
  const run = { ...owner, cwd: folder, stdio: 'ignore' as const };
  const args = ['-D', join(folder, 'data'), '-A', 'trust', '-U', 'hub', '--no-sync', '-E', 'UTF8'];
  execFileSync(join(bin, 'initdb'), args, run);
  try {
    renameSync(folder, made);
  } catch {
    // Another worker was faster; its files are as good.
    rmSync(folder, { recursive: true, force: true });
  }
  return cluster;
}

function versionOf(bin: string): string {
  return (
    execFileSync(join(bin, 'postgres'), ['--version'], { encoding: 'utf8' })
      .replaceAll(/[^\d.]+/g, ' ')
      .trim()
      .split(' ')[0] ?? ''
  );
}

/** PostgreSQL refuses to run as root; it then runs as its own system user. */
function serverUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

function postmasterPid(data: string): number {
  return Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n', 1)[0]);
}

/** A backend whose connection was closed may end at any moment. */
function signalIfThere(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
}

function isReady(bin: string, port: number, run: object): boolean {
  try {
    execFileSync(join(bin, 'pg_isready'), ['-h', '127.0.0.1', '-p', String(port)], run);
    return true;
  } catch {
    return false;
  }
}
