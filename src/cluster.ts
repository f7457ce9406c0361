import cluster, { type Worker } from 'node:cluster';

const RESTART_MS = 1000;
const FAILED_STARTS_MAX = 3;

/** What a worker tells the primary when it serves. */
interface Ready {
  readonly banner: string;
  readonly isFirstStart: boolean;
}

/** Called by a worker when it serves; in a single process, prints the banner itself. */
export function announce(ready: Ready): void {
  if (process.send !== undefined && cluster.isWorker) process.send(ready);
  else process.stdout.write(ready.banner);
}

/** True in a process that another one started to share its port. */
export function isWorker(): boolean {
  return cluster.isWorker;
}

/** True in the process that only starts and watches the others. */
export function isPrimary(workers: number): boolean {
  return workers > 1 && cluster.isPrimary;
}

/**
 * Runs `count` workers on one port, which they share (see `canSharePort`): prints one banner when all serve, or at once that of the worker that did the first start, replaces a worker that dies, passes a stop and the wish for a reload on to all
 * and ends when the last has ended. Gives up when workers die before they ever served.
 *
 * @param onStop called when a stop begins, after which no worker begins any more.
 */
export function runPrimary(count: number, warn: (text: string) => void, onStop?: () => void): void {
  let readyCount = 0;
  let isBannerShown = false;
  let isStopping = false;
  let failedStarts = 0;
  let exitCode = 0;
  // The news of a worker's end may come before that of its connection's, and until both are there it is still in the list.
  const living = (): Worker[] =>
    Object.values(cluster.workers ?? {})
      .filter((worker) => worker !== undefined)
      .filter((worker) => !worker.isDead());
  const stop = (): void => {
    if (!isStopping) onStop?.();
    isStopping = true;
    for (const worker of living()) worker.process.kill('SIGTERM');
    if (living().length === 0) process.exit(exitCode);
  };
  const start = (): void => {
    let hasServed = false;
    const worker = cluster.fork();
    worker.on('message', (message: Ready | object) => {
      // Others go the same way, such as those about metrics.
      if (!('banner' in message)) return;
      hasServed = true;
      failedStarts = 0;
      readyCount++;
      // The first start is done by one of them, which alone knows the secrets to show: they wait for no other.
      if (isBannerShown || (readyCount < count && !message.isFirstStart)) return;
      isBannerShown = true;
      process.stdout.write(message.banner);
    });
    worker.on('exit', (code, signal) => {
      if (isStopping) {
        if (living().length === 0) process.exit(exitCode);
        return;
      }
      if (!hasServed && ++failedStarts >= FAILED_STARTS_MAX) {
        exitCode = 1;
        stop();
        return;
      }
      warn(`A worker ended (${signal ?? code}); another takes its place.`);
      setTimeout(() => {
        if (!isStopping) start();
      }, RESTART_MS);
    });
  };
  for (let i = 0; i < count; i++) start();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, stop);
  process.on('SIGHUP', () => {
    // In a terminal it means that the terminal is gone.
    if (process.stdout.isTTY) stop();
    else for (const worker of living()) worker.process.kill('SIGHUP');
  });
}
