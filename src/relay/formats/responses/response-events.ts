import type { HubError } from '../../../common/hub-error.js';
import type { ChatChunk } from '../../../providers/canonical/chat.js';
import type { Usage } from '../../../providers/canonical/usage.js';
import type { AnswerHead, ChatStreamWriter } from '../chat-format.js';
import type { EventSink } from './event-sink.js';
import { OutputItems } from './output-items.js';
import { type ResponseState, statusOf, toResponse } from './response-object.js';

type Wire = Readonly<Record<string, unknown>>;

/** What a streamed response is made for. */
export interface StreamedResponse {
  /** `resp_…`. */
  readonly id: string;
  /** Makes the ids of its items. */
  readonly seed: string;
  readonly model: string;
  /** The request as it came. */
  readonly body: Wire;
}

/**
 * The events of a streamed response, numbered from 0. It ends with `response.completed`, `response.incomplete` or `response.failed`; an
 * `error` event is for the failure before its beginning. https://platform.openai.com/docs/api-reference/responses-streaming
 */
export class ResponseEvents implements ChatStreamWriter, EventSink {
  private readonly items: OutputItems;
  private pending = '';
  private sequence = 0;
  private head: AnswerHead | undefined;
  private finishReason: unknown;
  private serviceTier: unknown;
  private usage: Usage | undefined;

  constructor(private readonly response: StreamedResponse) {
    this.items = new OutputItems(response.seed, this);
  }

  event(type: string, members: Wire): void {
    this.text(type, `,${JSON.stringify(members).slice(1, -1)}`);
  }

  text(type: string, members: string): void {
    this.pending += `event: ${type}\ndata: {"type":"${type}","sequence_number":${this.sequence++}${members}}\n\n`;
  }

  chunk(chunk: ChatChunk, head: AnswerHead): string {
    this.begin(head);
    if (chunk['service_tier'] !== undefined) this.serviceTier = chunk['service_tier'];
    for (const { index, delta, finish_reason: finish, logprobs } of chunk.choices) {
      if (index !== 0) continue;
      this.items.take(delta, logprobs);
      if (typeof finish === 'string') this.finishReason = finish;
    }
    return this.take();
  }

  tail(usage: Usage | undefined): string {
    this.usage = usage;
    this.items.end(statusOf(this.finishReason).status === 'incomplete');
    return this.take();
  }

  end(): string {
    const ended = statusOf(this.finishReason);
    this.event(`response.${ended.status}`, { response: this.responseAt(ended) });
    return this.take();
  }

  error({ code, message, param }: HubError): string {
    if (this.head === undefined) {
      // Both as the specification has it and as clients look for it.
      const error = { code, message, param: param ?? null };
      this.event('error', { ...error, error });
      return this.take();
    }
    this.items.breakOff();
    // Left over from the chunk that failed.
    this.pending = '';
    this.event('response.failed', { response: this.responseAt({ status: 'failed', error: { code, message } }) });
    return this.take();
  }

  private begin(head: AnswerHead): void {
    if (this.head !== undefined) return;
    this.head = head;
    const response = this.responseAt({ status: 'in_progress' });
    this.event('response.created', { response });
    this.event('response.in_progress', { response });
  }

  private responseAt(now: Pick<ResponseState, 'status' | 'error' | 'incompleteReason'>): Wire {
    const { id, body, model } = this.response;
    const state = {
      ...now,
      id,
      createdAt: this.head?.created ?? 0,
      output: this.items.all,
      serviceTier: this.serviceTier,
      ...(this.usage !== undefined && { usage: this.usage }),
    };
    return toResponse(body, model, state);
  }

  private take(): string {
    const { pending } = this;
    this.pending = '';
    return pending;
  }
}
