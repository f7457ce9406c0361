import type { ChatChunk, ChatStreamItem, ChatStreamReader, SseEvent } from '../../canonical/chat.js';
import { ProviderError } from '../../canonical/provider-error.js';
import { findInBandError } from '../openai-compatible/read-error-body.js';
import { toUsage, toWireUsage } from '../openai-compatible/usage.js';
import { isObject, isText, type WireObject } from '../openai-compatible/wire.js';
import { ReasoningCollector } from './reasoning-details.js';
import { finishOf, logprobsOf, toCompletionId } from './responses-answer.js';
import { toFailedError } from './responses-errors.js';

const NOTHING: readonly ChatStreamItem[] = [];
const MALFORMED: readonly ChatStreamItem[] = [{ type: 'malformed' }];

/** A tool call under way. */
interface OpenCall {
  /** Its place among the tool calls alone. */
  readonly index: number;
  readonly kind: 'function' | 'custom';
  hasInput: boolean;
  isClosed: boolean;
}

/** Reads the events of one streamed response. What comes whole in a `done` event counts where no delta came before it. */
export class ResponsesStream implements ChatStreamReader {
  /** By `output_index`. */
  private readonly calls = new Map<unknown, OpenCall>();
  /** Parts of which something was shown, as `output_index/content_index`, with a letter for the kind. */
  private readonly shown = new Set<string>();
  private readonly reasoning: ReasoningCollector;
  private id = 'chatcmpl-response';
  private created = 0;
  private isRoleSent = false;
  private hasThoughts = false;
  private isOver = false;

  constructor(upstreamModel: string) {
    this.reasoning = new ReasoningCollector(upstreamModel);
  }

  push({ name, data }: SseEvent): readonly ChatStreamItem[] {
    if (this.isOver || data === '') return NOTHING;
    // Not OpenAI's own word here; servers that imitate it say it all the same, after the end.
    if (data.startsWith('[DONE]')) return NOTHING;
    let value: unknown;
    try {
      value = JSON.parse(data);
    } catch {
      return name === 'error' ? this.fail(toFailedError(data)) : MALFORMED;
    }
    if (!isObject(value)) return MALFORMED;
    return this.read(isText(value['type']) ? value['type'] : name, value);
  }

  private read(type: string, value: WireObject): readonly ChatStreamItem[] {
    switch (type) {
      case 'response.created':
      case 'response.in_progress':
      case 'response.queued':
        return this.begin(value['response']);
      case 'response.output_text.delta':
        return this.text('content', 't', value, value['delta']);
      case 'response.output_text.done':
        return this.textAtEnd('content', 't', value, value['text']);
      case 'response.refusal.delta':
        return this.text('refusal', 'r', value, value['delta']);
      case 'response.refusal.done':
        return this.textAtEnd('refusal', 'r', value, value['refusal']);
      case 'response.reasoning_text.delta':
      case 'response.reasoning_summary_text.delta':
        return this.thought(type === 'response.reasoning_text.delta' ? 'c' : 's', value);
      case 'response.output_item.added':
        return this.openItem(value);
      case 'response.function_call_arguments.delta':
      case 'response.custom_tool_call_input.delta':
        return this.callInput(value, value['delta']);
      case 'response.function_call_arguments.done':
        return this.callInputAtEnd(value, value['arguments']);
      case 'response.custom_tool_call_input.done':
        return this.callInputAtEnd(value, value['input']);
      case 'response.output_item.done':
        return this.closeItem(value);
      case 'response.completed':
      case 'response.incomplete':
      case 'response.failed':
      case 'response.cancelled':
        return this.end(value['response']);
      case 'error':
        return this.fail(toFailedError(isObject(value['error']) ? value['error'] : value));
      default:
        return this.other(value);
    }
  }

  /** Events that nobody has named here mean nothing, but for an error without a type. */
  private other(value: WireObject): readonly ChatStreamItem[] {
    if (isText(value['type']) || findInBandError(value) === undefined) return NOTHING;
    return this.fail(toFailedError(value));
  }

  private begin(response: unknown): readonly ChatStreamItem[] {
    if (this.isRoleSent) return NOTHING;
    this.isRoleSent = true;
    if (isObject(response)) {
      this.id = toCompletionId(response['id']);
      if (typeof response['created_at'] === 'number') this.created = Math.floor(response['created_at']);
    }
    return [this.chunk({ role: 'assistant', content: '' }, false)];
  }

  private text(member: string, letter: string, value: WireObject, delta: unknown): readonly ChatStreamItem[] {
    if (!isText(delta)) return NOTHING;
    this.shown.add(placeOf(letter, value));
    return [this.chunk({ [member]: delta }, true, null, logprobsOf(value['logprobs']))];
  }

  private textAtEnd(member: string, letter: string, value: WireObject, text: unknown): readonly ChatStreamItem[] {
    return this.shown.has(placeOf(letter, value)) ? NOTHING : this.text(member, letter, value, text);
  }

  /** Parts of a summary are paragraphs. */
  private thought(letter: 'c' | 's', value: WireObject): readonly ChatStreamItem[] {
    const { delta, output_index, summary_index, content_index } = value;
    if (!isText(delta)) return NOTHING;
    // Reasoning itself and a summary of it would say everything twice.
    if (letter === 's' && this.shown.has(`c${output_index}`)) return NOTHING;
    this.shown.add(`${letter}${output_index}`);
    const place = `p${letter}${output_index}/${summary_index ?? content_index}`;
    const isNext = this.hasThoughts && !this.shown.has(place);
    this.shown.add(place);
    this.hasThoughts = true;
    return [this.chunk({ reasoning_content: isNext ? `\n\n${delta}` : delta }, true)];
  }

  /** What led to an item is known once it begins, and told before it. */
  private openItem(value: WireObject): readonly ChatStreamItem[] {
    const { item } = value;
    if (!isObject(item)) return NOTHING;
    // A reasoning item is complete at its end only.
    const details = item['type'] === 'reasoning' ? undefined : this.reasoning.takeNew(item);
    const opened = this.openCall(value);
    return details === undefined ? opened : [this.chunk({ reasoning_details: details }, false), ...opened];
  }

  private openCall({ item, output_index }: WireObject): readonly ChatStreamItem[] {
    if (!isObject(item) || this.calls.has(output_index)) return NOTHING;
    const { type, call_id, id, name } = item;
    if (type !== 'function_call' && type !== 'custom_tool_call') return NOTHING;
    const kind = type === 'function_call' ? 'function' : 'custom';
    const call: OpenCall = { index: this.calls.size, kind, hasInput: false, isClosed: false };
    this.calls.set(output_index, call);
    const given = kind === 'function' ? item['arguments'] : item['input'];
    call.hasInput = isText(given);
    const input = isText(given) ? given : '';
    const body = kind === 'function' ? { name, arguments: input } : { name, input };
    return [this.callChunk({ index: call.index, id: call_id ?? id, type: kind, [kind]: body })];
  }

  private callInput({ output_index }: WireObject, delta: unknown): readonly ChatStreamItem[] {
    const call = this.calls.get(output_index);
    if (call === undefined || call.isClosed || !isText(delta)) return NOTHING;
    call.hasInput = true;
    const body = call.kind === 'function' ? { arguments: delta } : { input: delta };
    return [this.callChunk({ index: call.index, [call.kind]: body })];
  }

  /** A call without arguments has none to send; clients would parse an empty text. */
  private callInputAtEnd(value: WireObject, whole: unknown): readonly ChatStreamItem[] {
    const call = this.calls.get(value['output_index']);
    if (call === undefined || call.isClosed) return NOTHING;
    const items = call.hasInput
      ? NOTHING
      : this.callInput(value, isText(whole) || call.kind === 'custom' ? whole : '{}');
    call.isClosed = true;
    return items;
  }

  /** The last word on an item: what no event before has told of it is told now. */
  private closeItem(value: WireObject): readonly ChatStreamItem[] {
    const { item, output_index } = value;
    if (!isObject(item)) return NOTHING;
    const { type } = item;
    if (type === 'reasoning') this.reasoning.push(item);
    if (type === 'function_call' || type === 'custom_tool_call') {
      const opened = this.openItem(value);
      return [...opened, ...this.callInputAtEnd(value, type === 'function_call' ? item['arguments'] : item['input'])];
    }
    if (type !== 'message' || !Array.isArray(item['content'])) return NOTHING;
    const opened = this.openItem(value);
    const said = item['content'].flatMap((part: unknown, content_index) => {
      if (!isObject(part)) return NOTHING;
      const place = { output_index, content_index };
      if (part['type'] === 'refusal') return this.textAtEnd('refusal', 'r', place, part['refusal']);
      return this.textAtEnd('content', 't', place, part['text']);
    });
    return [...opened, ...said];
  }

  private end(response: unknown): readonly ChatStreamItem[] {
    if (!isObject(response)) return MALFORMED;
    const wire = response['usage'];
    const usage = toUsage(wire);
    const servedTier = isText(response['service_tier']) ? response['service_tier'] : undefined;
    const report = usage && {
      type: 'usage' as const,
      usage,
      wire: toWireUsage(usage),
      ...(servedTier !== undefined && { servedTier }),
    };
    const told: ChatStreamItem[] = report === undefined ? [] : [report];
    try {
      const items = this.missed(response['output']);
      const reason = finishOf(response, this.calls.size > 0);
      const chunk = this.chunk({}, false, reason);
      if (servedTier !== undefined) chunk.chunk['service_tier'] = servedTier;
      this.isOver = true;
      return [...items, chunk, ...told, { type: 'done' }];
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      // What was consumed until then is known, and has to be paid.
      return [...told, ...this.fail(error)];
    }
  }

  /** Items that the last event alone has: of servers that send nothing else. */
  private missed(output: unknown): readonly ChatStreamItem[] {
    if (!Array.isArray(output) || this.shown.size > 0 || this.calls.size > 0) return NOTHING;
    return output.flatMap((item: unknown, output_index) => this.closeItem({ item, output_index }));
  }

  private fail(error: ProviderError): readonly ChatStreamItem[] {
    this.isOver = true;
    return [{ type: 'error', error }];
  }

  private callChunk(delta: WireObject): ChatStreamItem {
    return this.chunk({ tool_calls: [delta] }, true);
  }

  private chunk(
    delta: WireObject,
    hasContent: boolean,
    finish_reason: string | null = null,
    logprobs: WireObject | null = null,
  ) {
    const chunk: ChatChunk = {
      id: this.id,
      object: 'chat.completion.chunk',
      created: this.created,
      choices: [{ index: 0, delta, logprobs, finish_reason }],
    };
    return { type: 'chunk' as const, chunk, hasContent, isFinish: finish_reason !== null };
  }
}

function placeOf(letter: string, { output_index, content_index }: WireObject): string {
  return `${letter}${output_index}/${content_index}`;
}
