import type { Sql, SqlSession } from '../../src/database/sql.js';
import { SqlLedgerStore } from '../../src/quota/sql-ledger-store.js';
import { type Books, booksOfModel, booksOfPostgres } from './books.js';
import type { Owner } from './model/reserve.js';
import type { EntryRow } from './model/rows.js';
import type { Population } from './populate.js';
import type { CommittedCall, ReplayCall } from './replay-call.js';
import { World } from './world.js';

/** What the model and PostgreSQL say about the same calls. */
export interface Comparison {
  readonly calls: number;
  readonly model: Books;
  readonly postgres: Books;
  /** Calls whose answers differ. */
  readonly differences: readonly string[];
}

/** `ledger_post`'s results, as the comment in the migration numbers them. */
const POST_RESULTS = [
  undefined,
  'posted',
  'posted_before',
  'balance_too_low',
  'account_unknown',
  'ref_conflict',
] as const;

/** Makes the calls of a simulation again, in the order of their commits and at their times, on a real database. */
export class PostgresReplay {
  constructor(private readonly sql: Sql) {}

  /** @param offset a number of its own for each seed, so that their accounts are different ones. */
  async play(seed: number, offset: number): Promise<Comparison> {
    const calls: CommittedCall[] = [];
    const world = new World(seed, { idOffset: offset, record: (call) => calls.push(call) });
    const { tables } = world.context.database;
    await this.begin(world.population, [...tables.entry.rows()], [...tables.code.rows()]);
    await world.run();
    const differences: string[] = [];
    for (const { call, at, result } of calls) {
      const real = await this.make(call, new Date(at));
      if (call.kind === 'heartbeat') continue;
      const [wanted, got] = [answerOf(call, result), answerOf(call, real)];
      if (wanted !== got) differences.push(`${toText(call)} at ${at}: the model ${wanted}, PostgreSQL ${got}`);
    }
    const { accountIds } = world.population;
    const postgres = await booksOfPostgres(this.sql, accountIds);
    // What a world left open must not be swept by the next one.
    await this.sql.query('delete from hold where account_id = any ($1::bigint[])', [accountIds]);
    return { calls: calls.length, model: booksOfModel(tables), postgres, differences };
  }

  private async begin(
    { accountIds, keys }: Population,
    grants: readonly EntryRow[],
    codes: readonly { readonly id: string; readonly amount: bigint; readonly maxUses: number }[],
  ): Promise<void> {
    const { sql } = this;
    for (const id of accountIds) await sql.query(`insert into account (id, name) values ($1, 'simulated')`, [id]);
    for (const { creditId, amount, ref } of grants) {
      await sql.query(`select * from ledger_post('grant', $1, $2, $3, 'test', null)`, [creditId, amount, ref]);
    }
    for (const { id, accountId, budgets } of keys) {
      await sql.query(
        `insert into api_key (id, account_id, name, key_hash, last4) overriding system value
         values ($1, $2, 'simulated', sha256($3::bytea), '0000')`,
        [id, accountId, Buffer.from(id)],
      );
      for (const { period, limit, start, end } of budgets) {
        await sql.query(
          `insert into key_budget (key_id, period, limit_amount, period_start, period_end) values ($1, $2, $3, $4, $5)`,
          [id, period, limit, toTime(start), toTime(end)],
        );
      }
    }
    const [batch] = await sql.query<{ id: string }>(
      `insert into redemption_batch (name, actor) values ('simulated', 'test') returning id`,
    );
    for (const { id, amount, maxUses } of codes) {
      await sql.query(
        `insert into redemption_code (id, batch_id, code_hmac, last4, amount, max_uses) overriding system value
         values ($1, $2, sha256($3::bytea), '0000', $4, $5)`,
        [id, batch?.id ?? '0', Buffer.from(id), amount, maxUses],
      );
    }
  }

  private async make(call: ReplayCall, at: Date): Promise<unknown> {
    const { name, epoch, leaseMs }: Owner = 'epoch' in call ? call : { name: 'nobody', epoch: 0, leaseMs: 0 };
    const store = new SqlLedgerStore(this.sql, { name, epoch: BigInt(epoch), leaseMs }, () => at);
    switch (call.kind) {
      case 'reserve':
        return await store.reserve(call.batch, call.isRetry);
      case 'extend':
        return await store.extend(call.extension);
      case 'settle':
        return await store.settle(call.batch);
      case 'settleSlow':
        return await store.settleSlow(call.settlement);
      case 'heartbeat':
        return call.holds.length === 0 ? [] : await store.heartbeat(call.holds);
      case 'sweep':
        return await store.sweep(call.limit);
      case 'post': {
        const { kind, accountId, amount, ref } = call.posting;
        const [row] = await this.sql.query<{ code: number }>(
          `select code from ledger_post($1, $2, $3, $4, 'test', null, $5)`,
          [kind, accountId, amount, ref, at],
        );
        return POST_RESULTS[Number(row?.code)];
      }
      case 'redeem':
        return await this.sql.transaction((session) => redeem(session, call.accountId, call.codeId));
      case 'setStatus':
        await this.sql.query('update account set status = $2 where id = $1', [call.accountId, call.status]);
        return undefined;
    }
  }
}

/** Statement by statement what the model's redemption does. */
async function redeem(session: SqlSession, accountId: string, codeId: string): Promise<string> {
  await session.query('select id from account where id = $1 for no key update', [accountId]);
  const [code] = await session.query<{ amount: string }>(
    `update redemption_code set used = used + 1 where id = $1 and used < max_uses returning amount`,
    [codeId],
  );
  if (code === undefined) return 'used_up';
  await session.query('insert into redemption (code_id, account_id) values ($1, $2)', [codeId, accountId]);
  await session.query('update account set credits_posted = credits_posted + $2 where id = $1', [
    accountId,
    code.amount,
  ]);
  await session.query(
    `insert into entry (kind, debit_id, credit_id, amount, ref, actor) values ('redeem', 1, $1, $2, $3, 'test')`,
    [accountId, code.amount, `${codeId}:${accountId}`],
  );
  return 'redeemed';
}

function toTime(ms: number): string {
  if (Number.isFinite(ms)) return new Date(ms).toISOString();
  return ms > 0 ? 'infinity' : '-infinity';
}

/** The order in which holds are swept is nobody's promise. */
function answerOf({ kind }: ReplayCall, result: unknown): string {
  return kind === 'sweep' ? toText((result as readonly object[]).map(toText).sort()) : toText(result);
}

/** Keys in order, so that equal values are equal texts. */
function toText(value: unknown): string {
  return (
    JSON.stringify(value, (_key, part: unknown) => {
      if (typeof part === 'bigint') return `${part}n`;
      if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
      return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
    }) ?? 'nothing'
  );
}
