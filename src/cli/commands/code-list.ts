import { formatCredits } from '../../common/credits.js';
import { toTable } from '../../common/to-table.js';
import { CODES_LISTED_MAX, type CodeSummary, listCodes } from '../../redemption/code-store.js';
import type { DatabaseCommand } from '../command.js';
import { parseArguments } from '../parse-arguments.js';
import { tableTime } from '../table-time.js';

/** Lists redemption codes, newest first. */
export const codeList: DatabaseCommand = {
  name: 'code:list',
  usage: '[--batch NAME]',
  summary: `list the newest redemption codes (at most ${CODES_LISTED_MAX}), without the codes themselves`,
  async run({ sql }, { args }) {
    const { values } = parseArguments(args, { batch: { type: 'string' } });
    const header = ['ID', 'BATCH', 'LAST4', 'CREDITS', 'USED', 'STATE', 'EXPIRES', 'CREATED'];
    return { exitCode: 0, stdout: toTable([header, ...(await listCodes(sql, values.batch)).map(toRow)]) };
  },
};

function toRow(code: CodeSummary): string[] {
  return [
    code.id,
    `${code.batchId} ${code.batch}`,
    code.last4,
    formatCredits(code.amount),
    `${code.used}/${code.maxUses}`,
    code.state,
    tableTime(code.expiresAt),
    tableTime(code.createdAt),
  ];
}
