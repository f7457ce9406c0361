import { missing, wrongType } from '../../../common/body-fields.js';
import { isObject } from '../../../common/is-object.js';
import { isWrapped, unwrapThought, type WrappedThought } from '../../../providers/canonical/wrapped-thought.js';
import { type Notes, noteOnlyThere, noteUnread } from './notes.js';
import type { Origins } from './origins.js';
import { blocksOf, type ReadPart, textOf, toParts } from './read-content.js';

type Wire = Readonly<Record<string, unknown>>;

const RESULT = new Set(['type', 'tool_use_id', 'content', 'is_error']);
const USE = new Set(['type', 'id', 'name', 'input', 'caller']);
const THOUGHT = new Set(['type', 'thinking', 'signature', 'data']);
const TEXT = new Set(['type', 'text', 'citations']);
const MESSAGE = new Set(['role', 'content']);
const BLOCKS = 'messages[].content[].';

/** Reads turns into canonical messages. */
export class TurnReader {
  readonly messages: Wire[] = [];

  constructor(
    private readonly notes: Notes,
    private readonly origins: Origins,
  ) {}

  /** The instructions: a text, or blocks of text, which become one. @throws HubError 400. */
  system(system: unknown): void {
    if (system === undefined || system === null) return;
    const texts = this.textsOf(system, 'system');
    if (texts !== '') this.push({ role: 'system', content: texts }, 'system');
  }

  /** @throws HubError 400 that names the message. */
  turns(messages: unknown): void {
    if (messages === undefined) throw missing('messages');
    if (!Array.isArray(messages) || messages.length === 0) throw wrongType('messages', 'a non-empty array');
    for (let i = 0; i < messages.length; i++) this.turn(messages[i], `messages[${i}]`);
  }

  private turn(message: unknown, path: string): void {
    if (!isObject(message)) throw wrongType(path, 'an object');
    noteUnread(this.notes, message, MESSAGE, 'messages[].');
    const { role, content } = message;
    switch (role) {
      case 'user':
        this.user(content, path);
        return;
      case 'assistant':
        this.assistant(content, path);
        return;
      case 'system':
        this.push({ role, content: this.textsOf(content, `${path}.content`) }, path);
        return;
      case undefined:
        throw missing(`${path}.role`);
      default:
        throw wrongType(`${path}.role`, '"user" or "assistant"');
    }
  }

  private user(content: unknown, path: string): void {
    if (typeof content === 'string') {
      this.push({ role: 'user', content }, path);
      return;
    }
    const where = `${path}.content`;
    const parts: ReadPart[] = [];
    for (const [i, block] of blocksOf(content, where).entries()) {
      const at = `${where}[${i}]`;
      // Results stand first; pictures in one follow them, since only a user can show pictures elsewhere.
      if (block['type'] === 'tool_result') parts.push(...this.result(block, at));
      else parts.push(...toParts(block, at, this.notes));
    }
    if (parts.length === 0) return;
    const [first] = parts;
    const isText = parts.length === 1 && first?.part['type'] === 'text';
    const told = isText ? first.part['text'] : parts.map(({ part }) => part);
    this.push({ role: 'user', content: told }, path, isText ? [] : pathsOf(parts));
  }

  /** Adds a tool's result. @returns what of it no result can hold elsewhere: pictures and files. */
  private result(block: Wire, path: string): readonly ReadPart[] {
    noteUnread(this.notes, block, RESULT, BLOCKS);
    const { tool_use_id, content, is_error } = block;
    const id = textOf(tool_use_id, `${path}.tool_use_id`);
    const where = `${path}.content`;
    const isEmpty = content === undefined || content === null;
    const parts = (isEmpty ? [] : blocksOf(content, where)).flatMap((part, i) =>
      toParts(part, `${where}[${i}]`, this.notes),
    );
    const media = parts.filter(({ part }) => part['type'] !== 'text');
    const texts = parts.filter(({ part }) => part['type'] === 'text').map(({ part }) => String(part['text']));
    if (media.length > 0) texts.push(`(${media.length} attached: see the next message.)`);
    const text = texts.join('\n\n');
    const told = is_error === true && !/^error\b/i.test(text) ? `Error: ${text}` : text;
    this.push({ role: 'tool', tool_call_id: id, content: told }, path);
    if (media.length === 0) return [];
    const head = { part: { type: 'text', text: `Attached to the result of the tool call ${id}:` }, path };
    return [head, ...media];
  }

  private assistant(content: unknown, path: string): void {
    if (typeof content === 'string') {
      this.push({ role: 'assistant', content }, path);
      return;
    }
    const where = `${path}.content`;
    const answer = new AnswerReader(this.notes);
    for (const [i, block] of blocksOf(content, where).entries()) answer.add(block, `${where}[${i}]`);
    const message = answer.message;
    if (message !== undefined) this.push(message, path, answer.callPaths);
  }

  private textsOf(content: unknown, path: string): string {
    if (typeof content === 'string') return content;
    const texts = blocksOf(content, path).map((block, i) => {
      if (block['type'] !== 'text') throw wrongType(`${path}[${i}].type`, '"text"');
      noteUnread(this.notes, block, TEXT, 'system[].');
      return textOf(block['text'], `${path}[${i}].text`);
    });
    return texts.join('\n\n');
  }

  private push(message: Wire, path: string, parts?: readonly string[]): void {
    this.messages.push(message);
    this.origins.note(path, parts);
  }
}

/** Puts the blocks of an assistant turn together. */
class AnswerReader {
  readonly callPaths: string[] = [];
  private text = '';
  private thoughts = '';
  private readonly details: Wire[] = [];
  private readonly calls: Wire[] = [];
  private readonly extras: WrappedThought[] = [];

  constructor(private readonly notes: Notes) {}

  add(block: Wire, path: string): void {
    switch (block['type']) {
      case 'text':
        noteUnread(this.notes, block, TEXT, BLOCKS);
        this.text += textOf(block['text'], `${path}.text`);
        return;
      case 'thinking':
      case 'redacted_thinking':
        noteUnread(this.notes, block, THOUGHT, BLOCKS);
        this.addThought(block);
        return;
      case 'tool_use':
        noteUnread(this.notes, block, USE, BLOCKS);
        this.addCall(block, path);
        return;
      default:
        noteOnlyThere(this.notes, `${path}.type`, block['type']);
    }
  }

  /** Undefined when there is nothing in it that other models could be told. */
  get message(): Wire | undefined {
    const { text, thoughts, details } = this;
    if (text === '' && this.calls.length === 0) return undefined;
    const extra = this.extras.find((one) => one.extra !== undefined)?.extra;
    const calls = this.calls.map((call) => this.withExtra(call));
    return {
      role: 'assistant',
      content: text === '' ? null : text,
      ...(thoughts !== '' && { reasoning_content: thoughts }),
      ...(details.length > 0 && { reasoning_details: details }),
      ...(extra !== undefined && { extra_content: extra }),
      ...(calls.length > 0 && { tool_calls: calls }),
    };
  }

  /** A thought that a vendor has signed itself means nothing to others, so that its text is all that is told of it. */
  private addThought({ thinking, signature, data }: Wire): void {
    const text = typeof thinking === 'string' ? thinking : '';
    this.thoughts += text;
    const carrier = isWrapped(signature) ? signature : data;
    const wrapped = unwrapThought(carrier);
    if (wrapped === undefined) return;
    const { detail } = wrapped;
    if (detail !== undefined) this.details.push(carrier === signature ? { ...detail, text } : detail);
    this.extras.push(wrapped);
  }

  private addCall({ id, name, input }: Wire, path: string): void {
    if (input !== undefined && !isObject(input)) throw wrongType(`${path}.input`, 'an object');
    const called = { name: textOf(name, `${path}.name`), arguments: JSON.stringify(input ?? {}) };
    this.calls.push({ id: textOf(id, `${path}.id`), type: 'function', function: called });
    this.callPaths.push(path);
  }

  private withExtra(call: Wire): Wire {
    const id = String(call['id']);
    const extra = this.extras.find(({ calls }) => calls !== undefined && Object.hasOwn(calls, id))?.calls?.[id];
    return extra === undefined ? call : { ...call, extra_content: extra };
  }
}

function pathsOf(parts: readonly ReadPart[]): string[] {
  return parts.map(({ path }) => path);
}
