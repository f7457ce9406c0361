import { randomBytes } from 'node:crypto';
import { sqlState } from '../../src/database/database-error.js';
import type { Sql } from '../../src/database/sql.js';
import { LedgerStoreError, type Settlement } from '../../src/quota/core/ledger-store.js';
import { SqlLedgerStore } from '../../src/quota/sql-ledger-store.js';
import { Random } from './random.js';

interface Known {
  readonly holdId: string;
  readonly accountId: string;
}

const ACCOUNTS = 3;
const WORKERS = 8;
/** Short enough that a sweeper comes by, and long enough that a heartbeat finds holds open. */
const LEASES_MS = [40, 2_000];
const KNOWN_MAX = 250;
const BEATEN_MAX = 200;
const AMOUNT = 10n;

/** The invariants of the books of some accounts, as queries that return what is wrong. */
const INVARIANTS = {
  I1: `select id from account a where id = any ($1::bigint[])
    and credits_posted <> (select coalesce(sum(amount), 0) from entry where credit_id = a.id)`,
  I2: `select id from account a where id = any ($1::bigint[])
    and debits_posted <> (select coalesce(sum(amount), 0) from entry where debit_id = a.id)`,
  I3: `select id from account a where id = any ($1::bigint[])
    and debits_pending <> (select coalesce(sum(amount), 0) from hold where account_id = a.id and state = 'open')`,
  I5: `select h.id from hold h left join (
      select ref, sum(case when kind = 'refund' then -amount else amount end) as amount from entry
       where kind in ('settle', 'late', 'refund') group by ref) e on e.ref = h.id::text
    where h.account_id = any ($1::bigint[]) and coalesce(h.settled, 0) <> coalesce(e.amount, 0)`,
  I6: `select h.id from hold h left join (
      select hold_id, sum(cost) as cost from usage_event group by hold_id) u on u.hold_id = h.id
    where h.account_id = any ($1::bigint[])
      and ((h.state <> 'open') <> (u.hold_id is not null) or u.cost <> h.settled)`,
};

/**
 * Several instances at once on a few accounts of a real database: they reserve, settle each other's holds twice, sweep and keep
 * alive, all in random order.
 *
 * @returns what went wrong: a constraint that fired, a deadlock, or an invariant that does not hold; undefined when nothing did.
 */
export async function loadPostgres(sql: Sql, durationMs: number): Promise<string | undefined> {
  const accountIds: string[] = [];
  for (let count = 0; count < ACCOUNTS; count++) {
    const [row] = await sql.query<{ id: string }>(`insert into account (name) values ('load') returning id`);
    const id = row?.id ?? '';
    accountIds.push(id);
    await sql.query(`select * from ledger_post('grant', $1, 400, $2, 'test', null)`, [id, `load:${id}`]);
  }
  const load = new Load(sql, accountIds, performance.now() + durationMs);
  await Promise.all(Array.from({ length: WORKERS }, (_, index) => load.work(index)));
  for (const [name, text] of Object.entries(INVARIANTS)) {
    const wrong = await sql.query<{ id: string }>(text, [accountIds]);
    if (wrong.length > 0) load.finding ??= `${name}: ${wrong.length} rows`;
  }
  // The sweeper of the next load must not stumble over what a mutant has left in these accounts.
  await sql.query('delete from hold where account_id = any ($1::bigint[])', [accountIds]);
  return load.finding;
}

class Load {
  finding: string | undefined;
  private readonly known: Known[] = [];
  private turns = 0;

  constructor(
    private readonly sql: Sql,
    private readonly accountIds: readonly string[],
    private readonly endsAt: number,
  ) {}

  async work(index: number): Promise<void> {
    const random = new Random(randomBytes(4).readUInt32LE());
    // Several share a name, as the overlapping calls of one instance do.
    const name = `load-${index % LEASES_MS.length}`;
    const owner = { name, epoch: 1n, leaseMs: LEASES_MS[index % LEASES_MS.length] ?? 0 };
    const store = new SqlLedgerStore(this.sql, owner);
    while (this.finding === undefined && performance.now() < this.endsAt) {
      try {
        await this.turn(store, random);
      } catch (error) {
        this.judge(error);
      }
    }
  }

  private async turn(store: SqlLedgerStore, random: Random): Promise<void> {
    const kind = random.below(10);
    if (kind < 3) await this.reserve(store, random);
    else if (kind < 5) await this.settle(store, random);
    else if (kind < 9)
      await store.heartbeat(this.some(random, BEATEN_MAX).map(({ holdId }) => ({ holdId, metered: 3n })));
    else await store.sweep(500);
    if (this.turns++ % 20 === 0) await this.topUp(random);
  }

  private async reserve(store: SqlLedgerStore, random: Random): Promise<void> {
    const batch = Array.from({ length: random.between(1, 12) }, () => ({
      holdId: randomBytes(16).toString('hex'),
      accountId: random.pick(this.accountIds),
      keyId: null,
      kind: 'sync' as const,
      amount: AMOUNT,
      minimum: AMOUNT,
      priceVersionId: null,
      model: 'm',
      userIdentifier: '',
    }));
    const results = await store.reserve(batch, false);
    for (const [index, { holdId, accountId }] of batch.entries()) {
      if (results[index]?.status !== 'held') continue;
      if (this.known.length < KNOWN_MAX) this.known.push({ holdId, accountId });
      else this.known[random.below(KNOWN_MAX)] = { holdId, accountId };
    }
  }

  /** Settles holds of anybody; some of them are settled already, and some twice at the same moment. */
  private async settle(store: SqlLedgerStore, random: Random): Promise<void> {
    const batch = this.some(random, 8).map((known) => toSettlement(known, BigInt(random.below(12))));
    if (batch.length === 0) return;
    const codes = await store.settle(batch);
    for (const [index, settlement] of batch.entries()) {
      if (codes[index] === 'slow') await store.settleSlow(settlement);
    }
  }

  private some(random: Random, countMax: number): readonly Known[] {
    const picked = new Set<Known>();
    for (let count = random.between(1, countMax); count > 0 && this.known.length > 0; count--) {
      picked.add(random.pick(this.known));
    }
    return [...picked];
  }

  private async topUp(random: Random): Promise<void> {
    const ref = `load:${randomBytes(8).toString('hex')}`;
    await this.sql.query(`select * from ledger_post('grant', $1, 100, $2, 'test', null)`, [
      random.pick(this.accountIds),
      ref,
    ]);
  }

  private judge(error: unknown): void {
    const cause = error instanceof LedgerStoreError ? error.cause : error;
    // Waiting too long for a row is part of life here.
    if (sqlState(cause) === '55P03') return;
    this.finding ??= `${sqlState(cause) ?? ''} ${cause instanceof Error ? cause.message : String(cause)}`.trim();
  }
}

function toSettlement({ holdId, accountId }: Known, cost: bigint): Settlement {
  const common = { attempt: 1, isFinal: true, keyId: null, model: 'm', endpoint: 'sync', userIdentifier: '' };
  return { holdId, accountId, cost, events: [{ ...common, outcome: 'done', cost }] };
}
