import type { ChatRequest } from '../../canonical/chat.js';
import type { ChatOptions, Target, UpstreamBody } from '../../provider.js';
import { unsupported } from '../openai-compatible/refusals.js';
import { isObject, isText, type WireObject } from '../openai-compatible/wire.js';
import { toCohereMessages } from './cohere-messages.js';
import { toToolFields } from './cohere-tools.js';

type Body = Readonly<WireObject>;

/** Fields that are read below, or that the hub answers for itself. */
const READ: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'stream',
  'stream_options',
  'user_identifier',
  'n',
  'max_tokens',
  'max_completion_tokens',
  'temperature',
  'top_p',
  'top_k',
  'stop',
  'seed',
  'presence_penalty',
  'frequency_penalty',
  'reasoning_effort',
  'response_format',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
]);
/** Cohere's own, which go through under their own names. */
const OWN = ['documents', 'citation_options', 'safety_mode', 'strict_tools', 'thinking', 'priority', 'p', 'k'] as const;
/** The bounds of `p`. */
const P_MIN = 0.01;
const P_MAX = 0.99;

/**
 * Translates a chat request to v2/chat.
 * @throws ProviderError that names the field.
 */
export function toCohereBody(request: ChatRequest, target: Target, options: ChatOptions): UpstreamBody {
  const body = request.source.value;
  const dropped = new Set<string>();
  refuse(body);
  const wire: WireObject = {
    model: target.upstreamModel,
    messages: toCohereMessages(body['messages'], dropped),
    stream: request.isStream,
    ...toSampling(body, dropped),
    ...toToolFields(body, dropped),
    ...toFormat(body['response_format']),
    ...toThinking(body['reasoning_effort'], target.upstreamModel, dropped),
  };
  const cap = request.outputTokensCap ?? options.outputTokensCap;
  if (cap !== undefined) wire['max_tokens'] = cap;
  for (const name of OWN) if (body[name] !== undefined && body[name] !== null) wire[name] = body[name];
  const own: readonly string[] = OWN;
  for (const name in body) {
    // null means "not given" throughout OpenAI's surface, so nothing is lost with it.
    if (!READ.has(name) && !own.includes(name) && body[name] !== null && body[name] !== undefined) dropped.add(name);
  }
  return { body: Buffer.from(JSON.stringify(wire)), droppedParams: [...dropped], isStream: request.isStream };
}

function refuse(body: Body): void {
  const { n, functions, response_format: format, tools } = body;
  if (typeof n === 'number' && n > 1) {
    throw unsupported('n', 'This model gives only one choice per request; leave out "n" or set it to 1.');
  }
  if (Array.isArray(functions)) throw unsupported('functions', 'Send "tools" in place of the older "functions".');
  const isJson = isObject(format) && format['type'] !== 'text';
  if (isJson && Array.isArray(tools) && tools.length > 0) {
    throw unsupported('response_format', 'This model takes no "response_format" together with "tools".');
  }
  for (const name of ['presence_penalty', 'frequency_penalty']) {
    const value = body[name];
    if (typeof value === 'number' && (value < 0 || value > 1)) {
      throw unsupported(name, `This model takes a "${name}" from 0 to 1.`);
    }
  }
}

function toSampling(body: Body, dropped: Set<string>): WireObject {
  const wire: WireObject = {};
  const { top_p: topP, top_k: topK, stop, seed } = body;
  for (const name of ['temperature', 'presence_penalty', 'frequency_penalty']) {
    if (typeof body[name] === 'number') wire[name] = body[name];
  }
  // OpenAI's ends of the range are outside of Cohere's: 1 takes every token there is, 0 the likeliest alone.
  if (typeof topP === 'number') wire['p'] = Math.min(P_MAX, Math.max(P_MIN, topP));
  if (typeof topK === 'number') wire['k'] = topK;
  if (isText(stop)) wire['stop_sequences'] = [stop];
  else if (Array.isArray(stop) && stop.length > 0) wire['stop_sequences'] = stop;
  if (typeof seed === 'number') {
    // Beyond that the number is no longer the caller's own.
    if (Number.isSafeInteger(seed) && seed >= 0) wire['seed'] = seed;
    else dropped.add('seed');
  }
  return wire;
}

function toFormat(format: unknown): WireObject {
  if (!isObject(format) || format['type'] === 'text') return {};
  const { type, json_schema: named } = format;
  if (type === 'json_object') return { response_format: { type } };
  const schema = isObject(named) ? named['schema'] : undefined;
  if (type !== 'json_schema' || !isObject(schema)) {
    throw unsupported('response_format', 'This model does not know that "response_format".');
  }
  return { response_format: { type: 'json_object', json_schema: schema } };
}

/** Thinking is on or off; only models whose name says so can. A caller that wants a budget gives `thinking` itself. */
function toThinking(effort: unknown, model: string, dropped: Set<string>): WireObject {
  if (!isText(effort)) return {};
  if (!model.includes('reasoning')) {
    dropped.add('reasoning_effort');
    return {};
  }
  return { thinking: { type: effort === 'none' ? 'disabled' : 'enabled' } };
}
