import { parseArgs } from 'node:util';
import { ALL_MUTATIONS, hunt, type MutantResult } from './mutants.js';
import { MUTATIONS } from './mutations.js';
import { formatSeed } from './simulate.js';

/** Hunts each mutant and prints which seed caught it; the exit status tells whether one survived. */
export async function mainOfMutants(args: readonly string[]): Promise<void> {
  Error.stackTraceLimit = 0;
  const { values } = parseArgs({ args: [...args], options: { seeds: { type: 'string', default: '20000' } } });
  const results: MutantResult[] = [];
  console.log('| without | seed | seeds played | finding |');
  console.log('|---|---|---|---|');
  for (const mutation of ALL_MUTATIONS) {
    const result = await hunt(mutation, Number(values.seeds));
    results.push(result);
    console.log(rowOf(result));
  }
  const survivors = results.filter(({ failure }) => failure === undefined);
  console.log(`${results.length - survivors.length} of ${results.length} mutants were caught`);
  process.exitCode = survivors.length === 0 ? 0 : 1;
}

function rowOf({ mutation, failure, seeds }: MutantResult): string {
  const caught = failure === undefined ? '**survives** |' : `${formatSeed(failure.seed)} |`;
  return `| ${MUTATIONS[mutation]} | ${caught} ${seeds} | ${failure?.finding ?? ''} |`;
}
