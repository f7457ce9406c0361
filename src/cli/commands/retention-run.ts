import { runRetention } from '../../retention/retention.js';
import { retentionTable } from '../../retention/retention-table.js';
import type { DatabaseCommand } from '../command.js';
import { parseArguments } from '../parse-arguments.js';

/** Removes what the settings say is old enough, or with `--dry-run` only says what that would be. */
export const retentionRun: DatabaseCommand = {
  name: 'retention:run',
  usage: '[--dry-run]',
  summary: 'drop months of usage and remove jobs that are older than the settings keep them; the hub may run meanwhile',
  answerMsMax: 3_600_000,
  async run({ sql, settings }, { args }) {
    const { values } = parseArguments(args, { 'dry-run': { type: 'boolean' } });
    const report = await runRetention(sql, settings.retention, new Date(), { isDryRun: values['dry-run'] === true });
    return { exitCode: 0, stdout: retentionTable(report) };
  },
};
