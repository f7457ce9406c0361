import { SandboxError } from '../../src/sandbox/sandbox-error.js';
import { isJsonObject, type JsonObject } from '../../src/sandbox/sandbox-request.js';

/** What a caller said or was told, in order; read here apart from the product, so that a misreading of both cannot hide. */
export type SeenPart =
  | { readonly kind: 'text'; readonly role: string; readonly text: string }
  | { readonly kind: 'refusal'; readonly text: string }
  | { readonly kind: 'image'; readonly url: string; readonly detail: string }
  | { readonly kind: 'file'; readonly name: unknown; readonly data: unknown; readonly id: unknown }
  | { readonly kind: 'call' | 'custom_call'; readonly id: string; readonly name: string; readonly input: string }
  | { readonly kind: 'result'; readonly id: string; readonly texts: readonly string[] }
  | { readonly kind: 'reasoning'; readonly encrypted: string };

/** A checked request. */
export interface SeenRequest {
  readonly body: JsonObject;
  readonly model: string;
  readonly parts: readonly SeenPart[];
  readonly tools: readonly JsonObject[];
  readonly isStream: boolean;
  /** Whether `include` asks for reasoning that can be sent back. */
  readonly wantsEncrypted: boolean;
}

const FIELDS = new Set(
  `model input instructions max_output_tokens tools tool_choice parallel_tool_calls reasoning text store include metadata stream
  stream_options temperature top_p top_logprobs truncation user safety_identifier prompt_cache_key prompt_cache_retention
  prompt_cache_options service_tier previous_response_id conversation background prompt max_tool_calls moderation`.split(
    /\s+/,
  ),
);
const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];
const OUTPUT_TOKENS_MIN = 16;

/** True for the models that think. */
export function isThinking(model: string): boolean {
  return /^(o\d|gpt-[5-9])/.test(model) && !model.includes('chat');
}

/** Reads a body as the API does. @throws SandboxError 400 with the API's words for what it refuses. */
export function readResponsesRequest(bytes: Buffer): SeenRequest {
  const body: unknown = parse(bytes);
  if (!isJsonObject(body)) throw new SandboxError(400, 'We could not parse the JSON body of your request.');
  for (const name of Object.keys(body)) {
    if (!FIELDS.has(name)) throw new SandboxError(400, `Unknown parameter: '${name}'.`, name, 'unknown_parameter');
  }
  const { model } = body;
  if (typeof model !== 'string') throw missing('model');
  checkSampling(body, model);
  const cap = body['max_output_tokens'];
  if (cap !== undefined && (typeof cap !== 'number' || cap < OUTPUT_TOKENS_MIN)) {
    const text = `Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got ${cap} instead.`;
    throw new SandboxError(400, text, 'max_output_tokens', 'integer_below_min_value');
  }
  const tools = readTools(body);
  const include = body['include'];
  const wantsEncrypted = Array.isArray(include) && include.includes('reasoning.encrypted_content');
  if (wantsEncrypted && !isThinking(model)) {
    throw new SandboxError(400, 'Encrypted content is not supported with this model.', 'include', null);
  }
  return { body, model, parts: readInput(body), tools, isStream: body['stream'] === true, wantsEncrypted };
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

function missing(param: string): SandboxError {
  return new SandboxError(400, `Missing required parameter: '${param}'.`, param, 'missing_required_parameter');
}

function checkSampling(body: JsonObject, model: string): void {
  const reasoning = isJsonObject(body['reasoning']) ? body['reasoning'] : {};
  const { effort } = reasoning;
  if (effort !== undefined && (typeof effort !== 'string' || !EFFORTS.includes(effort))) {
    throw new SandboxError(400, `Invalid value: '${String(effort)}'.`, 'reasoning.effort', 'invalid_value');
  }
  const refuse = (param: string): SandboxError =>
    new SandboxError(400, `Unsupported parameter: '${param}' is not supported with this model.`, param, null);
  if (!isThinking(model)) {
    if (effort !== undefined) throw refuse('reasoning.effort');
    return;
  }
  if (effort === 'none' && /^gpt-6(-astra|\.1)/.test(model)) {
    throw new SandboxError(
      400,
      "Unsupported value: 'none' is not supported with this model.",
      'reasoning.effort',
      null,
    );
  }
  if (effort === 'none') return;
  for (const name of ['temperature', 'top_p', 'top_logprobs']) if (name in body) throw refuse(name);
}

function readTools(body: JsonObject): JsonObject[] {
  const tools = body['tools'] ?? [];
  if (!Array.isArray(tools)) throw new SandboxError(400, "Invalid type for 'tools'.", 'tools', 'invalid_type');
  tools.forEach((tool: unknown, i) => {
    if (!isJsonObject(tool) || typeof tool['name'] !== 'string') throw missing(`tools[${i}].name`);
    if (tool['type'] === 'function' && !('parameters' in tool)) throw missing(`tools[${i}].parameters`);
  });
  const choice = body['tool_choice'];
  if (
    isJsonObject(choice) &&
    choice['type'] !== 'allowed_tools' &&
    !tools.some((tool) => tool.name === choice['name'])
  ) {
    throw new SandboxError(
      400,
      `Tool choice '${String(choice['name'])}' not found in 'tools' parameter.`,
      'tool_choice',
    );
  }
  return tools;
}

function readInput(body: JsonObject): SeenPart[] {
  const { input, instructions } = body;
  const parts: SeenPart[] =
    typeof instructions === 'string' ? [{ kind: 'text', role: 'developer', text: instructions }] : [];
  if (typeof input === 'string') return [...parts, { kind: 'text', role: 'user', text: input }];
  if (!Array.isArray(input)) throw missing('input');
  if (input.length === 0) throw new SandboxError(400, "Missing required parameter: 'input'.", 'input');
  input.forEach((item: unknown, i) => {
    if (!isJsonObject(item))
      throw new SandboxError(400, `Invalid type for 'input[${i}]'.`, `input[${i}]`, 'invalid_type');
    parts.push(...readItem(item, i, input));
  });
  checkResults(parts);
  return parts;
}

function readItem(item: JsonObject, i: number, input: readonly unknown[]): readonly SeenPart[] {
  const type = item['type'] ?? 'message';
  switch (type) {
    case 'message':
      return readMessage(item, i);
    case 'function_call':
    case 'custom_tool_call': {
      const text = type === 'function_call' ? item['arguments'] : item['input'];
      const { call_id: id, name } = item;
      if (typeof id !== 'string') throw missing(`input[${i}].call_id`);
      if (typeof name !== 'string') throw missing(`input[${i}].name`);
      if (typeof text !== 'string') throw missing(`input[${i}].arguments`);
      return [{ kind: type === 'function_call' ? 'call' : 'custom_call', id, name, input: text }];
    }
    case 'function_call_output':
    case 'custom_tool_call_output': {
      const { call_id: id, output } = item;
      if (typeof id !== 'string') throw missing(`input[${i}].call_id`);
      if (typeof output === 'string') return [{ kind: 'result', id, texts: [output] }];
      if (!Array.isArray(output)) throw missing(`input[${i}].output`);
      return [{ kind: 'result', id, texts: output.map((part) => String(part.text)) }];
    }
    case 'reasoning':
      return [readReasoning(item, input[i + 1])];
    default:
      throw new SandboxError(400, `Invalid value: '${String(type)}'.`, `input[${i}]`, 'invalid_value');
  }
}

function readReasoning(item: JsonObject, next: unknown): SeenPart {
  const { id, encrypted_content: encrypted } = item;
  if (typeof encrypted !== 'string') {
    const text = `Item with id '${String(id)}' not found. Items are not persisted when \`store\` is set to false.`;
    throw new SandboxError(404, text, 'input');
  }
  const follower = isJsonObject(next) ? (next['type'] ?? 'message') : undefined;
  const isFollowed =
    follower === 'reasoning' ||
    follower === 'function_call' ||
    follower === 'custom_tool_call' ||
    follower === 'message';
  if (!isFollowed) {
    const text = `Item '${String(id)}' of type 'reasoning' was provided without its required following item.`;
    throw new SandboxError(400, text, 'input');
  }
  return { kind: 'reasoning', encrypted };
}

function readMessage(item: JsonObject, i: number): readonly SeenPart[] {
  const { role, content } = item;
  if (typeof role !== 'string' || !['user', 'assistant', 'system', 'developer'].includes(role)) {
    throw new SandboxError(400, `Invalid value: '${String(role)}'.`, `input[${i}]`, 'invalid_value');
  }
  if (typeof content === 'string') return [{ kind: 'text', role, text: content }];
  if (!Array.isArray(content)) throw missing(`input[${i}].content`);
  return content.map((part: unknown, j) => readPart(part, role, `input[${i}].content[${j}]`));
}

function readPart(part: unknown, role: string, path: string): SeenPart {
  if (!isJsonObject(part)) throw new SandboxError(400, `Invalid type for '${path}'.`, path, 'invalid_type');
  const { type } = part;
  const isSpoken = role === 'assistant';
  const supported = isSpoken ? ['output_text', 'refusal'] : ['input_text', 'input_image', 'input_file'];
  if (typeof type !== 'string' || !supported.includes(type)) {
    const text = `Invalid value: '${String(type)}'. Supported values are: ${supported.join(', ')}.`;
    throw new SandboxError(400, text, path, 'invalid_value');
  }
  if (type === 'input_image') {
    const { image_url: url, detail } = part;
    if (typeof url !== 'string')
      throw new SandboxError(400, `Invalid type for '${path}.image_url'.`, `${path}.image_url`);
    return { kind: 'image', url, detail: typeof detail === 'string' ? detail : 'auto' };
  }
  if (type === 'input_file')
    return { kind: 'file', name: part['filename'], data: part['file_data'], id: part['file_id'] };
  const text = type === 'refusal' ? part['refusal'] : part['text'];
  if (typeof text !== 'string') throw missing(`${path}.text`);
  return type === 'refusal' ? { kind: 'refusal', text } : { kind: 'text', role, text };
}

/** Every result belongs to an earlier call, and every call has its result. */
function checkResults(parts: readonly SeenPart[]): void {
  const open = new Set<string>();
  const answered = new Set<string>();
  for (const part of parts) {
    if (part.kind === 'call' || part.kind === 'custom_call') open.add(part.id);
    if (part.kind !== 'result') continue;
    if (!open.has(part.id)) {
      throw new SandboxError(400, `No tool call found for function call output with call_id ${part.id}.`, 'input');
    }
    answered.add(part.id);
  }
  for (const id of open) {
    if (!answered.has(id)) throw new SandboxError(400, `No tool output found for function call ${id}.`, 'input');
  }
}
