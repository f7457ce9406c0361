import type { SqlSession } from '../../src/database/sql.js';
import { insertAccount } from './usage-events.js';

const HOUR_MS = 3_600_000;

/** A generator that a failure can be repeated with (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What was stored of one attempt; amounts are small, so that sums of numbers are exact. */
export interface TrafficEvent {
  readonly hold_id: string;
  readonly attempt: number;
  readonly is_final: boolean;
  readonly account_id: string;
  readonly key_id: string | null;
  readonly channel_id: string | null;
  readonly model: string;
  readonly endpoint: string;
  readonly user_identifier: string;
  readonly outcome: string;
  readonly error_code: string | null;
  readonly estimated: boolean;
  readonly input_tokens: number | null;
  readonly cached_input_tokens: number | null;
  readonly cache_write_tokens: number | null;
  readonly output_tokens: number | null;
  readonly reasoning_tokens: number | null;
  readonly images: number | null;
  readonly video_ms: number | null;
  readonly audio_ms: number | null;
  readonly characters: number | null;
  readonly searches: number | null;
  readonly service_tier: string | null;
  readonly duration_ms: number | null;
  readonly price_version_id: number | null;
  readonly cost: number;
  readonly loss: number;
  readonly purchase_cost: number | null;
  readonly created_at: string;
}

/** What was stored of one hold. */
export interface TrafficHold {
  readonly id: string;
  readonly account_id: string;
  readonly key_id: string | null;
  readonly model: string;
  readonly kind: string;
  readonly state: string;
  readonly amount: number;
  readonly settled: number | null;
  readonly user_identifier: string;
  readonly created_at: string;
  readonly closed_at: string | null;
}

/** What was stored of one entry. */
export interface TrafficEntry {
  readonly id: string;
  readonly kind: string;
  readonly debit_id: string;
  readonly credit_id: string;
  readonly amount: number;
  readonly ref: string;
  readonly created_at: string;
}

/** Random traffic of some accounts, as the ledger would have left it. */
export class Traffic {
  readonly events: TrafficEvent[] = [];
  readonly holds: TrafficHold[] = [];
  readonly entries: TrafficEntry[] = [];
  readonly models = ['gpt-4', 'Ω:mega', '100%_x', `o'brien`];
  readonly users = ['', 'a', '李', '%', '_', `${'长'.repeat(255)}x`];
  readonly channelIds = ['7', '8', '9'];

  private constructor(
    private readonly sql: SqlSession,
    private readonly random: () => number,
    readonly accountIds: readonly string[],
    /** Of the accounts, two each. */
    readonly keyIds: ReadonlyMap<string, readonly string[]>,
  ) {}

  static async of(sql: SqlSession, seed: number, accounts = 3): Promise<Traffic> {
    const accountIds: string[] = [];
    const keyIds = new Map<string, string[]>();
    for (let i = 0; i < accounts; i++) {
      const accountId = await insertAccount(sql);
      const keys = await sql.query<{ id: string }>(
        `insert into api_key (account_id, name, key_hash, last4)
         select $1::bigint, 'k', sha256(convert_to(gen_random_uuid()::text, 'UTF8')), 'abcd' from generate_series(1, 2) returning id`,
        [accountId],
      );
      accountIds.push(accountId);
      keyIds.set(
        accountId,
        keys.map(({ id }) => id),
      );
    }
    return new Traffic(sql, randomFrom(seed), accountIds, keyIds);
  }

  private pick<Value>(values: readonly Value[]): Value {
    return values[Math.floor(this.random() * values.length)] as Value;
  }

  private uuidAt(ms: number): string {
    const digits = (length: number): string =>
      Array.from({ length }, () => Math.floor(this.random() * 16).toString(16)).join('');
    const time = ms.toString(16).padStart(12, '0');
    return `${time.slice(0, 8)}-${time.slice(8)}-7${digits(3)}-8${digits(3)}-${digits(12)}`;
  }

  /** Adds requests that began in `hours` before `end`, in one transaction each for events, holds and entries. */
  async add(count: number, end: Date, hours: number): Promise<void> {
    const startedAt = Array.from({ length: count }, () =>
      Math.floor(end.getTime() - this.random() * hours * HOUR_MS),
    ).sort((a, b) => a - b);
    const events: TrafficEvent[] = [];
    const holds: TrafficHold[] = [];
    for (const ms of startedAt) this.addRequest(ms, events, holds);
    await this.store('usage_event', events);
    await this.store(
      'hold',
      holds.map((hold) => ({ ...hold, owner: 't', epoch: 1, lease_until: end.toISOString() })),
    );
    this.events.push(...events);
    this.holds.push(...holds);
    await this.addEntries(holds);
  }

  private addRequest(ms: number, events: TrafficEvent[], holds: TrafficHold[]): void {
    const account_id = this.pick(this.accountIds);
    const key_id = this.pick([null, ...(this.keyIds.get(account_id) ?? [])]);
    const model = this.pick(this.models);
    const user_identifier = this.pick(this.users);
    const id = this.uuidAt(ms);
    const isOpen = this.random() < 0.05;
    const cost = this.pick([0, 1, 10, 12_345]);
    const created_at = new Date(ms).toISOString();
    const closed_at = isOpen ? null : new Date(ms + this.pick([0, 500, HOUR_MS])).toISOString();
    const outcome = this.pick(['done', 'done', 'done', 'failed', 'overrun', 'swept', 'client_gone', 'late']);
    const isLate = outcome === 'late';
    const state = isOpen ? 'open' : outcome === 'swept' ? 'swept' : cost === 0 ? 'released' : 'settled';
    const kind = this.pick(['sync', 'stream', 'video']);
    holds.push({
      id,
      account_id,
      key_id,
      model,
      kind,
      state,
      amount: 20_000,
      settled: isOpen ? null : cost,
      user_identifier,
      created_at,
      closed_at,
    });
    if (isOpen || closed_at === null) return;
    const common = { hold_id: id, account_id, key_id, model, user_identifier, created_at: closed_at };
    const failures = outcome === 'done' ? Math.floor(this.random() * 3) : 0;
    for (let attempt = 1; attempt <= failures; attempt++) {
      events.push(
        this.event({ ...common, attempt, is_final: false, outcome: 'failed', error_code: 'timeout', cost: 0 }),
      );
    }
    events.push(
      this.event({
        ...common,
        attempt: failures + 1,
        is_final: true,
        outcome: isLate ? 'swept' : outcome,
        error_code: outcome === 'failed' ? this.pick(['rate_limited', 'timeout']) : null,
        cost: isLate ? cost + 5 : cost,
      }),
    );
    if (isLate)
      events.push(
        this.event({ ...common, attempt: failures + 2, is_final: false, outcome, error_code: null, cost: -5 }),
      );
  }

  private event(
    given: Pick<
      TrafficEvent,
      | 'hold_id'
      | 'account_id'
      | 'key_id'
      | 'model'
      | 'user_identifier'
      | 'created_at'
      | 'attempt'
      | 'is_final'
      | 'outcome'
      | 'error_code'
      | 'cost'
    >,
  ): TrafficEvent {
    const count = (): number | null => this.pick([null, 0, 1, 1_000, Math.floor(this.random() * 100_000)]);
    const isCharged = given.outcome === 'done' || given.outcome === 'late';
    return {
      ...given,
      channel_id: this.pick([null, ...this.channelIds]),
      endpoint: this.pick(['chat', 'embeddings', 'images']),
      estimated: this.random() < 0.2,
      input_tokens: isCharged ? (count() ?? 7) : count(),
      cached_input_tokens: count(),
      cache_write_tokens: count(),
      output_tokens: count(),
      reasoning_tokens: count(),
      images: this.pick([null, null, 2]),
      video_ms: this.pick([null, null, 5_000]),
      audio_ms: this.pick([null, null, 61_500]),
      characters: this.pick([null, null, 4_096]),
      searches: this.pick([null, null, 3]),
      service_tier: this.pick([null, null, 'flex', 'gone']),
      duration_ms: count(),
      price_version_id: isCharged ? 1 : null,
      loss: this.pick([0, 3]),
      purchase_cost: this.pick([null, 2]),
    };
  }

  private async addEntries(holds: readonly TrafficHold[]): Promise<void> {
    const entries: object[] = [];
    for (const { id, account_id, settled, created_at } of holds) {
      if (settled)
        entries.push({
          kind: 'settle',
          debit_id: account_id,
          credit_id: '1',
          amount: settled,
          ref: id,
          actor: 'relay',
          created_at,
        });
      if (this.random() < 0.1) {
        const kind = this.pick(['grant', 'adjust', 'expire', 'redeem', 'loss']);
        const isGift = kind === 'grant' || kind === 'redeem' || (kind === 'adjust' && this.random() < 0.5);
        const [debit_id, credit_id] = kind === 'loss' ? ['2', '1'] : isGift ? ['1', account_id] : [account_id, '1'];
        entries.push({
          kind,
          debit_id,
          credit_id,
          amount: 1 + Math.floor(this.random() * 99),
          ref: `${kind} %_ ${id}`,
          actor: 'op',
          created_at,
        });
      }
    }
    const rows = await this.store('entry', entries, 'returning id, kind, debit_id, credit_id, amount, ref, created_at');
    for (const row of rows) {
      this.entries.push({ ...row, amount: Number(row.amount), created_at: new Date(row.created_at).toISOString() });
    }
  }

  private async store(table: string, rows: readonly object[], returning = ''): Promise<TrafficEntry[]> {
    if (rows.length === 0) return [];
    // A database of an older version has fewer.
    const had = await this.sql.query<{ name: string }>(
      'select column_name as name from information_schema.columns where table_schema = current_schema() and table_name = $1',
      [table],
    );
    const names = new Set(had.map(({ name }) => name));
    const columns = Object.keys(rows[0] ?? {})
      .filter((name) => names.has(name))
      .join(', ');
    const stored = await this.sql.query<TrafficEntry>(
      `insert into ${table} (${columns}) select ${columns} from jsonb_populate_recordset(null::${table}, $1::jsonb) ${returning}`,
      [JSON.stringify(rows)],
    );
    return stored;
  }
}

/** Whether the customer used what an event reports: what an attempt consumed that another one replaced is the operator's affair. */
export function isCustomers({ is_final, outcome }: Pick<TrafficEvent, 'is_final' | 'outcome'>): boolean {
  return is_final || outcome === 'late';
}
