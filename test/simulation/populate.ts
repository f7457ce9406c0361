import type { RequestPlan } from './clients.js';
import type { Context } from './context.js';
import { periodOf } from './model/budgets.js';
import type { Posting } from './model/post.js';
import type { BudgetRow, Table } from './model/rows.js';

const ACCOUNTS = 5;
const CODES = 3;
const FIRST_ID = 100_000;
const REFS = 6;
const CLAIMS = 5;

/** Who lives in a world, and what they want. */
export interface Population {
  readonly accountIds: readonly string[];
  readonly codeIds: readonly string[];
  /** What accounts and codes began with, for the replay. */
  readonly keys: readonly { readonly id: string; readonly accountId: string; readonly budgets: readonly BudgetRow[] }[];
  drawRequest(): RequestPlan;
  drawPosting(): Posting;
}

/** Fills the tables with accounts, keys and codes. */
export function populate(context: Context, idOffset: number): Population {
  const { random, database } = context;
  const { tables } = database;
  const base = FIRST_ID + 100 * idOffset;
  const price = BigInt(random.pick([1, 7, 1_000, 37_500_001]));
  const accountIds: string[] = [];
  const keys: { id: string; accountId: string; budgets: BudgetRow[] }[] = [];
  for (let place = 0; place < ACCOUNTS; place++) {
    const id = String(base + place);
    accountIds.push(id);
    const credits = price * BigInt(random.chance(0.4) ? random.below(300) : random.between(1_000, 100_000));
    fill(tables.account, id, { id, status: 'active', credits: 0n, debits: 0n, pending: 0n, used: 0n });
    if (credits > 0n) grant(context, id, credits);
    for (let key = 0; key < 2; key++) {
      const keyId = String(base + 10 + 2 * place + key);
      const budgets = random.chance(0.4) ? drawBudgets(context, keyId, price) : [];
      keys.push({ id: keyId, accountId: id, budgets });
      if (budgets.length === 0) continue;
      const slots = budgets.map((row) => fill(tables.budget, `${keyId} ${row.period}`, row));
      tables.budgetsOfKey.set(keyId, slots);
    }
  }
  const codeIds: string[] = [];
  for (let place = 0; place < CODES; place++) {
    const id = String(base + 50 + place);
    codeIds.push(id);
    const amount = price * BigInt(random.between(1, 200));
    fill(tables.code, id, { id, amount, maxUses: random.between(1, 3), used: 0 });
  }
  let holds = 0;
  return {
    accountIds,
    codeIds,
    keys,
    drawRequest: () => {
      const place = random.below(ACCOUNTS);
      const accountId = random.chance(0.01) ? '99999' : (accountIds[place] as string);
      const amount = price * BigInt(random.between(1, 100));
      const claim = random.chance(0.2)
        ? { route: 'POST /v1/chat/completions', key: `k${random.below(CLAIMS)}`, hash: '00', ttlSeconds: 86_400 }
        : undefined;
      return {
        accountId,
        keyId: random.chance(0.7) ? String(base + 10 + 2 * place + random.below(2)) : null,
        holdId: `${String(base).padStart(16, '0')}${String(holds++).padStart(16, '0')}`,
        isStream: random.chance(0.4),
        amount,
        minimum: random.chance(0.5) ? amount : price,
        claim,
      };
    },
    drawPosting: () => {
      const isGrant = random.chance(0.7);
      const amount = price * BigInt(random.between(1, 200));
      return {
        kind: isGrant ? 'grant' : 'adjust',
        accountId: random.pick(accountIds),
        amount: isGrant || random.chance(0.3) ? amount : -amount,
        ref: `${base}:${random.below(REFS)}`,
      };
    },
  };
}

function drawBudgets({ random, database }: Context, keyId: string, price: bigint): BudgetRow[] {
  const periods = random.pick([['total'], ['day'], ['month'], ['total', 'day']] as const);
  return periods.map((period) => ({
    keyId,
    period,
    limit: price * BigInt(random.between(20, 1_500)),
    ...periodOf(period, database.nowMs()),
    posted: 0n,
    pending: 0n,
  }));
}

function fill<Row extends object>(table: Table<Row>, key: string, row: Row) {
  const slot = table.slot(key);
  slot.row = row;
  return slot;
}

/** What an account begins with is a grant like any other. */
function grant({ database }: Context, accountId: string, amount: bigint): void {
  const { tables } = database;
  const slot = tables.account.slot(accountId);
  if (slot.row !== undefined) slot.row = { ...slot.row, credits: amount };
  const ref = `begin:${accountId}`;
  fill(tables.entry, `grant:${ref}`, { kind: 'grant', ref, debitId: '1', creditId: accountId, amount });
}
