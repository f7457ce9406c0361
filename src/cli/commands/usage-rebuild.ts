import { rebuildUsage } from '../../usage/rebuild-usage.js';
import type { DatabaseCommand } from '../command.js';
import { parseArguments } from '../parse-arguments.js';

/** Counts the hourly usage anew from the events. */
export const usageRebuild: DatabaseCommand = {
  name: 'usage:rebuild',
  usage: '',
  summary: 'sum up the usage of all hours anew from the single requests; the hub may run meanwhile',
  async run({ sql }, { args }) {
    parseArguments(args, {});
    await rebuildUsage(sql);
    const [sums] = await sql.query<{ hours: string; attempts: string }>(
      `select count(distinct hour) as hours, coalesce(sum(attempts), 0) as attempts from usage_hour`,
    );
    return { exitCode: 0, stderr: `${sums?.attempts} attempts in ${sums?.hours} hours are summed up.\n` };
  },
};
