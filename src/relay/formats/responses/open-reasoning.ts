import type { EventSink } from './event-sink.js';

/** A reasoning item that is being told. What a model shows of its reasoning is the summary, in one part. */
export class OpenReasoning {
  private shown = '';
  private readonly head: string;

  /** @param item the item itself; it is filled on the way. */
  constructor(
    private readonly item: Record<string, unknown>,
    private readonly output_index: number,
    private readonly sink: EventSink,
  ) {
    Object.assign(item, { type: 'reasoning', summary: [] });
    this.head = `,"item_id":"${String(item['id'])}","output_index":${output_index},"summary_index":0,"delta":`;
    sink.event('response.output_item.added', { output_index, item });
  }

  text(delta: string): void {
    if (this.shown === '')
      this.sink.event('response.reasoning_summary_part.added', {
        ...this.place,
        part: { type: 'summary_text', text: '' },
      });
    this.shown += delta;
    this.sink.text('response.reasoning_summary_text.delta', this.head + JSON.stringify(delta));
  }

  /** @param encrypted what goes back to the model with it. */
  close(encrypted: string | undefined): void {
    if (this.shown !== '') {
      const part = { type: 'summary_text', text: this.shown };
      this.sink.event('response.reasoning_summary_text.done', { ...this.place, text: this.shown });
      this.sink.event('response.reasoning_summary_part.done', { ...this.place, part });
    }
    this.breakOff();
    if (encrypted !== undefined) this.item['encrypted_content'] = encrypted;
    this.sink.event('response.output_item.done', { output_index: this.output_index, item: this.item });
  }

  breakOff(): void {
    if (this.shown !== '') this.item['summary'] = [{ type: 'summary_text', text: this.shown }];
  }

  private get place() {
    return { item_id: this.item['id'], output_index: this.output_index, summary_index: 0 };
  }
}
