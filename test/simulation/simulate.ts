import { Finding } from './finding.js';
import type { Mutation } from './mutations.js';
import { World, type WorldOptions } from './world.js';

/** A seed whose simulation found something. */
export interface Failure {
  readonly seed: number;
  readonly finding: string;
}

const TRACE_LINES = 80;

/** Plays one seed. @returns what was found, or undefined when all was well. */
export async function simulate(seed: number, options: WorldOptions = {}): Promise<Failure | undefined> {
  try {
    await new World(seed, options).run();
    return undefined;
  } catch (error) {
    if (!(error instanceof Finding)) throw error;
    return { seed, finding: error.message };
  }
}

/** Plays a seed again and returns what happened last in it. */
export async function traceOf(seed: number, missing?: Mutation): Promise<readonly string[]> {
  const lines: string[] = [];
  await simulate(seed, {
    missing,
    trace: (line) => {
      lines.push(line);
      if (lines.length > 2 * TRACE_LINES) lines.splice(0, TRACE_LINES);
    },
  });
  return lines.slice(-TRACE_LINES);
}

/** How a seed is written: `0x0000002a`. */
export function formatSeed(seed: number): string {
  return `0x${(seed >>> 0).toString(16).padStart(8, '0')}`;
}
