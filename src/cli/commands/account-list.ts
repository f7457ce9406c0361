import { formatCredits } from '../../common/credits.js';
import { toTable } from '../../common/to-table.js';
import { exactQuota } from '../../quota/quota-units.js';
import type { DatabaseCommand } from '../command.js';
import { parseArguments } from '../parse-arguments.js';
import { tableTime } from '../table-time.js';

const LISTED_MAX = 1000;

interface Row {
  id: string;
  name: string;
  group_name: string;
  status: string;
  credits_posted: string;
  debits_posted: string;
  debits_pending: string;
  used_posted: string;
  rpm_limit: number | null;
  tpm_limit: number | null;
  concurrency_limit: number | null;
  created_at: Date;
}

/** Lists accounts, newest first. */
export const accountList: DatabaseCommand = {
  name: 'account:list',
  usage: '',
  summary: `list the newest accounts (at most ${LISTED_MAX}) with what they have, used and hold, in credits`,
  async run({ sql }, { args }) {
    parseArguments(args, {});
    const rows = await sql.query<Row>(
      `select a.id, a.name, g.name as group_name, a.status, a.credits_posted, a.debits_posted, a.debits_pending,
              a.used_posted, a.rpm_limit, a.tpm_limit, a.concurrency_limit, a.created_at
         from account a join account_group g on g.id = a.group_id
        where a.kind = 'customer' order by a.id desc limit ${LISTED_MAX}`,
    );
    const header = [
      'ID',
      'NAME',
      'GROUP',
      'STATUS',
      'REMAINING',
      'USED',
      'HELD',
      'RPM',
      'TPM',
      'CONCURRENCY',
      'CREATED',
    ];
    return { exitCode: 0, stdout: toTable([header, ...rows.map(toRow)]) };
  },
};

function toRow(row: Row): string[] {
  const quota = exactQuota({
    creditsPosted: BigInt(row.credits_posted),
    debitsPosted: BigInt(row.debits_posted),
    debitsPending: BigInt(row.debits_pending),
    usedPosted: BigInt(row.used_posted),
  });
  return [
    row.id,
    row.name,
    row.group_name,
    row.status,
    formatCredits(quota.remaining),
    formatCredits(quota.used),
    formatCredits(quota.held),
    ...[row.rpm_limit, row.tpm_limit, row.concurrency_limit].map((limit) => (limit === null ? '-' : String(limit))),
    tableTime(row.created_at),
  ];
}
