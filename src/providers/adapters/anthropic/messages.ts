import { isObject } from '../../../common/is-object.js';
import { type Notes, textBlock, toBlocks } from './content-blocks.js';
import { isThoughtBlock, toThoughtBlocks } from './reasoning-details.js';
import { malformed, unsupported } from './refusals.js';
import { toSafeId } from './safe-id.js';

type Wire = Readonly<Record<string, unknown>>;

/** One turn of the conversation, in the making. */
export interface Turn {
  readonly role: 'user' | 'assistant';
  /** Tool results, which have to stand ahead of everything else. JSON texts, as `blocks`. */
  readonly results: string[];
  readonly blocks: string[];
  /** The last block when it is plain text, so that it can be written on. */
  tail: string | undefined;
  hasThought: boolean;
  hasCall: boolean;
}

/** A conversation in the vendor's order: the system text apart, user and assistant in turns. */
export interface Conversation {
  readonly system: string[];
  readonly turns: Turn[];
}

/** What of a message is looked at, or comes from answers and means nothing to the model. */
const READ = new Set([
  'role',
  'content',
  'tool_calls',
  'tool_call_id',
  'is_error',
  'cache_control',
  'function_call',
  'refusal',
  'annotations',
  'reasoning_content',
  'reasoning',
  'reasoning_details',
]);

/**
 * Puts messages into turns. System texts are hoisted, messages of one side in a row become one turn, and all tool results of a turn
 * come first in it.
 * @throws ProviderError that names the message at fault.
 */
export function toConversation(messages: unknown, model: string, notes: Notes): Conversation {
  const builder = new ConversationBuilder(model, notes);
  if (Array.isArray(messages)) {
    for (let i = 0; i < messages.length; i++) {
      const message: unknown = messages[i];
      if (isObject(message)) builder.add(message, `messages[${i}]`);
    }
  }
  const { system, turns } = builder;
  // Without any turn the vendor refuses what others answer.
  if (turns.length === 0 && system.length > 0) return { system: [], turns: [newTurn('user', system)] };
  return builder;
}

class ConversationBuilder implements Conversation {
  readonly system: string[] = [];
  readonly turns: Turn[] = [];
  private functionCalls = 0;

  constructor(
    private readonly model: string,
    private readonly notes: Notes,
  ) {}

  add(message: Wire, path: string): void {
    for (const key in message) {
      if (!READ.has(key) && message[key] !== null && message[key] !== undefined)
        this.notes.dropped.add(`messages[].${key}`);
    }
    switch (message['role']) {
      case 'system':
      case 'developer':
        this.system.push(...toBlocks(message['content'], `${path}.content`, this.notes));
        return;
      case 'user':
        this.append('user', toBlocks(message['content'], `${path}.content`, this.notes), message);
        return;
      case 'assistant':
        this.addAssistant(message, path);
        return;
      case 'tool':
        this.addResult(textOf(message['tool_call_id'], `${path}.tool_call_id`), message, path);
        return;
      case 'function':
        this.addResult(`function_${this.functionCalls}`, message, path);
        return;
      default:
        throw unsupported(
          `${path}.role`,
          `This model knows no messages of the role ${JSON.stringify(message['role'])}.`,
        );
    }
  }

  private addAssistant(message: Wire, path: string): void {
    const thoughts = toThoughtBlocks(message['reasoning_details'], this.model);
    const { content, refusal } = message;
    const texts = toBlocks(content, `${path}.content`, this.notes);
    if (texts.length === 0 && typeof refusal === 'string')
      texts.push(...toBlocks(refusal, `${path}.refusal`, this.notes));
    const calls = this.readCalls(message, path);
    // A turn may not end with a thought, so one of nothing else is nothing.
    if (texts.length === 0 && calls.length === 0) return;
    const turn = this.append('assistant', [...thoughts, ...texts, ...calls], message);
    if (turn === undefined) return;
    if (thoughts.length > 0) turn.hasThought = true;
    if (calls.length > 0) turn.hasCall = true;
    const last = calls.length > 0 || isObject(message['cache_control']) ? undefined : lastText(content);
    turn.tail = last !== undefined && textBlock(last) === turn.blocks.at(-1) ? last : undefined;
  }

  private readCalls({ tool_calls, function_call }: Wire, path: string): string[] {
    if (isObject(function_call)) {
      this.functionCalls++;
      return [toolUse(`function_${this.functionCalls}`, function_call, `${path}.function_call`)];
    }
    if (!Array.isArray(tool_calls)) return [];
    return tool_calls.map((call: unknown, i) => {
      const where = `${path}.tool_calls[${i}]`;
      if (!isObject(call)) throw malformed(where, `"${where}" must be an object.`);
      const body = call['function'];
      if (!isObject(body)) throw unsupported(`${where}.type`, 'This model makes only calls of the type "function".');
      return toolUse(textOf(call['id'], `${where}.id`), body, `${where}.function`);
    });
  }

  private addResult(id: string, message: Wire, path: string): void {
    const { content } = message;
    let told = '';
    if (typeof content === 'string') told = content === '' ? '' : `,"content":${JSON.stringify(content)}`;
    else {
      const blocks = toBlocks(content, `${path}.content`, this.notes);
      if (blocks.length > 0) told = `,"content":[${blocks.join(',')}]`;
    }
    const isError = message['is_error'] === true ? ',"is_error":true' : '';
    const result = `{"type":"tool_result","tool_use_id":${JSON.stringify(toSafeId(id))}${told}${isError}}`;
    const turn = this.turnOf('user');
    turn.results.push(this.notes.cache.apply(result, message));
  }

  /** Undefined when there is nothing to append: the vendor takes no empty turns. */
  private append(role: Turn['role'], blocks: readonly string[], message: Wire): Turn | undefined {
    if (blocks.length === 0) return undefined;
    const turn = this.turnOf(role);
    turn.blocks.push(...blocks.slice(0, -1), this.notes.cache.apply(blocks.at(-1) ?? '', message));
    turn.tail = undefined;
    return turn;
  }

  private turnOf(role: Turn['role']): Turn {
    const last = this.turns.at(-1);
    if (last?.role === role) return last;
    const turn = newTurn(role);
    this.turns.push(turn);
    return turn;
  }
}

function newTurn(role: Turn['role'], blocks: string[] = []): Turn {
  return { role, results: [], blocks, tail: undefined, hasThought: false, hasCall: false };
}

/** The text a content ends with. */
function lastText(content: unknown): string | undefined {
  const last: unknown = Array.isArray(content) ? content.at(-1) : content;
  const text = isObject(last) ? last['text'] : last;
  return typeof text === 'string' ? text : undefined;
}

/** Writes a text on at the end of an assistant turn, as one block with what stands there. */
export function writeOn(turns: Turn[], text: string): void {
  let turn = turns.at(-1);
  if (turn?.role !== 'assistant') {
    turn = newTurn('assistant');
    turns.push(turn);
  }
  if (turn.tail !== undefined) turn.blocks.pop();
  turn.tail = (turn.tail ?? '') + text;
  const block = textBlock(turn.tail);
  if (block !== undefined) turn.blocks.push(block);
}

/** Takes the thoughts out of a conversation. */
export function dropThoughts(turns: Turn[]): void {
  for (const turn of turns) {
    if (!turn.hasThought) continue;
    const kept = turn.blocks.filter((block) => !isThoughtBlock(block));
    turn.blocks.splice(0, turn.blocks.length, ...kept);
    turn.hasThought = false;
  }
}

/** A call the model has made; its arguments keep their bytes, so that no digit of a big number is lost. */
function toolUse(id: string, { name, arguments: given }: Wire, path: string): string {
  const text = given === undefined || given === null || given === '' ? '{}' : textOf(given, `${path}.arguments`);
  const where = `${path}.arguments`;
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch {
    throw malformed(where, `"${where}" is not valid JSON, and this model takes no other arguments.`);
  }
  if (!isObject(input)) throw malformed(where, `"${where}" must be a JSON object.`);
  const json = text.isWellFormed() ? text : JSON.stringify(input);
  const called = JSON.stringify(textOf(name, `${path}.name`));
  return `{"type":"tool_use","id":${JSON.stringify(toSafeId(id))},"name":${called},"input":${json}}`;
}

function textOf(value: unknown, path: string): string {
  if (typeof value !== 'string' || value === '') throw malformed(path, `"${path}" must be a string.`);
  return value;
}
