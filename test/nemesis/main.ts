import { nemesis } from './nemesis.js';
import { readOptions } from './options.js';
import { videoNemesis } from './video/video-nemesis.js';
import { readVideoOptions } from './video/video-options.js';

const [, , ...args] = process.argv;
const [kind, ...rest] = args;
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => interrupted.abort(new Error(`stopped by ${signal}`)));
}
try {
  process.exitCode = (await run(interrupted.signal)) ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? (error.stack ?? error.message) : error);
  process.exitCode = 1;
} finally {
  // Whatever still has a handle open: all that was started has been stopped or is killed with this process.
  process.exit();
}

function run(signal: AbortSignal): Promise<boolean> {
  if (kind === 'video') return videoNemesis(readVideoOptions(rest), signal);
  return nemesis(kind === 'soak' ? readOptions(rest, 'soak') : readOptions(args, 'nemesis'), signal);
}
