import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Another process has the data directory. */
export class DataDirInUseError extends Error {
  override readonly name = 'DataDirInUseError';

  constructor(dataDir: string, pid: string | undefined) {
    const owner = pid === undefined ? 'Another hub process' : `Another hub process (pid ${pid})`;
    super(`${owner} is using ${dataDir}. Stop it, or set DATABASE_URL to run several.`);
  }
}

/** The data directory cannot be made or written. */
export class DataDirError extends Error {
  override readonly name = 'DataDirError';

  constructor(dataDir: string, cause: unknown) {
    super(
      `DATA_DIR ${dataDir} cannot be used: ${(cause as Error).message}. It must be a directory this user may write.`,
      {
        cause,
      },
    );
  }
}

/**
 * Sole use of a data directory. Two processes on one embedded database lose acknowledged writes without any error, so this
 * is taken before it is opened.
 *
 * An exclusive lock inside SQLite is a lock of the operating system: it dies with the process, even with `kill -9`, and needs
 * no guess whether a written-down pid is still the same process, which fails in containers where every start is pid 1.
 */
export class DataDirLock {
  private constructor(
    private readonly holder: DatabaseSync,
    private readonly pidFile: string,
  ) {}

  /**
   * Creates the directory (mode 0700) when it is missing.
   *
   * @throws DataDirInUseError when another process, or this one, holds the lock; DataDirError when there can be none.
   */
  static acquire(dataDir: string): DataDirLock {
    const pidFile = join(dataDir, 'hub.pid');
    const holder = openLockFile(dataDir);
    try {
      holder.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
      writeFileSync(pidFile, `${process.pid}\n`);
    } catch (error) {
      holder.close();
      throw isBusy(error) ? new DataDirInUseError(dataDir, readPid(pidFile)) : new DataDirError(dataDir, error);
    }
    return new DataDirLock(holder, pidFile);
  }

  release(): void {
    rmSync(this.pidFile, { force: true });
    this.holder.close();
  }
}

function openLockFile(dataDir: string): DatabaseSync {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    return new DatabaseSync(join(dataDir, 'hub.lock'), { timeout: 0 });
  } catch (error) {
    throw new DataDirError(dataDir, error);
  }
}

/** SQLITE_BUSY: https://www.sqlite.org/rescode.html#busy */
const SQLITE_BUSY = 5;

function isBusy(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'errcode' in error && error.errcode === SQLITE_BUSY;
}

/** Only for the message: the lock, not this file, says whether somebody is there. */
function readPid(pidFile: string): string | undefined {
  try {
    return /^\d+/.exec(readFileSync(pidFile, 'utf8'))?.[0];
  } catch {
    return undefined;
  }
}
