import { resolve } from 'node:path';
import { ImportError } from '../../imports/import-error.js';
import type { ImportProduct } from '../../imports/product.js';
import { runImport } from '../../imports/run-import.js';
import { TOPIC_CATALOG, TOPIC_KEYS } from '../../redis/topics.js';
import { CLI_ACTOR } from '../cli-actor.js';
import { CommandError, type DatabaseCommand, UsageError } from '../command.js';
import { parseArguments } from '../parse-arguments.js';

const OPTIONS = {
  from: { type: 'string' },
  as: { type: 'string' },
  'quota-per-unit': { type: 'string' },
  apply: { type: 'boolean', default: false },
} as const;

const ANSWER_MS_MAX = 3_600_000;
const LABEL = /^[a-z0-9][a-z0-9-]{0,31}$/;

/** Takes the database of another product over. The report goes to standard output. */
function importCommand(product: ImportProduct): DatabaseCommand {
  return {
    name: `import:${product}`,
    usage: '--from FILE|postgres://… [--apply] [--quota-per-unit N] [--as NAME]',
    summary: `take over users, keys, channels, prices and codes of ${product}; without --apply only say what would be done`,
    answerMsMax: ANSWER_MS_MAX,
    toRemoteArgs: resolvePath,
    async run({ sql, keyring, publish }, { args }) {
      const { values } = parseArguments(args, OPTIONS);
      const { from, as: label = product, apply: isApplied, 'quota-per-unit': quotaPerUnit } = values;
      if (from === undefined || from === '') throw new UsageError('--from is needed: a SQLite file or postgres://…');
      if (!LABEL.test(label)) throw new UsageError('--as takes 1 to 32 lower-case letters, digits and dashes');
      try {
        const report = await runImport(sql, keyring, {
          product,
          from,
          label,
          quotaPerUnit,
          isApplied,
          actor: CLI_ACTOR,
        });
        if (isApplied) {
          await publish(TOPIC_KEYS);
          await publish(TOPIC_CATALOG);
        }
        return { exitCode: 0, stdout: report };
      } catch (error) {
        if (error instanceof ImportError) throw new CommandError(error.message);
        throw error;
      }
    },
  };
}

/** A running hub may have been started elsewhere: the path of a file is made a whole one where it was typed. */
function resolvePath(args: readonly string[]): string[] {
  return args.map((arg, index) => {
    if (arg.startsWith('--from=')) return `--from=${toWholePath(arg.slice('--from='.length))}`;
    return args[index - 1] === '--from' ? toWholePath(arg) : arg;
  });
}

function toWholePath(from: string): string {
  return from === '' || from.includes('://') ? from : resolve(from);
}

/** Takes over a database of new-api. */
export const importNewApi = importCommand('new-api');

/** Takes over a database of one-api. */
export const importOneApi = importCommand('one-api');
