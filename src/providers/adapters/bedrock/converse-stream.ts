import { isObject } from '../../../common/is-object.js';
import type { ChatRequest, ChatStreamItem, ChatStreamReader, SseEvent } from '../../canonical/chat.js';
import { ownFinish } from '../../canonical/own-finish.js';
import { ProviderError } from '../../canonical/provider-error.js';
import { normaliseUsage } from '../../canonical/usage-normaliser.js';
import type { Target } from '../../provider.js';
import { toToolCall } from '../anthropic/chat-response.js';
import { type ReasoningDetail, redactedDetail, thoughtDetail } from '../anthropic/reasoning-details.js';
import { toWireUsage } from '../openai-compatible/usage.js';
import { toStreamError } from './bedrock-errors.js';
import { toFinishReason } from './stop-reason.js';

type Wire = Readonly<Record<string, unknown>>;

const NOTHING: readonly ChatStreamItem[] = [];
const BEGUN: readonly ChatStreamItem[] = [{ type: 'begun' }];
const MALFORMED: readonly ChatStreamItem[] = [{ type: 'malformed' }];

/** The block that is being told. */
interface OpenBlock {
  /** Of a call: its number among the calls alone. */
  readonly call: number | undefined;
  thought: string;
  signature: string;
  hasArguments: boolean;
}

/** Reads the events of ConverseStream: each is named by its frame and has its members without that name around them. */
export class ConverseStream implements ChatStreamReader {
  private readonly blocks = new Map<unknown, OpenBlock>();
  private readonly model: string;
  private calls = 0;
  private isFinished = false;
  private isOver = false;

  constructor(
    { upstreamModel }: Target,
    private readonly request?: ChatRequest,
  ) {
    this.model = upstreamModel;
  }

  push({ name, data }: SseEvent): readonly ChatStreamItem[] {
    if (this.isOver) return NOTHING;
    if (/(?:Exception|Error|Failure)$/.test(name)) return this.fail(toStreamError(name, data));
    let event: unknown;
    try {
      event = JSON.parse(data);
    } catch {
      return MALFORMED;
    }
    if (!isObject(event)) return MALFORMED;
    switch (name) {
      case 'contentBlockDelta':
        return this.onDelta(event['contentBlockIndex'], event['delta']);
      case 'contentBlockStart':
        return this.onBlock(event['contentBlockIndex'], event['start']);
      case 'contentBlockStop':
        return this.onBlockEnd(event['contentBlockIndex']);
      case 'messageStart':
        return [this.chunk({ role: 'assistant', content: '' }, false)];
      case 'messageStop':
        return this.onStop(event['stopReason']);
      case 'metadata':
        return this.onUsage(event['usage']);
    }
    // Events of tomorrow.
    return NOTHING;
  }

  private fail(error: ProviderError): readonly ChatStreamItem[] {
    this.isOver = true;
    return [{ type: 'error', error }];
  }

  /** Only calls begin with a word; what else begins is known by its first piece. */
  private onBlock(index: unknown, start: unknown): readonly ChatStreamItem[] {
    const toolUse = isObject(start) ? start['toolUse'] : undefined;
    if (!isObject(toolUse)) return NOTHING;
    const call = this.calls++;
    this.blocks.set(index, { ...newBlock(), call });
    const { toolUseId, name } = toolUse;
    return [this.chunk({ tool_calls: [{ index: call, ...toToolCall(toolUseId, name, '', call) }] }, true)];
  }

  private onDelta(index: unknown, delta: unknown): readonly ChatStreamItem[] {
    if (!isObject(delta)) return MALFORMED;
    const { text, toolUse, reasoningContent } = delta;
    if (typeof text === 'string') return text === '' ? NOTHING : [this.chunk({ content: text }, true)];
    if (isObject(toolUse)) return this.onArguments(this.blocks.get(index), toolUse['input']);
    return isObject(reasoningContent) ? this.onThought(index, reasoningContent) : NOTHING;
  }

  private onArguments(block: OpenBlock | undefined, text: unknown): readonly ChatStreamItem[] {
    if (block?.call === undefined || typeof text !== 'string' || text === '') return NOTHING;
    block.hasArguments = true;
    return [this.chunk({ tool_calls: [{ index: block.call, function: { arguments: text } }] }, true)];
  }

  private onThought(index: unknown, { text, signature, redactedContent }: Wire): readonly ChatStreamItem[] {
    let block = this.blocks.get(index);
    const begun = block === undefined ? BEGUN : NOTHING;
    if (block === undefined) {
      block = newBlock();
      this.blocks.set(index, block);
    }
    if (typeof redactedContent === 'string')
      return [...begun, this.detail(redactedDetail(this.model, redactedContent))];
    if (typeof signature === 'string') block.signature += signature;
    if (typeof text !== 'string' || text === '') return begun;
    block.thought += text;
    return [...begun, this.chunk({ reasoning_content: text }, true)];
  }

  private onBlockEnd(index: unknown): readonly ChatStreamItem[] {
    const block = this.blocks.get(index);
    if (block === undefined) return NOTHING;
    this.blocks.delete(index);
    if (block.signature !== '') return [this.detail(thoughtDetail(this.model, block.thought, block.signature))];
    // A call without arguments has no piece at all, and clients would parse nothing as JSON.
    return block.call === undefined || block.hasArguments ? NOTHING : this.onArguments(block, '{}');
  }

  private onStop(stopReason: unknown): readonly ChatStreamItem[] {
    try {
      const reason = toFinishReason(stopReason);
      if (reason === undefined || this.isFinished) return NOTHING;
      this.isFinished = true;
      return [this.chunk({}, false, reason, ownFinish(stopReason === 'stop_sequence', this.request))];
    } catch (error) {
      if (error instanceof ProviderError) return this.fail(error);
      throw error;
    }
  }

  private onUsage(wire: unknown): readonly ChatStreamItem[] {
    const usage = normaliseUsage(wire);
    return usage === undefined ? NOTHING : [{ type: 'usage', usage, wire: toWireUsage(usage) }];
  }

  /** What only the next request needs is no content: an answer of nothing else has given the caller nothing. */
  private detail(detail: ReasoningDetail): ChatStreamItem {
    return this.chunk({ reasoning_details: [detail] }, false);
  }

  private chunk(delta: Wire, hasContent: boolean, finish: string | null = null, more: Wire = {}): ChatStreamItem {
    const choice = { index: 0, delta: { ...delta }, finish_reason: finish, ...more };
    return {
      type: 'chunk',
      chunk: { object: 'chat.completion.chunk', choices: [choice] },
      hasContent,
      isFinish: finish !== null,
    };
  }
}

function newBlock(): OpenBlock {
  return { call: undefined, thought: '', signature: '', hasArguments: false };
}
