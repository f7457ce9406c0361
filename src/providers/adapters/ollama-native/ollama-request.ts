import type { ChatRequest } from '../../canonical/chat.js';
import type { ChatOptions, Target, UpstreamBody } from '../../provider.js';
import { readToolChoice } from '../openai-compatible/allowed-tools.js';
import { unsupported, wrong } from '../openai-compatible/refusals.js';
import { isObject, isText, type WireObject } from '../openai-compatible/wire.js';
import { toOllamaMessages } from './ollama-messages.js';

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
  'stop',
  'seed',
  'reasoning_effort',
  'response_format',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'options',
]);
/** Numbers that are options of the model under the same name. */
const OPTIONS = ['temperature', 'top_p', 'top_k', 'min_p', 'presence_penalty', 'frequency_penalty', 'repeat_penalty'];
/** Ollama's own fields beside `options`, which go through. */
const OWN = ['think', 'keep_alive', 'truncate', 'shift'];
/** Three levels are known; models without levels think, whichever it is. */
const LEVELS: Readonly<Record<string, string | false>> = {
  none: false,
  minimal: 'low',
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'high',
  max: 'high',
};

/**
 * Translates a chat request to api/chat. A caller sets the context length in `options.num_ctx`, as Ollama has it; a prompt that does
 * not fit is refused rather than cut, unless `truncate` says otherwise.
 * @throws ProviderError that names the field.
 */
export function toOllamaBody(request: ChatRequest, target: Target, options: ChatOptions): UpstreamBody {
  const body = request.source.value;
  const dropped = new Set<string>();
  refuse(body);
  const wire: WireObject = {
    model: target.upstreamModel,
    messages: toOllamaMessages(body['messages'], dropped),
    // Streaming is the default.
    stream: request.isStream,
    truncate: false,
    ...toTools(body, dropped),
    ...toFormat(body['response_format']),
    ...toThinking(body['reasoning_effort'], dropped),
  };
  const modelOptions = toOptions(body, request.outputTokensCap ?? options.outputTokensCap, dropped);
  if (Object.keys(modelOptions).length > 0) wire['options'] = modelOptions;
  for (const name of OWN) if (body[name] !== undefined && body[name] !== null) wire[name] = body[name];
  const known = (name: string): boolean => READ.has(name) || OPTIONS.includes(name) || OWN.includes(name);
  for (const name in body) {
    // null means "not given" throughout OpenAI's surface, so nothing is lost with it.
    if (!known(name) && body[name] !== null && body[name] !== undefined) dropped.add(name);
  }
  return { body: Buffer.from(JSON.stringify(wire)), droppedParams: [...dropped], isStream: request.isStream };
}

function refuse({ n, functions }: Body): void {
  if (typeof n === 'number' && n > 1) {
    throw unsupported('n', 'This model gives only one choice per request; leave out "n" or set it to 1.');
  }
  if (Array.isArray(functions)) throw unsupported('functions', 'Send "tools" in place of the older "functions".');
}

function toOptions(body: Body, cap: number | undefined, dropped: Set<string>): WireObject {
  const wire: WireObject = {};
  if (cap !== undefined) wire['num_predict'] = cap;
  for (const name of OPTIONS) if (typeof body[name] === 'number') wire[name] = body[name];
  const { stop, seed, options: own } = body;
  if (isText(stop)) wire['stop'] = [stop];
  else if (Array.isArray(stop) && stop.length > 0) wire['stop'] = stop;
  if (typeof seed === 'number') {
    // Beyond that the number is no longer the caller's own.
    if (Number.isSafeInteger(seed)) wire['seed'] = seed;
    else dropped.add('seed');
  }
  if (own === undefined || own === null) return wire;
  if (!isObject(own)) throw wrong('options', '"options" must be an object, as Ollama has it.');
  const all = { ...wire, ...own };
  if (cap === undefined) return all;
  // What is set aside for the answer is set aside by the cap; -1 and -2, or no number at all, would be without end.
  const { num_predict: wanted } = own;
  const isWithin = typeof wanted === 'number' && wanted >= 0 && wanted <= cap;
  if (wanted !== undefined && !isWithin) dropped.add('options.num_predict');
  return { ...all, num_predict: isWithin ? wanted : cap };
}

/** Nothing makes a model call a function, but a function that is not shown cannot be called. */
function toTools(body: Body, dropped: Set<string>): WireObject {
  const { tools, tool_choice: choice } = body;
  if (body['parallel_tool_calls'] === false) dropped.add('parallel_tool_calls');
  if (!Array.isArray(tools) || tools.length === 0) {
    if (choice !== undefined && choice !== null && choice !== 'none' && choice !== 'auto') dropped.add('tool_choice');
    return {};
  }
  const all = tools.map((tool: unknown, i) => toTool(tool, `tools[${i}]`, dropped));
  const { mode, only } = readToolChoice(
    choice,
    all.map(({ name }) => name),
  );
  if (mode === 'required') dropped.add('tool_choice');
  if (mode === 'none') return {};
  return { tools: all.filter(({ name }) => only === undefined || only.has(name)).map(({ wire }) => wire) };
}

function toTool(
  tool: unknown,
  path: string,
  dropped: Set<string>,
): { readonly name: string; readonly wire: WireObject } {
  const body = isObject(tool) ? tool['function'] : undefined;
  if (!isObject(body)) throw unsupported('tools', `"${path}": this model takes no other tools than functions.`);
  const { name, description, parameters, strict } = body;
  if (!isText(name)) throw wrong(`${path}.function.name`, `"${path}.function.name" must be a non-empty string.`);
  if (strict === true) dropped.add('tools[].function.strict');
  const wire = {
    name,
    ...(isText(description) && { description }),
    parameters: isObject(parameters) ? parameters : { type: 'object', properties: {} },
  };
  return { name, wire: { type: 'function', function: wire } };
}

function toFormat(format: unknown): WireObject {
  if (!isObject(format) || format['type'] === 'text') return {};
  const { type, json_schema: named } = format;
  if (type === 'json_object') return { format: 'json' };
  const schema = isObject(named) ? named['schema'] : undefined;
  if (type !== 'json_schema' || !isObject(schema)) {
    throw unsupported('response_format', 'This model does not know that "response_format".');
  }
  return { format: schema };
}

function toThinking(effort: unknown, dropped: Set<string>): WireObject {
  if (!isText(effort)) return {};
  const think = Object.hasOwn(LEVELS, effort) ? LEVELS[effort] : undefined;
  if (think === undefined) {
    dropped.add('reasoning_effort');
    return {};
  }
  return { think };
}
