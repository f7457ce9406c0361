import { type AccountRow, type CodeRow, HOUSE } from './rows.js';
import type { Tables } from './tables.js';
import { type Procedure, StatementError, type Transaction } from './transaction.js';

export type RedeemResult = 'redeemed' | 'used_up' | 'redeemed_before';

/** A redemption: account, conditional claim of the code, unique row, money, in one transaction. */
export function* redeem(tables: Tables, tx: Transaction, accountId: string, codeId: string): Procedure<RedeemResult> {
  const accountSlot = tables.account.slot(accountId);
  if (!tx.lock(accountSlot)) yield accountSlot;
  tx.at = tables.clock();
  yield;
  const codeSlot = tables.code.slot(codeId);
  if (!tx.lock(codeSlot)) yield codeSlot;
  const code = tx.read(codeSlot) as CodeRow;
  if (code.used >= code.maxUses && tables.missing !== 'code_max_uses') {
    tx.isRolledBack = true;
    return 'used_up';
  }
  tables.check(code.used < code.maxUses, `redemption_code ${codeId}`);
  tx.write(codeSlot, { ...code, used: code.used + 1 });
  yield;
  // Without the primary key a second row finds a place of its own.
  const copy = tables.missing === 'redemption_unique' ? ` ${code.used}` : '';
  try {
    yield* tables.insert(tx, tables.redemption.slot(`${codeId} ${accountId}${copy}`), { codeId, accountId }, true);
  } catch (error) {
    if (!(error instanceof StatementError)) throw error;
    tx.isRolledBack = true;
    return 'redeemed_before';
  }
  const account = tx.read(accountSlot) as AccountRow;
  tables.updateAccount(tx, accountSlot, { ...account, credits: account.credits + code.amount });
  yield;
  const { amount } = code;
  yield* tables.insertEntry(tx, {
    kind: 'redeem',
    ref: `${codeId}:${accountId}`,
    debitId: HOUSE,
    creditId: accountId,
    amount,
  });
  return 'redeemed';
}
