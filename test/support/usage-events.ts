import { randomBytes } from 'node:crypto';
import type { SqlSession } from '../../src/database/sql.js';

/** Columns of `usage_event` that a test may choose. */
export interface TestEvent {
  readonly account_id: string;
  readonly hold_id?: string;
  readonly attempt?: number;
  readonly is_final?: boolean;
  readonly key_id?: string | null;
  readonly channel_id?: string | null;
  readonly model?: string;
  readonly upstream_model?: string;
  readonly endpoint?: string;
  readonly user_identifier?: string;
  readonly outcome?: string;
  readonly error_code?: string | null;
  readonly estimated?: boolean;
  readonly input_tokens?: number | null;
  readonly cached_input_tokens?: number | null;
  readonly cache_write_tokens?: number | null;
  readonly output_tokens?: number | null;
  readonly reasoning_tokens?: number | null;
  readonly images?: number | null;
  readonly video_ms?: number | null;
  readonly audio_ms?: number | null;
  readonly characters?: number | null;
  readonly searches?: number | null;
  readonly duration_ms?: number | null;
  readonly first_token_ms?: number | null;
  readonly cost?: string;
  readonly loss?: string;
  readonly purchase_cost?: string | null;
  readonly created_at?: Date;
}

let ids = 0;

/** Id of a request that began at a moment of the past, which the hub's own maker refuses: its ids only grow. */
export function holdIdAt(moment: Date): string {
  const time = moment.getTime().toString(16).padStart(12, '0');
  const order = (0x10_000_000 + ids++).toString(16).slice(-7);
  return `${time}7${order.slice(0, 3)}8${order.slice(3)}${randomBytes(6).toString('hex').slice(1)}`;
}

/** Writes events as the ledger does, in one statement and so one transaction. Returns their ids, 32 hex digits each. */
export async function insertEvents(session: SqlSession, events: readonly TestEvent[]): Promise<string[]> {
  const rows = events.map((event) => {
    const createdAt = event.created_at ?? new Date();
    return {
      attempt: 1,
      is_final: true,
      model: 'gpt-4',
      endpoint: 'chat',
      user_identifier: '',
      outcome: 'done',
      estimated: false,
      cost: '0',
      loss: '0',
      hold_id: holdIdAt(createdAt),
      ...event,
      created_at: createdAt.toISOString(),
    };
  });
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))].join(', ');
  await session.query(
    `insert into usage_event (${columns}) select ${columns} from jsonb_populate_recordset(null::usage_event, $1::jsonb)`,
    [JSON.stringify(rows)],
  );
  return rows.map((row) => row.hold_id);
}

/** Adds an account with nothing in it. Returns its id. */
export async function insertAccount(sql: SqlSession): Promise<string> {
  const [account] = await sql.query<{ id: string }>(`insert into account (name) values ('usage') returning id`);
  return account!.id;
}

const pick = <Value>(values: readonly Value[]): Value => values[Math.floor(Math.random() * values.length)] as Value;

/** Any event of the account within the last five hours, so that many share an hour, a model and a user. */
export function randomEvent(accountId: string): TestEvent {
  const count = () => pick([null, 0, 1, 1_000, Math.floor(Math.random() * 1_000_000)]);
  return {
    account_id: accountId,
    is_final: Math.random() < 0.8,
    key_id: pick([null, '1', '2']),
    channel_id: pick([null, '7', '8']),
    model: pick(['gpt-4', 'Ω', 'llama']),
    user_identifier: pick(['', 'a', '李', `${'长'.repeat(256)}x`]),
    outcome: pick(['done', 'overrun', 'failed', 'swept', 'late', 'client_gone']),
    estimated: Math.random() < 0.2,
    input_tokens: count(),
    cached_input_tokens: count(),
    cache_write_tokens: count(),
    output_tokens: count(),
    reasoning_tokens: count(),
    images: count(),
    video_ms: count(),
    audio_ms: count(),
    characters: count(),
    searches: count(),
    duration_ms: count(),
    cost: pick(['0', '1', '-5', '9007199254740993']),
    loss: pick(['0', '3']),
    purchase_cost: pick([null, '2']),
    created_at: new Date(Date.now() - Math.random() * 5 * 3_600_000),
  };
}

/** Groups whose sums differ from the events before the watermark: the audit's question, so none may be there. */
export function rollUpDrift(session: SqlSession): Promise<object[]> {
  // Of attempts that were not the last nobody but the operator has anything: their tokens are in no sum.
  const sums = (isCounted: string): string => `sum(coalesce(input_tokens, 0)) filter (where ${isCounted})
    + 3 * sum(coalesce(cached_input_tokens, 0)) filter (where ${isCounted})
    + 5 * sum(coalesce(cache_write_tokens, 0)) filter (where ${isCounted})
    + 7 * sum(coalesce(output_tokens, 0)) filter (where ${isCounted})
    + 11 * sum(coalesce(reasoning_tokens, 0)) filter (where ${isCounted})
    + 13 * sum(coalesce(images, 0)) filter (where ${isCounted}) + 17 * sum(coalesce(video_ms, 0)) filter (where ${isCounted})
    + 31 * sum(coalesce(audio_ms, 0)) filter (where ${isCounted}) + 37 * sum(coalesce(characters, 0)) filter (where ${isCounted})
    + 41 * sum(coalesce(searches, 0)) filter (where ${isCounted})`;
  const rest = `19 * sum(coalesce(duration_ms, 0)) + 23 * sum(loss) + 29 * sum(coalesce(purchase_cost, 0))`;
  const events = `coalesce(${sums("is_final or outcome = 'late'")}, 0) + ${rest}`;
  const hours = `coalesce(${sums('true')}, 0) + ${rest}`;
  return session.query(
    `with events as (
       select date_trunc('hour', created_at, 'UTC') as hour, account_id, coalesce(key_id, 0) as key_id, model,
              coalesce(channel_id, 0) as channel_id, left(user_identifier, 256) as user_identifier,
              count(*) filter (where is_final) as requests, count(*) as attempts,
              count(*) filter (where is_final and outcome <> 'done' and outcome <> 'overrun') as errors,
              count(*) filter (where is_final and estimated) as estimated, sum(cost) as cost, ${events} as rest
         from usage_event where tx < (select watermark from usage_rollup_state) group by 1, 2, 3, 4, 5, 6)
     , hours as (
       select hour, account_id, key_id, model, channel_id, user_identifier, sum(requests) as requests,
              sum(attempts) as attempts, sum(errors) as errors, sum(estimated) as estimated, sum(cost) as cost, ${hours} as rest
         from usage_hour group by 1, 2, 3, 4, 5, 6)
     select * from events e full join hours h using (hour, account_id, key_id, model, channel_id, user_identifier)
      where (e.requests, e.attempts, e.errors, e.estimated, e.cost, e.rest)
            is distinct from (h.requests, h.attempts, h.errors, h.estimated, h.cost, h.rest)`,
  );
}
