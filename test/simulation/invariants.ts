import { Finding } from './finding.js';
import { HOUSE, LOSS } from './model/rows.js';
import type { Tables } from './model/tables.js';

/**
 * All invariants of the books, from the tables alone and all at once: what the audit does in SQL.
 * @throws Finding that names the first one that does not hold.
 */
export function checkInvariants(tables: Tables): void {
  const credit = new Map<string, bigint>();
  const debit = new Map<string, bigint>();
  const used = new Map<string, bigint>();
  const postedOf = new Map<string, bigint>();
  const lossOf = new Map<string, bigint>();
  const redeemed = new Map<string, number>();
  let issued = 0n;
  for (const { kind, ref, debitId, creditId, amount } of tables.entry.rows()) {
    add(debit, debitId, amount);
    add(credit, creditId, amount);
    if (debitId === HOUSE) issued += amount;
    if (creditId === HOUSE && debitId !== LOSS) issued -= amount;
    if (kind === 'settle' || kind === 'late') add(postedOf, ref, amount);
    if (kind === 'settle' || kind === 'late') add(used, debitId, amount);
    if (kind === 'refund') add(postedOf, ref, -amount);
    if (kind === 'loss') add(lossOf, ref, -amount);
    if (kind === 'refund') add(used, creditId, -amount);
    if (kind === 'redeem')
      redeemed.set(ref.split(':', 1)[0] as string, (redeemed.get(ref.split(':', 1)[0] as string) ?? 0) + 1);
  }
  const openOf = new Map<string, bigint>();
  const openOfKey = new Map<string, bigint>();
  const costOf = new Map<string, bigint>();
  const overruns = new Set<string>();
  for (const { holdId, cost, loss, outcome } of tables.usage.rows()) {
    add(costOf, holdId, cost);
    add(lossOf, holdId, loss);
    if (outcome === 'overrun' || outcome === 'late') overruns.add(holdId);
  }
  for (const hold of tables.hold.rows()) {
    const settled = hold.settled ?? 0n;
    if (hold.state === 'open') {
      add(openOf, hold.accountId, hold.amount);
      if (hold.keyId !== null) add(openOfKey, hold.keyId, hold.amount);
    }
    must('I5', settled === (postedOf.get(hold.id) ?? 0n), hold.id);
    must('I6', (hold.state !== 'open') === costOf.has(hold.id) && settled === (costOf.get(hold.id) ?? 0n), hold.id);
    must('I8', settled <= hold.amount || overruns.has(hold.id), hold.id);
    postedOf.delete(hold.id);
    costOf.delete(hold.id);
  }
  must('I5', postedOf.size === 0, 'an entry without a hold');
  for (const [holdId, rest] of lossOf) must('I6', rest === 0n, `losses of ${holdId} differ by ${rest}`);
  must('I6', costOf.size === 0, 'an event without a hold');
  let balance = 0n;
  for (const { id, credits, debits, pending, used: usedPosted } of tables.account.rows()) {
    must('I1', credits === (credit.get(id) ?? 0n), id);
    must('I2', debits === (debit.get(id) ?? 0n), id);
    must('I3', pending === (openOf.get(id) ?? 0n), id);
    must('I4', credits - debits - pending >= 0n, id);
    must('used', usedPosted === (used.get(id) ?? 0n), id);
    balance += credits - debits;
  }
  must('I15', balance === issued, `${balance} in accounts, ${issued} issued`);
  for (const { keyId, pending } of tables.budget.rows()) must('I11', pending === (openOfKey.get(keyId) ?? 0n), keyId);
  const uses = new Map<string, number>();
  for (const { codeId } of tables.redemption.rows()) uses.set(codeId, (uses.get(codeId) ?? 0) + 1);
  for (const { id, used: count, maxUses } of tables.code.rows()) {
    must('I9', count === (uses.get(id) ?? 0) && count === (redeemed.get(id) ?? 0) && count <= maxUses, id);
  }
  checkClaims(tables);
}

/** I13, and that a claim which is still running belongs to a hold that is open: whatever closes a hold ends its claim. */
function checkClaims(tables: Tables): void {
  const holds = new Set<string>();
  for (const { holdId, state } of tables.claim.rows()) {
    must('I13', !holds.has(holdId), holdId);
    holds.add(holdId);
    const hold = tables.hold.row(holdId);
    must('claim', hold !== undefined && (state === 'done' || hold.state === 'open'), `${holdId} is ${hold?.state}`);
  }
}

function add(sums: Map<string, bigint>, id: string, amount: bigint): void {
  sums.set(id, (sums.get(id) ?? 0n) + amount);
}

function must(name: string, holds: boolean, what: string): void {
  if (!holds) throw new Finding(`${name} does not hold: ${what}`);
}
