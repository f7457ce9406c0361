import { isObject } from '../../../common/is-object.js';
import { parseExactly } from '../../../common/parse-exactly.js';
import type { ChatOriginal, ChatRequest } from '../../canonical/chat.js';
import { unwrapThought } from '../../canonical/wrapped-thought.js';
import type { ChatOptions, Target, UpstreamBody } from '../../provider.js';
import { SHORT_TTLS } from './cache-hints.js';
import { type ModelRules, rulesOf } from './model-rules.js';
import { samplingsOf, TEMPERATURE_IDLE } from './options.js';
import { toThoughtBlocks } from './reasoning-details.js';
import { unsupported } from './refusals.js';
import { unpricedMembers } from './unpriced.js';

type Wire = Readonly<Record<string, unknown>>;
type Edits = Record<string, string | undefined>;

/** Where `cache_control` may stand. */
const CACHED_MEMBERS = ['system', 'tools', 'messages'] as const;
const SAMPLING = ['temperature', 'top_p', 'top_k'] as const;
/** The vendor takes no smaller one. */
const BUDGET_TOKENS_MIN = 1_024;

/** The request in this format's own words; undefined for a caller of another format. */
export function ownRequest({ original }: ChatRequest): ChatOriginal | undefined {
  return original?.format === 'anthropic' ? original : undefined;
}

/**
 * A request that came in this format, as it is but for the model's name and what this hub or this model cannot do: a cache for an hour
 * (see {@link CacheHints}), sampling options that the model refuses, thoughts of other models, what has a price of its own (see
 * {@link unpricedMembers}).
 * @throws ProviderError `unsupported_option` when the model does not go on from the beginning of an answer, or for such a price.
 */
export function toOwnBody(
  request: ChatRequest,
  { source, headers }: ChatOriginal,
  { upstreamModel: model }: Target,
  options: ChatOptions,
): UpstreamBody {
  const dropped = new Set<string>();
  const rules = rulesOf(model);
  const edits: Edits = {};
  if (source.value['model'] !== model) edits['model'] = JSON.stringify(model);
  editCap(request, source.value, rules, edits, dropped);
  editSampling(source.value, rules, edits, dropped);
  for (const name of unpricedMembers(source.value)) {
    edits[name] = undefined;
    dropped.add(name);
  }
  editCache(source.value, edits, dropped);
  for (const name of CACHED_MEMBERS) {
    const told = rewritten(source.value[name], source.textOf(name), model, dropped);
    if (told !== undefined) edits[name] = told;
  }
  editThinking(source.value, edits, dropped);
  if (options.prefill !== undefined) editPrefill(options.prefill, source.textOf('messages'), rules, edits);
  return {
    body: source.splice(edits),
    droppedParams: [...dropped],
    isStream: request.isStream,
    isOriginal: true,
    headers,
  };
}

/** Leaves out what the model refuses. Where it takes one of two, the one whose value means nothing goes, which changes nothing. */
function editSampling(body: Wire, rules: ModelRules, edits: Edits, dropped: Set<string>): void {
  samplingsOf(body, rules, false, dropped);
  for (const name of SAMPLING) if (dropped.has(name)) edits[name] = undefined;
  const { temperature, top_p: topP } = body;
  const areBoth = [temperature, topP].every((value) => value !== undefined) && !dropped.has('top_p');
  if (!areBoth || rules.hasBothSamplings) return;
  edits[temperature === TEMPERATURE_IDLE ? 'temperature' : 'top_p'] = undefined;
}

/** The caller's cap is smaller after a part of the answer has been given, and may be above what the model can write. */
function editCap(
  { outputTokensCap: cap }: ChatRequest,
  body: Wire,
  { outputTokensMax }: ModelRules,
  edits: Edits,
  dropped: Set<string>,
): void {
  if (cap === undefined) return;
  const told = Math.min(cap, outputTokensMax ?? cap);
  if (told < cap) dropped.add('max_tokens');
  if (told !== body['max_tokens']) edits['max_tokens'] = String(told);
}

function editCache({ cache_control: own }: Wire, edits: Edits, dropped: Set<string>): void {
  if (isObject(own) && isLong(own)) edits['cache_control'] = JSON.stringify(shortened(own, dropped));
}

/** Adds the beginning of the answer as the last message, with which there is no thinking. */
function editPrefill(prefill: string, text = '[]', rules: ModelRules, edits: Edits): void {
  if (!rules.canPrefill) throw unsupported('messages', 'This model does not go on from the beginning of an answer.');
  const messages = edits['messages'] ?? text;
  const end = messages.lastIndexOf(']');
  edits['messages'] = `${messages.slice(0, end)},${JSON.stringify({ role: 'assistant', content: prefill })}]`;
  edits['thinking'] = undefined;
}

/** A member written anew where something in it has to change; undefined where its bytes can stay. */
function rewritten(value: unknown, text: string | undefined, model: string, dropped: Set<string>): string | undefined {
  if (text === undefined || !needsChange(value)) return undefined;
  return JSON.stringify(changed(parseExactly(text), model, dropped));
}

/** Looks at blocks, their contents and sources, and no deeper: what a tool was given, or its schema, is the caller's. */
function needsChange(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(needsChange);
  if (!isObject(value)) return false;
  const { cache_control: cache, content, source } = value;
  if ((isObject(cache) && isLong(cache)) || isThought(value)) return true;
  return needsChange(content) || (isObject(source) && needsChange(source['content']));
}

function changed(value: unknown, model: string, dropped: Set<string>): unknown {
  if (!Array.isArray(value)) return isObject(value) ? changedBlock(value, model, dropped) : value;
  return value.flatMap((item: unknown): unknown[] => {
    if (!isObject(item)) return [item];
    if (isThought(item)) return thoughtFor(item, model);
    const told = changedBlock(item, model, dropped);
    const { content } = told;
    // The vendor takes no empty turns; one of nothing but another model's thoughts is nothing.
    const isNothing = Array.isArray(content) && content.length === 0 && isFilled(item['content']);
    return isNothing ? [] : [told];
  });
}

function changedBlock(block: Wire, model: string, dropped: Set<string>): Wire {
  const { cache_control: cache, content, source } = block;
  return {
    ...block,
    ...(isObject(cache) && isLong(cache) && { cache_control: shortened(cache, dropped) }),
    ...(typeof content === 'object' && { content: changed(content, model, dropped) }),
    ...(isObject(source) && { source: changedBlock(source, model, dropped) }),
  };
}

function isFilled(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}

/**
 * Thinking with a budget has to fit what else is sent: the vendor wants the cap above the budget, and the turn that called a tool to begin
 * with its thought, which is missing where a model that shows none, or another one, has made that turn.
 */
function editThinking(body: Wire, edits: Edits, dropped: Set<string>): void {
  const { thinking } = body;
  if (!isObject(thinking) || thinking['type'] !== 'enabled') return;
  const { messages, max_tokens: cap } = edits;
  const budgetMax = cap === undefined ? Number.POSITIVE_INFINITY : Number(cap) - 1;
  const isTooMuch = Number(thinking['budget_tokens']) > budgetMax;
  const isLost = isThoughtLost(messages === undefined ? body['messages'] : JSON.parse(messages));
  if (!isTooMuch && !isLost) return;
  dropped.add('thinking');
  const fits = !isLost && budgetMax >= BUDGET_TOKENS_MIN;
  edits['thinking'] = fits ? JSON.stringify({ ...thinking, budget_tokens: budgetMax }) : undefined;
}

function isThoughtLost(turns: unknown): boolean {
  const last: unknown = Array.isArray(turns)
    ? turns.findLast((turn) => isObject(turn) && turn['role'] === 'assistant')
    : undefined;
  const content: unknown = isObject(last) ? last['content'] : undefined;
  if (!Array.isArray(content)) return false;
  const [first] = content.filter(isObject);
  return content.some((block) => isObject(block) && block['type'] === 'tool_use') && !isThinking(first);
}

function isThinking(block: Wire | undefined): boolean {
  return block?.['type'] === 'thinking' || block?.['type'] === 'redacted_thinking';
}

/** True for a block that the hub has wrapped. */
function isThought({ type, signature, data }: Wire): boolean {
  if (type === 'thinking') return unwrapThought(signature) !== undefined;
  return type === 'redacted_thinking' && unwrapThought(data) !== undefined;
}

/** The block as its model gave it; nothing when that was another model, or another vendor's. */
function thoughtFor({ thinking, signature, data }: Wire, model: string): unknown[] {
  const detail = unwrapThought(signature ?? data)?.detail;
  const whole = detail !== undefined && signature !== undefined ? { ...detail, text: thinking } : detail;
  return toThoughtBlocks([whole], model).map((block): unknown => JSON.parse(block));
}

function isLong({ ttl }: Wire): boolean {
  return !SHORT_TTLS.has(ttl);
}

function shortened({ ttl: _, ...rest }: Wire, dropped: Set<string>): Wire {
  dropped.add('cache_control.ttl');
  return rest;
}
