import type { ChatRequest } from '../../canonical/chat.js';
import type { ChatOptions, Target, UpstreamBody } from '../../provider.js';
import { isObject, isText, type WireObject } from '../openai-compatible/wire.js';
import { GEMINI_API, type Surface, toConversation } from './gemini-contents.js';
import { bareName, isGenerationTwo, picturesOf } from './gemini-models.js';
import { toToolFields, withoutSchemaKeyword } from './gemini-tools.js';
import { unsupported } from './refusals.js';
import { toThinkingConfig } from './thinking-config.js';

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
  'logprobs',
  'top_logprobs',
  'reasoning_effort',
  'response_format',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'modalities',
  'image_config',
  'safety_settings',
]);
/** Numbers that only have another name. */
const RENAMED: readonly (readonly [from: string, to: string])[] = [
  ['temperature', 'temperature'],
  ['top_p', 'topP'],
  ['top_k', 'topK'],
  ['presence_penalty', 'presencePenalty'],
  ['frequency_penalty', 'frequencyPenalty'],
];
const INT32_MAX = 2 ** 31 - 1;

type Body = Readonly<WireObject>;

/**
 * Translates a chat request to generateContent. No safety settings are sent unless the caller gives `safety_settings` in Google's
 * form: the present models block nothing by default that the settings could release.
 *
 * The cap on output tokens covers thinking, as `max_completion_tokens` does at OpenAI: a small one leaves no room for an answer,
 * which then is empty with the finish reason `length`.
 * @param surface where it goes, for other places that serve the same models.
 * @throws ProviderError that names the field.
 */
export function toGeminiBody(
  request: ChatRequest,
  target: Target,
  options: ChatOptions,
  surface: Surface = GEMINI_API,
): UpstreamBody {
  const body = request.source.value;
  const model = bareName(target.upstreamModel);
  const dropped = new Set<string>();
  refuse(body, request.isStream, model);
  const { system, contents } = toConversation(body['messages'], { model, surface }, options.prefill, dropped);
  const wire: WireObject = { contents };
  if (system.length > 0) wire['systemInstruction'] = { parts: system };
  Object.assign(wire, toToolFields(body, dropped));
  const config = toConfig(body, request.outputTokensCap ?? options.outputTokensCap, model, dropped);
  if (Object.keys(config).length > 0) wire['generationConfig'] = config;
  if (Array.isArray(body['safety_settings'])) wire['safetySettings'] = body['safety_settings'];
  for (const name in body) {
    // null means "not given" throughout OpenAI's surface, so nothing is lost with it.
    if (!READ.has(name) && body[name] !== null && body[name] !== undefined) dropped.add(name);
  }
  return { body: Buffer.from(JSON.stringify(wire)), droppedParams: [...dropped], isStream: request.isStream };
}

function refuse(body: Body, isStream: boolean, model: string): void {
  const { n, functions, response_format: format, modalities } = body;
  if (typeof n === 'number' && n > 1 && (isStream || !isGenerationTwo(model))) {
    throw unsupported('n', 'This model gives only one choice per request; leave out "n" or set it to 1.');
  }
  if (Array.isArray(functions)) throw unsupported('functions', 'Send "tools" in place of the older "functions".');
  if (Array.isArray(modalities)) {
    const other: unknown = modalities.find((modality) => modality !== 'text' && modality !== 'image');
    if (other !== undefined) throw unsupported('modalities', `This model gives no "${String(other)}".`);
  }
  const isJson = isObject(format) && format['type'] !== 'text';
  if (isJson && isGenerationTwo(model) && Array.isArray(body['tools']) && body['tools'].length > 0) {
    throw unsupported('response_format', 'This model takes no "response_format" together with "tools".');
  }
}

function toConfig(body: Body, cap: number | undefined, model: string, dropped: Set<string>): WireObject {
  const config: WireObject = {};
  if (cap !== undefined) config['maxOutputTokens'] = cap;
  for (const [from, to] of RENAMED) if (typeof body[from] === 'number') config[to] = body[from];
  if (typeof body['n'] === 'number' && body['n'] > 1) config['candidateCount'] = body['n'];
  const { stop, seed } = body;
  if (isText(stop)) config['stopSequences'] = [stop];
  else if (Array.isArray(stop) && stop.length > 0) config['stopSequences'] = stop;
  if (typeof seed === 'number') {
    // The field is an int32.
    if (Number.isInteger(seed) && Math.abs(seed) <= INT32_MAX) config['seed'] = seed;
    else dropped.add('seed');
  }
  addLogprobs(body, config, dropped);
  addFormat(body['response_format'], config);
  addPictures(body, model, config, dropped);
  const thinking = toThinkingConfig(body['reasoning_effort'], model, dropped);
  if (thinking !== undefined) config['thinkingConfig'] = thinking;
  return config;
}

function addLogprobs(body: Body, config: WireObject, dropped: Set<string>): void {
  const { logprobs, top_logprobs: top } = body;
  if (logprobs === true) {
    config['responseLogprobs'] = true;
    if (typeof top === 'number' && top > 0) config['logprobs'] = top;
  } else if (typeof top === 'number') dropped.add('top_logprobs');
}

function addFormat(format: unknown, config: WireObject): void {
  if (!isObject(format) || format['type'] === 'text') return;
  const { type, json_schema: named } = format;
  if (type !== 'json_object' && type !== 'json_schema') {
    throw unsupported('response_format', 'This model does not know that "response_format".');
  }
  config['responseMimeType'] = 'application/json';
  const schema = isObject(named) ? named['schema'] : undefined;
  if (isObject(schema)) config['responseJsonSchema'] = withoutSchemaKeyword(schema);
}

function addPictures(body: Body, model: string, config: WireObject, dropped: Set<string>): void {
  const { modalities, image_config: wanted } = body;
  if (Array.isArray(modalities) && modalities.includes('image')) config['responseModalities'] = ['TEXT', 'IMAGE'];
  if (!isObject(wanted)) return;
  if (picturesOf(model) === undefined) {
    dropped.add('image_config');
    return;
  }
  const { aspect_ratio: aspectRatio, image_size: imageSize } = wanted;
  config['imageConfig'] = { ...(isText(aspectRatio) && { aspectRatio }), ...(isText(imageSize) && { imageSize }) };
}
