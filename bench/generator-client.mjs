// @ts-check

import { fileURLToPath } from 'node:url';
import { assertAllRunning, helperCore, messageOf, start } from './processes.mjs';

const SPARE_MS = 20_000;

/** The load generator, run as a process of its own on the helpers' core. */
export class GeneratorClient {
  #child = start(helperCore, [process.execPath, fileURLToPath(import.meta.resolve('./load/main.mjs'))], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });

  /**
   * @param {import('./load/types.mjs').LoadCommand} command
   * @returns {Promise<import('./load/types.mjs').LoadResult>}
   * @throws {Error} when the load could not be sent, or takes far longer than it should
   */
  async run(command) {
    this.#child.send(command);
    const limitMs = command.warmupMs + command.durationMs + command.drainMs + SPARE_MS;
    const answer = /** @type {{ result: import('./load/types.mjs').LoadResult } | { error: string }} */ (
      await messageOf(this.#child, limitMs)
    );
    assertAllRunning();
    if ('error' in answer) throw new Error(`load generator: ${answer.error}`);
    return answer.result;
  }
}
