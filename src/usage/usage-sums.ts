/** Outcomes of a request that did what it was asked to; every other outcome of a final attempt counts as an error. */
const SUCCESSES = `'done', 'overrun'`;

/** Whether the tokens of an attempt are the customer's: what others of a request have consumed was the operator's loss. */
const IS_CUSTOMERS = `(is_final or outcome = 'late')`;

function consumed(column: string): string {
  return `case when ${IS_CUSTOMERS} then coalesce(${column}, 0) else 0 end`;
}

/**
 * What is summed, by its column in `usage_hour`, and the value that one row of `usage_event` adds to it. The roll-up and the
 * reports take both from here, so that hours and the events not yet in them cannot be counted differently.
 */
export const USAGE_SUMS = {
  requests: 'is_final::int',
  attempts: '1',
  errors: `(is_final and outcome not in (${SUCCESSES}))::int`,
  estimated: '(is_final and estimated)::int',
  input_tokens: consumed('input_tokens'),
  cached_input_tokens: consumed('cached_input_tokens'),
  cache_write_tokens: consumed('cache_write_tokens'),
  output_tokens: consumed('output_tokens'),
  reasoning_tokens: consumed('reasoning_tokens'),
  images: consumed('images'),
  video_ms: consumed('video_ms'),
  audio_ms: consumed('audio_ms'),
  characters: consumed('characters'),
  searches: consumed('searches'),
  duration_ms: 'coalesce(duration_ms, 0)',
  cost: 'cost',
  loss: 'loss',
  purchase_cost: 'coalesce(purchase_cost, 0)',
} satisfies Readonly<Record<string, string>>;

/** One of the sums. */
export type UsageSum = keyof typeof USAGE_SUMS;

/**
 * Those that hubs of the version before do not keep. They have a watermark of their own, which is never ahead of the others; a hub
 * keeps all sums together as long as the watermarks are equal.
 */
export const PASSED_SUMS = ['audio_ms', 'characters', 'searches'] as const satisfies readonly UsageSum[];

/** Longest identifier of an end user that is told apart, in characters: the key of an index has room for so much. */
export const USER_IDENTIFIER_LENGTH_MAX = 256;

/** What sums are grouped by, by its column in `usage_hour`, and its value in `usage_event`. */
export const USAGE_GROUPS = {
  hour: `date_trunc('hour', created_at, 'UTC')`,
  account_id: 'account_id',
  key_id: 'coalesce(key_id, 0)',
  model: 'model',
  channel_id: 'coalesce(channel_id, 0)',
  user_identifier: `left(user_identifier, ${USER_IDENTIFIER_LENGTH_MAX})`,
} as const satisfies Readonly<Record<string, string>>;

/** Tables of sums by other groups than `usage_hour`, in the order in which everybody locks them. */
export const STATISTICS_TABLES = ['usage_day', 'usage_user_day', 'usage_slice'] as const;
