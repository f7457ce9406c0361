import { resolve } from 'node:path';
import { type BackupReport, backUp } from '../../care/back-up.js';
import { requireDatabase, snapshotClosedDatabase } from '../../care/snapshot.js';
import { parseSettings } from '../../config/parse-settings.js';
import type { Settings } from '../../config/settings.js';
import { DataDirLock } from '../../database/data-dir-lock.js';
import { readProductVersion } from '../../docs/read-product-version.js';
import { type CareCommand, CommandError, UsageError } from '../command.js';
import { commandSocketPath } from '../command-socket.js';
import { parseArguments } from '../parse-arguments.js';
import { sendCommand } from '../send-command.js';
import { backupSnapshot } from './backup-snapshot.js';

/** Copying tens of gigabytes on a slow disk. */
const SNAPSHOT_MS_MAX = 30 * 60 * 1000;

/** Backs up the embedded database, of a running hub or a stopped one. */
export const backup: CareCommand = {
  name: 'backup',
  usage: 'FILE [--force]',
  summary: 'write the embedded database and its key file into one archive; --force replaces FILE',
  async runLocally(args, env) {
    const { values, positionals } = parseArguments(args, { force: { type: 'boolean', default: false } }, 1);
    const [name] = positionals;
    if (name === undefined) throw new UsageError('FILE is missing');
    const file = resolve(name);
    const { database, masterKey } = parseSettings(env);
    const socketPath = commandSocketPath(database);
    if (database.url !== undefined) {
      throw new CommandError(
        'DATABASE_URL is set: back that database up with pg_dump, and HUB_MASTER_KEY apart from it (docs/deploy.md).',
      );
    }
    if (socketPath === undefined) throw new CommandError('A database in memory has no files to back up.');
    const report = await backUp({
      file,
      mayReplace: values.force,
      masterKey,
      productVersion: await readProductVersion(),
      snapshot: () => takeSnapshot(socketPath, database),
    });
    return { exitCode: 0, stderr: describe(file, report) };
  },
};

/** A running hub copies its own files; those of a stopped one are copied here. */
async function takeSnapshot(socketPath: string, { dataDir }: Settings['database']): Promise<string> {
  await requireDatabase(dataDir);
  const answer = await sendCommand(socketPath, backupSnapshot.name, { args: [] }, SNAPSHOT_MS_MAX);
  if (answer) {
    if (answer.exitCode === 0 && answer.stdout) return answer.stdout.trimEnd();
    throw new CommandError(`The running hub made no copy of its database: ${answer.stderr?.trimEnd()}`);
  }
  const lock = DataDirLock.acquire(dataDir);
  try {
    return await snapshotClosedDatabase(dataDir);
  } finally {
    lock.release();
  }
}

const KEY_REMARKS: Readonly<Record<BackupReport['masterKey'], string>> = {
  archive: 'The master key is in it: whoever has the file can open every credential. Keep it accordingly.',
  setting: 'The master key is not in it, as it comes from HUB_MASTER_KEY. Keep that apart: both are needed to restore.',
  unknown:
    'NO MASTER KEY IS IN IT: there is no key file, and HUB_MASTER_KEY is not set here, so the backup could not be tried with it. ' +
    'Keep HUB_MASTER_KEY of the hub apart: without it the backup is of no use.',
};

function describe(file: string, { bytes, books, masterKey }: BackupReport): string {
  const checks = books.filter(({ name }) => name.startsWith('accounts that disagree'));
  const warnings = checks.filter(({ value }) => value !== '0').map(({ name, value }) => `WARNING: ${name}: ${value}\n`);
  return `${file}: ${bytes} bytes. ${KEY_REMARKS[masterKey]}\n${warnings.join('')}`;
}
