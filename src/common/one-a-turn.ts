/**
 * Lets callers go on one by one, each in a turn of the event loop of its own. Work of some tens of milliseconds that has become
 * due for many at the same moment would otherwise be done in a row, and everything else would wait for all of it.
 */
export class OneATurn {
  private readonly waiting: (() => void)[] = [];

  /** Resolves when it is the caller's turn, which lasts until the caller next awaits something outside of the process. */
  wait(): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      if (this.waiting.length === 1) setImmediate(this.next);
    });
  }

  private readonly next = (): void => {
    this.waiting.shift()?.();
    // Set from within an immediate, the next one comes after a look at the sockets.
    if (this.waiting.length > 0) setImmediate(this.next);
  };
}
