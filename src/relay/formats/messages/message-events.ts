import { anthropicErrorBody } from '../../../common/anthropic-error.js';
import type { HubError } from '../../../common/hub-error.js';
import { isObject } from '../../../common/is-object.js';
import type { ChatChunk, ChatChunkChoice } from '../../../providers/canonical/chat.js';
import type { Usage } from '../../../providers/canonical/usage.js';
import type { AnswerFacts, AnswerHead, ChatStreamWriter } from '../chat-format.js';
import { KeptChars } from '../kept-chars.js';
import { isPiece, joinedThought } from '../thought-pieces.js';
import { CallBlocks } from './call-blocks.js';
import { toFirstUsage, toMessagesUsage } from './messages-usage.js';
import { pictureText } from './picture-text.js';
import { type SaidOfEnd, type Stop, saidOfEnd, stopOf } from './stop-of.js';
import { extraBlock, hiddenBlock, isSigned, signatureOf, UNSIGNED } from './thought-blocks.js';
import { messageId } from './write-message.js';

type Wire = Readonly<Record<string, unknown>>;
type OpenKind = 'text' | 'thinking' | 'tool_use';

/** Writes an answer as events of the Messages API: blocks one after the other, each begun, told and ended. */
export class MessageEvents implements ChatStreamWriter {
  readonly ping = event('ping', { type: 'ping' });
  private out = '';
  private hasBegun = false;
  private index = 0;
  private open: OpenKind | undefined;
  /** Of thoughts, calls and what has to wait for its turn. */
  private readonly kept = new KeptChars();
  /** Of the thinking block that is open. */
  private thought = '';
  /** An entry of `reasoning_details` of which more may come. */
  private piece: Wire | undefined;
  private readonly calls = new CallBlocks();
  private refusal = '';
  /** Text that came in the middle of a call, and is told after it: a block that has ended cannot be told on. */
  private later = '';
  private stop: Stop | undefined;
  /** It may come before the finish reason, where a whole answer is told piece by piece. */
  private said: SaidOfEnd = {};
  private usage: Usage | undefined;

  constructor(
    private readonly publicModel: string,
    private readonly facts: AnswerFacts,
    /** At which the caller wanted it to stop. */
    private readonly sequences: readonly unknown[] = [],
  ) {}

  noteUsage(usage: Usage): void {
    this.usage = usage;
  }

  chunk({ choices }: ChatChunk, head: AnswerHead): string {
    this.out = '';
    if (!this.hasBegun) this.begin(head);
    for (const choice of choices) if (choice.index === 0) this.tell(choice);
    return this.out;
  }

  tail(usage: Usage | undefined, wire: Wire | undefined): string {
    this.out = '';
    this.endBlocks();
    const { stop = stopOf('stop', this.refusal) } = this;
    this.emit('message_delta', {
      delta: stop,
      usage: toMessagesUsage(usage, this.facts, wire?.['original']),
    });
    return this.out;
  }

  end(): string {
    return event('message_stop', { type: 'message_stop' });
  }

  error(error: HubError): string {
    return `event: error\ndata: ${anthropicErrorBody(error, this.facts.requestId)}\n\n`;
  }

  private begin({ id }: AnswerHead): void {
    this.hasBegun = true;
    this.emit('message_start', {
      message: {
        id: messageId(id, this.facts.requestId),
        type: 'message',
        role: 'assistant',
        model: this.publicModel,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: toFirstUsage(this.usage, this.facts),
      },
    });
  }

  private tell(choice: ChatChunkChoice): void {
    const { delta, finish_reason: finish, original_block_end } = choice;
    const { original = this.said.original, stoppedAt = this.said.stoppedAt } = saidOfEnd(choice);
    this.said = { original, stoppedAt };
    this.think(textOf(delta['reasoning_content']), delta['reasoning_details']);
    const calls = Array.isArray(delta['tool_calls']) ? delta['tool_calls'].filter(isObject) : [];
    const extra = extraBlock(calls, delta['extra_content']);
    if (extra !== undefined) this.whole(extra);
    this.text(textOf(delta['content']) + pictureText(delta['images']), delta['citations']);
    this.refusal += this.kept.take(textOf(delta['refusal']));
    for (const call of calls) this.call(call);
    const others = delta['content_blocks'];
    if (Array.isArray(others)) for (const block of others) if (isObject(block)) this.whole(block);
    if (original_block_end === true && this.open === 'text') this.endBlock();
    if (typeof finish !== 'string') return;
    this.endBlocks();
    if (this.later !== '') this.text(this.later, undefined);
    this.endBlocks();
    this.stop = stopOf(finish, this.refusal, this.said, this.sequences);
  }

  private text(text: string, citations: unknown): void {
    const cited: readonly unknown[] = Array.isArray(citations) ? citations : [];
    if (text === '' && cited.length === 0) return;
    if (this.calls.isBroken) {
      this.later += this.kept.take(text);
      return;
    }
    if (this.open !== 'text') this.begins('text', { type: 'text', text: '' });
    if (text !== '') this.delta({ type: 'text_delta', text });
    for (const citation of cited) this.delta({ type: 'citations_delta', citation });
  }

  /** A thought comes word by word, and its signature afterwards, or both at once. */
  private think(text: string, details: unknown): void {
    const entries = Array.isArray(details) ? details.filter(isObject) : [];
    const isToldBelow = this.open !== 'thinking' && entries.some((entry) => isSigned(entry) && entry.text !== '');
    if (text !== '' && !isToldBelow) this.thinkOn(text);
    for (const entry of entries) {
      if (this.takePiece(entry)) continue;
      if (isSigned(entry)) this.sign(entry);
      else this.whole(hiddenBlock({ detail: entry }));
    }
  }

  /** Entries that come piece by piece are told when they are whole. @returns whether it is a piece. */
  private takePiece(entry: Wire): boolean {
    const joined = joinedThought(this.piece, entry);
    if (joined === undefined && !isPiece(entry)) return false;
    if (joined === undefined) this.endPiece();
    this.piece = joined ?? entry;
    return true;
  }

  /** Another entry begins. Where the thought goes on, its block does too. */
  private endPiece(): void {
    if (this.piece !== undefined) this.endBlocks();
  }

  private thinkOn(text: string): void {
    if (this.open !== 'thinking') this.begins('thinking', { type: 'thinking', thinking: '', signature: '' });
    this.thought += this.kept.take(text);
    this.delta({ type: 'thinking_delta', thinking: text });
  }

  private sign(detail: Wire & { readonly text: string }): void {
    if (this.open !== 'thinking' || this.thought !== detail.text) {
      if (this.open === 'thinking') this.endBlock();
      this.begins('thinking', { type: 'thinking', thinking: '', signature: '' });
      if (detail.text !== '') this.delta({ type: 'thinking_delta', thinking: detail.text });
    }
    this.endThought(signatureOf(detail));
  }

  private call({ index, id, function: called }: Wire): void {
    const { name, arguments: text } = isObject(called) ? called : {};
    this.calls.take(typeof index === 'number' ? index : 0, id, name, this.kept.take(textOf(text)));
    this.tellCalls(false);
  }

  private tellCalls(isEnd: boolean): void {
    for (let call = this.calls.current; call !== undefined; call = this.calls.current) {
      if (this.open !== 'tool_use') {
        this.begins('tool_use', { type: 'tool_use', id: call.id, name: call.name, input: {} });
      }
      if (call.waiting !== '') this.delta({ type: 'input_json_delta', partial_json: call.waiting });
      call.waiting = '';
      if (!this.calls.isOver(isEnd)) return;
      this.calls.next();
      this.endBlock();
    }
  }

  /** A block that is told at once. The vendor tells an input apart from the block's beginning, and its clients read it there. */
  private whole(block: Wire): void {
    this.endBlocks();
    this.emitWhole(block);
  }

  private emitWhole(block: Wire): void {
    const { input } = block;
    const hasInput = isObject(input) && Object.keys(input).length > 0;
    this.emit('content_block_start', { index: this.index, content_block: hasInput ? { ...block, input: {} } : block });
    if (hasInput) this.delta({ type: 'input_json_delta', partial_json: JSON.stringify(input) });
    this.stopBlock();
  }

  private begins(kind: OpenKind, block: Wire): void {
    if (kind !== 'tool_use') this.endBlocks();
    else this.endBlock();
    this.open = kind;
    this.emit('content_block_start', { index: this.index, content_block: block });
  }

  /** Ends what is open, calls that wait for their turn included. */
  private endBlocks(): void {
    this.tellCalls(true);
    this.endBlock();
  }

  private endBlock(): void {
    if (this.open === 'thinking') this.endThought(this.takeSignature());
    else if (this.open !== undefined) this.stopBlock();
    const { piece: detail } = this;
    this.piece = undefined;
    if (detail !== undefined) this.emitWhole(hiddenBlock({ detail }));
  }

  /** What stands under a thought: its entry, where that says the same. */
  private takeSignature(): string {
    const { piece } = this;
    if (piece === undefined || piece['text'] !== this.thought) return UNSIGNED;
    this.piece = undefined;
    return signatureOf(piece);
  }

  private endThought(signature: string): void {
    this.delta({ type: 'signature_delta', signature });
    this.thought = '';
    this.stopBlock();
  }

  private stopBlock(): void {
    this.emit('content_block_stop', { index: this.index });
    this.index++;
    this.open = undefined;
  }

  private delta(delta: Wire): void {
    this.emit('content_block_delta', { index: this.index, delta });
  }

  private emit(type: string, members: Wire): void {
    this.out += event(type, { type, ...members });
  }
}

function event(name: string, data: Wire): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
