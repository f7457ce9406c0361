import { spawnSync } from 'node:child_process';
import { findProgram } from '../support/find-program.js';

const TIMEOUT_MS = 30_000;

/**
 * The command of Schemathesis: HUB_TEST_SCHEMATHESIS, else `schemathesis`.
 *
 * @returns undefined when this machine does not have it.
 */
export function findSchemathesis(): string | undefined {
  const command = process.env['HUB_TEST_SCHEMATHESIS'] || findProgram('schemathesis');
  if (command === undefined) return undefined;
  const { status } = spawnSync(command, ['--version'], { stdio: 'ignore', timeout: TIMEOUT_MS });
  return status === 0 ? command : undefined;
}
