import { isObject } from '../../../providers/adapters/openai-compatible/wire.js';
import type { EventSink } from './event-sink.js';

type Part = Record<string, unknown>;

/** A message that is being told: a text, a refusal, or one after the other. */
export class OpenMessage {
  private readonly content: Part[] = [];
  private kind: 'text' | 'refusal' | undefined;
  private said = '';
  private annotations: unknown[] = [];
  private logprobs: unknown[] = [];
  private head = '';

  /** @param item the item itself; it is filled on the way. */
  constructor(
    private readonly item: Record<string, unknown>,
    private readonly output_index: number,
    private readonly sink: EventSink,
  ) {
    Object.assign(item, { type: 'message', status: 'in_progress', role: 'assistant', content: this.content });
    sink.event('response.output_item.added', { output_index, item });
  }

  /** @param logprobs as chat/completions has them, of this piece. */
  text(delta: string, logprobs: unknown): void {
    this.requirePart('text');
    this.said += delta;
    const tokens: unknown = isObject(logprobs) ? logprobs['content'] : undefined;
    const list = Array.isArray(tokens) && tokens.length > 0 ? tokens : undefined;
    if (list !== undefined) this.logprobs.push(...list);
    const told = list === undefined ? '[]' : JSON.stringify(list);
    this.sink.text('response.output_text.delta', `${this.head}${JSON.stringify(delta)},"logprobs":${told}`);
  }

  refuse(delta: string): void {
    this.requirePart('refusal');
    this.said += delta;
    this.sink.text('response.refusal.delta', this.head + JSON.stringify(delta));
  }

  /** What the text cites; chat/completions has it one level deeper. */
  annotate(annotations: readonly unknown[]): void {
    this.requirePart('text');
    for (const annotation of annotations) {
      if (!isObject(annotation)) continue;
      const { url_citation: citation, ...rest } = annotation;
      const flat = isObject(citation) ? { ...rest, ...citation } : rest;
      const annotation_index = this.annotations.push(flat) - 1;
      this.sink.event('response.output_text.annotation.added', { ...this.place, annotation_index, annotation: flat });
    }
  }

  close(status: 'completed' | 'incomplete'): void {
    this.closePart();
    this.item['status'] = status;
    this.sink.event('response.output_item.done', { output_index: this.output_index, item: this.item });
  }

  breakOff(): void {
    if (this.kind !== undefined) this.content.push(this.part);
    this.kind = undefined;
    this.item['status'] = 'incomplete';
  }

  private requirePart(kind: 'text' | 'refusal'): void {
    if (this.kind === kind) return;
    this.closePart();
    this.kind = kind;
    const { item_id, output_index, content_index } = this.place;
    this.head = `,"item_id":"${String(item_id)}","output_index":${output_index},"content_index":${content_index},"delta":`;
    this.sink.event('response.content_part.added', { ...this.place, part: this.part });
  }

  private closePart(): void {
    const { kind, said, place, part } = this;
    if (kind === undefined) return;
    if (kind === 'text')
      this.sink.event('response.output_text.done', { ...place, text: said, logprobs: this.logprobs });
    else this.sink.event('response.refusal.done', { ...place, refusal: said });
    this.sink.event('response.content_part.done', { ...place, part });
    this.content.push(part);
    this.kind = undefined;
    this.said = '';
    this.annotations = [];
    this.logprobs = [];
  }

  private get place() {
    return { item_id: this.item['id'], output_index: this.output_index, content_index: this.content.length };
  }

  private get part(): Part {
    const { kind, said: text, annotations, logprobs } = this;
    return kind === 'refusal'
      ? { type: 'refusal', refusal: text }
      : { type: 'output_text', text, annotations, logprobs };
  }
}
