import { toSafeId } from '../../../providers/adapters/anthropic/safe-id.js';

/** A tool call on its way. */
export interface CallBlock {
  readonly id: string;
  readonly name: string;
  /** All of its arguments so far. */
  text: string;
  /** What of them has not been written yet. */
  waiting: string;
}

/**
 * Brings the pieces of tool calls, which may come interleaved, into the order that blocks have: one after the other. A call is over when
 * another one has begun and its own arguments are a complete JSON text; until then the others wait.
 */
export class CallBlocks {
  private readonly calls = new Map<number, CallBlock>();
  private readonly queue: CallBlock[] = [];

  /** Takes a piece of a call. @param index of the call among the calls. */
  take(index: number, id: unknown, name: unknown, text: string): void {
    let call = this.calls.get(index);
    if (call === undefined) {
      call = { id: toSafeId(textOf(id) || `call_${index}`), name: textOf(name), text: '', waiting: '' };
      this.calls.set(index, call);
      this.queue.push(call);
    }
    call.text += text;
    call.waiting += text;
  }

  /** The call whose turn it is; undefined when there is none. */
  get current(): CallBlock | undefined {
    return this.queue[0];
  }

  /** Part of a call is told and part is still to come. */
  get isBroken(): boolean {
    const [current] = this.queue;
    return current !== undefined && !isComplete(current.text);
  }

  /** Whether the current call makes room for the next one. @param isEnd true when nothing more of any call will come. */
  isOver(isEnd: boolean): boolean {
    const [current] = this.queue;
    if (current === undefined) return false;
    return isEnd || (this.queue.length > 1 && isComplete(current.text));
  }

  /** The next call's turn. */
  next(): void {
    this.queue.shift();
  }
}

function isComplete(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
