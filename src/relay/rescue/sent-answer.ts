import type { ChatChunkChoice } from '../../providers/canonical/chat.js';

/** A longer text is not kept: its stream ends in an error when it breaks off. */
const TEXT_CHARS_MAX = 512 * 1024;

/** What the caller has been sent of one choice, as far as going on with it needs to know. */
export class SentAnswer {
  /** All of its text, without reasoning. */
  text = '';
  /** False once something was sent that cannot be gone on with: a tool call, a refusal, sound, a finish. */
  isContinuable = true;

  /** Takes what is sent of a choice. */
  note({ delta, finish_reason: finish }: ChatChunkChoice): void {
    if (typeof finish === 'string') this.isContinuable = false;
    for (const name in delta) {
      const value = delta[name];
      if (isNothing(value)) continue;
      if (name === 'content' && typeof value === 'string') this.text += value;
      else if (name !== 'role' && !isReasoning(name)) this.isContinuable = false;
    }
    if (this.text.length > TEXT_CHARS_MAX) {
      this.isContinuable = false;
      this.text = '';
    }
  }
}

/** True for members of a message that hold what a model thought, in whatever form, or that sign it. */
export function isReasoning(name: string): boolean {
  return name.startsWith('reasoning') || name.startsWith('thinking') || name === 'extra_content';
}

/** True for what says nothing. */
export function isNothing(value: unknown): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
}
