import type { ChatRequest } from '../../canonical/chat.js';
import type { ChatOptions, Target, UpstreamBody } from '../../provider.js';
import { JSON_INSTRUCTION } from '../anthropic/chat-request.js';
import { malformed, unsupported } from '../anthropic/refusals.js';
import { type BedrockModel, bedrockModelOf } from './bedrock-models.js';
import { BlockWriter, CACHE_POINT, textBlocks } from './converse-blocks.js';
import { Conversation, type Turn } from './converse-messages.js';
import { planOptions, planOutput } from './converse-options.js';
import { planTools } from './converse-tools.js';

/** Where a model is asked: its id is one part of the path, encoded as the signature has it. */
export function conversePath({ upstreamModel }: Target, isStream: boolean): string {
  const model = encodeURIComponent(upstreamModel).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `/model/${model}/converse${isStream ? '-stream' : ''}`;
}

/**
 * Translates a chat request into a body of Converse, put together from JSON texts so that each text of the caller is written once and
 * arguments of tool calls keep their bytes.
 * @throws ProviderError `unsupported_option` or `invalid_request` with `param`.
 */
export function toConverseBody(request: ChatRequest, { upstreamModel }: Target, options: ChatOptions): UpstreamBody {
  if (request.choiceCount > 1)
    throw unsupported('n', 'This model gives only one choice per request; leave out "n" or set it to 1.');
  const body = request.source.value;
  const model = bedrockModelOf(upstreamModel);
  const dropped = new Set<string>();
  const writer = new BlockWriter(body, model.cache, dropped);
  const conversation = new Conversation(body['messages'], upstreamModel, writer);
  const { system, turns } = conversation;
  const output = planOutput(body, model);
  const tools = planTools(body, conversation.called, model, writer);
  const isPrefilled = finish(conversation, options, model, output.config !== undefined || tools.isForced);
  const circumstances = {
    isForced: tools.isForced,
    isPrefilled,
    isThoughtLost: isThoughtLost(turns),
    hasThoughts: turns.some((turn) => turn.hasThought),
  };
  const plan = planOptions(request, options, model, circumstances, dropped);
  if (plan.withoutThoughts) dropThoughts(turns);
  if (output.isJsonAsked) system.push(...textBlocks(JSON_INSTRUCTION));
  if (writer.isCacheWanted) {
    if (system.length > 0) system.push(CACHE_POINT);
    turns.at(-1)?.blocks.push(CACHE_POINT);
  }
  const members = [`"messages":[${turns.map(turnText).join(',')}]`];
  if (system.length > 0) members.push(`"system":[${system.join(',')}]`);
  if (plan.inference.length > 0) members.push(`"inferenceConfig":{${plan.inference.join(',')}}`);
  if (tools.config !== undefined) members.push(`"toolConfig":${tools.config}`);
  if (output.config !== undefined) members.push(`"outputConfig":${output.config}`);
  if (plan.additional.length > 0) members.push(`"additionalModelRequestFields":{${plan.additional.join(',')}}`);
  return {
    body: Buffer.from(`{${members.join(',')}}`),
    droppedParams: [...dropped],
    isStream: request.isStream,
  };
}

/**
 * Brings the end of the conversation into order: an assistant turn there is the beginning of the answer.
 * @returns whether there is one.
 */
function finish(
  conversation: Conversation,
  { prefill }: ChatOptions,
  { claude }: BedrockModel,
  isHeld: boolean,
): boolean {
  if (prefill !== undefined) conversation.writeOn(prefill);
  const last = conversation.turns.at(-1);
  if (last === undefined)
    throw malformed('messages', '"messages" says nothing: there is no text, picture or file in it.');
  if (last.role !== 'assistant' || (last.hasCall && last.tail === undefined)) return false;
  if (claude?.canPrefill !== true)
    throw unsupported(
      'messages',
      'This model does not go on from an assistant message; the last one must be of the user.',
    );
  if (isHeld)
    throw unsupported('response_format', 'This model cannot go on from an assistant message and be held to a format.');
  conversation.trimEnd();
  return true;
}

/** With a thinking budget, the turn whose calls are being answered must begin with its thought. */
function isThoughtLost(turns: readonly Turn[]): boolean {
  const last = turns.findLast(({ role }) => role === 'assistant');
  return last?.hasCall === true && !last.hasThought;
}

function dropThoughts(turns: readonly Turn[]): void {
  for (const { blocks } of turns) {
    const kept = blocks.filter((block) => !block.startsWith('{"reasoningContent"'));
    blocks.splice(0, blocks.length, ...kept);
  }
}

function turnText({ role, results, blocks }: Turn): string {
  return `{"role":"${role}","content":[${[...results, ...blocks].join(',')}]}`;
}
