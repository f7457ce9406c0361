// node test/simulation/run.mjs --seeds 1000000 [--first 0x0] [--workers 2]   plays many seeds
// node test/simulation/run.mjs --seed 0x1234                                 plays one and tells all that happens in it
import '../support/register-ts.mjs';

const { main } = await import('./main.ts');
await main(process.argv.slice(2));
