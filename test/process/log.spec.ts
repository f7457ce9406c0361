import { execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { copyDatabaseTo } from '../support/database.js';
import { freePort } from '../support/free-port.js';
import { HUB_COMMAND, temporaryFolder } from '../support/hub-process.js';
import { isReady, NODE_ARGUMENTS, PROJECT_ROOT } from '../support/processes.js';
import { until } from '../support/until.js';

/**
 * Logs far more than the hub keeps for a reader, then waits for one and says what it has kept. That is not what the process takes of the
 * machine: when it gives back what it needs no more is its own affair.
 */
const FLOOD = `
  const { openProcessLog } = await import(process.argv[1]);
  const { logger } = openProcessLog('info');
  const keptBytes = () => {
    gc();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const before = keptBytes();
  for (let block = 0; block < 400; block++) {
    for (let line = 0; line < 100; line++) logger.info({ text: 'x'.repeat(1000) }, 'flood');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  process.stderr.write(String(keptBytes() - before));
  setInterval(() => logger.info('again'), 50);
`;
/** Twice what the hub keeps of a log. */
const KEPT_BYTES_MAX = 16 * 1024 * 1024;

/** Three times what a pipe holds. */
const LINES = 600;
/** A bound on hanging. */
const ENDED_MS_MAX = 60_000;

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A pipe that nobody reads until `read` is called, which gives what has come. */
function openPipe(): { readonly fd: number; readonly read: () => string } {
  const path = join(temporaryFolder(), 'log');
  execFileSync('mkfifo', [path]);
  const reader = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  const fd = openSync(path, constants.O_WRONLY);
  closers.push(
    () => closeSync(reader),
    () => closeSync(fd),
  );
  const chunk = Buffer.alloc(64 * 1024);
  const read = (): string => {
    try {
      return chunk.toString('utf8', 0, readSync(reader, chunk));
    } catch {
      // Nothing is there at this moment.
      return '';
    }
  };
  return { fd, read };
}

/** Starts a hub whose standard output is what is opened here. */
async function startWithStdout(fd: number) {
  const [node = '', ...main] = HUB_COMMAND;
  const port = await freePort();
  const dataDir = join(temporaryFolder(), 'data');
  await copyDatabaseTo(dataDir);
  const env = {
    PATH: process.env['PATH'],
    HUB_ADMIN: 'off',
    PORT: String(port),
    DATA_DIR: dataDir,
    HUB_PUBLIC_RPM: '1000000',
  };
  const child = spawn(node, [...NODE_ARGUMENTS, ...main], { env, stdio: ['ignore', fd, 'ignore'] });
  closers.push(() => child.kill('SIGKILL'));
  const url = `http://127.0.0.1:${port}`;
  await until(() => isReady(url));
  return { child, url };
}

/** Makes a log line each. */
async function ask(url: string, count: number): Promise<void> {
  for (let done = 0; done < count; done += 50) {
    const answers = await Promise.all(Array.from({ length: 50 }, () => fetch(`${url}/api/health/live`)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    await Promise.all(answers.map((answer) => answer.arrayBuffer()));
  }
}

describe('a log that nobody reads', () => {
  // T104
  it('is dropped beyond a bound, and says how much once somebody reads again', async () => {
    const pipe = openPipe();
    const [node = ''] = HUB_COMMAND;
    const module = join(PROJECT_ROOT, 'dist', 'src', 'common', 'process-log.js');
    const args = ['--expose-gc', '--input-type=module', '-e', FLOOD, module];
    const child = spawn(node, args, { stdio: ['ignore', pipe.fd, 'pipe'] });
    closers.push(() => child.kill('SIGKILL'));
    let keptBytes = '';
    child.stderr!.on('data', (text: Buffer) => {
      keptBytes += text.toString();
    });
    await until(() => keptBytes !== '');
    expect(Number(keptBytes)).toBeLessThan(KEPT_BYTES_MAX);
    let text = '';
    await until(() => {
      text += pipe.read();
      return /dropped[^\n]*\n/.test(text);
    });
    const note = text.split('\n').find((line) => line.includes('dropped')) ?? '';
    // 40 MB were written, and 8 are kept.
    expect((JSON.parse(note) as { lines: number }).lines).toBeGreaterThan(20_000);
  });

  it.each([
    ['in a pipe that is full', () => openPipe().fd],
    ['on a disk that is full', () => openSync('/dev/full', 'w')],
  ])(
    '%s stops neither the hub nor its end',
    async (_where, open) => {
      const { child, url } = await startWithStdout(open());
      await ask(url, LINES);
      child.kill('SIGTERM');
      await until(() => child.exitCode !== null || child.signalCode !== null, ENDED_MS_MAX);
      expect(child.exitCode).toBe(0);
    },
    180_000,
  );
});
