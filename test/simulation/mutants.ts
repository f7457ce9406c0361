import { MUTATIONS, type Mutation } from './mutations.js';
import { type Failure, simulate } from './simulate.js';

/** What became of a mutant: the seed that caught it, or none. */
export interface MutantResult {
  readonly mutation: Mutation;
  readonly failure: Failure | undefined;
  /** Seeds that were played. */
  readonly seeds: number;
}

/** Plays seeds without one guard, until one of them fails. */
export async function hunt(mutation: Mutation, seedsMax: number, first = 0): Promise<MutantResult> {
  for (let count = 1; count <= seedsMax; count++) {
    const failure = await simulate(first + count - 1, { missing: mutation });
    if (failure !== undefined) return { mutation, failure, seeds: count };
  }
  return { mutation, failure: undefined, seeds: seedsMax };
}

export const ALL_MUTATIONS = Object.keys(MUTATIONS) as Mutation[];
