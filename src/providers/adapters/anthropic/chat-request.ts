import type { ChatRequest } from '../../canonical/chat.js';
import type { ChatOptions, Target, UpstreamBody } from '../../provider.js';
import { CacheHints } from './cache-hints.js';
import { type Notes, textBlock } from './content-blocks.js';
import { type Conversation, dropThoughts, type Turn, toConversation, writeOn } from './messages.js';
import { type ModelRules, rulesOf } from './model-rules.js';
import { otherMembers, outputConfig, samplingsOf } from './options.js';
import { ownRequest, toOwnBody } from './own-request.js';
import { malformed, unsupported } from './refusals.js';
import { planThinking } from './thinking.js';
import { planTools } from './tools.js';

/** What a model that cannot be held to JSON is told. */
export const JSON_INSTRUCTION = 'Answer with one valid JSON object and nothing else.';

/**
 * Translates a chat request into a body of the Messages API, put together from JSON texts so that each text of the caller is written
 * once and arguments of tool calls keep their bytes. What came in this format stays as it is.
 * @throws ProviderError `unsupported_option` or `invalid_request` with `param`.
 */
export function toAnthropicBody(request: ChatRequest, target: Target, options: ChatOptions): UpstreamBody {
  const own = ownRequest(request);
  if (own !== undefined) return toOwnBody(request, own, target, options);
  const body = request.source.value;
  const { upstreamModel: model } = target;
  const rules = rulesOf(model);
  if (request.choiceCount > 1)
    throw unsupported('n', 'This model gives only one choice per request; leave out "n" or set it to 1.');
  const dropped = new Set<string>();
  const notes: Notes = { cache: new CacheHints(body, dropped), dropped };
  const conversation = toConversation(body['messages'], model, notes);
  const tools = planTools(request, model, rules, notes);
  const output = outputConfig(body, rules, tools.isForced);
  const { turns } = conversation;
  const isPrefilled = finish(turns, options, rules, output.format !== undefined || tools.isForced);
  const outputTokensMax = capOf(request, options, rules, notes.dropped);
  const circumstances = {
    isForced: tools.isForced,
    isPrefilled,
    isThoughtLost: isThoughtLost(turns),
    hasThoughts: turns.some((turn) => turn.hasThought),
    outputTokensMax,
  };
  const plan = planThinking(body, rules, circumstances, notes.dropped);
  if (plan.withoutThoughts === true) dropThoughts(turns);

  const isWanted = notes.cache.isWanted;
  const members = [
    `"model":${JSON.stringify(model)}`,
    `"max_tokens":${outputTokensMax}`,
    ...systemMember(conversation, output.isJsonAsked, notes, isWanted),
    `"messages":[${turns.map((turn, i) => turnText(turn, notes, isWanted && i === turns.length - 1)).join(',')}]`,
  ];
  if (tools.tools.length > 0) members.push(`"tools":[${markLast(tools.tools, notes, isWanted).join(',')}]`);
  if (tools.choice !== undefined) members.push(`"tool_choice":${tools.choice}`);
  if (plan.thinking !== undefined) members.push(`"thinking":${plan.thinking}`);
  const config = [
    ...(plan.effort === undefined ? [] : [`"effort":"${plan.effort}"`]),
    ...(output.format === undefined ? [] : [`"format":${output.format}`]),
  ];
  if (config.length > 0) members.push(`"output_config":{${config.join(',')}}`);
  const samplings = samplingsOf(body, rules, plan.thinks, notes.dropped);
  members.push(...Object.entries(samplings).map(([name, value]) => `"${name}":${value}`));
  members.push(...otherMembers(body, notes.dropped));
  if (request.isStream) members.push('"stream":true');
  return {
    body: Buffer.from(`{${members.join(',')}}`),
    droppedParams: [...notes.dropped],
    isStream: request.isStream,
    ...(plan.beta !== undefined && { headers: { 'anthropic-beta': plan.beta } }),
  };
}

/** The API wants a cap. The caller's may be above what the model can write, which then changes nothing. */
export function capOf(request: ChatRequest, options: ChatOptions, rules: ModelRules, dropped: Set<string>): number {
  const max = rules.outputTokensMax ?? Number.MAX_SAFE_INTEGER;
  const { outputTokensCap: given } = request;
  if (given === undefined) return Math.min(options.outputTokensCap ?? rules.outputTokensDefault, max);
  if (given > max) dropped.add(request.source.has('max_completion_tokens') ? 'max_completion_tokens' : 'max_tokens');
  return Math.min(given, max);
}

/**
 * Brings the end of the conversation into order: an assistant turn there is the beginning of the answer.
 * @returns whether there is one.
 */
function finish(turns: Turn[], { prefill }: ChatOptions, rules: ModelRules, isHeld: boolean): boolean {
  if (prefill !== undefined) writeOn(turns, prefill);
  const last = turns.at(-1);
  if (last === undefined)
    throw malformed('messages', '"messages" says nothing: there is no text, picture or file in it.');
  if (last.role !== 'assistant' || (last.hasCall && last.tail === undefined)) return false;
  if (!rules.canPrefill)
    throw unsupported(
      'messages',
      'This model does not go on from an assistant message; the last one must be of the user.',
    );
  if (isHeld)
    throw unsupported('response_format', 'This model cannot go on from an assistant message and be held to a format.');
  if (last.tail === undefined) return true;
  // White space at the end is refused.
  const trimmed = last.tail.trimEnd();
  last.blocks.pop();
  const block = textBlock(trimmed);
  if (block !== undefined) last.blocks.push(block);
  else if (last.blocks.length === 0) turns.pop();
  return true;
}

/** With a thinking budget, the turn whose calls are being answered must begin with its thought. */
function isThoughtLost(turns: readonly Turn[]): boolean {
  const last = turns.findLast(({ role }) => role === 'assistant');
  return last?.hasCall === true && !last.hasThought;
}

function systemMember({ system }: Conversation, isJsonAsked: boolean, { cache }: Notes, isWanted: boolean): string[] {
  const blocks = isJsonAsked ? [...system, `{"type":"text","text":${JSON.stringify(JSON_INSTRUCTION)}}`] : system;
  if (blocks.length === 0) return [];
  const all = isWanted ? [...blocks.slice(0, -1), cache.mark(blocks.at(-1) ?? '')] : blocks;
  return [`"system":[${all.join(',')}]`];
}

function turnText({ role, results, blocks }: Turn, { cache }: Notes, isMarked: boolean): string {
  const all = results.length === 0 ? blocks : [...results, ...blocks];
  const told = isMarked ? [...all.slice(0, -1), cache.mark(all.at(-1) ?? '')] : all;
  return `{"role":"${role}","content":[${told.join(',')}]}`;
}

function markLast(texts: readonly string[], { cache }: Notes, isWanted: boolean): readonly string[] {
  return isWanted ? [...texts.slice(0, -1), cache.mark(texts.at(-1) ?? '')] : texts;
}
