import { DatabaseUnavailableError, isRetryable, sqlState } from '../database/database-error.js';
import type { Sql, SqlParameter } from '../database/sql.js';
import {
  type Claim,
  type ExtendResult,
  type Extension,
  type LedgerStore,
  LedgerStoreError,
  type LedgerStoreFault,
  type MeteredHold,
  type Reservation,
  type ReserveResult,
  type SettleCode,
  type Settlement,
  type SettleResult,
  type SweptHold,
} from './core/ledger-store.js';
import { toEventRows } from './to-event-rows.js';

/** Who holds, and for how long without a heartbeat. */
export interface HoldOwner {
  readonly name: string;
  /** Grows with every start under the same name. */
  readonly epoch: bigint;
  readonly leaseMs: number;
}

const RESERVE = `select codes, amounts from ledger_reserve($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[],
  $6::bigint[], $7::text[], $8::text[], $9::text[], $10, $11, $12, $13, $14::jsonb, $15)`;
const EXTEND = 'select code, amount from ledger_extend($1, $2, $3, $4, $5)';
const SETTLE = `select ledger_settle($1::uuid[], $2::bigint[], $3::bigint[], $4::jsonb, $5::jsonb, $6::uuid[], $7) as codes`;
const SETTLE_SLOW = `select code, charged, lost from ledger_settle_slow($1, $2, $3, $4::jsonb, $5::jsonb, $6::uuid[], $7::jsonb, $8)`;
const HEARTBEAT = `select id::text from ledger_heartbeat($1, $2, $3::uuid[], $4::bigint[], $5, $6) id`;
const SWEEP = 'select id::text, account_id, amount, settled, kind from ledger_sweep($1, $2)';
const FIND_LOCKED = `select id from unnest($1::bigint[]) id
  except select id from (select id from account where id = any ($1::bigint[]) for no key update skip locked) free`;

// The result codes of the functions, as their comments in the migration name them.
const REFUSALS: Readonly<Record<number, Extract<ReserveResult, { status: 'refused' }>['reason']>> = {
  2: 'balance_too_low',
  3: 'account_not_active',
  4: 'account_unknown',
  5: 'key_budget_too_low',
  6: 'claim_taken',
  8: 'closed_before',
};
const EXTEND_CODES: Readonly<Record<number, ExtendResult['status']>> = {
  1: 'extended',
  2: 'balance_too_low',
  3: 'account_not_active',
  4: 'unknown',
  5: 'key_budget_too_low',
  8: 'closed',
};
const SETTLE_CODES: Readonly<Record<number, SettleCode>> = { 1: 'closed', 2: 'closed_before', 3: 'slow', 4: 'unknown' };

/** The ledger in PostgreSQL or the embedded database: each call is one call of one function of the ledger's migration. */
export class SqlLedgerStore implements LedgerStore {
  /** @param at replaces the database's clock, for simulations and tests. */
  constructor(
    private readonly sql: Sql,
    private readonly owner: HoldOwner,
    private readonly at: () => Date | null = () => null,
  ) {}

  async reserve(batch: readonly Reservation[], isRetry: boolean): Promise<readonly ReserveResult[]> {
    const order = isSortedByAccount(batch) ? undefined : sortByAccount(batch);
    const items = order === undefined ? batch : order.map((index) => batch[index] as Reservation);
    const [row] = await this.call<{ codes: number[]; amounts: string[] }>(RESERVE, [
      toArray(items, (item) => item.holdId),
      toArray(items, (item) => item.accountId),
      toArray(items, (item) => item.keyId),
      toArray(items, (item) => item.amount),
      toArray(items, (item) => item.minimum),
      toArray(items, (item) => item.priceVersionId),
      toArray(items, (item) => item.kind),
      items.map((item) => item.model),
      items.map((item) => item.userIdentifier),
      this.owner.name,
      this.owner.epoch,
      this.owner.leaseMs,
      isRetry,
      toClaims(items),
      this.at(),
    ]);
    const results = new Array<ReserveResult>(batch.length);
    for (let place = 0; place < batch.length; place++) {
      results[order?.[place] ?? place] = toReserveResult(Number(row?.codes[place]), row?.amounts[place] ?? '0');
    }
    return results;
  }

  async extend({ holdId, accountId, from, extra }: Extension): Promise<ExtendResult> {
    const parameters = [holdId, accountId, from, extra, this.at()];
    const [row] = await this.call<{ code: number; amount: string }>(EXTEND, parameters);
    return { status: EXTEND_CODES[Number(row?.code)] ?? 'unknown', amount: BigInt(row?.amount ?? 0) };
  }

  async settle(batch: readonly Settlement[]): Promise<readonly SettleCode[]> {
    const [row] = await this.call<{ codes: number[] }>(SETTLE, [
      toArray(batch, (item) => item.holdId),
      toArray(batch, (item) => item.accountId),
      toArray(batch, (item) => item.cost),
      JSON.stringify(batch.flatMap(toEventRows)),
      toAnswers(batch),
      toFrees(batch),
      this.at(),
    ]);
    return batch.map((_, index) => SETTLE_CODES[Number(row?.codes[index])] ?? 'unknown');
  }

  async settleSlow(settlement: Settlement): Promise<SettleResult> {
    const [row] = await this.call<{ code: number; charged: string; lost: string }>(SETTLE_SLOW, [
      settlement.holdId,
      settlement.accountId,
      settlement.cost,
      JSON.stringify(toEventRows(settlement)),
      toAnswers([settlement]),
      toFrees([settlement]),
      settlement.claim === undefined ? null : JSON.stringify(toClaim(settlement.claim)),
      this.at(),
    ]);
    const code = SETTLE_CODES[Number(row?.code)] ?? 'unknown';
    if (code === 'slow') throw new LedgerStoreError('broken', new Error('ledger_settle_slow has no such result'));
    return { status: code, charged: BigInt(row?.charged ?? 0), lost: BigInt(row?.lost ?? 0) };
  }

  async heartbeat(holds: readonly MeteredHold[]): Promise<readonly string[]> {
    const rows = await this.call<{ id: string }>(HEARTBEAT, [
      this.owner.name,
      this.owner.epoch,
      toArray(holds, (hold) => hold.holdId),
      toArray(holds, (hold) => hold.metered),
      this.owner.leaseMs,
      this.at(),
    ]);
    return rows.map((row) => toHex(row.id));
  }

  async sweep(limit: number): Promise<readonly SweptHold[]> {
    const rows = await this.call<{
      id: string;
      account_id: string;
      amount: string;
      settled: string;
      kind: SweptHold['kind'];
    }>(SWEEP, [limit, this.at()]);
    return rows.map((row) => ({
      holdId: toHex(row.id),
      accountId: row.account_id,
      amount: BigInt(row.amount),
      settled: BigInt(row.settled),
      kind: row.kind,
    }));
  }

  /** Which of these accounts somebody else keeps locked. @throws LedgerStoreError */
  async findLocked(accountIds: readonly string[]): Promise<readonly string[]> {
    return (await this.call<{ id: string }>(FIND_LOCKED, [accountIds])).map((row) => row.id);
  }

  private async call<Row extends object>(text: string, parameters: readonly SqlParameter[]): Promise<Row[]> {
    try {
      return await this.sql.query<Row>(text, parameters);
    } catch (error) {
      throw new LedgerStoreError(faultOf(error), error);
    }
  }
}

/** lock_not_available: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const LOCK_NOT_AVAILABLE = '55P03';

function faultOf(error: unknown): LedgerStoreFault {
  if (sqlState(error) === LOCK_NOT_AVAILABLE) return 'locked';
  if (isRetryable(error)) return 'conflict';
  return error instanceof DatabaseUnavailableError ? 'unavailable' : 'broken';
}

/**
 * An array literal of the hub's own ids, numbers and words, none of which holds a character that needs quoting. The driver
 * would quote and escape each of them, which takes a busy hub more time than anything else about a batch.
 */
function toArray<Item>(items: readonly Item[], textOf: (item: Item) => string | bigint | null): string {
  let text = '';
  for (const item of items) text += `${text === '' ? '{' : ','}${textOf(item) ?? 'NULL'}`;
  return text === '' ? '{}' : `${text}}`;
}

function isSortedByAccount(batch: readonly Reservation[]): boolean {
  for (let index = 1; index < batch.length; index++) {
    if (isBelow((batch[index] as Reservation).accountId, (batch[index - 1] as Reservation).accountId)) return false;
  }
  return true;
}

/** The functions want a batch in ascending order of accounts; arrival order stays within an account. */
function sortByAccount(batch: readonly Reservation[]): number[] {
  return batch
    .map((_, index) => index)
    .sort((a, b) => {
      const [left, right] = [(batch[a] as Reservation).accountId, (batch[b] as Reservation).accountId];
      return left === right ? a - b : isBelow(left, right) ? -1 : 1;
    });
}

/** Compares row ids, decimal numbers without leading zeros. */
function isBelow(left: string, right: string): boolean {
  return left.length === right.length ? left < right : left.length < right.length;
}

function toReserveResult(code: number, amount: string): ReserveResult {
  if (code === 1 || code === 7) return { status: 'held', amount: BigInt(amount) };
  const reason = REFUSALS[code];
  if (reason === undefined) throw new LedgerStoreError('broken', new Error(`ledger_reserve has no result ${code}`));
  return { status: 'refused', reason };
}

function toClaim({ route, key, hash, ttlSeconds }: Claim): object {
  return { route, key, hash, ttl_s: ttlSeconds };
}

function toClaims(items: readonly Reservation[]): string | null {
  const claims = items.flatMap(({ claim }, index) =>
    claim === undefined ? [] : [{ ord: index + 1, ...toClaim(claim) }],
  );
  return claims.length === 0 ? null : JSON.stringify(claims);
}

function toAnswers(batch: readonly Settlement[]): string | null {
  const answers = batch.flatMap(({ holdId, answer }) => (answer === undefined ? [] : [{ hold_id: holdId, ...answer }]));
  return answers.length === 0 ? null : JSON.stringify(answers);
}

function toFrees(batch: readonly Settlement[]): string[] {
  return batch.filter((item) => item.claim !== undefined && item.answer === undefined).map((item) => item.holdId);
}

function toHex(uuid: string): string {
  return uuid.replaceAll('-', '');
}
