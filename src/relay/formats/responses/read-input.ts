import { missing, wrongType } from '../../../common/body-fields.js';
import type { HubError } from '../../../common/hub-error.js';
import { isObject } from '../../../common/is-object.js';
import { textsOf } from '../../../providers/adapters/openai-responses/reasoning-details.js';
import type { WrappedThought } from '../../../providers/canonical/wrapped-thought.js';
import { unpackThoughts } from './hidden-thoughts.js';
import { readContent, readSpoken, type Spoken } from './read-content.js';
import { refusal, statelessRefusal } from './refusals.js';

type Wire = Readonly<Record<string, unknown>>;
type Message = Record<string, unknown>;

/** Where a message comes from, for errors that name it. */
export interface Origin {
  /** Such as `input[2]`; of several items that became one message, the first. */
  readonly path: string;
  /** Where each of its tool calls comes from. */
  readonly calls: readonly string[];
}

/** A conversation in the words of chat/completions. */
export interface ReadInput {
  readonly messages: readonly Message[];
  /** Of each message. */
  readonly origins: readonly Origin[];
}

const RESULTS: ReadonlySet<unknown> = new Set(['function_call_output', 'custom_tool_call_output']);
const ROLES = ['user', 'assistant', 'system', 'developer'];

/**
 * Reads `instructions` and `input`. An assistant's message, the calls after it and the reasoning around them become one message.
 * @param dropped takes the names of what has no place anywhere.
 * @throws HubError 400 that names the item.
 */
export function readInput({ instructions, input }: Wire, dropped: Set<string>): ReadInput {
  const reader = new InputReader(dropped);
  if (instructions !== undefined && instructions !== null) {
    if (typeof instructions !== 'string') throw wrongType('instructions', 'a string');
    reader.add({ role: 'system', content: instructions }, 'instructions');
  }
  if (input === undefined || input === null) throw missing('input');
  if (typeof input === 'string') reader.add({ role: 'user', content: input }, 'input');
  else if (Array.isArray(input) && input.length > 0) reader.readItems(input);
  else throw wrongType('input', 'a string or a non-empty array of items');
  return reader.end();
}

class InputReader {
  private readonly messages: Message[] = [];
  private readonly origins: { readonly path: string; readonly calls: string[] }[] = [];
  /** The assistant's message that calls and reasoning still belong to. */
  private turn: Message | undefined;
  /** Reasoning that has not found its message yet. */
  private pending: Wire[] = [];
  /** What results have shown, until all results of the turn have been told. */
  private attached: { readonly message: Message; readonly path: string }[] = [];
  /** `extra_content` of tool calls, by their ids: it may come before its call or after it. */
  private readonly extras = new Map<string, unknown>();

  constructor(private readonly dropped: Set<string>) {}

  add(message: Message, path: string): Message {
    this.messages.push(message);
    this.origins.push({ path, calls: [] });
    return message;
  }

  readItems(items: readonly unknown[]): void {
    for (let i = 0; i < items.length; i++) {
      const item: unknown = items[i];
      const path = `input[${i}]`;
      if (!isObject(item)) throw wrongType(path, 'an object');
      this.readItem(item, path);
    }
  }

  end(): ReadInput {
    this.endTurn();
    this.showAttached();
    if (this.extras.size > 0) for (const message of this.messages) this.addExtras(message['tool_calls']);
    return { messages: this.messages, origins: this.origins };
  }

  private readItem(item: Wire, path: string): void {
    const { type } = item;
    if (!RESULTS.has(type)) this.showAttached();
    if (type === 'message' || (!isGiven(type) && isGiven(item['role']))) this.readMessage(item, path);
    else if (type === 'reasoning') this.pending.push(item);
    else if (type === 'function_call' || type === 'custom_tool_call') this.readCall(item, path);
    else if (RESULTS.has(type)) {
      this.endTurn();
      this.readResult(textOf(item, 'call_id', path), readContent(item['output'], `${path}.output`), `${path}.output`);
    }
    // The picture itself stays behind: no format of chats takes one from a model.
    else if (type === 'image_generation_call') this.dropped.add('input[].image_generation_call');
    else throw unknownItem(type, path);
  }

  private readMessage(item: Wire, path: string): void {
    const { role } = item;
    if (!isGiven(role)) throw missing(`${path}.role`);
    if (typeof role !== 'string' || !ROLES.includes(role))
      throw wrongType(`${path}.role`, `one of ${ROLES.map((name) => `"${name}"`).join(', ')}`);
    if (role !== 'assistant') {
      this.endTurn();
      this.add({ role, content: readContent(item['content'], `${path}.content`) }, path);
      return;
    }
    if (isGiven(item['phase'])) this.dropped.add('input[].phase');
    const spoken = readSpoken(item['content'], `${path}.content`);
    // The results of a call must follow it at once, so that what is said after a call is said with it.
    if (this.turn?.['tool_calls'] !== undefined) addSpoken(this.turn, spoken);
    else this.turn = this.add({ role, ...spoken }, path);
    this.attachThoughts(this.turn);
  }

  private readCall(item: Wire, path: string): void {
    const id = textOf(item, 'call_id', path);
    const name = textOf(item, 'name', path);
    const isCustom = item['type'] === 'custom_tool_call';
    const input = item[isCustom ? 'input' : 'arguments'] ?? '';
    if (typeof input !== 'string') throw wrongType(`${path}.${isCustom ? 'input' : 'arguments'}`, 'a string');
    this.turn ??= this.add({ role: 'assistant', content: null }, path);
    this.attachThoughts(this.turn, id);
    const call = isCustom
      ? { id, type: 'custom', custom: { name, input } }
      : { id, type: 'function', function: { name, arguments: input === '' ? '{}' : input } };
    const { tool_calls: calls } = this.turn;
    if (Array.isArray(calls)) calls.push(call);
    else this.turn['tool_calls'] = [call];
    // Nothing is added while a turn lasts, so that its message is the last one.
    this.origins.at(-1)?.calls.push(path);
  }

  /** Adds a tool's result: its texts, since elsewhere only a user can show pictures and files. Those follow the results. */
  private readResult(id: string, content: string | Message[], path: string): void {
    const parts = typeof content === 'string' ? [] : content;
    const media = parts.filter((part) => part['type'] !== 'text');
    if (media.length === 0) {
      this.add({ role: 'tool', tool_call_id: id, content }, path);
      return;
    }
    const texts = parts.flatMap((part) => (part['type'] === 'text' ? String(part['text']) : []));
    texts.push(`(${media.length} attached: see the next message.)`);
    this.add({ role: 'tool', tool_call_id: id, content: texts.join('\n\n') }, path);
    // Media first, so that they are numbered as in the output, which errors name.
    const told = { type: 'text', text: `(Attached to the result of the tool call ${id}.)` };
    this.attached.push({ message: { role: 'user', content: [...media, told] }, path });
  }

  private showAttached(): void {
    for (const { message, path } of this.attached) this.add(message, path);
    this.attached = [];
  }

  private endTurn(): void {
    if (this.pending.length > 0) {
      if (this.turn !== undefined) this.attachThoughts(this.turn);
      // What led to nothing that is still there cannot be given to a model.
      else this.dropped.add('input[].reasoning');
      this.pending = [];
    }
    this.turn = undefined;
  }

  /** @param call what the reasoning led to; without it, to the text. */
  private attachThoughts(message: Message, call?: string): void {
    for (const item of this.pending) {
      const content = textsOf(item['content']);
      const shown = (content.length > 0 ? content : textsOf(item['summary'])).join('\n\n');
      addText(message, shown);
      const thoughts = unpackThoughts(item, call);
      // An id alone names what OpenAI has stored.
      if (thoughts.length === 0 && shown === '') this.dropped.add('input[].reasoning');
      for (const thought of thoughts) this.attach(message, thought);
    }
    this.pending = [];
  }

  private attach(message: Message, { detail, extra, calls = {} }: WrappedThought): void {
    const { reasoning_details: details } = message;
    if (detail !== undefined && Array.isArray(details)) details.push(detail);
    else if (detail !== undefined) message['reasoning_details'] = [detail];
    if (extra !== undefined) message['extra_content'] = extra;
    for (const [id, held] of Object.entries(calls)) this.extras.set(id, held);
  }

  private addExtras(calls: unknown): void {
    if (!Array.isArray(calls)) return;
    for (const call of calls) {
      const extra = this.extras.get(call.id);
      if (extra !== undefined) call.extra_content = extra;
    }
  }
}

function addText(message: Message, text: string): void {
  if (text === '') return;
  const { reasoning_content: before } = message;
  message['reasoning_content'] = typeof before === 'string' ? `${before}\n\n${text}` : text;
}

function addSpoken(message: Message, { content, refusal: refused }: Spoken): void {
  if (content !== null) {
    const before = message['content'];
    message['content'] = before === null ? content : [...toParts(before), ...toParts(content)];
  }
  if (refused !== undefined) message['refusal'] = `${message['refusal'] ?? ''}${refused}`;
}

function toParts(content: unknown): readonly unknown[] {
  return Array.isArray(content) ? content : [{ type: 'text', text: content }];
}

function textOf(item: Wire, name: string, path: string): string {
  const value = item[name];
  if (!isGiven(value)) throw missing(`${path}.${name}`);
  if (typeof value !== 'string' || value === '') throw wrongType(`${path}.${name}`, 'a non-empty string');
  return value;
}

function unknownItem(type: unknown, path: string): HubError {
  if (typeof type !== 'string') return missing(`${path}.type`);
  if (type === 'item_reference') return statelessRefusal(path, 'An item cannot be named by its id.');
  return refusal(
    `${path}.type`,
    `Items of type "${type.slice(0, 64)}" belong to tools that the vendor itself runs; the hub takes messages, reasoning, and calls of functions and custom tools with their outputs.`,
  );
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}
