import { readModel } from './models.endpoint.js';
import { SandboxError } from './sandbox-error.js';
import {
  isJsonObject,
  type JsonObject,
  readBoolean,
  readInteger,
  readJsonBody,
  readNumber,
  type SandboxRequest,
} from './sandbox-request.js';

/** One message, reduced to what the sandbox looks at. */
export interface ChatMessage {
  readonly role: string;
  readonly text: string;
  readonly imageCount: number;
}

/** A function the caller offers. */
export interface ChatTool {
  readonly name: string;
  readonly parameters: JsonObject;
}

/** A checked chat request. */
export interface ParsedChat {
  readonly snapshot: string;
  readonly messages: readonly ChatMessage[];
  readonly tools: readonly ChatTool[];
  /** `none`, `auto`, `required`, or the name of the one tool to call. */
  readonly toolChoice:
    | { readonly mode: 'none' | 'auto' | 'required' }
    | { readonly mode: 'named'; readonly name: string };
  readonly allowsParallelCalls: boolean;
  readonly format:
    | { readonly type: 'text' | 'json_object' }
    | { readonly type: 'json_schema'; readonly schema: JsonObject };
  readonly isStream: boolean;
  readonly includeUsage: boolean;
  readonly includeObfuscation: boolean;
  readonly choiceCount: number;
  readonly tokenCountMax: number;
  readonly stop: readonly string[];
  /** In which the answer is served. */
  readonly serviceTier: string;
}

const ROLES = ['developer', 'system', 'user', 'assistant', 'tool', 'function'];

/** Reads and checks `POST /v1/chat/completions`. */
export function parseChat(request: SandboxRequest): ParsedChat {
  const body = readJsonBody(request);
  const { snapshot } = readModel(request, body, 'chat');
  const messages = readMessages(body);
  readNumber(body, 'temperature', 0, 2);
  readNumber(body, 'top_p', 0, 1);
  readNumber(body, 'presence_penalty', -2, 2);
  readNumber(body, 'frequency_penalty', -2, 2);
  const isStream = readBoolean(body, 'stream') ?? false;
  const streamOptions = readStreamOptions(body, isStream);
  const tools = readTools(body);
  return {
    snapshot,
    messages,
    tools,
    toolChoice: readToolChoice(body, tools),
    allowsParallelCalls: readParallel(body, tools),
    format: readFormat(body, messages),
    isStream,
    includeUsage: readBoolean(streamOptions, 'include_usage') ?? false,
    includeObfuscation: readBoolean(streamOptions, 'include_obfuscation') ?? true,
    choiceCount: readInteger(body, 'n', 1, 128) ?? 1,
    tokenCountMax: Math.min(
      readInteger(body, 'max_completion_tokens', 1, Number.MAX_SAFE_INTEGER) ?? Number.POSITIVE_INFINITY,
      readInteger(body, 'max_tokens', 1, Number.MAX_SAFE_INTEGER) ?? Number.POSITIVE_INFINITY,
    ),
    stop: readStop(body),
    serviceTier: readServiceTier(body),
  };
}

function readMessages(body: JsonObject): ChatMessage[] {
  const messages = body['messages'];
  if (messages === undefined) {
    throw new SandboxError(400, "Missing required parameter: 'messages'.", 'messages', 'missing_required_parameter');
  }
  if (!Array.isArray(messages) || messages.length === 0) {
    throw new SandboxError(400, "Invalid 'messages': expected an array with at least one message.", 'messages');
  }
  return messages.map((message: unknown, index) => readMessage(message, index));
}

function readMessage(message: unknown, index: number): ChatMessage {
  const param = `messages[${index}]`;
  if (!isJsonObject(message)) throw new SandboxError(400, `Invalid type for '${param}': expected an object.`, param);
  const { role, content } = message;
  if (typeof role !== 'string' || !ROLES.includes(role)) {
    const text = `Invalid value for '${param}.role': expected one of ${ROLES.join(', ')}.`;
    throw new SandboxError(400, text, `${param}.role`, 'invalid_value');
  }
  if (typeof content === 'string') return { role, text: content, imageCount: 0 };
  if (Array.isArray(content)) return readParts(role, content, `${param}.content`);
  const mayLackContent = role === 'assistant' || role === 'function';
  if (mayLackContent && (content === undefined || content === null)) return { role, text: '', imageCount: 0 };
  const text = `Invalid value for '${param}.content': expected a string or an array of parts.`;
  throw new SandboxError(400, text, `${param}.content`);
}

function readParts(role: string, parts: readonly unknown[], param: string): ChatMessage {
  const texts: string[] = [];
  let imageCount = 0;
  parts.forEach((part, index) => {
    if (!isJsonObject(part) || typeof part['type'] !== 'string') {
      throw new SandboxError(
        400,
        `Invalid '${param}[${index}]': expected an object with a type.`,
        `${param}[${index}]`,
      );
    }
    if (typeof part['text'] === 'string') texts.push(part['text']);
    if (part['type'] === 'image_url') imageCount++;
  });
  return { role, text: texts.join('\n'), imageCount };
}

function readStreamOptions(body: JsonObject, isStream: boolean): JsonObject {
  const options = body['stream_options'];
  if (options === undefined || options === null) return {};
  if (!isStream) {
    throw new SandboxError(400, "'stream_options' is only allowed when 'stream' is true.", 'stream_options');
  }
  if (!isJsonObject(options))
    throw new SandboxError(400, "Invalid 'stream_options': expected an object.", 'stream_options');
  return options;
}

function readTools(body: JsonObject): ChatTool[] {
  const tools = body['tools'];
  if (tools === undefined || tools === null) return [];
  if (!Array.isArray(tools)) throw new SandboxError(400, "Invalid 'tools': expected an array.", 'tools');
  return tools.map((tool: unknown, index) => {
    const definition = isJsonObject(tool) ? (tool['function'] ?? tool['custom']) : undefined;
    if (!isJsonObject(definition) || typeof definition['name'] !== 'string') {
      const param = `tools[${index}].function.name`;
      throw new SandboxError(400, `Missing required parameter: '${param}'.`, param, 'missing_required_parameter');
    }
    const parameters = definition['parameters'];
    return { name: definition['name'], parameters: isJsonObject(parameters) ? parameters : {} };
  });
}

function readToolChoice(body: JsonObject, tools: readonly ChatTool[]): ParsedChat['toolChoice'] {
  const choice = body['tool_choice'];
  if (choice === undefined || choice === null) return { mode: tools.length === 0 ? 'none' : 'auto' };
  if (tools.length === 0) {
    throw new SandboxError(400, "'tool_choice' is only allowed when 'tools' are specified.", 'tool_choice');
  }
  if (choice === 'none' || choice === 'auto' || choice === 'required') return { mode: choice };
  const named = isJsonObject(choice) ? (choice['function'] ?? choice['custom']) : undefined;
  const name = isJsonObject(named) ? named['name'] : undefined;
  if (isJsonObject(choice) && choice['type'] === 'allowed_tools') return { mode: 'auto' };
  if (typeof name === 'string' && tools.some((tool) => tool.name === name)) return { mode: 'named', name };
  throw new SandboxError(
    400,
    "Invalid value for 'tool_choice': name one of the tools.",
    'tool_choice',
    'invalid_value',
  );
}

function readParallel(body: JsonObject, tools: readonly ChatTool[]): boolean {
  const isParallel = readBoolean(body, 'parallel_tool_calls');
  if (isParallel !== undefined && tools.length === 0) {
    const text = "'parallel_tool_calls' is only allowed when 'tools' are specified.";
    throw new SandboxError(400, text, 'parallel_tool_calls');
  }
  return isParallel ?? true;
}

function readFormat(body: JsonObject, messages: readonly ChatMessage[]): ParsedChat['format'] {
  const format = body['response_format'];
  if (format === undefined || format === null) return { type: 'text' };
  const type = isJsonObject(format) ? format['type'] : undefined;
  if (type === 'text') return { type };
  if (type === 'json_object') {
    if (messages.some((message) => /json/i.test(message.text))) return { type };
    const text = "'messages' must contain the word 'json' in some form to use 'response_format' of type 'json_object'.";
    throw new SandboxError(400, text, 'messages');
  }
  if (type === 'json_schema' && isJsonObject(format)) {
    const definition = format['json_schema'];
    if (isJsonObject(definition) && isJsonObject(definition['schema'])) return { type, schema: definition['schema'] };
    const param = 'response_format.json_schema.schema';
    throw new SandboxError(400, `Missing required parameter: '${param}'.`, param, 'missing_required_parameter');
  }
  const text = "Invalid value for 'response_format.type': expected text, json_object or json_schema.";
  throw new SandboxError(400, text, 'response_format.type', 'invalid_value');
}

/** What is asked for is served; with `auto`, or nothing, the usual one. */
function readServiceTier({ service_tier: tier }: JsonObject): string {
  if (tier === undefined || tier === null || tier === 'auto') return 'default';
  if (tier === 'default' || tier === 'flex' || tier === 'priority') return tier;
  const text = "Invalid value for 'service_tier': expected auto, default, flex or priority.";
  throw new SandboxError(400, text, 'service_tier', 'invalid_value');
}

function readStop(body: JsonObject): readonly string[] {
  const stop = body['stop'];
  if (stop === undefined || stop === null) return [];
  const list: readonly unknown[] = Array.isArray(stop) ? stop : [stop];
  const texts = list.filter((item): item is string => typeof item === 'string' && item !== '');
  if (texts.length !== list.length || list.length > 4) {
    throw new SandboxError(400, "Invalid 'stop': expected a string or an array of at most 4 strings.", 'stop');
  }
  return texts;
}
