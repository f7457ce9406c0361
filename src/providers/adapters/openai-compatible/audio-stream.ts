import type { AnswerEvent, AnswerEventReader } from '../../canonical/answer-events.js';
import type { SseEvent } from '../../canonical/chat.js';
import type { ErrorRules } from './error-rules.js';
import { readEvent } from './read-event.js';
import { toUsage } from './usage.js';
import { isObject, isText, type WireObject } from './wire.js';

/** Reads the events of a transcript or of speech: `PREFIX.delta`, `.segment` and `.done`. One reader per stream. */
export class AudioStream implements AnswerEventReader {
  private hasDeltas = false;
  private hasText = false;
  private isOver = false;

  constructor(
    private readonly prefix: 'transcript.text' | 'speech.audio',
    private readonly rules: ErrorRules | undefined,
  ) {}

  push(event: SseEvent): readonly AnswerEvent[] {
    if (this.isOver) return [];
    const value = readEvent(event, this.rules);
    if (isEvents(value)) {
      this.isOver = value.some(({ type }) => type === 'done' || type === 'error');
      return value;
    }
    const type = isText(value['type']) ? value['type'] : event.name;
    if (!type.startsWith(`${this.prefix}.`)) return [];
    const isEnd = type === `${this.prefix}.done`;
    const text = this.textOf(value, type, isEnd);
    if (text !== '') this.hasText = true;
    const told: AnswerEvent = {
      type: 'event',
      value: { ...value, type },
      texts: text === '' ? [] : [{ choice: 0, text }],
      hasContent: text !== '' || isText(value['audio']),
      begun: [0],
      // Silence is an answer too, and has no text; speech without sound is none.
      finished: isEnd ? [{ choice: 0, reason: this.prefix === 'transcript.text' ? 'length' : 'stop' }] : [],
    };
    const wire = value['usage'];
    const usage = toUsage(wire);
    return usage !== undefined && isObject(wire) ? [told, { type: 'usage', usage, wire }] : [told];
  }

  /** Text that has not been counted: the end repeats all of it, and segments repeat deltas. */
  private textOf(value: WireObject, type: string, isEnd: boolean): string {
    if (this.prefix === 'speech.audio') return '';
    if (type === `${this.prefix}.delta`) {
      this.hasDeltas = true;
      return isText(value['delta']) ? value['delta'] : '';
    }
    const isCounted = isEnd ? this.hasText : this.hasDeltas;
    return isCounted || !isText(value['text']) ? '' : value['text'];
  }
}

function isEvents(value: WireObject | readonly AnswerEvent[]): value is readonly AnswerEvent[] {
  return Array.isArray(value);
}
