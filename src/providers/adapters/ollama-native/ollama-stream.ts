import type { ChatStreamItem, ChatStreamReader, SseEvent } from '../../canonical/chat.js';
import { ProviderError } from '../../canonical/provider-error.js';
import { normaliseUsage } from '../../canonical/usage-normaliser.js';
import { toWireUsage } from '../openai-compatible/usage.js';
import { isObject, type WireObject } from '../openai-compatible/wire.js';
import { findOllamaError } from './ollama-errors.js';
import { createdOf, digest, readOllamaFinish, readOllamaMessage } from './ollama-message.js';

const NOTHING: readonly ChatStreamItem[] = [];
const MALFORMED: readonly ChatStreamItem[] = [{ type: 'malformed' }];

/** Reads the lines of a streamed api/chat; the last one is `done`. One reader per stream. */
export class OllamaChatStream implements ChatStreamReader {
  /** Members of every chunk, from the first line. */
  private head: Readonly<WireObject> | undefined;
  private seed = '';
  private callCount = 0;
  private isRoleSent = false;
  private isOver = false;

  push({ data }: SseEvent): readonly ChatStreamItem[] {
    if (this.isOver || data === '') return NOTHING;
    let value: unknown;
    try {
      value = JSON.parse(data);
    } catch {
      return MALFORMED;
    }
    if (!isObject(value)) return MALFORMED;
    const error = findOllamaError(value);
    if (error !== undefined) return this.fail(error);
    if (this.head === undefined) {
      this.seed = digest(data);
      const created = createdOf(value['created_at']);
      this.head = { id: `chatcmpl-${this.seed}`, object: 'chat.completion.chunk', created };
    }
    const said = isObject(value['message']) ? this.readMessage(value['message']) : NOTHING;
    return value['done'] === true ? [...said, ...this.readEnd(value)] : said;
  }

  private fail(error: ProviderError): readonly ChatStreamItem[] {
    this.isOver = true;
    return [{ type: 'error', error }];
  }

  private readMessage(wire: WireObject): readonly ChatStreamItem[] {
    const { text, thinking, calls } = readOllamaMessage(wire, this.seed, this.callCount);
    if (text === '' && thinking === '' && calls.length === 0) return NOTHING;
    const delta: WireObject = {};
    if (thinking !== '') delta['reasoning_content'] = thinking;
    if (text !== '') delta['content'] = text;
    if (calls.length > 0) delta['tool_calls'] = calls.map((call, i) => ({ index: this.callCount + i, ...call }));
    this.callCount += calls.length;
    return [this.chunk(delta, null)];
  }

  private readEnd(value: WireObject): readonly ChatStreamItem[] {
    const usage = normaliseUsage(value);
    const counted: readonly ChatStreamItem[] =
      usage === undefined ? NOTHING : [{ type: 'usage', usage, wire: toWireUsage(usage) }];
    const finish = readOllamaFinish(value['done_reason'], this.callCount > 0);
    // What was consumed before a failure is known, and has to be paid.
    if (finish instanceof ProviderError) return [...counted, ...this.fail(finish)];
    this.isOver = true;
    return [this.chunk({}, finish), ...counted, { type: 'done' }];
  }

  private chunk(delta: WireObject, finish: string | null): ChatStreamItem {
    const hasContent = Object.keys(delta).length > 0;
    const told = this.isRoleSent ? delta : { role: 'assistant', ...delta };
    this.isRoleSent = true;
    const choices = [{ index: 0, delta: told, finish_reason: finish }];
    return { type: 'chunk', chunk: { ...this.head, choices }, hasContent, isFinish: finish !== null };
  }
}
