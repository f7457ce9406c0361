import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The project's folder, absolute. */
export const PROJECT_ROOT = join(import.meta.dirname, '..', '..');

/** Paths, relative to the root, of every file that belongs to the project: tracked, or new and not ignored. */
export function projectFiles(): string[] {
  const list = execFileSync(
    'git',
    ['-c', 'safe.directory=*', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'],
    {
      cwd: PROJECT_ROOT,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  return [...new Set(list.split('\0'))].filter((path) => path !== '' && existsSync(join(PROJECT_ROOT, path)));
}
