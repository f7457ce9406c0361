import { createHash } from 'node:crypto';
import type { ChatAnswer, ChatCompletion, ChatRequest } from '../../canonical/chat.js';
import { isCurtailed } from '../../canonical/chat-progress.js';
import { ownFinish } from '../../canonical/own-finish.js';
import { ProviderError } from '../../canonical/provider-error.js';
import type { Target } from '../../provider.js';
import { invalid, parseAnswer } from '../openai-compatible/parse-answer.js';
import { splitParts } from '../openai-compatible/reasoning.js';
import { toUsage, toWireUsage } from '../openai-compatible/usage.js';
import { isObject, isText, type WireObject } from '../openai-compatible/wire.js';
import { findCohereError } from './cohere-errors.js';
import { readCohereFinish } from './cohere-finish.js';

/**
 * Reads a whole answer of v2/chat. The plan for tool calls is the text before them; citations stand beside it as `cohere_citations`.
 * @throws ProviderError `invalid_response` when it is no answer, or the error in it.
 */
export function fromCohereBody(body: Uint8Array, target: Target, request?: ChatRequest): ChatAnswer {
  const { value } = parseAnswer(body);
  const error = findCohereError(value);
  if (error !== undefined) throw error;
  const wire = value['message'];
  if (!isObject(wire)) throw invalid('The upstream answer has no message.');
  const finish = readCohereFinish(value['finish_reason'], value['error']);
  if (finish instanceof ProviderError) throw finish;
  if (finish === undefined) throw invalid('The upstream answer has no finish reason.');
  const message = toMessage(wire);
  const usage = toUsage(value['usage']);
  const hasAnswer = isText(message['content']) || message['tool_calls'] !== undefined;
  // Nothing said and nothing counted is no answer; a model that was paid to say nothing has answered.
  if (!hasAnswer && !isCurtailed(finish) && (usage?.outputTokens ?? 0) === 0)
    throw invalid('The upstream answer is empty.');
  const id = isText(value['id']) ? value['id'] : createHash('sha256').update(body).digest('hex').slice(0, 24);
  const completion: ChatCompletion = {
    id: `chatcmpl-${id}`,
    object: 'chat.completion',
    // Nowhere in the answer, and an adapter has no clock.
    created: 0,
    model: target.publicModel,
    choices: [
      {
        index: 0,
        message,
        logprobs: null,
        finish_reason: finish,
        ...ownFinish(value['finish_reason'] === 'STOP_SEQUENCE', request),
      },
    ],
    ...(usage !== undefined && { usage: toWireUsage(usage, isObject(value['usage']) ? value['usage'] : {}) }),
  };
  return { bytes: Buffer.from(JSON.stringify(completion)), completion, usage };
}

function toMessage(wire: WireObject): WireObject {
  const { content, tool_plan: plan, tool_calls: calls, citations } = wire;
  const { content: said, reasoning } = splitParts(Array.isArray(content) ? content : [content]);
  const text = (isText(plan) ? plan : '') + said;
  const toolCalls = Array.isArray(calls) ? calls.filter(isObject).map(toCall) : [];
  const message: WireObject = { role: 'assistant', content: text === '' && toolCalls.length > 0 ? null : text };
  if (reasoning !== '') message['reasoning_content'] = reasoning;
  if (toolCalls.length > 0) message['tool_calls'] = toolCalls;
  if (Array.isArray(citations) && citations.length > 0) message['cohere_citations'] = citations;
  return message;
}

function toCall({ id, function: body }: WireObject): WireObject {
  const { name, arguments: given } = isObject(body) ? body : {};
  return {
    id: isText(id) ? id : '',
    type: 'function',
    // A function without arguments is called with null, or with nothing.
    function: { name: isText(name) ? name : '', arguments: isText(given) ? given : '{}' },
  };
}
