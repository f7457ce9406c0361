import type { ChatChunkChoice, ChatRequest, ChatStreamItem, ChatStreamReader, SseEvent } from '../../canonical/chat.js';
import { ownFinish } from '../../canonical/own-finish.js';
import { ProviderError } from '../../canonical/provider-error.js';
import { ToolCallDeltas } from '../openai-compatible/tool-call-deltas.js';
import { toUsage, toWireUsage } from '../openai-compatible/usage.js';
import { isObject, isText, type WireObject } from '../openai-compatible/wire.js';
import { findCohereError } from './cohere-errors.js';
import { readCohereFinish } from './cohere-finish.js';

const NOTHING: readonly ChatStreamItem[] = [];
const MALFORMED: readonly ChatStreamItem[] = [{ type: 'malformed' }];

/** Reads the events of a streamed v2/chat; each says its `type` itself. One reader per stream. */
export class CohereChatStream implements ChatStreamReader {
  private readonly toolCalls = new ToolCallDeltas();
  private id = 'chatcmpl-cohere';
  private isRoleSent = false;
  private isOver = false;

  constructor(private readonly request?: ChatRequest) {}

  push({ data }: SseEvent): readonly ChatStreamItem[] {
    if (this.isOver || data === '' || data.trimStart().startsWith('[DONE]')) return NOTHING;
    let value: unknown;
    try {
      value = JSON.parse(data);
    } catch {
      return MALFORMED;
    }
    if (!isObject(value)) return MALFORMED;
    const error = findCohereError(value);
    if (error !== undefined) return this.fail(error);
    return this.read(value);
  }

  private fail(error: ProviderError): readonly ChatStreamItem[] {
    this.isOver = true;
    return [{ type: 'error', error }];
  }

  private read(event: WireObject): readonly ChatStreamItem[] {
    const delta = isObject(event['delta']) ? event['delta'] : {};
    const message = isObject(delta['message']) ? delta['message'] : {};
    switch (event['type']) {
      case 'message-start':
        if (isText(event['id'])) this.id = `chatcmpl-${event['id']}`;
        return [this.chunk({}, false)];
      case 'content-start':
      case 'content-delta':
        return this.readContent(message['content']);
      case 'tool-plan-delta':
        return this.readContent({ text: message['tool_plan'] });
      case 'tool-call-start':
      case 'tool-call-delta':
        return this.readCall(event['index'], message['tool_calls']);
      case 'citation-start':
        return this.readCitation(message['citations']);
      case 'message-end':
        return this.readEnd(delta);
      default:
        // Ends of parts, and what is not documented yet.
        return NOTHING;
    }
  }

  private readContent(content: unknown): readonly ChatStreamItem[] {
    if (!isObject(content)) return NOTHING;
    if (isText(content['text'])) return [this.chunk({ content: content['text'] }, true)];
    return isText(content['thinking']) ? [this.chunk({ reasoning_content: content['thinking'] }, true)] : NOTHING;
  }

  /** A call comes as one object, not as a list of deltas. */
  private readCall(index: unknown, call: unknown): readonly ChatStreamItem[] {
    if (!isObject(call)) return NOTHING;
    return [this.chunk({ tool_calls: this.toolCalls.push([{ ...call, index }]) }, true)];
  }

  /** Not under `citations`: what stands there is in Anthropic's words. */
  private readCitation(citation: unknown): readonly ChatStreamItem[] {
    const citations = Array.isArray(citation) ? citation : [citation];
    return [this.chunk({ cohere_citations: citations.filter(isObject) }, false)];
  }

  private readEnd(delta: WireObject): readonly ChatStreamItem[] {
    const usage = toUsage(delta['usage']);
    const items: ChatStreamItem[] = [];
    const finish = readCohereFinish(delta['finish_reason'], delta['error']);
    const isFailed = finish instanceof ProviderError;
    if (finish !== undefined && !isFailed) {
      const missing = this.toolCalls.finish();
      const own = ownFinish(delta['finish_reason'] === 'STOP_SEQUENCE', this.request);
      items.push(this.chunk(missing.length > 0 ? { tool_calls: missing } : {}, missing.length > 0, finish, own));
    }
    // What was consumed before a failure is known, and has to be paid.
    if (usage !== undefined && isObject(delta['usage'])) {
      items.push({ type: 'usage', usage, wire: toWireUsage(usage, delta['usage']) });
    }
    if (isFailed) return [...items, ...this.fail(finish)];
    this.isOver = true;
    return [...items, { type: 'done' }];
  }

  private chunk(delta: WireObject, hasContent: boolean, finish: string | null = null, more = {}): ChatStreamItem {
    const told = this.isRoleSent ? delta : { role: 'assistant', ...delta };
    this.isRoleSent = true;
    const choice: ChatChunkChoice = { index: 0, delta: told, finish_reason: finish, ...more };
    const chunk = { id: this.id, object: 'chat.completion.chunk', choices: [choice] };
    return { type: 'chunk', chunk, hasContent, isFinish: finish !== null };
  }
}
