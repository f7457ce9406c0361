import { execFileSync } from 'node:child_process';
import type { Mutation } from './mutations.js';
import { type Failure, formatSeed, traceOf } from './simulate.js';

const LINES = 60;

/** All that somebody needs who wants to see a failure again: seed, version, the command, and what happened last. */
export async function report(failure: Failure, lines = LINES, missing?: Mutation): Promise<string> {
  const seed = formatSeed(failure.seed);
  const trace = lines === 0 ? [] : (await traceOf(failure.seed, missing)).slice(-lines);
  return [
    `seed ${seed} at ${gitHash()}: ${failure.finding}`,
    ...trace.map((line) => `  ${line}`),
    `again, with everything that happens: node test/simulation/run.mjs --seed ${seed}`,
  ].join('\n');
}

function gitHash(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return 'a tree without git';
  }
}
