import { isObject } from '../../../common/is-object.js';
import type { ChatRequest } from '../../canonical/chat.js';
import type { ChatOptions } from '../../provider.js';
import { capOf } from '../anthropic/chat-request.js';
import { samplingsOf } from '../anthropic/options.js';
import { malformed, unsupported } from '../anthropic/refusals.js';
import { type Circumstances, planThinking } from '../anthropic/thinking.js';
import { toClosedSchema } from '../anthropic/tools.js';
import type { BedrockModel } from './bedrock-models.js';

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
  'prompt_cache_key',
  'prompt_cache_retention',
  'prompt_cache_options',
  // The hub's own.
  'user_identifier',
]);
/** Options that ask for what happens anyway when they have one of these values. */
const IDLE: Readonly<Record<string, readonly unknown[]>> = {
  store: [false],
  logprobs: [false],
  top_logprobs: [0],
  presence_penalty: [0],
  frequency_penalty: [0],
  service_tier: ['auto', 'default'],
};
const SCHEMA_NAME_DEFAULT = 'answer';

/** How an answer is to be formed. */
export interface OutputPlan {
  /** `outputConfig` as JSON text. */
  readonly config: string | undefined;
  /** JSON is asked for in words. */
  readonly isJsonAsked: boolean;
}

/** Reads `response_format`. @throws ProviderError for a format there is none of, or that the model cannot be held to. */
export function planOutput({ response_format: format }: Body, { hasFormat }: BedrockModel): OutputPlan {
  if (format === undefined || format === null) return { config: undefined, isJsonAsked: false };
  const type = isObject(format) ? format['type'] : undefined;
  if (type === 'text') return { config: undefined, isJsonAsked: false };
  if (type === 'json_object') return { config: undefined, isJsonAsked: true };
  if (!isObject(format) || type !== 'json_schema')
    throw unsupported('response_format', '"response_format" must be "text", "json_object" or "json_schema".');
  if (!hasFormat) throw unsupported('response_format', 'This model cannot be held to a schema.');
  const { schema, name, description } = isObject(format['json_schema']) ? format['json_schema'] : {};
  if (!isObject(schema)) throw malformed('response_format.json_schema.schema', 'The schema must be an object.');
  const jsonSchema = {
    // A JSON text within the JSON.
    schema: JSON.stringify(toClosedSchema(schema)),
    name: typeof name === 'string' && name !== '' ? name : SCHEMA_NAME_DEFAULT,
    ...(typeof description === 'string' && description !== '' && { description }),
  };
  const config = JSON.stringify({ textFormat: { type: 'json_schema', structure: { jsonSchema } } });
  return { config, isJsonAsked: false };
}

/** The options of a request as JSON texts. */
export interface OptionPlan {
  /** Members of `inferenceConfig`. */
  readonly inference: readonly string[];
  /** Members of `additionalModelRequestFields`: what only this maker's models have. */
  readonly additional: readonly string[];
  readonly withoutThoughts: boolean;
}

/** What bears on thinking besides the cap. */
export type ThoughtCircumstances = Omit<Circumstances, 'outputTokensMax'>;

/**
 * Plans what is asked of the model besides its messages.
 * @param dropped takes the names of what is left out.
 */
export function planOptions(
  request: ChatRequest,
  options: ChatOptions,
  model: BedrockModel,
  circumstances: ThoughtCircumstances,
  dropped: Set<string>,
): OptionPlan {
  const body = request.source.value;
  const stop = stopMember(body['stop'], dropped);
  noteOthers(body, dropped);
  const { claude } = model;
  if (claude === undefined) return planPlainly(request, options, model, stop, dropped);
  const outputTokensMax = capOf(request, options, claude, dropped);
  const plan = planThinking(body, claude, { ...circumstances, outputTokensMax }, dropped);
  const { temperature, top_p, top_k } = samplingsOf(body, claude, plan.thinks, dropped);
  return {
    inference: [
      `"maxTokens":${outputTokensMax}`,
      ...(temperature === undefined ? [] : [`"temperature":${temperature}`]),
      ...(top_p === undefined ? [] : [`"topP":${top_p}`]),
      ...stop,
    ],
    additional: [
      ...(plan.thinking === undefined ? [] : [`"thinking":${plan.thinking}`]),
      ...(plan.effort === undefined ? [] : [`"output_config":{"effort":"${plan.effort}"}`]),
      ...(plan.beta === undefined ? [] : [`"anthropic_beta":["${plan.beta}"]`]),
      ...(top_k === undefined ? [] : [`"top_k":${top_k}`]),
    ],
    withoutThoughts: plan.withoutThoughts === true,
  };
}

function planPlainly(
  request: ChatRequest,
  options: ChatOptions,
  { hasEffort }: BedrockModel,
  stop: readonly string[],
  dropped: Set<string>,
): OptionPlan {
  const { temperature, top_p, top_k, reasoning_effort: effort, thinking } = request.source.value;
  const cap = request.outputTokensCap ?? options.outputTokensCap;
  const inference = cap === undefined ? [] : [`"maxTokens":${cap}`];
  // The range ends at 1.
  if (typeof temperature === 'number' && temperature <= 1) inference.push(`"temperature":${temperature}`);
  else if (typeof temperature === 'number') dropped.add('temperature');
  if (typeof top_p === 'number') inference.push(`"topP":${top_p}`);
  if (typeof top_k === 'number') dropped.add('top_k');
  if (isObject(thinking)) dropped.add('thinking');
  const additional: string[] = [];
  if (typeof effort === 'string' && hasEffort && /^(?:low|medium|high)$/.test(effort))
    additional.push(`"reasoning_effort":"${effort}"`);
  else if (typeof effort === 'string' && effort !== 'none') dropped.add('reasoning_effort');
  return { inference: [...inference, ...stop], additional, withoutThoughts: false };
}

function stopMember(stop: unknown, dropped: Set<string>): string[] {
  if (stop === undefined || stop === null) return [];
  const all: readonly unknown[] = Array.isArray(stop) ? stop : [stop];
  const kept = all.filter((text): text is string => typeof text === 'string' && /\S/.test(text));
  // White space alone is refused.
  if (kept.length < all.length) dropped.add('stop');
  return kept.length === 0 ? [] : [`"stopSequences":${JSON.stringify(kept)}`];
}

/** @throws ProviderError when sound is asked for: an answer without it would not be what was asked. */
function noteOthers(body: Body, dropped: Set<string>): void {
  for (const name in body) {
    const value = body[name];
    if (READ.has(name) || value === null || value === undefined) continue;
    if (Object.hasOwn(IDLE, name) && IDLE[name]?.includes(value) === true) continue;
    if (name !== 'modalities') dropped.add(name);
    else if (!Array.isArray(value)) dropped.add(name);
    else if (value.some((word) => word !== 'text')) throw unsupported(name, 'This model answers in text only.');
  }
}
