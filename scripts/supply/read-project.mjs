import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** @typedef {{ version: string, name?: string, license?: string, dev?: boolean, optional?: boolean, hasInstallScript?: boolean }} LockEntry */

/** What is allowed in the supply chain; docs/security.md says why. */
export const policy = JSON.parse(readFileSync(join(import.meta.dirname, 'policy.json'), 'utf8'));

/**
 * Every package of the lock file by its path, without the project itself.
 *
 * @param {string} root the project's folder
 * @returns {[path: string, entry: LockEntry][]}
 */
export function lockEntries(root) {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  return Object.entries(packages).filter(([path]) => path !== '');
}

/**
 * `name@version` of what lies at a path of the lock file; the real name where package.json gave it another.
 *
 * @param {string} path
 * @param {LockEntry} entry
 */
export function idOf(path, entry) {
  return `${entry.name ?? nameAt(path)}@${entry.version}`;
}

/**
 * Every installed package: its path below the project, in the lock file's spelling, and `name@version` as its own
 * package.json says.
 *
 * @param {string} root
 * @returns {Map<string, string>}
 */
export function installedPackages(root) {
  const found = new Map();
  visit('node_modules');
  return found;

  function visit(modules) {
    for (const name of packageNames(join(root, modules))) {
      const path = `${modules}/${name}`;
      const manifest = readJson(join(root, path, 'package.json'));
      if (manifest === undefined) continue;
      found.set(path, `${manifest.name}@${manifest.version}`);
      visit(`${path}/node_modules`);
    }
  }
}

function nameAt(path) {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

/** The names in a node_modules folder, those with a scope included; none where there is no such folder. */
function packageNames(folder) {
  const names = readFolder(folder).filter((name) => !name.startsWith('.'));
  return names.flatMap((name) =>
    name.startsWith('@') ? readFolder(join(folder, name)).map((inner) => `${name}/${inner}`) : [name],
  );
}

function readFolder(folder) {
  return orUndefined(() => readdirSync(folder)) ?? [];
}

function readJson(path) {
  const text = orUndefined(() => readFileSync(path, 'utf8'));
  return text === undefined ? undefined : JSON.parse(text);
}

/** What `read` gives, or undefined when there is nothing to read. */
function orUndefined(read) {
  try {
    return read();
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  }
}
