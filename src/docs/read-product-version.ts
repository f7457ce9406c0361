import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * The version in the nearest package.json, which stands at a different distance from the sources and from the build.
 * @throws Error when no folder up to the root has one
 */
export async function readProductVersion(): Promise<string> {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const content = await readFile(join(folder, 'package.json'), 'utf8').catch(() => undefined);
    const version: unknown = content && JSON.parse(content).version;
    if (typeof version === 'string') return version;
  }
  throw new Error('The version is unknown: no package.json stands above the code.');
}
