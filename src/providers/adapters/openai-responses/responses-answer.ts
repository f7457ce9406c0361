import type { ChatAnswer, ChatCompletion } from '../../canonical/chat.js';
import { isCurtailed } from '../../canonical/chat-progress.js';
import { ProviderError } from '../../canonical/provider-error.js';
import type { Target } from '../../provider.js';
import type { FinishReason } from '../openai-compatible/finish-reason.js';
import { invalid, parseAnswer } from '../openai-compatible/parse-answer.js';
import { findInBandError } from '../openai-compatible/read-error-body.js';
import { toUsage, toWireUsage } from '../openai-compatible/usage.js';
import { isObject, isText, type WireObject } from '../openai-compatible/wire.js';
import { ReasoningCollector, textsOf } from './reasoning-details.js';
import { toFailedError } from './responses-errors.js';

/**
 * Reads a whole response as a chat answer.
 * @throws ProviderError `invalid_response` when the body is none or says nothing, or the error of one that failed.
 */
export function fromResponsesBody(body: Uint8Array, target: Target): ChatAnswer {
  const { value } = parseAnswer(body);
  if (!Array.isArray(value['output'])) throw findInBandError(value) === undefined ? noResponse() : toFailedError(value);
  const message = toMessage(value['output'], target.upstreamModel);
  const finish_reason = finishOf(value, Array.isArray(message['tool_calls']));
  const usage = toUsage(value['usage']);
  const { service_tier: tier } = value;
  const isEmpty = !(isText(message['content']) || isText(message['refusal']) || message['tool_calls'] !== undefined);
  if (isEmpty && !isCurtailed(finish_reason) && (usage?.outputTokens ?? 0) === 0)
    throw invalid('The upstream answer is empty.');
  const completion: ChatCompletion = {
    id: toCompletionId(value['id']),
    object: 'chat.completion',
    created: typeof value['created_at'] === 'number' ? Math.floor(value['created_at']) : 0,
    model: target.publicModel,
    choices: [{ index: 0, message, logprobs: logprobsOf(value['output'].flatMap(logprobsOfItem)), finish_reason }],
    ...(usage !== undefined && { usage: toWireUsage(usage) }),
    ...(isText(tier) && { service_tier: tier }),
  };
  const bytes = Buffer.from(JSON.stringify(completion));
  return { bytes, completion, usage, ...(isText(tier) && { servedTier: tier }) };
}

/** `resp_…` as chat/completions would write it. */
export function toCompletionId(id: unknown): string {
  return isText(id) ? `chatcmpl-${id.replace(/^resp_/, '')}` : 'chatcmpl-response';
}

/**
 * Why a response ended.
 * @throws ProviderError for one that failed, was called off, or has not ended at all.
 */
export function finishOf(response: WireObject, hasCalls: boolean): FinishReason {
  switch (response['status']) {
    case undefined:
    case 'completed':
      return hasCalls ? 'tool_calls' : 'stop';
    case 'incomplete': {
      // Before the calls: the last of them may be half a call.
      const details = response['incomplete_details'];
      const reason = isObject(details) ? details['reason'] : undefined;
      if (reason === 'content_filter') return 'content_filter';
      if (reason === 'max_output_tokens' || reason === 'max_tokens') return 'length';
      throw new ProviderError({
        kind: 'incomplete',
        message: 'The upstream broke the answer off without a reason that is known.',
      });
    }
    case 'failed':
    case 'cancelled':
      throw toFailedError(isObject(response['error']) ? response['error'] : response);
    default:
      throw invalid('The upstream response has not ended.');
  }
}

/** Probabilities of tokens as chat/completions has them; null for none. */
export function logprobsOf(tokens: unknown): WireObject | null {
  return Array.isArray(tokens) && tokens.length > 0 ? { content: tokens, refusal: null } : null;
}

function logprobsOfItem(item: unknown): readonly unknown[] {
  const content = isObject(item) ? item['content'] : undefined;
  if (!Array.isArray(content)) return [];
  return content.flatMap((part) => (isObject(part) && Array.isArray(part['logprobs']) ? part['logprobs'] : []));
}

function noResponse(): ProviderError {
  return invalid('The upstream answer is not a response.');
}

function toMessage(output: readonly unknown[], upstreamModel: string): WireObject {
  const reasoning = new ReasoningCollector(upstreamModel);
  const calls: WireObject[] = [];
  let content: string | null = null;
  let refused: string | null = null;
  const thoughts: string[] = [];
  for (const item of output) {
    if (!isObject(item)) throw invalid('An item of the upstream answer is not an object.');
    reasoning.push(item);
    const call = toToolCall(item);
    if (call !== undefined) calls.push(call);
    else if (item['type'] === 'reasoning') thoughts.push(...thoughtsOf(item));
    else if (item['type'] === 'message' && Array.isArray(item['content'])) {
      for (const part of item['content']) {
        if (!isObject(part)) continue;
        if (part['type'] === 'refusal' && isText(part['refusal'])) refused = (refused ?? '') + part['refusal'];
        else if (typeof part['text'] === 'string') content = (content ?? '') + part['text'];
      }
    }
  }
  const details = reasoning.all;
  return {
    role: 'assistant',
    content,
    refusal: refused,
    ...(thoughts.length > 0 && { reasoning_content: thoughts.join('\n\n') }),
    ...(details !== undefined && { reasoning_details: details }),
    ...(calls.length > 0 && { tool_calls: calls }),
  };
}

/** What a reasoning item shows: the reasoning itself where there is any, else its summary. */
function thoughtsOf(item: WireObject): readonly string[] {
  const content = textsOf(item['content']);
  return content.length > 0 ? content : textsOf(item['summary']);
}

/** A tool call in the words of chat/completions. Its id is the `call_id`; the item's own is good for nothing. */
export function toToolCall(item: WireObject): WireObject | undefined {
  const { type, call_id, id, name } = item;
  if (type === 'function_call') {
    const text = item['arguments'];
    return { id: call_id ?? id, type: 'function', function: { name, arguments: isText(text) ? text : '{}' } };
  }
  if (type !== 'custom_tool_call') return undefined;
  return { id: call_id ?? id, type: 'custom', custom: { name, input: item['input'] ?? '' } };
}
