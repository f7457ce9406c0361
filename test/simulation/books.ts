import type { Sql } from '../../src/database/sql.js';
import type { Tables } from './model/tables.js';

/** The books of one world, row by row as text: the same from the model and from PostgreSQL when they agree. */
export type Books = Readonly<Record<string, readonly string[]>>;

/** The books as the model has them. */
export function booksOfModel(tables: Tables): Books {
  return {
    account: sorted(tables.account.rows(), (row) => [
      row.id,
      row.status,
      row.credits,
      row.debits,
      row.pending,
      row.used,
    ]),
    key_budget: sorted(tables.budget.rows(), (row) => [
      row.keyId,
      row.period,
      row.posted,
      row.pending,
      row.start,
      row.end,
    ]),
    hold: sorted(tables.hold.rows(), (row) => [
      row.id,
      row.accountId,
      row.keyId,
      row.kind,
      row.amount,
      row.metered,
      row.settled,
      row.state,
      row.owner,
      row.epoch,
      row.leaseUntil,
    ]),
    entry: sorted(tables.entry.rows(), (row) => [row.kind, row.ref, row.debitId, row.creditId, row.amount]),
    usage_event: sorted(tables.usage.rows(), (row) => [
      row.holdId,
      row.attempt,
      row.isFinal,
      row.outcome,
      row.cost,
      row.loss,
    ]),
    idempotency: sorted(tables.claim.rows(), (row) => [
      row.accountId,
      row.route,
      row.key,
      row.holdId,
      row.state,
      row.status,
      row.expiresAt,
    ]),
    redemption_code: sorted(tables.code.rows(), (row) => [row.id, row.used]),
    redemption: sorted(tables.redemption.rows(), (row) => [row.codeId, row.accountId]),
  };
}

/** The same of a real database. */
export async function booksOfPostgres(sql: Sql, accountIds: readonly string[]): Promise<Books> {
  const of = async (columns: string, rest: string): Promise<readonly string[]> => {
    const text = `select concat_ws(' ', ${columns}) as line from ${rest} order by 1`;
    const rows = await sql.query<{ line: string }>(text, [accountIds]);
    return rows.map((row) => row.line).sort();
  };
  const mine = 'account_id = any ($1::bigint[])';
  const hold = `replace(x.id::text, '-', '')`;
  return {
    account: await of(
      'id, status, credits_posted, debits_posted, debits_pending, used_posted',
      'account where id = any ($1::bigint[])',
    ),
    key_budget: await of(
      `b.key_id, b.period, b.posted, b.pending, ${ms('b.period_start')}, ${ms('b.period_end')}`,
      `key_budget b join api_key k on k.id = b.key_id where k.${mine}`,
    ),
    hold: await of(
      `${hold}, account_id, ${orNull('key_id')}, kind, amount, metered, ${orNull('settled')}, state, owner, epoch, ${ms('lease_until')}`,
      `hold x where ${mine}`,
    ),
    entry: await of(
      `kind, case when kind in ('settle', 'late', 'loss', 'refund') then replace(ref, '-', '') else ref end, debit_id, credit_id, amount`,
      `entry where debit_id = any ($1::bigint[]) or credit_id = any ($1::bigint[])
         or kind = 'loss' and ref in (select id::text from hold where ${mine})`,
    ),
    usage_event: await of(
      `replace(hold_id::text, '-', ''), attempt, case when is_final then 'true' else 'false' end, outcome, cost, loss`,
      `usage_event where ${mine}`,
    ),
    idempotency: await of(
      `account_id, route, key, replace(hold_id::text, '-', ''), state, ${orNull('status')}, ${ms('expires_at')}`,
      `idempotency where ${mine}`,
    ),
    redemption_code: await of('id, used', `redemption_code where id / 100 in (select unnest($1::bigint[]) / 100)`),
    redemption: await of('code_id, account_id', `redemption where ${mine}`),
  };
}

function sorted<Row>(
  rows: Iterable<Row>,
  columnsOf: (row: Row) => readonly (string | bigint | number | boolean | null)[],
): readonly string[] {
  return [...rows].map((row) => columnsOf(row).map(String).join(' ')).sort();
}

function ms(column: string): string {
  return `case when isfinite(${column}) then (extract(epoch from ${column}) * 1000)::bigint::text
    when ${column} > now() then 'Infinity' else '-Infinity' end`;
}

function orNull(column: string): string {
  return `coalesce(${column}::text, 'null')`;
}
