import { snapshotOpenDatabase } from '../../care/snapshot.js';
import type { DatabaseCommand } from '../command.js';
import { parseArguments } from '../parse-arguments.js';

/**
 * What a running hub does for `backup`: a copy of its database's files as of one moment. Everything that takes longer (opening,
 * measuring, packing) is done by the process that asked, away from the hub's event loop.
 */
export const backupSnapshot: DatabaseCommand = {
  name: 'backup:snapshot',
  usage: '',
  summary: 'copy the files of the embedded database, for backup',
  isInternal: true,
  async run({ sql, settings }, { args }) {
    parseArguments(args, {});
    return { exitCode: 0, stdout: `${await snapshotOpenDatabase(sql, settings.database.dataDir)}\n` };
  },
};
