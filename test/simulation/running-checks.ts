import { Finding } from './finding.js';
import {
  type AccountRow,
  type BudgetRow,
  type CodeRow,
  type EntryRow,
  HOUSE,
  type HoldRow,
  LOSS,
  type RedemptionRow,
  type Slot,
  type UsageRow,
} from './model/rows.js';
import type { Transaction } from './model/transaction.js';

interface AccountSums {
  credits: bigint;
  debits: bigint;
  open: bigint;
  used: bigint;
}

interface HoldSums {
  posted: bigint;
  cost: bigint;
  hasEvent: boolean;
  isOverrun: boolean;
}

interface CodeSums {
  redemptions: number;
  entries: number;
}

/**
 * The invariants of the books, kept up to date with every commit: what a commit has touched is compared with sums of
 * everything before it, so that a wrong one is caught at once and a right one costs little.
 */
export class RunningChecks {
  private readonly accounts = new Map<string, AccountSums>();
  private readonly keys = new Map<string, bigint>();
  private readonly holds = new Map<string, HoldSums>();
  private readonly codes = new Map<string, CodeSums>();

  /** Tells of what is there from the start. */
  begin(account: AccountRow): void {
    this.accountSums(account.id).credits += account.credits;
  }

  /** @throws Finding when a commit would leave the books wrong. */
  commit(tx: Transaction): void {
    for (const slot of tx.written) this.add(slot);
    for (const slot of tx.written) this.compare(slot, tx);
  }

  private add(slot: Slot): void {
    switch (slot.table) {
      case 'hold':
        this.addHold(slot as Slot<HoldRow>);
        break;
      case 'entry':
        this.addEntry(slot.draft as EntryRow);
        break;
      case 'usage_event': {
        const row = slot.draft as UsageRow;
        const sums = this.holdSums(row.holdId);
        sums.cost += row.cost;
        sums.hasEvent = true;
        if (row.outcome === 'overrun' || row.outcome === 'late') sums.isOverrun = true;
        break;
      }
      case 'redemption':
        this.codeSums((slot.draft as RedemptionRow).codeId).redemptions++;
        break;
    }
  }

  private addHold({ row, draft }: Slot<HoldRow>): void {
    if (draft === undefined || draft === null) throw new Finding(`hold ${row?.id} was deleted`);
    const change = (draft.state === 'open' ? draft.amount : 0n) - (row?.state === 'open' ? row.amount : 0n);
    if (change === 0n) return;
    this.accountSums(draft.accountId).open += change;
    if (draft.keyId !== null) this.keys.set(draft.keyId, (this.keys.get(draft.keyId) ?? 0n) + change);
  }

  private addEntry({ kind, ref, debitId, creditId, amount }: EntryRow): void {
    if (debitId !== HOUSE && debitId !== LOSS) this.accountSums(debitId).debits += amount;
    if (creditId !== HOUSE) this.accountSums(creditId).credits += amount;
    if (kind === 'settle' || kind === 'late') {
      this.holdSums(ref).posted += amount;
      this.accountSums(debitId).used += amount;
    } else if (kind === 'refund') {
      this.holdSums(ref).posted -= amount;
      this.accountSums(creditId).used -= amount;
    } else if (kind === 'redeem') {
      this.codeSums(ref.split(':', 1)[0] as string).entries++;
    }
  }

  private compare(slot: Slot, tx: Transaction): void {
    switch (slot.table) {
      case 'account':
        this.compareAccount(slot.draft as AccountRow);
        break;
      case 'hold':
        compareHold(slot as Slot<HoldRow>, this.holdSums(slot.key));
        break;
      case 'key_budget': {
        const { keyId, pending, posted, limit } = slot.draft as BudgetRow;
        const open = this.keys.get(keyId) ?? 0n;
        if (pending !== open)
          throw new Finding(`I11: budget of key ${keyId} has ${pending} pending, its holds ${open}`);
        const isMore = pending > ((slot.row as BudgetRow | undefined)?.pending ?? 0n);
        if (isMore && posted + pending > limit)
          throw new Finding(`budget of key ${keyId} is over its limit: ${tx.call.title}`);
        break;
      }
      case 'redemption_code': {
        const { id, used, maxUses } = slot.draft as CodeRow;
        const { redemptions, entries } = this.codeSums(id);
        if (used !== redemptions || used !== entries || used > maxUses) {
          throw new Finding(
            `I9: code ${id} is used ${used} times of ${maxUses}, by ${redemptions} accounts, ${entries} entries`,
          );
        }
        break;
      }
      case 'usage_event':
      case 'entry':
        // Nothing may be added to a hold without the hold itself; its own comparison sees the rest.
        break;
    }
  }

  private compareAccount(row: AccountRow): void {
    const { credits, debits, open, used } = this.accountSums(row.id);
    if (row.credits !== credits)
      throw new Finding(`I1: account ${row.id} has credits ${row.credits}, its entries ${credits}`);
    if (row.debits !== debits)
      throw new Finding(`I2: account ${row.id} has debits ${row.debits}, its entries ${debits}`);
    if (row.pending !== open) throw new Finding(`I3: account ${row.id} has ${row.pending} pending, its holds ${open}`);
    if (row.credits - row.debits - row.pending < 0n) throw new Finding(`I4: account ${row.id} is below zero`);
    if (row.used !== used) throw new Finding(`account ${row.id} used ${row.used}, its entries say ${used}`);
  }

  private accountSums(id: string): AccountSums {
    let sums = this.accounts.get(id);
    if (sums === undefined) {
      sums = { credits: 0n, debits: 0n, open: 0n, used: 0n };
      this.accounts.set(id, sums);
    }
    return sums;
  }

  private holdSums(id: string): HoldSums {
    let sums = this.holds.get(id);
    if (sums === undefined) {
      sums = { posted: 0n, cost: 0n, hasEvent: false, isOverrun: false };
      this.holds.set(id, sums);
    }
    return sums;
  }

  private codeSums(id: string): CodeSums {
    let sums = this.codes.get(id);
    if (sums === undefined) {
      sums = { redemptions: 0, entries: 0 };
      this.codes.set(id, sums);
    }
    return sums;
  }
}

function compareHold({ row, draft }: Slot<HoldRow>, sums: HoldSums): void {
  const hold = draft as HoldRow;
  const { id, settled, amount, state } = hold;
  if (row !== undefined && hold.metered < row.metered) throw new Finding(`hold ${id} is metered less than before`);
  if ((settled ?? 0n) !== sums.posted)
    throw new Finding(`I5: hold ${id} settled ${settled}, its entries ${sums.posted}`);
  const isClosed = state !== 'open';
  if (isClosed !== sums.hasEvent)
    throw new Finding(`I6: hold ${id} is ${state}, and ${sums.hasEvent ? 'has' : 'has no'} events`);
  if (isClosed && sums.cost !== settled)
    throw new Finding(`I6: hold ${id} settled ${settled}, its events cost ${sums.cost}`);
  if (isClosed && settled !== null && settled > amount && !sums.isOverrun) {
    throw new Finding(`I8: hold ${id} settled ${settled} of ${amount} without saying so`);
  }
}
