import { isObject } from '../../../common/is-object.js';
import { parseExactly } from '../../../common/parse-exactly.js';
import type { ChatAnswer, ChatCompletion, ChatRequest } from '../../canonical/chat.js';
import type { Usage } from '../../canonical/usage.js';
import { normaliseUsage } from '../../canonical/usage-normaliser.js';
import type { Target } from '../../provider.js';
import { isHtml, toInBandError } from '../openai-compatible/errors.js';
import { invalid } from '../openai-compatible/parse-answer.js';
import { readErrorBody } from '../openai-compatible/read-error-body.js';
import { toWireUsage } from '../openai-compatible/usage.js';
import { ERROR_RULES } from './errors.js';
import { ownRequest } from './own-request.js';
import { type ReasoningDetail, redactedDetail, thoughtDetail } from './reasoning-details.js';
import { toFinishReason } from './stop-reason.js';
import { jsonToolOf } from './tools.js';

type Wire = Readonly<Record<string, unknown>>;

/**
 * Reads a whole answer into OpenAI's shape.
 * @throws ProviderError `invalid_response` when the body is not an answer, or the error that a 200 carries.
 */
export function fromAnthropicBody(body: Uint8Array, target: Target, request: ChatRequest): ChatAnswer {
  const value = parse(body);
  if (value['type'] === 'error' || isObject(value['error'])) throw toInBandError(readErrorBody(value), ERROR_RULES);
  const { content, id, usage: wire } = value;
  if (!Array.isArray(content)) throw invalid('The upstream answer has no content.');
  const own = ownRequest(request);
  const jsonTool = own === undefined ? jsonToolOf(request, target.upstreamModel)?.name : undefined;
  const told = readContent(content, target.upstreamModel, jsonTool);
  const finish_reason = finishOf(value, told);
  const usage = normaliseUsage(wire);
  const refusal = told.text === '' ? explanationOf(value) : undefined;
  const isNothing = told.text === '' && told.calls.length === 0 && told.reasoning === '' && refusal === undefined;
  // Nothing said and nothing counted is no answer; one that was held back, cut short or paid for is.
  if (isNothing && finish_reason !== 'content_filter' && finish_reason !== 'length' && !hasOutput(usage))
    throw invalid('The upstream answer is empty.');
  const completion: ChatCompletion = {
    id: typeof id === 'string' ? id : 'msg_unnamed',
    object: 'chat.completion',
    created: 0,
    model: target.publicModel,
    choices: [{ index: 0, message: messageOf(told, refusal), logprobs: null, finish_reason }],
    ...(usage !== undefined && { usage: toWireUsage(usage) }),
  };
  const bytes = Buffer.from(JSON.stringify(completion));
  const servedTier = tierOf(wire);
  return {
    bytes,
    completion,
    usage,
    ...(own !== undefined && { original: value }),
    ...(servedTier !== undefined && { servedTier }),
  };
}

/** What the blocks of an answer say. */
interface Told {
  text: string;
  reasoning: string;
  readonly details: ReasoningDetail[];
  readonly calls: Wire[];
  /** The answer in a schema came by way of a tool. */
  isFromJsonTool: boolean;
}

/** Blocks of kinds nobody knows yet are passed over. */
function readContent(content: readonly unknown[], model: string, jsonTool: string | undefined): Told {
  const told: Told = { text: '', reasoning: '', details: [], calls: [], isFromJsonTool: false };
  for (const block of content) {
    if (!isObject(block)) continue;
    const { type, text, thinking, signature, data, id, name, input } = block;
    if (type === 'text' && typeof text === 'string') told.text += text;
    else if (type === 'thinking') {
      const thought = typeof thinking === 'string' ? thinking : '';
      told.reasoning += thought;
      if (typeof signature === 'string') told.details.push(thoughtDetail(model, thought, signature));
    } else if (type === 'redacted_thinking' && typeof data === 'string') told.details.push(redactedDetail(model, data));
    else if (type === 'tool_use' && jsonTool !== undefined && name === jsonTool) {
      told.text += JSON.stringify(input ?? {});
      told.isFromJsonTool = true;
    } else if (type === 'tool_use')
      told.calls.push(toToolCall(id, name, JSON.stringify(input ?? {}), told.calls.length));
  }
  return told;
}

/** A call as callers get it; an id of the hub's own where the upstream gave none. @param number counts calls from 0. */
export function toToolCall(id: unknown, name: unknown, text: string, number: number): Wire {
  const called = { name: typeof name === 'string' ? name : '', arguments: text };
  return { id: typeof id === 'string' && id !== '' ? id : `call_${number}`, type: 'function', function: called };
}

function messageOf({ text, reasoning, details, calls }: Told, refusal: string | undefined): Record<string, unknown> {
  return {
    role: 'assistant',
    content: text === '' ? null : text,
    refusal: refusal ?? null,
    ...(reasoning !== '' && { reasoning_content: reasoning }),
    ...(details.length > 0 && { reasoning_details: details }),
    ...(calls.length > 0 && { tool_calls: calls }),
  };
}

function finishOf({ stop_reason }: Wire, { calls, isFromJsonTool }: Told): string {
  const reason = toFinishReason(stop_reason) ?? (calls.length > 0 ? 'tool_calls' : 'stop');
  return reason === 'tool_calls' && isFromJsonTool && calls.length === 0 ? 'stop' : reason;
}

/** What the vendor says about a refusal, where it says something. */
export function explanationOf({ stop_details }: Wire): string | undefined {
  const explanation = isObject(stop_details) ? stop_details['explanation'] : undefined;
  return typeof explanation === 'string' && explanation !== '' ? explanation : undefined;
}

/** The service tier that a report of usage names. */
export function tierOf(usage: unknown): string | undefined {
  const tier = isObject(usage) ? usage['service_tier'] : undefined;
  return typeof tier === 'string' ? tier : undefined;
}

function hasOutput(usage: Usage | undefined): boolean {
  return (usage?.outputTokens ?? 0) > 0;
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
