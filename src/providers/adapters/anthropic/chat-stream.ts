import { isObject } from '../../../common/is-object.js';
import { parseExactly } from '../../../common/parse-exactly.js';
import type { ChatRequest, ChatStreamItem, ChatStreamReader, SseEvent } from '../../canonical/chat.js';
import { mergeWireUsage } from '../../canonical/merge-usage.js';
import { normaliseUsage } from '../../canonical/usage-normaliser.js';
import type { Target } from '../../provider.js';
import { toInBandError } from '../openai-compatible/errors.js';
import { readErrorBody } from '../openai-compatible/read-error-body.js';
import { toWireUsage } from '../openai-compatible/usage.js';
import { explanationOf, tierOf, toToolCall } from './chat-response.js';
import { ERROR_RULES } from './errors.js';
import { ownRequest } from './own-request.js';
import { type ReasoningDetail, redactedDetail, thoughtDetail } from './reasoning-details.js';
import { toFinishReason } from './stop-reason.js';
import { jsonToolOf } from './tools.js';

type Wire = Readonly<Record<string, unknown>>;
type Delta = Record<string, unknown>;

const NOTHING: readonly ChatStreamItem[] = [];
const BEGUN: readonly ChatStreamItem[] = [{ type: 'begun' }];
const DONE: readonly ChatStreamItem[] = [{ type: 'done' }];
const MALFORMED: readonly ChatStreamItem[] = [{ type: 'malformed' }];

/** The block that is being told. */
interface OpenBlock {
  readonly kind: 'text' | 'thinking' | 'call' | 'json' | 'other';
  /** Of a call: its number among the calls alone. */
  readonly call: number;
  thought: string;
  signature: string;
  /** Arguments that came with the beginning of a call, for the case that no pieces follow. */
  given: string;
  hasArguments: boolean;
  /** Of a kind that only callers of this format are told of: as it began, and its input so far. */
  readonly block?: Wire;
}

/** Reads the events of one answer of the Messages API. */
export class AnthropicChatStream implements ChatStreamReader {
  private readonly blocks = new Map<unknown, OpenBlock>();
  private readonly model: string;
  private readonly jsonTool: string | undefined;
  /** The caller speaks this format too, and is told what others have no words for. */
  private readonly isOwn: boolean;
  private id = 'msg_unnamed';
  private usage: Wire | undefined;
  private servedTier: string | undefined;
  private calls = 0;
  private hasText = false;
  private isFromJsonTool = false;
  private hasStarted = false;
  private isFinished = false;
  private isOver = false;

  constructor({ upstreamModel }: Target, request: ChatRequest) {
    this.model = upstreamModel;
    this.isOwn = ownRequest(request) !== undefined;
    this.jsonTool = this.isOwn ? undefined : jsonToolOf(request, upstreamModel)?.name;
  }

  push({ name, data }: SseEvent): readonly ChatStreamItem[] {
    if (this.isOver || data === '') return NOTHING;
    let event: unknown;
    try {
      event = JSON.parse(data);
    } catch {
      return name === 'error' ? this.fail(data) : MALFORMED;
    }
    if (!isObject(event)) return MALFORMED;
    switch (event['type']) {
      case 'content_block_delta':
        return this.onDelta(this.blocks.get(event['index']), event['delta']);
      case 'content_block_start':
        return this.onBlock(event['index'], event['content_block'], data);
      case 'content_block_stop':
        return this.onBlockEnd(event['index']);
      case 'message_start':
        return this.onStart(event['message']);
      case 'message_delta':
        return this.onMessageDelta(event);
      case 'message_stop':
        this.isOver = true;
        return DONE;
      case 'error':
        return this.fail(event);
    }
    // Pings, and events of tomorrow. A gateway in between may say an error in its own shape.
    return name === 'error' || isObject(event['error']) ? this.fail(event) : NOTHING;
  }

  private fail(event: unknown): readonly ChatStreamItem[] {
    this.isOver = true;
    return [{ type: 'error', error: toInBandError(readErrorBody(event), ERROR_RULES) }];
  }

  private onStart(message: unknown): readonly ChatStreamItem[] {
    // Some proxies send it twice.
    if (this.hasStarted || !isObject(message)) return NOTHING;
    this.hasStarted = true;
    if (typeof message['id'] === 'string') this.id = message['id'];
    const role = this.chunk({ role: 'assistant', content: '' }, false);
    if (!isObject(message['usage'])) return [role];
    this.usage = message['usage'];
    this.servedTier = tierOf(message['usage']);
    // The output at the start is a placeholder of a few tokens; for a stream that breaks off it would pass for the whole.
    const usage = this.toUsage({ ...this.usage, output_tokens: undefined });
    return usage === undefined ? [role] : [role, usage];
  }

  private onBlock(index: unknown, block: unknown, data: string): readonly ChatStreamItem[] {
    if (!isObject(block)) return MALFORMED;
    const open = { call: -1, thought: '', signature: '', given: '{}', hasArguments: false };
    const { type, name } = block;
    if (type === 'text') {
      this.blocks.set(index, { ...open, kind: 'text' });
      return typeof block['text'] === 'string' && block['text'] !== '' ? this.onText(block['text']) : NOTHING;
    }
    if (type === 'thinking') {
      this.blocks.set(index, { ...open, kind: 'thinking' });
      // The newest models show nothing of it, and it may take minutes.
      return BEGUN;
    }
    if (type === 'redacted_thinking') {
      this.blocks.set(index, { ...open, kind: 'other' });
      const { data } = block;
      return typeof data === 'string' ? [...BEGUN, this.detail(redactedDetail(this.model, data))] : BEGUN;
    }
    if (type !== 'tool_use') {
      this.blocks.set(index, { ...open, kind: 'other', ...(this.isOwn && { block }) });
      return NOTHING;
    }
    const given = inputAtStart(block, data);
    if (this.jsonTool !== undefined && name === this.jsonTool) {
      this.isFromJsonTool = true;
      this.blocks.set(index, { ...open, kind: 'json', given });
      return NOTHING;
    }
    const call = this.calls++;
    this.blocks.set(index, { ...open, kind: 'call', call, given });
    return [this.chunk({ tool_calls: [{ index: call, ...toToolCall(block['id'], name, '', call) }] }, true)];
  }

  private onDelta(block: OpenBlock | undefined, delta: unknown): readonly ChatStreamItem[] {
    if (!isObject(delta)) return MALFORMED;
    const { type, text, thinking, partial_json, signature } = delta;
    if (type === 'text_delta' && typeof text === 'string') return text === '' ? NOTHING : this.onText(text);
    if (block === undefined) return NOTHING;
    if (type === 'citations_delta')
      return this.isOwn ? [this.chunk({ citations: [delta['citation']] }, true)] : NOTHING;
    if (type === 'input_json_delta' && typeof partial_json === 'string') return this.onArguments(block, partial_json);
    if (type === 'thinking_delta' && typeof thinking === 'string' && thinking !== '') {
      block.thought += thinking;
      return [this.chunk({ reasoning_content: thinking }, true)];
    }
    if (type === 'signature_delta' && typeof signature === 'string') block.signature += signature;
    return NOTHING;
  }

  private onText(text: string): readonly ChatStreamItem[] {
    this.hasText = true;
    return [this.chunk({ content: text }, true)];
  }

  private onArguments(block: OpenBlock, text: string): readonly ChatStreamItem[] {
    if (text === '') return NOTHING;
    block.hasArguments = true;
    if (block.kind === 'json') return this.onText(text);
    if (block.block !== undefined) block.given = (block.given === '{}' ? '' : block.given) + text;
    if (block.kind !== 'call') return NOTHING;
    return [this.chunk({ tool_calls: [{ index: block.call, function: { arguments: text } }] }, true)];
  }

  private onBlockEnd(index: unknown): readonly ChatStreamItem[] {
    const block = this.blocks.get(index);
    if (block === undefined) return NOTHING;
    this.blocks.delete(index);
    if (block.kind === 'thinking') {
      if (block.signature === '') return NOTHING;
      return [this.detail(thoughtDetail(this.model, block.thought, block.signature))];
    }
    // Texts of one answer are joined, but for callers that have blocks as well.
    if (block.kind === 'text') return this.isOwn ? [this.blockEnd()] : NOTHING;
    if (block.kind === 'other') return block.block === undefined ? NOTHING : [this.ownBlock(block.block, block.given)];
    // A call without arguments is told by an empty piece, which clients would parse as JSON.
    return block.hasArguments ? NOTHING : this.onArguments(block, block.given);
  }

  private onMessageDelta(event: Wire): readonly ChatStreamItem[] {
    const { delta, usage: wire } = event;
    const items: ChatStreamItem[] = [];
    let reason = isObject(delta) ? toFinishReason(delta['stop_reason']) : undefined;
    if (reason !== undefined && !this.isFinished) {
      this.isFinished = true;
      if (reason === 'tool_calls' && this.calls === 0 && this.isFromJsonTool) reason = 'stop';
      const refusal = this.hasText || !isObject(delta) ? undefined : explanationOf(delta);
      if (refusal !== undefined) items.push(this.chunk({ refusal }, true));
      items.push(this.chunk({}, false, reason, this.isOwn ? delta : undefined));
    }
    if (isObject(wire)) {
      const { iterations } = wire;
      this.servedTier = tierOf(wire) ?? this.servedTier;
      this.usage = { ...mergeWireUsage(this.usage, wire), ...(Array.isArray(iterations) && { iterations }) };
      const usage = this.toUsage(this.usage);
      if (usage !== undefined) items.push(usage);
    }
    return items;
  }

  private toUsage(wire: Wire): ChatStreamItem | undefined {
    const usage = normaliseUsage(wire);
    if (usage === undefined) return undefined;
    const told = { ...toWireUsage(usage), ...(this.isOwn && { original: wire }) };
    const { servedTier } = this;
    return { type: 'usage', usage, wire: told, ...(servedTier !== undefined && { servedTier }) };
  }

  /** What only the next request needs is no content: an answer of nothing else has given the caller nothing. */
  private detail(detail: ReasoningDetail): ChatStreamItem {
    return this.chunk({ reasoning_details: [detail] }, false);
  }

  /** A block that only this format has words for, whole. @param input its input as JSON text, where it has one. */
  private ownBlock(block: Wire, input: string): ChatStreamItem {
    if (!isObject(block['input']) || input === '{}') return this.chunk({ content_blocks: [block] }, true);
    try {
      return this.chunk({ content_blocks: [{ ...block, input: parseExactly(input) }] }, true);
    } catch {
      return { type: 'malformed' };
    }
  }

  private blockEnd(): ChatStreamItem {
    const choice = { index: 0, delta: {}, finish_reason: null, original_block_end: true };
    return { type: 'chunk', chunk: { id: this.id, choices: [choice] }, hasContent: false, isFinish: false };
  }

  /** @param own what was said of the end, for callers of this format. */
  private chunk(delta: Delta, hasContent: boolean, finish: string | null = null, own?: unknown): ChatStreamItem {
    return {
      type: 'chunk',
      chunk: {
        id: this.id,
        object: 'chat.completion.chunk',
        choices: [{ index: 0, delta, finish_reason: finish, ...(own !== undefined && { original_finish: own }) }],
      },
      hasContent,
      isFinish: finish !== null,
    };
  }
}

/** The vendor begins every call with an empty input; other servers of its format may give all of it there. */
function inputAtStart({ input }: Wire, data: string): string {
  if (!isObject(input) || Object.keys(input).length === 0) return '{}';
  const event = parseExactly(data);
  const block = isObject(event) ? event['content_block'] : undefined;
  return JSON.stringify(isObject(block) ? block['input'] : input);
}
