import type { Sql } from '../../src/database/sql.js';
import type { History, Operation, Try } from './history.js';

/** A hold as the books have it. */
interface HoldRow {
  readonly id: string;
  readonly account_id: string;
  readonly state: string;
  readonly amount: string;
  readonly settled: string | null;
  readonly user_identifier: string;
  readonly lost: string;
  /** Its process was silent for longer than its lease, and settled all the same. */
  readonly is_late: boolean;
}

/** One promise, how many cases of it were looked at, and which of them break it. */
export interface Finding {
  readonly title: string;
  readonly checked: number;
  readonly violations: readonly string[];
}

/** Errors after which a request may have been charged, as the documents say. */
const MAY_BE_CHARGED: ReadonlySet<string> = new Set([
  'settlement_pending',
  'stream_not_replayable',
  'answer_not_replayable',
]);

/** Compares what clients saw with what the books say. Call it when everything is healed and no hold is open. */
export async function check(
  sql: Sql,
  history: History,
  executions: ReadonlyMap<string, number>,
  initial: ReadonlyMap<string, bigint>,
): Promise<Finding[]> {
  const holds = await sql.query<HoldRow>(
    `select h.id::text, h.account_id, h.state, h.amount, h.settled, h.user_identifier,
            coalesce((select sum(e.amount) from entry e where e.kind = 'loss' and e.ref = h.id::text), 0)::text as lost,
            exists (select from usage_event u where u.hold_id = h.id and u.outcome = 'late') as is_late
       from hold h`,
  );
  const books = new Map<string, HoldRow[]>();
  for (const hold of holds) books.set(hold.user_identifier, [...(books.get(hold.user_identifier) ?? []), hold]);
  const requests = [...history.operations.values()].filter(({ kind }) => kind !== 'grant' && kind !== 'redemption');
  const holdsOf = (operation: Operation): readonly HoldRow[] => books.get(operation.id) ?? [];
  return [
    seenIsCharged(requests, holdsOf),
    failedIsFree(requests, holdsOf),
    unknownIsBounded(requests, holdsOf),
    once(requests, holdsOf),
    executedBeforeCharged(requests, holdsOf, executions),
    noStrangers(holds, history),
    noOpenHolds(holds),
    await grantsAreExact(sql, history),
    await redemptionsAreExact(sql, history),
    await moneyIsConserved(sql, holds, initial),
  ];
}

type HoldsOf = (operation: Operation) => readonly HoldRow[];

/** G3: what a client saw complete has one hold with the exact cost. What the account could not pay is a loss of its own. */
function seenIsCharged(operations: readonly Operation[], holdsOf: HoldsOf): Finding {
  const seen = operations.filter(({ tries }) => tries.some(({ outcome }) => outcome === 'ok'));
  const violations = seen.flatMap((operation) => {
    const charged = chargesOf(operation, holdsOf);
    const [hold] = charged;
    const answer = operation.tries.find(({ outcome }) => outcome === 'ok');
    if (hold === undefined || charged.length !== 1)
      return [`${charged.length} charges: ${describe(operation, holdsOf)}`];
    if (BigInt(hold.settled ?? 0) + BigInt(hold.lost) !== operation.cost) {
      return [`charged ${hold.settled} and lost ${hold.lost}, not ${operation.cost}: ${describe(operation, holdsOf)}`];
    }
    const isNamed = answer?.isReplay === true || answer?.requestId === `req_${hold.id.replaceAll('-', '')}`;
    return isNamed ? [] : [`the charge has another request id: ${describe(operation, holdsOf)}`];
  });
  return { title: 'a complete answer has exactly its cost', checked: seen.length, violations };
}

/**
 * The holds of an operation that cost something. Of a repeated one, those aside that cost the caller nothing: the hub that was
 * cut off came too late with them, and the house bears the loss.
 */
function chargesOf(operation: Operation, holdsOf: HoldsOf): readonly HoldRow[] {
  const charged = holdsOf(operation).filter(hasCost);
  return charged.length > 1 && operation.isIdempotent ? charged.filter((hold) => !isLateLoss(hold)) : charged;
}

function hasCost({ settled, lost }: HoldRow): boolean {
  return BigInt(settled ?? 0) + BigInt(lost) > 0n;
}

function isLateLoss({ is_late: isLate, settled }: HoldRow): boolean {
  return isLate && BigInt(settled ?? 0) === 0n;
}

/** A refusal before the first byte costs nothing, but for those that say they may. */
function failedIsFree(operations: readonly Operation[], holdsOf: HoldsOf): Finding {
  const failed = operations.filter(({ tries }) => tries.length > 0 && tries.every(isFree));
  const violations = failed.flatMap((operation) =>
    totalOf(holdsOf(operation)) === 0n ? [] : [`failed and charged: ${describe(operation, holdsOf)}`],
  );
  return { title: 'a refused request costs nothing', checked: failed.length, violations };
}

function isFree({ outcome, code = '' }: Try): boolean {
  return outcome === 'refused' || (outcome === 'fail' && !MAY_BE_CHARGED.has(code));
}

/** G4: an answer that did not complete costs between nothing and its hold. */
function unknownIsBounded(operations: readonly Operation[], holdsOf: HoldsOf): Finding {
  const unknown = operations.filter(
    ({ tries }) => !tries.some(({ outcome }) => outcome === 'ok') && !tries.every(isFree),
  );
  const violations = unknown.flatMap((operation) =>
    holdsOf(operation).flatMap((hold) => {
      const settled = BigInt(hold.settled ?? -1);
      const most = BigInt(hold.amount) > operation.cost ? BigInt(hold.amount) : operation.cost;
      return settled >= 0n && settled <= most ? [] : [`charged ${hold.settled}: ${describe(operation, holdsOf)}`];
    }),
  );
  return { title: 'an unknown outcome costs between 0 and its hold', checked: unknown.length, violations };
}

/** No operation is charged twice, and one that is not repeated has one hold at most. */
function once(operations: readonly Operation[], holdsOf: HoldsOf): Finding {
  const violations = operations.flatMap((operation) => {
    const holds = holdsOf(operation);
    if (!operation.isIdempotent && holds.length > 1) return [`two holds: ${describe(operation, holdsOf)}`];
    const charged = chargesOf(operation, holdsOf);
    return charged.length > 1 ? [`charged ${charged.length} times: ${describe(operation, holdsOf)}`] : [];
  });
  const repeated = operations.filter(({ isIdempotent, tries }) => isIdempotent && tries.length > 1).length;
  return { title: `nothing is charged twice (${repeated} repeated)`, checked: operations.length, violations };
}

function executedBeforeCharged(
  operations: readonly Operation[],
  holdsOf: HoldsOf,
  executions: ReadonlyMap<string, number>,
): Finding {
  const violations = operations.flatMap((operation) => {
    const charged = holdsOf(operation).filter(({ settled }) => BigInt(settled ?? 0) > 0n).length;
    const executed = executions.get(operation.id) ?? 0;
    return charged > executed ? [`${charged} charges, ${executed} executions: ${describe(operation, holdsOf)}`] : [];
  });
  const total = [...executions.values()].reduce((sum, count) => sum + count, 0);
  return { title: 'each charge has an execution of its own', checked: total, violations };
}

function noStrangers(holds: readonly HoldRow[], history: History): Finding {
  const strangers = holds.filter(({ user_identifier }) => !history.operations.has(user_identifier));
  const violations = strangers.map((hold) => `nobody asked for hold ${hold.id} (${hold.user_identifier})`);
  return { title: 'every hold was asked for', checked: holds.length, violations };
}

/** G5. */
function noOpenHolds(holds: readonly HoldRow[]): Finding {
  const open = holds.filter(({ state }) => state === 'open');
  return { title: 'no hold is open', checked: holds.length, violations: open.map(({ id }) => `hold ${id} is open`) };
}

async function grantsAreExact(sql: Sql, history: History): Promise<Finding> {
  const rows = await sql.query<{ ref: string; account: string; amount: string }>(
    `select ref, credit_id::text as account, amount from entry where kind = 'grant' and ref like 'nemesis:%'`,
  );
  const entries = new Map(rows.map((row) => [row.ref, row]));
  const grants = [...history.operations.values()].filter(({ kind }) => kind === 'grant');
  const violations = grants.flatMap(({ subject = '', tries, accountId, cost }) => {
    const entry = entries.get(subject);
    const isPosted = entry !== undefined && entry.account === accountId && BigInt(entry.amount) === cost;
    if (isPosted || (entry === undefined && !tries.some(({ outcome }) => outcome === 'ok'))) return [];
    return [`grant ${subject}: ${JSON.stringify(entry)}, tries ${JSON.stringify(tries)}`];
  });
  if (entries.size > grants.length) violations.push(`${entries.size} grants in the books, ${grants.length} made`);
  return { title: 'grants are posted once', checked: grants.length, violations };
}

async function redemptionsAreExact(sql: Sql, history: History): Promise<Finding> {
  const rows = await sql.query<{ account: string; count: string; amount: string }>(
    `select r.account_id::text as account, count(*) as count,
            (select coalesce(sum(e.amount), 0) from entry e where e.kind = 'redeem' and e.credit_id = r.account_id) as amount
       from redemption r group by r.account_id`,
  );
  const crowded = await sql.query(
    `select c.id from redemption_code c
      where c.used > c.max_uses or c.used <> (select count(*) from redemption r where r.code_id = c.id)`,
  );
  const violations = crowded.length > 0 ? [`${crowded.length} codes are counted wrongly`] : [];
  const wanted = [...history.operations.values()].filter(({ kind }) => kind === 'redemption');
  for (const account of new Set(wanted.map(({ accountId }) => accountId))) {
    const own = wanted.filter(({ accountId }) => accountId === account);
    const sure = own.filter(isRedeemed).length;
    const possible = own.filter(
      (operation) => isRedeemed(operation) || operation.tries.some(({ outcome }) => outcome === 'info'),
    );
    const row = rows.find((candidate) => candidate.account === account);
    const count = Number(row?.count ?? 0);
    if (count < sure || count > possible.length) {
      violations.push(`account ${account}: ${count} redemptions, clients know of ${sure} to ${possible.length}`);
    }
    const each = own[0]?.cost ?? 0n;
    if (BigInt(row?.amount ?? 0) !== each * BigInt(count))
      violations.push(`account ${account}: redeemed ${row?.amount}`);
  }
  return { title: 'redemptions are exact', checked: wanted.length, violations };
}

/** Redeemed now, or a try before was: this account's own code is never said to be redeemed when it is not. */
function isRedeemed({ tries }: Operation): boolean {
  return tries.some(({ outcome, code }) => outcome === 'ok' || code === 'code_already_redeemed');
}

/** What an account has is what it was given less what its holds settled. */
async function moneyIsConserved(
  sql: Sql,
  holds: readonly HoldRow[],
  initial: ReadonlyMap<string, bigint>,
): Promise<Finding> {
  const accounts = await sql.query<{ id: string; balance: string; pending: string; given: string }>(
    `select a.id::text, (a.credits_posted - a.debits_posted)::text as balance, a.debits_pending::text as pending,
            (select coalesce(sum(e.amount), 0) from entry e
              where e.credit_id = a.id and (e.kind = 'redeem' or e.ref like 'nemesis:%'))::text as given
       from account a where a.id = any ($1::bigint[])`,
    [[...initial.keys()]],
  );
  const violations = accounts.flatMap(({ id, balance, pending, given }) => {
    const spent = totalOf(holds.filter(({ account_id }) => account_id === id));
    const expected = (initial.get(id) ?? 0n) + BigInt(given) - spent;
    return BigInt(balance) === expected && pending === '0'
      ? []
      : [`account ${id}: ${balance} (pending ${pending}), not ${expected}`];
  });
  return { title: 'accounts have what they got less what they spent', checked: accounts.length, violations };
}

function totalOf(holds: readonly HoldRow[]): bigint {
  return holds.reduce((sum, { settled }) => sum + BigInt(settled ?? 0), 0n);
}

function describe(operation: Operation, holdsOf: HoldsOf): string {
  const { id, kind, cost, tries } = operation;
  return `${kind} ${id} of ${cost}; tries ${JSON.stringify(tries)}; holds ${JSON.stringify(holdsOf(operation))}`;
}
