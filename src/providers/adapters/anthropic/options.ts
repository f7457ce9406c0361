import { isObject } from '../../../common/is-object.js';
import type { ModelRules } from './model-rules.js';
import { malformed, unsupported } from './refusals.js';
import { toClosedSchema } from './tools.js';

type Body = Readonly<Record<string, unknown>>;

/** What of the top level is read here or elsewhere. All else is left out and reported. */
const READ = new Set([
  'model',
  'messages',
  'stream',
  'stream_options',
  'max_tokens',
  'max_completion_tokens',
  'n',
  'temperature',
  'top_p',
  'top_k',
  'stop',
  'tools',
  'tool_choice',
  'functions',
  'function_call',
  'parallel_tool_calls',
  'response_format',
  'reasoning_effort',
  'thinking',
  'user',
  'safety_identifier',
  'service_tier',
  'prompt_cache_key',
  'prompt_cache_retention',
  'prompt_cache_options',
  // The hub's own.
  'user_identifier',
]);
/** Options that ask for what happens anyway when they have this value. */
const IDLE: Readonly<Record<string, unknown>> = {
  store: false,
  logprobs: false,
  top_logprobs: 0,
  presence_penalty: 0,
  frequency_penalty: 0,
};
const TIERS: Readonly<Record<string, string>> = {
  auto: 'auto',
  priority: 'auto',
  default: 'standard_only',
  standard_only: 'standard_only',
};
const USER_ID_CHARACTERS_MAX = 256;
const TOP_P_IDLE = 1;
/** The default, and the end of the range. */
export const TEMPERATURE_IDLE = 1;

/** How an answer is to be formed. */
export interface OutputPlan {
  /** `output_config.format` as JSON text. */
  readonly format: string | undefined;
  /** JSON is asked for in words. */
  readonly isJsonAsked: boolean;
}

/**
 * Reads `response_format`. A schema that the model cannot be held to has become a forced tool already.
 * @throws ProviderError for a format there is none of.
 */
export function outputConfig(body: Body, rules: ModelRules, isForced: boolean): OutputPlan {
  const { response_format: format } = body;
  if (format === undefined || format === null) return { format: undefined, isJsonAsked: false };
  const type = isObject(format) ? format['type'] : undefined;
  if (type === 'text') return { format: undefined, isJsonAsked: false };
  if (type === 'json_object') return { format: undefined, isJsonAsked: true };
  if (!isObject(format) || type !== 'json_schema')
    throw unsupported('response_format', '"response_format" must be "text", "json_object" or "json_schema".');
  const { schema } = isObject(format['json_schema']) ? format['json_schema'] : {};
  if (!isObject(schema)) throw malformed('response_format.json_schema.schema', 'The schema must be an object.');
  if (!rules.hasFormat && isForced) return { format: undefined, isJsonAsked: false };
  const text = `{"type":"json_schema","schema":${JSON.stringify(toClosedSchema(schema))}}`;
  return { format: text, isJsonAsked: false };
}

/** Sampling options as they are sent. */
export interface Samplings {
  readonly temperature?: number;
  readonly top_p?: number;
  readonly top_k?: number;
}

/** `temperature`, `top_p` and `top_k` as far as the model takes them; the value that means nothing is not sent. */
export function samplingsOf(body: Body, rules: ModelRules, thinks: boolean, dropped: Set<string>): Samplings {
  const { temperature, top_p, top_k } = body;
  const isFree = rules.hasSampling && !thinks;
  const sent: { temperature?: number; top_p?: number; top_k?: number } = {};
  if (isNumber(temperature) && temperature !== TEMPERATURE_IDLE) {
    if (!isFree || temperature > 1) dropped.add('temperature');
    // The range ends at 1, which is the default as well.
    if (isFree && temperature < 1) sent.temperature = temperature;
  }
  if (isNumber(top_p) && top_p !== TOP_P_IDLE) {
    if (isFree && (rules.hasBothSamplings || sent.temperature === undefined)) sent.top_p = top_p;
    else dropped.add('top_p');
  }
  if (isNumber(top_k)) {
    if (isFree) sent.top_k = top_k;
    else dropped.add('top_k');
  }
  return sent;
}

/** The options that have a plain counterpart, and the names of those that have none. */
export function otherMembers(body: Body, dropped: Set<string>): string[] {
  const members = [...stopMember(body['stop'], dropped), ...userMember(body, dropped)];
  const { service_tier: tier } = body;
  if (typeof tier === 'string') {
    const word = Object.hasOwn(TIERS, tier) ? TIERS[tier] : undefined;
    if (word === undefined) dropped.add('service_tier');
    else members.push(`"service_tier":"${word}"`);
  }
  for (const name in body) {
    const value = body[name];
    if (READ.has(name) || value === null || value === undefined) continue;
    if (Object.hasOwn(IDLE, name) && IDLE[name] === value) continue;
    if (name === 'modalities' && isTextOnly(value)) continue;
    dropped.add(name);
  }
  return members;
}

function stopMember(stop: unknown, dropped: Set<string>): string[] {
  if (stop === undefined || stop === null) return [];
  const all: readonly unknown[] = Array.isArray(stop) ? stop : [stop];
  const kept = all.filter((text): text is string => typeof text === 'string' && /\S/.test(text));
  // White space alone is refused.
  if (kept.length < all.length) dropped.add('stop');
  return kept.length === 0 ? [] : [`"stop_sequences":${JSON.stringify(kept)}`];
}

function userMember({ safety_identifier, user }: Body, dropped: Set<string>): string[] {
  const name = typeof safety_identifier === 'string' ? 'safety_identifier' : 'user';
  const id = name === 'user' ? user : safety_identifier;
  if (typeof id !== 'string' || id === '') return [];
  if (id.length <= USER_ID_CHARACTERS_MAX) return [`"metadata":{"user_id":${JSON.stringify(id)}}`];
  dropped.add(name);
  return [];
}

/** @throws ProviderError when sound is asked for: an answer without it would not be what was asked. */
function isTextOnly(modalities: unknown): boolean {
  if (!Array.isArray(modalities)) return false;
  if (modalities.some((name) => name !== 'text')) throw unsupported('modalities', 'This model answers in text only.');
  return true;
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}
