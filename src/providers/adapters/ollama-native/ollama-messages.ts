import { argumentsObject } from '../openai-compatible/call-arguments.js';
import { unsupported, wrong } from '../openai-compatible/refusals.js';
import { joinedText, textOfPart } from '../openai-compatible/text-parts.js';
import { isObject, isText, type WireObject } from '../openai-compatible/wire.js';

type Message = Readonly<WireObject>;

/** Keys of a message that are read here, or say nothing to a model. */
const MESSAGE_KEYS: ReadonlySet<string> = new Set([
  'role',
  'content',
  'tool_calls',
  'tool_call_id',
  'refusal',
  'reasoning_content',
  // What the hub itself, or another vendor, has given to the client beside an answer.
  'reasoning',
  'reasoning_details',
  'thinking_blocks',
  'extra_content',
  'annotations',
  'cohere_citations',
  'images',
  'function_call',
  'audio',
]);
const DATA_URI = /^data:image\/[\w.+-]+;base64,(.+)$/s;

/**
 * Translates messages. Text parts are joined and pictures stand beside the text; a result names its function, which only the call it
 * answers can tell.
 * @param dropped takes the names of what is left out.
 * @throws ProviderError that names the message, or its part.
 */
export function toOllamaMessages(messages: unknown, dropped: Set<string>): readonly WireObject[] {
  if (!Array.isArray(messages)) return [];
  const functions = new Map<string, string>();
  return messages.flatMap((message: unknown, i) =>
    isObject(message) ? [toMessage(message, `messages[${i}]`, functions, dropped)] : [],
  );
}

function toMessage(message: Message, path: string, functions: Map<string, string>, dropped: Set<string>): WireObject {
  for (const key in message) {
    if (!MESSAGE_KEYS.has(key) && message[key] !== null) dropped.add(`messages[].${key}`);
  }
  const content = `${path}.content`;
  switch (message['role']) {
    case 'system':
    case 'developer':
      return { role: 'system', content: joinedText(message['content'], content) };
    case 'user':
      return { role: 'user', ...toUserContent(message['content'], content, dropped) };
    case 'assistant':
      return toAnswer(message, path, functions);
    case 'tool': {
      const id = message['tool_call_id'];
      const name = isText(id) ? functions.get(id) : undefined;
      if (name === undefined) {
        const field = `${path}.tool_call_id`;
        throw wrong(field, `"${field}" must be the id of a tool call in an earlier message.`);
      }
      return { role: 'tool', content: joinedText(message['content'], content), tool_name: name, tool_call_id: id };
    }
    default:
      throw unsupported(`${path}.role`, `This model knows no messages of the role "${String(message['role'])}".`);
  }
}

function toUserContent(content: unknown, path: string, dropped: Set<string>): WireObject {
  if (!Array.isArray(content)) return { content: joinedText(content, path) };
  const texts: string[] = [];
  const images: string[] = [];
  for (const [i, part] of content.entries()) {
    const text = textOfPart(part);
    if (text === undefined) images.push(toImage(part, `${path}[${i}]`, dropped));
    else if (text !== '') texts.push(text);
  }
  return { content: texts.join('\n'), ...(images.length > 0 && { images }) };
}

/** A picture as base64 without its type, which the server finds out. */
function toImage(part: unknown, path: string, dropped: Set<string>): string {
  const image = isObject(part) && part['type'] === 'image_url' ? part['image_url'] : undefined;
  const { url, detail } = isObject(image) ? image : {};
  const [, base64] = DATA_URI.exec(isText(url) ? url : '') ?? [];
  if (base64 === undefined)
    throw unsupported(path, 'This model takes texts, and pictures as data URIs in base64, only.');
  if (isText(detail) && detail !== 'auto') dropped.add('messages[].content[].image_url.detail');
  return base64;
}

function toAnswer(message: Message, path: string, functions: Map<string, string>): WireObject {
  if (isObject(message['audio'])) throw unsupported(`${path}.audio`, 'This model knows no earlier sound by its id.');
  if (isObject(message['function_call']))
    throw unsupported(`${path}.function_call`, 'Send "tool_calls" in place of the older "function_call".');
  const { refusal, reasoning_content: thinking, tool_calls: calls } = message;
  const text = joinedText(message['content'], `${path}.content`) || (isText(refusal) ? refusal : '');
  const answer: WireObject = { role: 'assistant', content: text };
  if (isText(thinking)) answer['thinking'] = thinking;
  if (Array.isArray(calls) && calls.length > 0) {
    answer['tool_calls'] = calls.map((call: unknown, i) => toCall(call, `${path}.tool_calls[${i}]`, functions));
  }
  return answer;
}

function toCall(call: unknown, path: string, functions: Map<string, string>): WireObject {
  const body = isObject(call) ? call['function'] : undefined;
  if (!isObject(call) || !isObject(body)) {
    throw unsupported(path, 'This model knows no other calls than those of functions.');
  }
  const { name, arguments: given } = body;
  if (!isText(name)) throw wrong(`${path}.function.name`, `"${path}.function.name" must be a non-empty string.`);
  const { id } = call;
  if (isText(id)) functions.set(id, name);
  const wire = { name, arguments: argumentsObject(given, `${path}.function.arguments`) };
  return { ...(isText(id) && { id }), function: wire };
}
