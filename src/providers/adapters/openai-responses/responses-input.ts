import { isObject, isText, type WireObject } from '../openai-compatible/wire.js';
import { reasoningItemsOf } from './reasoning-details.js';
import { refusal } from './refusal.js';

/** What the items of a request are made from besides the messages. */
export interface InputOptions {
  readonly upstreamModel: string;
  /** What system and developer messages are called; undefined leaves each its name. */
  readonly instructionRole?: string;
  /** Takes the names of what was left out. */
  readonly dropped: Set<string>;
}

/**
 * Turns the messages of chat/completions into the items of /responses, in their order.
 * @throws ProviderError `unsupported_option` that names the part that has no counterpart there.
 */
export function toInput(messages: unknown, options: InputOptions): readonly WireObject[] {
  const items: WireObject[] = [];
  if (!Array.isArray(messages)) return items;
  const customCalls = new Set<string>();
  for (let i = 0; i < messages.length; i++) {
    const message: unknown = messages[i];
    if (!isObject(message)) continue;
    if (message['name'] !== undefined && message['name'] !== null) options.dropped.add('messages[].name');
    const path = `messages[${i}]`;
    switch (message['role']) {
      case 'assistant':
        pushAssistant(items, message, path, options, customCalls);
        break;
      case 'tool':
        items.push(toResult(message, path, customCalls));
        break;
      case 'system':
      case 'developer':
        items.push({
          role: options.instructionRole ?? message['role'],
          content: toParts(message['content'], `${path}.content`),
        });
        break;
      case 'user':
        items.push({ role: 'user', content: toParts(message['content'], `${path}.content`) });
        break;
      default:
        throw refusal(`${path}.role`, `A message of role "${String(message['role'])}" cannot be sent to this model.`);
    }
  }
  return items;
}

/** Reasoning stands before what it led to: the text, or one of the calls. Where that is gone the reasoning goes too. */
function pushAssistant(
  items: WireObject[],
  message: WireObject,
  path: string,
  { upstreamModel, dropped }: InputOptions,
  customCalls: Set<string>,
): void {
  if (isObject(message['audio'])) throw refusal(`${path}.audio`, 'This model cannot be given an answer in sound.');
  if (isObject(message['function_call']))
    throw refusal(`${path}.function_call`, 'This model takes "tool_calls" in place of "function_call".');
  const reasoning = reasoningItemsOf(message, upstreamModel);
  if (reasoning === undefined && message['reasoning_details'] !== undefined && message['reasoning_details'] !== null)
    dropped.add('messages[].reasoning_details');
  const content = toSpokenParts(message, path);
  if (content.length > 0) {
    if (reasoning !== undefined) items.push(...(reasoning.get('') ?? []));
    items.push({ role: 'assistant', content });
  }
  const calls = message['tool_calls'];
  if (!Array.isArray(calls)) return;
  for (let i = 0; i < calls.length; i++) {
    const call: unknown = calls[i];
    if (!isObject(call)) continue;
    if (reasoning !== undefined && isText(call['id'])) items.push(...(reasoning.get(call['id']) ?? []));
    items.push(toCall(call, `${path}.tool_calls[${i}]`, customCalls));
  }
}

function toCall(call: WireObject, path: string, customCalls: Set<string>): WireObject {
  const { id, custom } = call;
  if (isObject(custom)) {
    if (isText(id)) customCalls.add(id);
    return { type: 'custom_tool_call', call_id: id, name: custom['name'], input: custom['input'] ?? '' };
  }
  const body = call['function'];
  if (!isObject(body)) throw refusal(path, 'This model takes calls of functions and of custom tools only.');
  const text = body['arguments'];
  return { type: 'function_call', call_id: id, name: body['name'], arguments: isText(text) ? text : '{}' };
}

function toResult(message: WireObject, path: string, customCalls: Set<string>): WireObject {
  const { tool_call_id: call_id, content } = message;
  const type = isText(call_id) && customCalls.has(call_id) ? 'custom_tool_call_output' : 'function_call_output';
  if (!Array.isArray(content)) return { type, call_id, output: typeof content === 'string' ? content : '' };
  return { type, call_id, output: toParts(content, `${path}.content`) };
}

/** Text and refusals of an assistant message; a turn of tool calls alone has none. */
function toSpokenParts(message: WireObject, path: string): WireObject[] {
  const { content, refusal: refused } = message;
  const parts: WireObject[] = [];
  if (isText(content)) parts.push({ type: 'output_text', text: content });
  else if (Array.isArray(content)) {
    for (let i = 0; i < content.length; i++) {
      const part: unknown = content[i];
      if (!isObject(part)) continue;
      if (part['type'] === 'refusal') parts.push({ type: 'refusal', refusal: part['refusal'] });
      else if (part['type'] === 'text') parts.push({ type: 'output_text', text: part['text'] });
      else throw unknownPart(part, `${path}.content[${i}]`);
    }
  }
  if (isText(refused)) parts.push({ type: 'refusal', refusal: refused });
  return parts;
}

function toParts(content: unknown, path: string): WireObject[] {
  if (typeof content === 'string') return [{ type: 'input_text', text: content }];
  if (!Array.isArray(content)) return [];
  return content.map((part: unknown, i) => toPart(part, `${path}[${i}]`));
}

function toPart(part: unknown, path: string): WireObject {
  if (!isObject(part)) throw refusal(path, 'A content part must be an object.');
  const mark = part['prompt_cache_breakpoint'];
  const shared = mark === undefined ? {} : { prompt_cache_breakpoint: mark };
  switch (part['type']) {
    case 'text':
      return { type: 'input_text', text: part['text'], ...shared };
    case 'image_url': {
      const image = part['image_url'];
      const { url, detail } = isObject(image) ? image : { url: image, detail: undefined };
      return { type: 'input_image', image_url: url, detail: detail ?? 'auto', ...shared };
    }
    case 'file': {
      const { filename, file_data, file_id } = isObject(part['file']) ? part['file'] : part;
      return {
        type: 'input_file',
        ...(filename !== undefined && { filename }),
        // A file by address, which callers give in the same member.
        ...(file_data !== undefined && { [isAddress(file_data) ? 'file_url' : 'file_data']: file_data }),
        ...(file_id !== undefined && { file_id }),
        ...shared,
      };
    }
    default:
      throw unknownPart(part, path);
  }
}

function isAddress(value: unknown): boolean {
  return isText(value) && /^https?:\/\//i.test(value.slice(0, 8));
}

function unknownPart(part: WireObject, path: string) {
  return refusal(path, `A content part of type "${String(part['type'])}" cannot be sent to this model.`);
}
