import type { TestHub } from './hub.js';
import { insertAccount, insertEvents, type TestEvent } from './usage-events.js';

/** A fresh account with a key, and what it sees. */
export interface UsageAccount {
  readonly id: string;
  readonly keyId: string;
  add(...events: Omit<TestEvent, 'account_id'>[]): Promise<string[]>;
  get(path: string, accept?: string): Promise<Response>;
  /** `data` of a 200. */
  data(path: string): Promise<Record<string, unknown>>;
  /** Status and body of a refusal. */
  refusal(path: string): Promise<{ status: number; body: unknown }>;
}

/** Adds an account to a hub, with a key for its own routes. */
export async function newUsageAccount(hub: TestHub): Promise<UsageAccount> {
  const id = await insertAccount(hub.sql);
  const { id: keyId, key } = await hub.createKey({ accountId: id });
  const get = (path: string, accept = 'application/json'): Promise<Response> =>
    hub.fetch(`/api/user/usage${path}`, { key, headers: { accept } });
  return {
    id,
    keyId,
    get,
    add: (...events) =>
      insertEvents(
        hub.sql,
        events.map((event) => ({ account_id: id, key_id: keyId, ...event })),
      ),
    data: async (path) => {
      const answer = await get(path);
      const body = (await answer.json()) as { success: boolean; data: Record<string, unknown> };
      expect({ status: answer.status, body }).toMatchObject({ status: 200, body: { success: true } });
      return body.data;
    },
    refusal: async (path) => {
      const answer = await get(path);
      return { status: answer.status, body: await answer.json() };
    },
  };
}

/** Sums of a report without anything in it. */
export const NO_USAGE = {
  requests: 0,
  errors: 0,
  inputTokens: 0,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  images: 0,
  videoSeconds: 0,
  audioSeconds: 0,
  characters: 0,
  searches: 0,
  cost: '0',
};

/** A query string. */
export const query = (parameters: Readonly<Record<string, string>>): string => `?${new URLSearchParams(parameters)}`;
/** The items of a page. */
export const itemsOf = (data: Record<string, unknown>) => data['items'] as Record<string, unknown>[];

const NOW_MS = Date.now();
/** A day of the past in UTC, as `YYYY-MM-DD`. */
const daysAgo = (count: number): string => new Date(NOW_MS - count * 86_400_000).toISOString().slice(0, 10);

/** Four days in a row that are over, and within the thirty that a report covers by itself. */
export const [DAY_1, DAY_2, DAY_3, DAY_4] = [daysAgo(7), daysAgo(6), daysAgo(5), daysAgo(4)] as const;

/** Two models, two users, two days; one attempt that was repeated, one correction of the cost. */
export async function fillUsage(account: UsageAccount): Promise<string[]> {
  const first = new Date(`${DAY_1}T10:15:00Z`);
  const second = new Date(`${DAY_2}T16:30:00Z`);
  return await account.add(
    {
      model: 'gpt-4',
      is_final: false,
      outcome: 'failed',
      error_code: 'upstream_error',
      channel_id: '99',
      created_at: first,
    },
    {
      model: 'gpt-4',
      user_identifier: 'a',
      input_tokens: 1000,
      cached_input_tokens: 100,
      cache_write_tokens: 10,
      output_tokens: 500,
      reasoning_tokens: 50,
      duration_ms: 1200,
      first_token_ms: 300,
      cost: '1500000001',
      purchase_cost: '777777',
      channel_id: '99',
      upstream_model: 'secret-upstream',
      created_at: first,
    },
    { model: 'gpt-4', user_identifier: 'b', outcome: 'client_gone', estimated: true, cost: '500', created_at: second },
    {
      model: 'flux',
      user_identifier: 'b',
      images: 2,
      video_ms: 1500,
      audio_ms: 61_250,
      characters: 4_096,
      searches: 3,
      cost: '40000000',
      key_id: null,
      created_at: second,
    },
    { model: 'gpt-4', user_identifier: 'b', is_final: false, outcome: 'late', cost: '-200', created_at: second },
  );
}

/** The days that {@link fillUsage} fills. */
export const USAGE_RANGE = { from: DAY_1, to: DAY_4 };
