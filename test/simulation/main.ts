import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { report } from './report.js';
import { type Failure, formatSeed, simulate } from './simulate.js';

interface Share {
  readonly first: number;
  readonly seeds: number;
}

/** What a worker says: how many seeds it has played since the last time, and what failed among them. */
interface Progress {
  readonly seeds: number;
  readonly failures: readonly Failure[];
}

const CHUNK = 500;
const PROGRESS_MS = 30_000;
const REPORTS_MAX = 5;

/** Plays seeds as the command line says; the exit status tells whether all went well. */
export async function main(args: readonly string[]): Promise<void> {
  // Errors are part of what is played, and their stacks cost more than the rest of them.
  Error.stackTraceLimit = isMainThread ? 10 : 0;
  if (!isMainThread) return await playShare(workerData as Share, (progress) => parentPort?.postMessage(progress));
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string' },
      seeds: { type: 'string', default: '10000' },
      first: { type: 'string', default: '0' },
      workers: { type: 'string', default: '2' },
    },
  });
  const isGood =
    values.seed === undefined
      ? await playMany(toNumber(values.first), toNumber(values.seeds), toNumber(values.workers))
      : await playOne(toNumber(values.seed));
  process.exitCode = isGood ? 0 : 1;
}

function toNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`"${text}" is not a whole number`);
  return value;
}

async function playOne(seed: number): Promise<boolean> {
  const failure = await simulate(seed, { trace: (line) => console.log(line) });
  console.log(failure === undefined ? `seed ${formatSeed(seed)}: nothing found` : await report(failure, 0));
  return failure === undefined;
}

async function playMany(first: number, seeds: number, workers: number): Promise<boolean> {
  const began = performance.now();
  const failures: Failure[] = [];
  let played = 0;
  const speed = () => Math.round((1000 * played) / (performance.now() - began));
  const take = (progress: Progress) => {
    played += progress.seeds;
    for (const failure of progress.failures) {
      failures.push(failure);
      console.log(`seed ${formatSeed(failure.seed)}: ${failure.finding}`);
    }
  };
  const timer = setInterval(() => console.log(`${played} of ${seeds} seeds, ${speed()} a second`), PROGRESS_MS);
  const share = Math.ceil(seeds / Math.max(workers, 1));
  const shares = Array.from({ length: Math.max(workers, 1) }, (_, index) => ({
    first: first + index * share,
    seeds: Math.min(share, seeds - index * share),
  })).filter((one) => one.seeds > 0);
  await Promise.all(shares.map((one) => playInWorker(one, take)));
  clearInterval(timer);
  for (const failure of failures.slice(0, REPORTS_MAX)) console.log(await report(failure));
  const seconds = Math.round((performance.now() - began) / 1000);
  console.log(
    `${played} seeds from ${formatSeed(first)} in ${seconds} s (${speed()} a second): ${failures.length} failures`,
  );
  return failures.length === 0 && played === seeds;
}

function playInWorker(share: Share, take: (progress: Progress) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./run.mjs', import.meta.url), {
      workerData: share,
      resourceLimits: { maxYoungGenerationSizeMb: 64 },
    });
    worker.on('message', take);
    worker.on('error', reject);
    worker.on('exit', () => resolve());
  });
}

async function playShare({ first, seeds }: Share, tell: (progress: Progress) => void): Promise<void> {
  for (let done = 0; done < seeds; done += CHUNK) {
    const count = Math.min(CHUNK, seeds - done);
    tell({ seeds: count, failures: await playSeeds(first + done, count) });
  }
}

/** Plays consecutive seeds and returns what failed among them. */
export async function playSeeds(first: number, count: number): Promise<readonly Failure[]> {
  const failures: Failure[] = [];
  for (let seed = first; seed < first + count; seed++) {
    const failure = await simulate(seed >>> 0);
    if (failure !== undefined) failures.push(failure);
  }
  return failures;
}
