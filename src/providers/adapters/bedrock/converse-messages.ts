import { createHash } from 'node:crypto';
import { isObject } from '../../../common/is-object.js';
import { toThoughtBlocks } from '../anthropic/reasoning-details.js';
import { malformed, unsupported } from '../anthropic/refusals.js';
import { toSafeId } from '../anthropic/safe-id.js';
import { type BlockWriter, CACHE_POINT, textBlocks } from './converse-blocks.js';

type Wire = Readonly<Record<string, unknown>>;

const ID_CHARACTERS_MAX = 64;

/** One turn of the conversation, in the making. */
export interface Turn {
  readonly role: 'user' | 'assistant';
  /** Tool results, which stand ahead of everything else. JSON texts, as `blocks`. */
  readonly results: string[];
  readonly blocks: string[];
  /** The last block when it is plain text, so that it can be written on. */
  tail: string | undefined;
  hasThought: boolean;
  hasCall: boolean;
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

/** Puts messages into the vendor's order: system texts apart, user and assistant in turns, all results of a turn first in it. */
export class Conversation {
  readonly system: string[] = [];
  readonly turns: Turn[] = [];
  /** Names of the tools that have been called. */
  readonly called = new Set<string>();
  private functionCalls = 0;

  /** @throws ProviderError that names the message at fault. */
  constructor(
    messages: unknown,
    private readonly model: string,
    private readonly writer: BlockWriter,
  ) {
    if (!Array.isArray(messages)) return;
    for (const [i, message] of messages.entries()) if (isObject(message)) this.add(message, `messages[${i}]`);
    // Without any turn the vendor refuses what others answer.
    if (this.turns.length === 0 && this.system.length > 0)
      this.turnOf('user').blocks.push(...this.system.splice(0, this.system.length));
  }

  /** Writes a text on at the end of an assistant turn, as one block with what stands there. */
  writeOn(text: string): void {
    const turn = this.turnOf('assistant');
    if (turn.tail !== undefined) turn.blocks.pop();
    turn.tail = (turn.tail ?? '') + text;
    turn.blocks.push(...textBlocks(turn.tail));
  }

  /** Takes white space from the end of the last turn, which is refused there, and the turn when nothing is left of it. */
  trimEnd(): void {
    const last = this.turns.at(-1);
    if (last?.tail === undefined) return;
    last.blocks.pop();
    last.blocks.push(...textBlocks(last.tail.trimEnd()));
    if (last.blocks.length === 0) this.turns.pop();
  }

  private add(message: Wire, path: string): void {
    for (const key in message) {
      if (!READ.has(key) && message[key] !== null && message[key] !== undefined)
        this.writer.dropped.add(`messages[].${key}`);
    }
    const { role, content } = message;
    switch (role) {
      case 'system':
      case 'developer':
        this.system.push(...this.writer.blocksOf(content, `${path}.content`), ...this.writer.cachePointOf(message));
        return;
      case 'user':
        this.append('user', this.writer.blocksOf(content, `${path}.content`), message);
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
    }
    throw unsupported(`${path}.role`, `This model knows no messages of the role ${JSON.stringify(role)}.`);
  }

  private addAssistant(message: Wire, path: string): void {
    const { content, refusal, reasoning_details } = message;
    const thoughts = toThoughtBlocks(reasoning_details, this.model).map(toReasoningBlock);
    const texts = this.writer.blocksOf(content, `${path}.content`);
    if (texts.length === 0 && typeof refusal === 'string') texts.push(...textBlocks(refusal));
    const calls = this.readCalls(message, path);
    // A turn may not end with a thought, so one of nothing else is nothing.
    if (texts.length === 0 && calls.length === 0) return;
    const turn = this.append('assistant', [...thoughts, ...texts, ...calls], message);
    if (turn === undefined) return;
    turn.hasThought ||= thoughts.length > 0;
    turn.hasCall ||= calls.length > 0;
    const last = calls.length > 0 ? undefined : lastText(content);
    turn.tail = last !== undefined && textBlocks(last)[0] === turn.blocks.at(-1) ? last : undefined;
  }

  private readCalls({ tool_calls, function_call }: Wire, path: string): string[] {
    if (isObject(function_call)) {
      this.functionCalls++;
      return [this.toolUse(`function_${this.functionCalls}`, function_call, `${path}.function_call`)];
    }
    if (!Array.isArray(tool_calls)) return [];
    return tool_calls.map((call: unknown, i) => {
      const where = `${path}.tool_calls[${i}]`;
      if (!isObject(call)) throw malformed(where, `"${where}" must be an object.`);
      const body = call['function'];
      if (!isObject(body)) throw unsupported(`${where}.type`, 'This model makes only calls of the type "function".');
      return this.toolUse(textOf(call['id'], `${where}.id`), body, `${where}.function`);
    });
  }

  /** A call the model has made; its arguments keep their bytes, so that no digit of a big number is lost. */
  private toolUse(id: string, { name, arguments: given }: Wire, path: string): string {
    const where = `${path}.arguments`;
    const text = given === undefined || given === null || given === '' ? '{}' : textOf(given, where);
    let input: unknown;
    try {
      input = JSON.parse(text);
    } catch {
      throw malformed(where, `"${where}" is not valid JSON, and this model takes no other arguments.`);
    }
    if (!isObject(input)) throw malformed(where, `"${where}" must be a JSON object.`);
    const called = textOf(name, `${path}.name`);
    this.called.add(called);
    const json = text.isWellFormed() ? text : JSON.stringify(input);
    return `{"toolUse":{"toolUseId":"${toToolUseId(id)}","name":${JSON.stringify(called)},"input":${json}}}`;
  }

  /** A result has no place for cache points: one that a part of it asks for stands right after it. */
  private addResult(id: string, message: Wire, path: string): void {
    const blocks = this.writer.blocksOf(message['content'], `${path}.content`);
    const content = blocks.filter((block) => block !== CACHE_POINT);
    const ownPoint = this.writer.cachePointOf(message);
    const point = content.length < blocks.length ? [CACHE_POINT] : ownPoint;
    const status = message['is_error'] === true ? 'error' : 'success';
    const result = `{"toolResult":{"toolUseId":"${toToolUseId(id)}","content":[${content.join(',')}],"status":"${status}"}}`;
    this.turnOf('user').results.push(result, ...point);
  }

  /** Undefined when there is nothing to append: the vendor takes no empty turns. */
  private append(role: Turn['role'], blocks: readonly string[], message: Wire): Turn | undefined {
    if (blocks.length === 0) return undefined;
    const turn = this.turnOf(role);
    turn.blocks.push(...blocks, ...this.writer.cachePointOf(message));
    turn.tail = undefined;
    return turn;
  }

  private turnOf(role: Turn['role']): Turn {
    const last = this.turns.at(-1);
    if (last?.role === role) return last;
    const turn = { role, results: [], blocks: [], tail: undefined, hasThought: false, hasCall: false };
    this.turns.push(turn);
    return turn;
  }
}

/** The text a content ends with. */
function lastText(content: unknown): string | undefined {
  const last: unknown = Array.isArray(content) ? content.at(-1) : content;
  const text = isObject(last) ? last['text'] : last;
  return typeof text === 'string' ? text : undefined;
}

/** A thought of Claude's in the words of Converse. */
function toReasoningBlock(block: string): string {
  const { type, thinking, signature, data }: Wire = JSON.parse(block);
  const content =
    type === 'redacted_thinking' ? { redactedContent: data } : { reasoningText: { text: thinking, signature } };
  return JSON.stringify({ reasoningContent: content });
}

/** The id of a call in the letters the vendor allows, and no more of them than it allows. */
function toToolUseId(id: string): string {
  const safe = toSafeId(id);
  return safe.length <= ID_CHARACTERS_MAX ? safe : createHash('sha256').update(id).digest('hex');
}

function textOf(value: unknown, path: string): string {
  if (typeof value !== 'string' || value === '') throw malformed(path, `"${path}" must be a string.`);
  return value;
}
