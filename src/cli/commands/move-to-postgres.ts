import { join } from 'node:path';
import { moveToPostgres } from '../../care/move-to-postgres.js';
import { KEY_FILE } from '../../care/snapshot.js';
import { MEMORY_DATA_DIR, parseSettings } from '../../config/parse-settings.js';
import { type CareCommand, CommandError, UsageError } from '../command.js';
import { parseArguments } from '../parse-arguments.js';

/** Carries an installation over from the embedded database to PostgreSQL. */
export const moveToPostgresCommand: CareCommand = {
  name: 'move-to-postgres',
  usage: '[--to postgres://USER:PASSWORD@HOST/DATABASE]',
  summary: 'copy the embedded database of a stopped hub into an empty PostgreSQL, by default that of DATABASE_URL',
  async runLocally(args, env) {
    const { values } = parseArguments(args, { to: { type: 'string' } });
    const targetUrl = values.to ?? env['DATABASE_URL'] ?? '';
    if (!/^postgres(ql)?:\/\//.test(targetUrl) || !URL.canParse(targetUrl)) {
      throw new UsageError('Name the database by --to or DATABASE_URL: postgres://USER:PASSWORD@HOST/DATABASE');
    }
    // The source is DATA_DIR, also where DATABASE_URL says already what is to be used from now on.
    const { database, masterKey } = parseSettings({ ...env, DATABASE_URL: undefined, HUB_WORKERS: undefined });
    const { dataDir } = database;
    if (dataDir === MEMORY_DATA_DIR) throw new CommandError('A database in memory cannot be moved: its hub holds it.');
    const comparison = await moveToPostgres({ dataDir, targetUrl, masterKey });
    const isKeyInFile = masterKey === undefined;
    return {
      exitCode: 0,
      stdout: comparison.table,
      stderr: nextSteps(dataDir, isKeyInFile, env['DATABASE_URL'] === targetUrl),
    };
  },
};

function nextSteps(dataDir: string, isKeyInFile: boolean, isUrlSet: boolean): string {
  const steps = [
    ...(isUrlSet ? [] : ['set DATABASE_URL to the target']),
    // Shown as a command, not as a value: terminals and logs remember.
    isKeyInFile
      ? `set HUB_MASTER_KEY to what this prints: cat ${JSON.stringify(join(dataDir, KEY_FILE))}`
      : 'keep HUB_MASTER_KEY as it is',
    'start the hub',
  ];
  return (
    `Everything was copied, and the books are the same on both sides. ${dataDir} is as it was; a hub that is started ` +
    `without DATABASE_URL would go on with it.\nNext:\n${steps.map((step, i) => `  ${i + 1}. ${step}\n`).join('')}`
  );
}
