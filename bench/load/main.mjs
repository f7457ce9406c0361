// @ts-check
// The load generator: a process of its own that takes one command at a time from its parent and sends back the result.

import { drive } from './drive.mjs';

process.on('message', async (/** @type {import('./types.mjs').LoadCommand} */ command) => {
  try {
    process.send?.({ result: await drive(command) });
  } catch (error) {
    process.send?.({ error: error instanceof Error ? error.message : String(error) });
  }
});
process.on('disconnect', () => process.exit(0));
