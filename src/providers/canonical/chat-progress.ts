import { ProviderError } from './provider-error.js';
import type { Usage } from './usage.js';

/**
 * Says when a streamed chat answer is complete and when it is an answer at all; the same for a stream that is passed on
 * and for one that is collected.
 */
export class ChatProgress {
  private readonly open = new Set<number>();
  private readonly finished = new Set<number>();
  private isDone = false;
  private isCurtailed = false;
  /** Something came that a caller can use. */
  hasContent = false;

  /** @param choiceCount how many choices the caller asked for. */
  constructor(private readonly choiceCount: number) {}

  /** Forgets everything, for another attempt. */
  restart(): void {
    this.open.clear();
    this.finished.clear();
    this.isDone = false;
    this.isCurtailed = false;
    this.hasContent = false;
  }

  /** True when the choice has had its finish: what follows is not part of the answer. */
  hasFinished(index: number): boolean {
    return this.finished.has(index);
  }

  /** Notes that a choice has begun or goes on, and its finish reason if it has one. */
  note(index: number, finishReason: string | null | undefined): void {
    if (typeof finishReason !== 'string') {
      this.open.add(index);
      return;
    }
    this.open.delete(index);
    this.finished.add(index);
    if (isCurtailed(finishReason)) this.isCurtailed = true;
  }

  /** Notes that the upstream said `[DONE]`: no choice is to come that has not begun. */
  noteDone(): void {
    this.isDone = true;
  }

  /** True when no choice is to come and every one that began has finished. */
  get isFinished(): boolean {
    return this.open.size === 0 && this.finished.size >= (this.isDone ? 1 : this.choiceCount);
  }

  /**
   * Judges the stream after its last item.
   * @throws ProviderError `incomplete` when a choice is missing or unfinished; `invalid_response` when nothing was said
   *   and nothing counted. A model that was paid to say nothing, cut short or held back has answered.
   */
  requireAnswer(usage: Usage | undefined): void {
    if (!this.isFinished) {
      throw new ProviderError({
        kind: 'incomplete',
        message: 'The upstream stream ended before the answer was finished.',
      });
    }
    if (!this.hasContent && !this.isCurtailed && (usage?.outputTokens ?? 0) === 0) {
      throw new ProviderError({
        kind: 'invalid_response',
        message: 'The upstream stream finished without any content.',
      });
    }
  }
}

/** True when a model was cut short or held back, and so may have answered without a word. */
export function isCurtailed(finishReason: string): boolean {
  return finishReason === 'length' || finishReason === 'content_filter';
}

/** A connection that broke or fell silent. After the finish of all choices only `[DONE]` is lost with it. */
export function isBreak(error: unknown): boolean {
  return error instanceof ProviderError && (error.kind === 'incomplete' || error.kind === 'timeout');
}
