import type { ChatRequest } from '../../canonical/chat.js';
import type { ChatOptions, Target, UpstreamBody } from '../../provider.js';
import { fieldsRefusedBy, isReasoning } from '../openai/thinking-models.js';
import { isObject, type WireObject } from '../openai-compatible/wire.js';
import { refusal } from './refusal.js';
import { toInput } from './responses-input.js';
import { toToolChoice, toTools } from './responses-tools.js';

/** The least cap that the service takes; it answers 400 below. */
const OUTPUT_TOKENS_MIN = 16;

const EXTENSIONS = ['reasoning_summary', 'truncation'] as const;

/** Options with the same name and meaning in both formats. */
const SAME: ReadonlySet<string> = new Set([
  'temperature',
  'top_p',
  'parallel_tool_calls',
  'metadata',
  'user',
  'safety_identifier',
  'prompt_cache_key',
  'prompt_cache_retention',
  'prompt_cache_options',
  'service_tier',
]);

/** Members that are looked at elsewhere, or that the hub itself owns. */
const READ: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'n',
  'stop',
  'stream',
  'stream_options',
  'max_tokens',
  'max_completion_tokens',
  'tools',
  'tool_choice',
  'response_format',
  'verbosity',
  'reasoning_effort',
  'logprobs',
  'top_logprobs',
  'modalities',
  'audio',
  'functions',
  'function_call',
  'user_identifier',
]);

/**
 * Translates a chat request into one for /responses. Nothing is kept at the upstream (`store: false`), and models that reason are
 * asked for their reasoning in the form in which it can be given back.
 * @throws ProviderError `unsupported_option` with `param` for what can neither be honoured nor left out.
 */
export function toResponsesBody(request: ChatRequest, target: Target, options: ChatOptions): UpstreamBody {
  const { value } = request.source;
  const model = target.upstreamModel;
  refuseTheImpossible(request);
  const dropped = new Set<string>();
  const thinks = isReasoning(model);
  const body: WireObject = {
    model,
    input: toInput(value['messages'], {
      upstreamModel: model,
      ...(thinks && { instructionRole: 'developer' }),
      dropped,
    }),
    store: false,
  };
  const refused = fieldsRefusedBy(model, value['reasoning_effort']);
  copyOptions(value, body, refused, dropped);
  const include = [
    ...(thinks ? ['reasoning.encrypted_content'] : []),
    ...(addLogprobs(value, body, refused, dropped) ? ['message.output_text.logprobs'] : []),
  ];
  if (include.length > 0) body['include'] = include;
  const cap = capOf(request, options);
  if (cap !== undefined) body['max_output_tokens'] = cap;
  const { tools, tool_choice, reasoning_effort } = value;
  if (Array.isArray(tools) && tools.length > 0) body['tools'] = toTools(tools);
  if (isGiven(tool_choice)) body['tool_choice'] = toToolChoice(tool_choice);
  const { reasoning_summary: summary, truncation } = request.extensions ?? {};
  if (isGiven(reasoning_effort) || summary !== undefined)
    body['reasoning'] = {
      ...(isGiven(reasoning_effort) && { effort: reasoning_effort }),
      ...(summary !== undefined && { summary }),
    };
  if (truncation !== undefined) body['truncation'] = truncation;
  const text = toText(value);
  if (text !== undefined) body['text'] = text;
  if (request.isStream) addStream(value, body);
  return {
    body: Buffer.from(JSON.stringify(body)),
    droppedParams: [...dropped],
    honoured: EXTENSIONS,
    isStream: request.isStream,
  };
}

function refuseTheImpossible({ source: { value }, choiceCount }: ChatRequest): void {
  if (choiceCount > 1 || (typeof value['n'] === 'number' && value['n'] > 1))
    throw refusal('n', 'This model gives only one choice per request; leave out "n" or set it to 1.');
  const { stop, audio, modalities, functions, function_call } = value;
  // Cutting the answer here would leave the caller paying for what is cut off, and tool calls after it undone.
  if (isGiven(stop) && !(Array.isArray(stop) && stop.length === 0))
    throw refusal('stop', 'This model cannot stop at a text; leave out "stop".');
  if (isGiven(audio)) throw refusal('audio', 'This model does not answer in sound.');
  if (Array.isArray(modalities) && modalities.some((name) => name !== 'text'))
    throw refusal('modalities', 'This model answers in text only.');
  if (isGiven(functions)) throw refusal('functions', 'This model takes "tools" in place of "functions".');
  if (isGiven(function_call))
    throw refusal('function_call', 'This model takes "tool_choice" in place of "function_call".');
}

function copyOptions(value: WireObject, body: WireObject, refused: readonly string[], dropped: Set<string>): void {
  for (const [name, option] of Object.entries(value)) {
    // null means "not given" throughout, so nothing is lost with it.
    if (READ.has(name) || option === null) continue;
    if (SAME.has(name) && !refused.includes(name)) body[name] = option;
    else if (name !== 'store' || option !== false) dropped.add(name);
  }
}

/** Probabilities of the text's tokens. @returns whether they are asked for. */
function addLogprobs(value: WireObject, body: WireObject, refused: readonly string[], dropped: Set<string>): boolean {
  const { logprobs, top_logprobs: top } = value;
  const isWanted = logprobs === true;
  const isTaken = isWanted && !refused.includes('logprobs');
  if (isWanted && !isTaken) dropped.add('logprobs');
  if (isGiven(top) && isTaken) body['top_logprobs'] = top;
  else if (isGiven(top) && top !== 0) dropped.add('top_logprobs');
  return isTaken;
}

/** What the caller allows, else what the hub does. The hub's own cap may be raised to the least one; the caller's is never changed. */
function capOf(request: ChatRequest, options: ChatOptions): number | undefined {
  const given = request.outputTokensCap;
  if (given === undefined) {
    return options.outputTokensCap === undefined ? undefined : Math.max(options.outputTokensCap, OUTPUT_TOKENS_MIN);
  }
  if (given >= OUTPUT_TOKENS_MIN) return given;
  const { max_completion_tokens } = request.source.value;
  throw refusal(
    isGiven(max_completion_tokens) ? 'max_completion_tokens' : 'max_tokens',
    `This model needs a limit of at least ${OUTPUT_TOKENS_MIN} output tokens.`,
  );
}

function toText(value: WireObject): WireObject | undefined {
  const { response_format: format, verbosity } = value;
  const text: WireObject = {};
  if (isObject(format) && format['type'] !== 'text') text['format'] = toFormat(format);
  if (isGiven(verbosity)) text['verbosity'] = verbosity;
  return Object.keys(text).length === 0 ? undefined : text;
}

function toFormat(format: WireObject): WireObject {
  const definition = format['json_schema'];
  if (!isObject(definition)) return format;
  const { name, description, schema, strict } = definition;
  return {
    type: 'json_schema',
    name,
    ...(description !== undefined && { description }),
    schema,
    strict: strict ?? false,
  };
}

function addStream(value: WireObject, body: WireObject): void {
  body['stream'] = true;
  const options = value['stream_options'];
  if (isObject(options) && typeof options['include_obfuscation'] === 'boolean')
    body['stream_options'] = { include_obfuscation: options['include_obfuscation'] };
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}
