import { spawnSync } from 'node:child_process';
import { findProgram } from '../support/find-program.js';

const TIMEOUT_MS = 30_000;

/**
 * A Python that has the official SDK: HUB_TEST_PYTHON, else `python3`.
 *
 * @returns undefined when neither has it.
 */
export function findPython(): string | undefined {
  const python = process.env['HUB_TEST_PYTHON'] || findProgram('python3');
  if (python === undefined) return undefined;
  const { status } = spawnSync(python, ['-c', 'import openai'], { stdio: 'ignore', timeout: TIMEOUT_MS });
  return status === 0 ? python : undefined;
}
