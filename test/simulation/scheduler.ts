interface Task {
  readonly time: number;
  /** Tasks of one moment run in the order in which they were planned. */
  readonly order: number;
  readonly run: () => void;
}

/** Virtual time in microseconds: a heap of what is planned. */
export class Scheduler {
  now = 0;
  private planned = 0;
  private readonly heap: Task[] = [];

  after(us: number, run: () => void): void {
    this.at(this.now + us, run);
  }

  at(time: number, run: () => void): void {
    const { heap } = this;
    const task = { time, order: this.planned++, run };
    let place = heap.length;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = heap[above] as Task;
      if (!isBefore(task, parent)) break;
      heap[place] = parent;
      place = above;
    }
    heap[place] = task;
  }

  /** Moves time to the next task and hands it out; undefined when nothing is planned. */
  take(): (() => void) | undefined {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined) return undefined;
    if (heap.length > 0) this.sink(last);
    this.now = first.time;
    return first.run;
  }

  private sink(task: Task): void {
    const { heap } = this;
    const { length } = heap;
    let place = 0;
    for (let below = 1; below < length; below = 2 * place + 1) {
      if (below + 1 < length && isBefore(heap[below + 1] as Task, heap[below] as Task)) below++;
      const child = heap[below] as Task;
      if (!isBefore(child, task)) break;
      heap[place] = child;
      place = below;
    }
    heap[place] = task;
  }
}

function isBefore(a: Task, b: Task): boolean {
  return a.time < b.time || (a.time === b.time && a.order < b.order);
}
