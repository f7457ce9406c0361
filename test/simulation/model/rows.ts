import type { HoldKind } from '../../../src/quota/core/ledger-store.js';
import type { UsageOutcome } from '../../../src/quota/core/usage-event.js';
import type { Transaction } from './transaction.js';

export interface AccountRow {
  readonly id: string;
  readonly status: 'active' | 'frozen';
  readonly credits: bigint;
  readonly debits: bigint;
  readonly pending: bigint;
  readonly used: bigint;
}

export interface BudgetRow {
  readonly keyId: string;
  readonly period: 'total' | 'day' | 'month';
  readonly limit: bigint;
  readonly start: number;
  readonly end: number;
  readonly posted: bigint;
  readonly pending: bigint;
}

export interface HoldRow {
  readonly id: string;
  readonly accountId: string;
  readonly keyId: string | null;
  readonly kind: HoldKind;
  readonly amount: bigint;
  readonly metered: bigint;
  readonly settled: bigint | null;
  readonly state: 'open' | 'settled' | 'released' | 'swept';
  readonly owner: string;
  readonly epoch: number;
  readonly leaseUntil: number;
}

export interface UsageRow {
  readonly holdId: string;
  readonly attempt: number;
  readonly isFinal: boolean;
  readonly outcome: UsageOutcome;
  readonly cost: bigint;
  readonly loss: bigint;
}

export type EntryKind = 'grant' | 'adjust' | 'redeem' | 'settle' | 'late' | 'refund' | 'loss';

export interface EntryRow {
  readonly kind: EntryKind;
  readonly ref: string;
  readonly debitId: string;
  readonly creditId: string;
  readonly amount: bigint;
}

export interface ClaimRow {
  readonly accountId: string;
  readonly route: string;
  readonly key: string;
  readonly holdId: string;
  readonly state: 'running' | 'done';
  readonly status: number | null;
  readonly expiresAt: number;
}

export interface CodeRow {
  readonly id: string;
  readonly amount: bigint;
  readonly maxUses: number;
  readonly used: number;
}

export interface RedemptionRow {
  readonly codeId: string;
  readonly accountId: string;
}

/** The place of a row under its key, with or without one in it, and its lock. */
export interface Slot<Row extends object = object> {
  readonly table: string;
  readonly key: string;
  /** The committed version. */
  row: Row | undefined;
  /** The version of the transaction that has the lock; null: it deletes the row. */
  draft: Row | null | undefined;
  holder: Transaction | undefined;
  waiters: Transaction[] | undefined;
}

/** A table: its primary key, or the unique constraint that matters. */
export class Table<Row extends object> {
  readonly slots = new Map<string, Slot<Row>>();

  constructor(readonly name: string) {}

  /** The place of this key. */
  slot(key: string): Slot<Row> {
    let slot = this.slots.get(key);
    if (slot === undefined) {
      slot = { table: this.name, key, row: undefined, draft: undefined, holder: undefined, waiters: undefined };
      this.slots.set(key, slot);
    }
    return slot;
  }

  /** The committed row of this key. */
  row(key: string): Row | undefined {
    return this.slots.get(key)?.row;
  }

  /** All committed rows. */
  *rows(): Generator<Row> {
    for (const slot of this.slots.values()) if (slot.row !== undefined) yield slot.row;
  }
}

/** The house, which issues and receives money, and the account that takes losses. */
export const HOUSE = '1';
export const LOSS = '2';
