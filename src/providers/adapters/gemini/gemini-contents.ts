import { isObject, isText, type WireObject } from '../openai-compatible/wire.js';
import { type GeminiPart, toMediaPart } from './gemini-media.js';
import { checksSignatures, goesOn } from './gemini-models.js';
import { unsupported, wrong } from './refusals.js';
import { LOST_SIGNATURE, signatureFor } from './thought-signature.js';

/** A turn. */
export interface GeminiContent {
  readonly role: 'user' | 'model';
  readonly parts: GeminiPart[];
}

/** The messages of a request in Gemini's terms. */
export interface Conversation {
  /** Empty when there is no system message. */
  readonly system: readonly GeminiPart[];
  readonly contents: readonly GeminiContent[];
}

type Message = Readonly<WireObject>;

/** Keys of a message that are read here, or say nothing to a model. */
const MESSAGE_KEYS: ReadonlySet<string> = new Set([
  'role',
  'content',
  'tool_calls',
  'tool_call_id',
  'refusal',
  'extra_content',
  // What the hub itself, or another vendor, has given to the client beside an answer.
  'reasoning_content',
  'reasoning',
  'reasoning_details',
  'thinking_blocks',
  'annotations',
  'function_call',
  'audio',
]);

/** What differs between the places that serve Gemini. */
export interface Surface {
  /** Whether calls of functions and their results have ids. */
  readonly hasCallIds: boolean;
}

/** The Gemini API. */
export const GEMINI_API: Surface = { hasCallIds: true };

/**
 * Translates messages: system and developer messages become the system instruction, all others turns of `user` and `model`, of
 * which consecutive ones of the same role are merged.
 * @param prefill the beginning of the answer, as a last turn of the model.
 * @param dropped takes the names of what is left out.
 * @throws ProviderError that names the message.
 */
export function toConversation(
  messages: unknown,
  { model, surface }: { readonly model: string; readonly surface: Surface },
  prefill: string | undefined,
  dropped: Set<string>,
): Conversation {
  const builder = new ConversationBuilder(model, surface, dropped);
  if (Array.isArray(messages)) {
    for (let i = 0; i < messages.length; i++) {
      const message: unknown = messages[i];
      if (isObject(message)) builder.add(message, `messages[${i}]`);
    }
  }
  if (prefill !== undefined) builder.turn('model', [{ text: prefill }]);
  return builder.end(prefill === undefined);
}

class ConversationBuilder {
  private readonly system: GeminiPart[] = [];
  private readonly contents: GeminiContent[] = [];
  /** Names of the functions by the ids of their calls: results come with the id only. */
  private readonly calls = new Map<string, string>();
  private readonly checksSignatures: boolean;

  constructor(
    private readonly model: string,
    private readonly surface: Surface,
    private readonly dropped: Set<string>,
  ) {
    this.checksSignatures = checksSignatures(model);
  }

  add(message: Message, path: string): void {
    for (const key in message) {
      if (!MESSAGE_KEYS.has(key) && message[key] !== null && key !== 'name') this.dropped.add(`messages[].${key}`);
    }
    const { role } = message;
    if (role !== 'function' && isText(message['name'])) this.dropped.add('messages[].name');
    switch (role) {
      case 'system':
      case 'developer':
        this.system.push(...this.texts(message['content'], path));
        return;
      case 'user':
        this.turn('user', this.partsOf(message['content'], path));
        return;
      case 'assistant':
        this.turn('model', this.answerOf(message, path));
        return;
      case 'tool':
      case 'function':
        this.turn('user', [this.resultOf(message, path)]);
        return;
      default:
        throw unsupported(`${path}.role`, `This model knows no messages of the role "${String(role)}".`);
    }
  }

  /** Adds parts to the last turn when it is of the same role; a turn without parts is refused upstream, and is none. */
  turn(role: 'user' | 'model', parts: GeminiPart[]): void {
    if (parts.length === 0) return;
    const last = this.contents.at(-1);
    if (last?.role === role) last.parts.push(...parts);
    else this.contents.push({ role, parts });
  }

  /** @param isWhole false when the last turn of the model is the hub's own beginning of the answer. */
  end(isWhole: boolean): Conversation {
    const { system, contents } = this;
    const last = contents.at(-1);
    if (isWhole && last?.role === 'model' && !goesOn(this.model)) {
      throw unsupported('messages', 'This model takes no conversation that ends with a message of the assistant.');
    }
    if (contents.length > 0) return { system, contents };
    // Instructions alone are a request at OpenAI; here there must be a turn.
    if (system.length > 0) return { system: [], contents: [{ role: 'user', parts: system }] };
    throw unsupported('messages', 'This model needs a message that says something.');
  }

  private texts(content: unknown, path: string): GeminiPart[] {
    if (isText(content)) return [{ text: content }];
    if (!Array.isArray(content)) return [];
    const parts: GeminiPart[] = [];
    for (let i = 0; i < content.length; i++) {
      const part: unknown = content[i];
      const text = textOf(part);
      if (text === undefined)
        throw unsupported(`${path}.content[${i}]`, 'Only parts of type "text" are possible here.');
      if (text !== '') parts.push({ text });
    }
    return parts;
  }

  private partsOf(content: unknown, path: string): GeminiPart[] {
    if (!Array.isArray(content)) return this.texts(content, path);
    const parts: GeminiPart[] = [];
    for (let i = 0; i < content.length; i++) {
      const part: unknown = content[i];
      const at = `${path}.content[${i}]`;
      const text = textOf(part);
      if (text !== undefined) {
        if (text !== '') parts.push({ text });
        continue;
      }
      const media = isObject(part) ? toMediaPart(part, at, this.dropped) : undefined;
      if (media === undefined) throw unsupported(at, `This model takes no parts of the type of "${at}".`);
      parts.push(media);
    }
    return parts;
  }

  private answerOf(message: Message, path: string): GeminiPart[] {
    if (isObject(message['audio'])) throw unsupported(`${path}.audio`, 'This model knows no earlier sound by its id.');
    const parts = this.texts(message['content'], path);
    if (isText(message['refusal'])) parts.push({ text: message['refusal'] });
    const signature = signatureFor(message, this.model);
    if (signature !== undefined) {
      const last = parts.at(-1);
      if (last === undefined) parts.push({ text: '', thoughtSignature: signature });
      else last['thoughtSignature'] = signature;
    }
    const calls = message['tool_calls'];
    if (Array.isArray(calls)) {
      for (let i = 0; i < calls.length; i++) parts.push(this.callOf(calls[i], i === 0, `${path}.tool_calls[${i}]`));
    }
    const { function_call } = message;
    if (isObject(function_call))
      parts.push(this.functionCall(function_call, {}, undefined, true, `${path}.function_call`));
    return parts;
  }

  private callOf(call: unknown, isFirst: boolean, path: string): GeminiPart {
    if (!isObject(call) || !isObject(call['function'])) {
      throw unsupported(path, 'This model knows no other calls than those of functions.');
    }
    const id = isText(call['id']) ? call['id'] : undefined;
    return this.functionCall(call['function'], call, id, isFirst, `${path}.function`);
  }

  /** Of the calls of one answer only the first is signed, and without its signature refused. */
  private functionCall(
    body: Message,
    holder: Message,
    id: string | undefined,
    isFirst: boolean,
    path: string,
  ): GeminiPart {
    const { name } = body;
    if (!isText(name)) throw wrong(`${path}.name`, `"${path}.name" must be a non-empty string.`);
    if (id !== undefined) this.calls.set(id, name);
    const args = argumentsOf(body['arguments'], `${path}.arguments`);
    const part: GeminiPart = { functionCall: { ...this.idOf(id), name, args } };
    const signature = signatureFor(holder, this.model);
    if (signature !== undefined) part['thoughtSignature'] = signature;
    else if (isFirst && this.checksSignatures) part['thoughtSignature'] = LOST_SIGNATURE;
    return part;
  }

  /** The result of a call, which must be an object: the text of the message is wrapped as it is. */
  private resultOf(message: Message, path: string): GeminiPart {
    const { content } = message;
    const texts = this.texts(content, path).map((part) => part['text']);
    const response = { result: texts.length === 1 ? texts[0] : texts.join('\n') };
    if (message['role'] === 'function') {
      const { name } = message;
      if (!isText(name)) throw wrong(`${path}.name`, `"${path}.name" must be the name of the function.`);
      return { functionResponse: { name, response } };
    }
    const id = message['tool_call_id'];
    const name = isText(id) ? this.calls.get(id) : undefined;
    if (name === undefined) {
      throw wrong(
        `${path}.tool_call_id`,
        `"${path}.tool_call_id" must be the id of a tool call in an earlier message.`,
      );
    }
    return { functionResponse: { ...this.idOf(id), name, response } };
  }

  private idOf(id: unknown): { readonly id?: unknown } {
    return id !== undefined && this.surface.hasCallIds ? { id } : {};
  }
}

/** The text of a text part, or of a refusal; undefined for parts of other kinds. */
function textOf(part: unknown): string | undefined {
  if (typeof part === 'string') return part;
  if (!isObject(part)) return undefined;
  const { type } = part;
  if (type === 'refusal' && typeof part['refusal'] === 'string') return part['refusal'];
  return (type === 'text' || type === undefined) && typeof part['text'] === 'string' ? part['text'] : undefined;
}

function argumentsOf(text: unknown, path: string): unknown {
  if (text === undefined || text === null || text === '') return {};
  let value: unknown;
  try {
    value = typeof text === 'string' ? JSON.parse(text) : text;
  } catch {
    throw wrong(path, `"${path}" must be a JSON object as text.`);
  }
  if (!isObject(value)) throw wrong(path, `"${path}" must be a JSON object as text.`);
  return value;
}
