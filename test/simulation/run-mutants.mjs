// node test/simulation/run-mutants.mjs [--seeds 20000]   plays without each guard in turn; fails when none of the seeds does
import '../support/register-ts.mjs';

const { mainOfMutants } = await import('./main-mutants.ts');
await mainOfMutants(process.argv.slice(2));
