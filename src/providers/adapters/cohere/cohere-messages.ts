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
  'tool_plan',
  'refusal',
  'cohere_citations',
  // What the hub itself, or another vendor, has given to the client beside an answer.
  'reasoning_content',
  'reasoning',
  'reasoning_details',
  'thinking_blocks',
  'extra_content',
  'annotations',
  'images',
  'function_call',
  'audio',
]);

/**
 * Translates messages; they are OpenAI's in most.
 * @param dropped takes the names of what is left out.
 * @throws ProviderError that names the message, or its part.
 */
export function toCohereMessages(messages: unknown, dropped: Set<string>): readonly WireObject[] {
  if (!Array.isArray(messages)) return [];
  return messages.flatMap((message: unknown, i) =>
    isObject(message) ? toMessage(message, `messages[${i}]`, dropped) : [],
  );
}

function toMessage(message: Message, path: string, dropped: Set<string>): readonly WireObject[] {
  for (const key in message) {
    if (!MESSAGE_KEYS.has(key) && message[key] !== null) dropped.add(`messages[].${key}`);
  }
  const content = `${path}.content`;
  switch (message['role']) {
    case 'system':
    case 'developer':
      return [{ role: 'system', content: joinedText(message['content'], content) }];
    case 'user':
      return [{ role: 'user', content: toUserContent(message['content'], content) }];
    case 'assistant':
      return toAnswer(message, path);
    case 'tool': {
      const { tool_call_id } = message;
      if (!isText(tool_call_id))
        throw wrong(`${path}.tool_call_id`, `"${path}.tool_call_id" must be a non-empty string.`);
      return [{ role: 'tool', tool_call_id, content: joinedText(message['content'], content) }];
    }
    default:
      throw unsupported(`${path}.role`, `This model knows no messages of the role "${String(message['role'])}".`);
  }
}

/** Texts and pictures; Cohere fetches the latter itself. */
function toUserContent(content: unknown, path: string): unknown {
  if (!Array.isArray(content)) return joinedText(content, path);
  return content.map((part: unknown, i) => {
    const text = textOfPart(part);
    if (text !== undefined) return { type: 'text', text };
    const image = isObject(part) && part['type'] === 'image_url' ? part['image_url'] : undefined;
    if (!isObject(image) || !isText(image['url'])) {
      throw unsupported(`${path}[${i}]`, 'This model takes parts of the types "text" and "image_url" only.');
    }
    return {
      type: 'image_url',
      image_url: { url: image['url'], ...(isText(image['detail']) && { detail: image['detail'] }) },
    };
  });
}

/** A turn of the model; none for one that says nothing, which would be refused. */
function toAnswer(message: Message, path: string): readonly WireObject[] {
  if (isObject(message['audio'])) throw unsupported(`${path}.audio`, 'This model knows no earlier sound by its id.');
  if (isObject(message['function_call']))
    throw unsupported(`${path}.function_call`, 'Send "tool_calls" in place of the older "function_call".');
  const { refusal, tool_calls: calls, tool_plan: plan, cohere_citations: citations } = message;
  const text = joinedText(message['content'], `${path}.content`) || (isText(refusal) ? refusal : '');
  const answer: WireObject = { role: 'assistant' };
  if (Array.isArray(calls) && calls.length > 0) {
    // A text before calls is what Cohere calls the plan for them.
    if (isText(plan)) answer['tool_plan'] = plan;
    else if (text !== '') answer['tool_plan'] = text;
    answer['tool_calls'] = calls.map((call: unknown, i) => toCall(call, `${path}.tool_calls[${i}]`));
    if (isText(plan) && text !== '') answer['content'] = text;
    return [answer];
  }
  if (text === '') return [];
  answer['content'] = text;
  if (Array.isArray(citations) && citations.length > 0) answer['citations'] = citations;
  return [answer];
}

function toCall(call: unknown, path: string): WireObject {
  const body = isObject(call) ? call['function'] : undefined;
  if (!isObject(call) || !isObject(body))
    throw unsupported(path, 'This model knows no other calls than those of functions.');
  const { name, arguments: given } = body;
  if (!isText(name)) throw wrong(`${path}.function.name`, `"${path}.function.name" must be a non-empty string.`);
  const text = isText(given) ? given : '{}';
  return { ...(isText(call['id']) && { id: call['id'] }), type: 'function', function: { name, arguments: text } };
}
