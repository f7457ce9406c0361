import type { Sql } from '../../src/database/sql.js';

/** The price of every model of a test hub unless it says otherwise: 1 quota unit an input token, 2 an output token. */
export const TEST_PRICE = { inputPerMillion: '1000', outputPerMillion: '2000', perVideoSecond: '0.1' } as const;

/** Nano-credits in a quota unit. */
export const UNIT = 1_000_000n;

/** An account's counters, in nano-credits. */
export interface Balance {
  readonly available: bigint;
  readonly used: bigint;
  readonly held: bigint;
}

/** Reads the counters of an account. */
export async function balanceOf(sql: Sql, accountId: string): Promise<Balance> {
  const [row] = await sql.query<{ credits: string; debits: string; pending: string; used: string }>(
    `select credits_posted as credits, debits_posted as debits, debits_pending as pending, used_posted as used
       from account where id = $1`,
    [accountId],
  );
  const [credits, debits, held] = [BigInt(row!.credits), BigInt(row!.debits), BigInt(row!.pending)];
  return { available: credits - debits - held, used: BigInt(row!.used), held };
}

/** Puts quota into an account, or with a negative amount takes it out. */
export async function grant(sql: Sql, accountId: string, nano: bigint): Promise<void> {
  const kind = nano > 0n ? 'grant' : 'adjust';
  const [row] = await sql.query<{ code: number }>(
    `select code from ledger_post($1, $2, $3, gen_random_uuid()::text, 'test', null)`,
    [kind, accountId, nano],
  );
  if (Number(row?.code) !== 1) throw new Error(`The ledger refused ${nano} for account ${accountId}: ${row?.code}`);
}

/** Sets what an account has available, by a grant or an adjustment. */
export async function setAvailable(sql: Sql, accountId: string, nano: bigint): Promise<void> {
  const difference = nano - (await balanceOf(sql, accountId)).available;
  if (difference !== 0n) await grant(sql, accountId, difference);
}

/** A hold with its usage events, as the books show it. */
export interface BookedRequest {
  readonly state: string;
  readonly amount: bigint;
  readonly settled: bigint | null;
  readonly events: readonly {
    readonly attempt: number;
    readonly isFinal: boolean;
    readonly outcome: string;
    readonly estimated: boolean;
    readonly inputTokens: number | null;
    readonly outputTokens: number | null;
    readonly images: number | null;
    readonly cost: bigint;
    readonly loss: bigint;
    readonly channelId: string | null;
    readonly userIdentifier: string;
    readonly errorCode: string | null;
  }[];
}

/** What the books say of a request. @param requestId `req_…`, as in the answer's x-request-id. */
export async function bookedRequest(sql: Sql, requestId: string): Promise<BookedRequest | undefined> {
  const id = requestId.slice('req_'.length);
  const [hold] = await sql.query<{ state: string; amount: string; settled: string | null }>(
    'select state, amount, settled from hold where id = $1',
    [id],
  );
  if (hold === undefined) return undefined;
  const rows = await sql.query<
    Record<string, string | null> & { attempt: number; is_final: boolean; estimated: boolean }
  >(
    `select attempt, is_final, outcome, estimated, input_tokens, output_tokens, images, cost, loss, channel_id,
            user_identifier, error_code from usage_event where hold_id = $1 order by attempt`,
    [id],
  );
  const number = (text: string | null | undefined): number | null => (text == null ? null : Number(text));
  return {
    state: hold.state,
    amount: BigInt(hold.amount),
    settled: hold.settled === null ? null : BigInt(hold.settled),
    events: rows.map((row) => ({
      attempt: row.attempt,
      isFinal: row.is_final,
      outcome: String(row['outcome']),
      estimated: row.estimated,
      inputTokens: number(row['input_tokens']),
      outputTokens: number(row['output_tokens']),
      images: number(row['images']),
      cost: BigInt(row['cost'] ?? 0),
      loss: BigInt(row['loss'] ?? 0),
      channelId: row['channel_id'] ?? null,
      userIdentifier: String(row['user_identifier']),
      errorCode: row['error_code'] ?? null,
    })),
  };
}

/** Number of holds that are open. */
export async function openHolds(sql: Sql): Promise<number> {
  const [row] = await sql.query<{ count: string }>(`select count(*) as count from hold where state = 'open'`);
  return Number(row!.count);
}
