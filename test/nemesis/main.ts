import { nemesis } from './nemesis.js';
import { readOptions } from './options.js';

const [, , ...args] = process.argv;
const isSoak = args[0] === 'soak';
const options = readOptions(isSoak ? args.slice(1) : args, isSoak ? 'soak' : 'nemesis');
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => interrupted.abort(new Error(`stopped by ${signal}`)));
}
try {
  process.exitCode = (await nemesis(options, interrupted.signal)) ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? (error.stack ?? error.message) : error);
  process.exitCode = 1;
} finally {
  // Whatever still has a handle open: all that was started has been stopped or is killed with this process.
  process.exit();
}
