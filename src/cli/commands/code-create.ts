import { CodeHasher } from '../../redemption/code-hasher.js';
import { CODES_CREATED_MAX, createCodes } from '../../redemption/code-store.js';
import type { DatabaseCommand } from '../command.js';
import { AMOUNT_OPTIONS, describeAmount, parseAmount } from '../parse-amount.js';
import { parseArguments } from '../parse-arguments.js';
import { parseCount } from '../parse-count.js';
import { parseExpiry } from '../parse-expiry.js';
import { parseName } from '../parse-name.js';

const OPTIONS = {
  ...AMOUNT_OPTIONS,
  count: { type: 'string' },
  'max-uses': { type: 'string' },
  expires: { type: 'string' },
  batch: { type: 'string' },
} as const;

const BATCH_CHARS_MAX = 128;

/** Makes redemption codes. The codes alone go to standard output, one a line. */
export const codeCreate: DatabaseCommand = {
  name: 'code:create',
  usage: '--units N|--credits D [--count N] [--max-uses N] [--expires 2027-01-31|90d] [--batch NAME]',
  summary: `make redemption codes (at most ${CODES_CREATED_MAX}) and print them once; --max-uses accounts may use each`,
  async run({ sql, keyring }, { args }) {
    const { values } = parseArguments(args, OPTIONS);
    const nowMs = Date.now();
    const wanted = {
      amount: parseAmount(values),
      count: parseCount(values.count, 'count', CODES_CREATED_MAX) ?? 1,
      maxUses: parseCount(values['max-uses'], 'max-uses') ?? 1,
      expiresAt: values.expires === undefined ? undefined : parseExpiry(values.expires, nowMs),
      batch: parseName(values.batch ?? `cli ${new Date(nowMs).toISOString()}`, 'batch', BATCH_CHARS_MAX),
      actor: 'cli',
    };
    const { batchId, codes } = await sql.transaction((session) =>
      createCodes(session, new CodeHasher(keyring), wanted),
    );
    const worth = `${codes.length} of ${describeAmount(wanted.amount)}`;
    const note = `Batch ${batchId} "${wanted.batch}": ${worth}. They are not shown again.\n`;
    return { exitCode: 0, stdout: `${codes.join('\n')}\n`, stderr: note };
  },
};
