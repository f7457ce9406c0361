// @ts-check

import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cleanEnvironment, freePort, helperCore, start, waitUntil } from '../processes.mjs';

const INSTALLED_UNDER = '/usr/lib/postgresql';

/** @returns {string | null} directory of the newest installed server binaries */
export function findPostgres() {
  if (!existsSync(INSTALLED_UNDER)) return null;
  const versions = readdirSync(INSTALLED_UNDER).sort((a, b) => Number(b) - Number(a));
  const found = versions
    .map((version) => join(INSTALLED_UNDER, version, 'bin'))
    .find((bin) => existsSync(join(bin, 'initdb')));
  return found ?? null;
}

/**
 * Starts a PostgreSQL of our own with its default settings on a loopback port.
 *
 * @param {string} binaries directory
 * @param {string} parent a directory to create for its files, removed by the caller
 * @param {number | null} [core] to pin it to, null for none; default: that of the helpers
 * @returns {Promise<{ urlOf: (name: string) => string, pid: number }>} `urlOf` creates a database and gives its address
 */
export async function startPostgres(binaries, parent, core = helperCore) {
  const owner = serverUser();
  const directory = join(parent, 'postgres');
  const password = randomBytes(16).toString('hex');
  const passwordFile = join(parent, 'postgres-password');
  mkdirSync(directory, { mode: 0o700, recursive: true });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (owner.uid !== undefined && owner.gid !== undefined) {
    for (const path of [parent, directory, passwordFile]) chownSync(path, owner.uid, owner.gid);
  }
  execFileSync(
    join(binaries, 'initdb'),
    ['-D', directory, '-U', 'hub', '-A', 'scram-sha-256', '--pwfile', passwordFile, '-E', 'UTF8'],
    { stdio: ['ignore', 'ignore', 'inherit'], cwd: parent, ...owner },
  );
  const port = await freePort();
  const child = start(
    core,
    [
      join(binaries, 'postgres'),
      '-D',
      directory,
      '-p',
      String(port),
      '-k',
      directory,
      '-c',
      'listen_addresses=127.0.0.1',
    ],
    { stdio: 'ignore', cwd: parent, ...owner },
  );
  await waitUntil('PostgreSQL', child, async () => isReady(binaries, port));
  return {
    pid: child.pid ?? 0,
    urlOf(name) {
      execFileSync(
        join(binaries, 'createdb'),
        ['-h', '127.0.0.1', '-p', String(port), '-U', 'hub', '-T', 'template0', name],
        { stdio: ['ignore', 'ignore', 'inherit'], env: { ...cleanEnvironment(), PGPASSWORD: password } },
      );
      return `postgres://hub:${password}@127.0.0.1:${port}/${name}`;
    },
  };
}

/** PostgreSQL refuses to run as root: its own user then. */
function serverUser() {
  if (process.getuid?.() !== 0) return {};
  const idOf = (/** @type {string} */ flag) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'latin1' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}

/**
 * A server that is still starting accepts connections, only to refuse them.
 *
 * @param {string} binaries directory
 * @param {number} port
 */
function isReady(binaries, port) {
  return spawnSync(join(binaries, 'pg_isready'), ['-q', '-h', '127.0.0.1', '-p', String(port)]).status === 0;
}
