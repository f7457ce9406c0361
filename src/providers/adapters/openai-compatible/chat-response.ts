import { createHash } from 'node:crypto';
import type { ChatAnswer, ChatCompletion, ChatCompletionChoice } from '../../canonical/chat.js';
import { isCurtailed } from '../../canonical/chat-progress.js';
import { ProviderError } from '../../canonical/provider-error.js';
import type { Usage } from '../../canonical/usage.js';
import type { Target } from '../../provider.js';
import type { ErrorRules } from './error-rules.js';
import { toInBandError } from './errors.js';
import { type FinishReason, readFinishReason } from './finish-reason.js';
import { invalid, parseAnswer } from './parse-answer.js';
import { findInBandError } from './read-error-body.js';
import { findReasoning, splitParts } from './reasoning.js';
import { isWireUsage, toUsage, toWireUsage } from './usage.js';
import type { BodyEdits, ChatDialect } from './vendor.js';
import { isObject, isText, type WireObject } from './wire.js';

/**
 * Reads a whole chat answer. Members that already are as OpenAI writes them keep their bytes.
 * @throws ProviderError `invalid_response` when the body is not an answer, or the error that a 200 carries.
 */
export function fromChatBody(
  dialect: ChatDialect,
  rules: ErrorRules | undefined,
  body: Uint8Array,
  target: Target,
): ChatAnswer {
  const source = parseAnswer(body);
  const { value } = source;
  const error = findInBandError(value);
  if (error !== undefined) throw toInBandError(error, rules);
  const wireChoices = value['choices'];
  if (!Array.isArray(wireChoices) || wireChoices.length === 0) throw invalid('The upstream answer has no choices.');

  const edits: BodyEdits = {};
  const set = (name: string, member: unknown): void => {
    if (value[name] !== member) edits[name] = JSON.stringify(member);
  };
  const choices = wireChoices.map(readChoice);
  if (choices.some((choice, i) => choice !== wireChoices[i])) set('choices', choices);
  const id = isText(value['id'])
    ? value['id']
    : `chatcmpl-${createHash('sha256').update(body).digest('hex').slice(0, 24)}`;
  const created = typeof value['created'] === 'number' ? value['created'] : 0;
  set('id', id);
  set('object', 'chat.completion');
  set('created', created);
  set('model', target.publicModel);
  const usage = toUsage(value['usage'], dialect.isReasoningOutsideOutput);
  // Nothing said and nothing counted is no answer; a model that was paid to say nothing has answered.
  if ((usage?.outputTokens ?? 0) === 0 && choices.every(isEmptyChoice)) throw invalid('The upstream answer is empty.');
  const wireUsage = usage === undefined ? undefined : readWireUsage(usage, value['usage']);
  if (wireUsage !== undefined) set('usage', wireUsage);

  const completion: ChatCompletion = {
    ...value,
    id,
    object: 'chat.completion',
    created,
    model: target.publicModel,
    choices,
    usage: wireUsage,
  };
  const { service_tier: tier } = value;
  return { bytes: source.splice(edits), completion, usage, ...(isText(tier) && { servedTier: tier }) };
}

function readWireUsage(usage: Usage, wire: unknown): WireObject | undefined {
  if (!isObject(wire)) return undefined;
  return isWireUsage(usage, wire) ? wire : toWireUsage(usage, wire);
}

/** Returns the choice itself when it needs no change. */
function readChoice(choice: unknown, position: number): ChatCompletionChoice {
  if (!isObject(choice)) throw invalid('A choice of the upstream answer is not an object.');
  const message = readMessage(choice['message']);
  const finish_reason = finishOf(choice, message);
  const given = choice['index'];
  const index = typeof given === 'number' && Number.isSafeInteger(given) && given >= 0 ? given : position;
  const isSame =
    message === choice['message'] && finish_reason === choice['finish_reason'] && index === choice['index'];
  return isSame ? (choice as ChatCompletionChoice) : { ...choice, index, message, finish_reason };
}

function finishOf(choice: WireObject, message: WireObject): FinishReason {
  const reason = readFinishReason(choice['finish_reason']);
  if (reason instanceof ProviderError) throw reason;
  if (reason !== undefined) return reason;
  return Array.isArray(message['tool_calls']) && message['tool_calls'].length > 0 ? 'tool_calls' : 'stop';
}

/** Brings a message into OpenAI's shape; returns it itself when it needs no change. */
function readMessage(message: unknown): WireObject {
  if (!isObject(message)) throw invalid('A choice of the upstream answer has no message.');
  let result = message;
  const { content } = message;
  if (Array.isArray(content)) {
    const split = splitParts(content);
    result = { ...result, content: split.content };
    if (split.reasoning !== '') result['reasoning_content'] = split.reasoning;
  }
  const reasoning = findReasoning(message);
  if (reasoning !== undefined) result = { ...result, reasoning_content: reasoning };
  if ('reasoning' in message) {
    // Under both names a client that reads either would show the text twice.
    const { reasoning: _, ...rest } = result;
    result = rest;
  }
  const calls = message['tool_calls'];
  if (Array.isArray(calls)) {
    const read = calls.map(readToolCall);
    if (read.some((call, i) => call !== calls[i])) result = { ...result, tool_calls: read };
  }
  if (content === undefined) result = { ...result, content: null };
  if (message['role'] !== 'assistant') result = { ...result, role: 'assistant' };
  return result;
}

function readToolCall(call: unknown): unknown {
  if (!isObject(call) || !isObject(call['function'])) return call;
  const text = argumentsText(call['function']['arguments']);
  if (call['type'] === 'function' && text === call['function']['arguments']) return call;
  return { ...call, type: 'function', function: { ...call['function'], arguments: text } };
}

/** The arguments of a tool call as text, `{}` when there are none; some servers send them as an object. */
function argumentsText(value: unknown): string {
  if (isText(value)) return value;
  return isObject(value) ? JSON.stringify(value) : '{}';
}

/** True when a choice gives the caller nothing, though the model was neither cut short nor held back. */
function isEmptyChoice({ message, finish_reason }: ChatCompletionChoice): boolean {
  if (isCurtailed(finish_reason)) return false;
  const { tool_calls } = message;
  return !(
    isText(message['content']) ||
    isText(message['reasoning_content']) ||
    isText(message['refusal']) ||
    isObject(message['audio']) ||
    isObject(message['function_call']) ||
    (Array.isArray(message['images']) && message['images'].length > 0) ||
    (Array.isArray(tool_calls) && tool_calls.length > 0)
  );
}
