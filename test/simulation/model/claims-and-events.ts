import type { Settlement } from '../../../src/quota/core/ledger-store.js';
import type { ClaimRow, UsageRow } from './rows.js';
import type { Tables } from './tables.js';
import type { Procedure, Transaction } from './transaction.js';

/** `ledger_insert_events` for one hold. @param isRepeated the batch closes the same hold more than once. */
export function* insertEvents(
  tables: Tables,
  tx: Transaction,
  rows: readonly UsageRow[],
  isRepeated = false,
): Procedure<void> {
  for (const row of rows) {
    tables.check(row.loss >= 0n, `usage_event ${row.holdId}`);
    yield* tables.insert(tx, tables.usage.slot(`${row.holdId} ${row.attempt}`), row, isRepeated);
  }
}

/** The events of a settlement as they are stored. */
export function toUsageRows({ holdId, events }: Settlement): UsageRow[] {
  return events.map(({ attempt, isFinal, outcome, cost }) => ({ holdId, attempt, isFinal, outcome, cost, loss: 0n }));
}

/** `ledger_close_claims` for one hold that was closed just now. */
export function* closeClaim(tables: Tables, tx: Transaction, { holdId, claim, answer }: Settlement): Procedure<void> {
  if (claim === undefined && answer === undefined) return;
  const slot = tables.claimOfHold.get(holdId);
  if (slot === undefined) return;
  if (!tx.lock(slot)) yield slot;
  const row = tx.read(slot);
  if (row === undefined || row.holdId !== holdId || row.state !== 'running') return;
  const done: ClaimRow | null = answer === undefined ? null : { ...row, state: 'done', status: answer.status };
  tx.write(slot, done);
}
