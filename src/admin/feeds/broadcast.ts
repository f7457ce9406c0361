/** How much a slow listener may fall behind; of more, the oldest is left out. */
const WAITING_MAX = 1000;

interface Listener<Item> {
  readonly waiting: Item[];
  wake: () => void;
}

/** Hands each item to everybody who listens at that moment. */
export class Broadcast<Item> {
  private readonly listeners = new Set<Listener<Item>>();
  private isOver = false;

  /** @param onListeners is told when the first listener comes (true) and when the last one has gone (false). */
  constructor(private readonly onListeners: (areThere: boolean) => void) {}

  /** Gives an item to all listeners. */
  send(item: Item): void {
    for (const listener of this.listeners) {
      listener.waiting.push(item);
      if (listener.waiting.length > WAITING_MAX) listener.waiting.shift();
      listener.wake();
    }
  }

  /** Ends all listeners for good. */
  end(): void {
    this.isOver = true;
    for (const listener of this.listeners) listener.wake();
  }

  /** The items from now on; `return` of the iterator ends it at once. */
  listen(): AsyncIterableIterator<Item, undefined> {
    const listener: Listener<Item> = { waiting: [], wake: () => undefined };
    let isDone = false;
    if (this.listeners.size === 0) this.onListeners(true);
    this.listeners.add(listener);
    const leave = (): void => {
      if (isDone) return;
      isDone = true;
      this.listeners.delete(listener);
      if (this.listeners.size === 0) this.onListeners(false);
      listener.wake();
    };
    const next = async (): Promise<IteratorResult<Item, undefined>> => {
      for (;;) {
        if (isDone || this.isOver) {
          leave();
          return { done: true, value: undefined };
        }
        const item = listener.waiting.shift();
        if (item !== undefined) return { done: false, value: item };
        await new Promise<void>((resolve) => {
          listener.wake = resolve;
        });
      }
    };
    return {
      next,
      return: async () => {
        leave();
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }
}
