import { isObject } from '../../../common/is-object.js';
import { parseExactly } from '../../../common/parse-exactly.js';
import type { ChatAnswer, ChatCompletion, ChatRequest } from '../../canonical/chat.js';
import { ownFinish } from '../../canonical/own-finish.js';
import { normaliseUsage } from '../../canonical/usage-normaliser.js';
import type { Target } from '../../provider.js';
import { toToolCall } from '../anthropic/chat-response.js';
import { type ReasoningDetail, redactedDetail, thoughtDetail } from '../anthropic/reasoning-details.js';
import { isHtml } from '../openai-compatible/errors.js';
import { invalid } from '../openai-compatible/parse-answer.js';
import { toWireUsage } from '../openai-compatible/usage.js';
import { toFinishReason } from './stop-reason.js';

type Wire = Readonly<Record<string, unknown>>;

/**
 * Reads a whole answer into OpenAI's shape.
 * @throws ProviderError `invalid_response` when the body is not an answer.
 */
export function fromConverseBody(body: Uint8Array, target: Target, request?: ChatRequest): ChatAnswer {
  const value = parse(body);
  const { output, stopReason, usage: wire } = value;
  const message = isObject(output) ? output['message'] : undefined;
  const content = isObject(message) ? message['content'] : undefined;
  if (!Array.isArray(content)) throw invalid('The upstream answer has no content.');
  const told = readContent(content, target.upstreamModel);
  const finish_reason = toFinishReason(stopReason) ?? (told.calls.length > 0 ? 'tool_calls' : 'stop');
  const usage = normaliseUsage(wire);
  const isNothing = told.text === '' && told.calls.length === 0 && told.reasoning === '';
  // Nothing said and nothing counted is no answer; one that was held back, cut short or paid for is.
  if (isNothing && finish_reason !== 'content_filter' && finish_reason !== 'length' && (usage?.outputTokens ?? 0) === 0)
    throw invalid('The upstream answer is empty.');
  const completion: ChatCompletion = {
    // The vendor gives its answers no ids.
    id: 'chatcmpl-unnamed',
    object: 'chat.completion',
    created: 0,
    model: target.publicModel,
    choices: [
      {
        index: 0,
        message: messageOf(told),
        logprobs: null,
        finish_reason,
        ...ownFinish(stopReason === 'stop_sequence', request),
      },
    ],
    ...(usage !== undefined && { usage: toWireUsage(usage) }),
  };
  return { bytes: Buffer.from(JSON.stringify(completion)), completion, usage };
}

/** What the blocks of an answer say. */
interface Told {
  text: string;
  reasoning: string;
  readonly details: ReasoningDetail[];
  readonly calls: Wire[];
}

/** Blocks of kinds nobody knows yet are passed over. */
function readContent(content: readonly unknown[], model: string): Told {
  const told: Told = { text: '', reasoning: '', details: [], calls: [] };
  for (const block of content) {
    if (!isObject(block)) continue;
    const { text, toolUse, reasoningContent } = block;
    if (typeof text === 'string') told.text += text;
    else if (isObject(toolUse)) {
      const { toolUseId, name, input } = toolUse;
      told.calls.push(toToolCall(toolUseId, name, JSON.stringify(input ?? {}), told.calls.length));
    } else if (isObject(reasoningContent)) readThought(told, reasoningContent, model);
  }
  return told;
}

function readThought(told: Told, { reasoningText, redactedContent }: Wire, model: string): void {
  if (typeof redactedContent === 'string') told.details.push(redactedDetail(model, redactedContent));
  if (!isObject(reasoningText)) return;
  const { text, signature } = reasoningText;
  const thought = typeof text === 'string' ? text : '';
  told.reasoning += thought;
  if (typeof signature === 'string') told.details.push(thoughtDetail(model, thought, signature));
}

function messageOf({ text, reasoning, details, calls }: Told): Record<string, unknown> {
  return {
    role: 'assistant',
    content: text === '' ? null : text,
    refusal: null,
    ...(reasoning !== '' && { reasoning_content: reasoning }),
    ...(details.length > 0 && { reasoning_details: details }),
    ...(calls.length > 0 && { tool_calls: calls }),
  };
}

function parse(body: Uint8Array): Wire {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  let value: unknown;
  try {
    value = parseExactly(text);
  } catch (error) {
    if (isHtml(text)) throw invalid('The upstream answered with a web page instead of JSON.', error);
    throw invalid('The upstream answer is not valid JSON.', error);
  }
  if (!isObject(value)) throw invalid('The upstream answer is not a JSON object.');
  return value;
}
