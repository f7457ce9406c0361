import { accessSync, constants, globSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The path of an installed program: from the folders matched by `patterns` (newest version first), else from PATH. */
export function findProgram(name: string, patterns: readonly string[] = []): string | undefined {
  const newestFirst = patterns.flatMap((pattern) => globSync(pattern).sort(byVersion).reverse());
  const folders = [...newestFirst, ...(process.env['PATH'] ?? '').split(delimiter)];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function byVersion(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
