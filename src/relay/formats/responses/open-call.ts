import { ProviderError } from '../../../providers/canonical/provider-error.js';
import type { EventSink } from './event-sink.js';

/** What is called. */
export interface CallFacts {
  readonly kind: 'function' | 'custom';
  readonly callId: string;
  readonly name: unknown;
}

/** A tool call that is being told. */
export class OpenCall {
  readonly kind: 'function' | 'custom';
  readonly callId: string;
  /** What has to come back with it to some models. */
  extra: unknown;
  private given = '';
  private isClosed = false;
  private readonly family: string;
  private readonly head: string;

  /** @param item the item itself; it is filled on the way. */
  constructor(
    private readonly item: Record<string, unknown>,
    private readonly output_index: number,
    private readonly sink: EventSink,
    { kind, callId, name }: CallFacts,
  ) {
    this.kind = kind;
    this.callId = callId;
    const isCustom = kind === 'custom';
    this.family = isCustom ? 'response.custom_tool_call_input' : 'response.function_call_arguments';
    Object.assign(item, {
      type: isCustom ? 'custom_tool_call' : 'function_call',
      status: 'in_progress',
      call_id: callId,
      name,
      [this.member]: '',
    });
    this.head = `,"item_id":"${String(item['id'])}","output_index":${output_index},"delta":`;
    sink.event('response.output_item.added', { output_index, item });
  }

  /** All of its input is there, as far as can be told. */
  get isReady(): boolean {
    return this.kind === 'custom' || isJson(this.given);
  }

  /** @throws ProviderError for more of a call that has been told as complete. */
  input(delta: string): void {
    if (this.isClosed) {
      if (delta.trim() === '') return;
      throw new ProviderError({
        kind: 'invalid_response',
        message: 'The upstream went on with a tool call after it had begun something else.',
      });
    }
    this.given += delta;
    this.sink.text(`${this.family}.delta`, this.head + JSON.stringify(delta));
  }

  close(status: 'completed' | 'incomplete'): void {
    if (this.isClosed) return;
    this.isClosed = true;
    // Clients parse it as JSON.
    if (this.kind === 'function' && this.given === '') this.given = '{}';
    this.fill(status);
    const { output_index, item } = this;
    const { id: item_id, name } = item;
    this.sink.event(`${this.family}.done`, {
      item_id,
      output_index,
      ...(this.kind === 'function' && { name }),
      [this.member]: this.given,
    });
    this.sink.event('response.output_item.done', { output_index, item });
  }

  breakOff(): void {
    if (!this.isClosed) this.fill('incomplete');
  }

  private fill(status: string): void {
    this.item['status'] = status;
    this.item[this.member] = this.given;
  }

  private get member(): 'input' | 'arguments' {
    return this.kind === 'custom' ? 'input' : 'arguments';
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
