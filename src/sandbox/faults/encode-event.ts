import type { StreamEvent } from '../reply.js';
import type { Directive } from './directive.js';

// In `mixed`, a lone CR is always followed by CRLF: CR and then LF would read as one line end and swallow a blank line.
const LINE_ENDS: Readonly<Record<NonNullable<Directive['line_ending']>, readonly string[]>> = {
  lf: ['\n'],
  cr: ['\r'],
  crlf: ['\r\n'],
  mixed: ['\n', '\r', '\r\n'],
};

/** Writes events in every form that the SSE grammar allows, as the directive says. One encoder per stream. */
export class EventEncoder {
  private readonly ends: readonly string[];
  private lineCount = 0;
  private eventCount = 0;

  constructor(private readonly directive: Directive) {
    this.ends = LINE_ENDS[directive.line_ending ?? 'lf'];
  }

  /** @param isLast true on the last event, for streams that lack the last blank line. */
  encode(event: StreamEvent, isLast: boolean): string {
    const { directive } = this;
    const isFirst = this.eventCount++ === 0;
    let text = isFirst && directive.bom === true ? '\ufeff' : '';
    if (directive.comments === true) text += this.line(': keep-alive') + this.line('');
    if (directive.named_events === true && isFirst) text += this.line('retry: 3000');
    const name = event.name ?? (directive.named_events === true ? 'message' : undefined);
    if (name !== undefined) text += this.line(`event: ${name}`);
    if (directive.named_events === true) text += this.line(`id: ${this.eventCount}`);
    for (const part of this.dataLines(event.data)) text += this.line(`data: ${part}`);
    return isLast && directive.no_last_blank === true ? text : text + this.line('');
  }

  private dataLines(data: string): readonly string[] {
    if (this.directive.multi_data !== true || !data.startsWith('{')) return [data];
    try {
      return JSON.stringify(JSON.parse(data), null, 1).split('\n');
    } catch {
      return [data];
    }
  }

  private line(text: string): string {
    return text + this.ends[this.lineCount++ % this.ends.length];
  }
}
