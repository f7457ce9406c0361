import { resolve } from 'node:path';
import { type RestoreReport, restore } from '../../care/restore.js';
import { MEMORY_DATA_DIR, parseSettings } from '../../config/parse-settings.js';
import { type CareCommand, CommandError, UsageError } from '../command.js';
import { parseArguments } from '../parse-arguments.js';

/** Restores a backup while no hub runs. */
export const restoreCommand: CareCommand = {
  name: 'restore',
  usage: 'FILE [--force]',
  summary: 'put a backup into an empty DATA_DIR; --force moves what is there to DATA_DIR.before-<time>',
  async runLocally(args, env) {
    const { values, positionals } = parseArguments(args, { force: { type: 'boolean', default: false } }, 1);
    const [name] = positionals;
    if (name === undefined) throw new UsageError('FILE is missing');
    const { database, masterKey } = parseSettings(env);
    if (database.url !== undefined) {
      throw new CommandError('DATABASE_URL is set: restore that database with pg_restore (docs/deploy.md).');
    }
    const { dataDir } = database;
    if (dataDir === MEMORY_DATA_DIR) throw new CommandError('A database in memory has no files to restore.');
    const report = await restore({ file: resolve(name), dataDir, mayMoveAside: values.force, masterKey });
    return { exitCode: 0, stdout: report.comparison.table, stderr: describe(dataDir, report, masterKey !== undefined) };
  },
};

function describe(dataDir: string, { manifest, movedTo }: RestoreReport, hasMasterKey: boolean): string {
  const lines = [
    `Restored the backup of ${manifest.createdAt} (hub ${manifest.productVersion}) into ${dataDir}: the books are the same.`,
  ];
  if (movedTo !== undefined) lines.push(`What was there is in ${movedTo}; remove it when you no longer need it.`);
  if (!manifest.hasMasterKey && !hasMasterKey) {
    lines.push('The backup holds no master key: start with the HUB_MASTER_KEY it was made with.');
  }
  return `${lines.join('\n')}\n`;
}
