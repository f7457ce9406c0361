import type { Trouble } from './faults.js';

/** How far a task is. `unknown`: at work, under a word that nobody knows. */
export type Phase = 'queued' | 'processing' | 'unknown' | 'succeeded' | 'failed' | 'cancelled';

/**
 * What moves a task on: being asked after (so many times in each phase), time, or nothing but {@link TaskTable.advance}.
 */
export type Progression =
  | { readonly by: 'looks'; readonly queued: number; readonly processing: number }
  | { readonly by: 'time'; readonly queuedMs: number; readonly processingMs: number }
  | { readonly by: 'hand' };

/** What a vendor keeps of a submission. */
export interface TaskDraft {
  readonly id: string;
  /** The caller's own id of it. */
  readonly externalId?: string;
  /** Which API it came by, where a vendor has several that do not know each other's tasks. */
  readonly family: string;
  readonly model: string;
  readonly prompt: string;
  readonly callbackUrl?: string;
  /** Results; default 1. */
  readonly count?: number;
  /** Its results are pictures; default videos. */
  readonly isPicture?: boolean;
  /** Seconds. */
  readonly duration: number;
  /** What the vendor gives back of the request, or has added to it. */
  readonly echo?: Readonly<Record<string, unknown>>;
}

/** A task. Each is paid for, whether or not its maker got to know of it. */
export interface SimulatedTask extends TaskDraft {
  readonly troubles: ReadonlySet<Trouble>;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly phase: Phase;
  /** How often it was asked after. */
  readonly looks: number;
}

interface Entry extends SimulatedTask {
  troubles: ReadonlySet<Trouble>;
  updatedAtMs: number;
  phase: Phase;
  looks: number;
  /** Looks within the phase. */
  waited: number;
}

/** Every task of a simulator, and what moves them on. */
export class TaskTable {
  progression: Progression = { by: 'looks', queued: 1, processing: 1 };
  private readonly entries = new Map<string, Entry>();
  private readonly open = new Set<Entry>();

  constructor(
    private readonly nowMs: () => number,
    private readonly troublesOf: (text: string) => ReadonlySet<Trouble>,
    private readonly changed: (task: SimulatedTask) => void,
  ) {}

  /** @param text the request, for the switches to look at. */
  create(draft: TaskDraft, text: string): SimulatedTask {
    const now = this.nowMs();
    const entry: Entry = {
      ...draft,
      troubles: this.troublesOf(text),
      createdAtMs: now,
      updatedAtMs: now,
      phase: 'queued',
      looks: 0,
      waited: 0,
    };
    this.entries.set(draft.id, entry);
    this.open.add(entry);
    this.changed(entry);
    return entry;
  }

  /** The task as it stands; asking does not move it. */
  get(id: string): SimulatedTask | undefined {
    const entry = this.entries.get(id);
    if (entry !== undefined) this.byTime(entry);
    return entry;
  }

  /** The task as its vendor tells of it, which may move it on; undefined when it has vanished. */
  look(id: string): SimulatedTask | undefined {
    const entry = this.entries.get(id);
    if (entry === undefined || entry.troubles.has('vanished')) return undefined;
    this.byTime(entry);
    entry.looks++;
    if (this.progression.by === 'looks' && !isOver(entry.phase)) {
      const patience = entry.phase === 'queued' ? this.progression.queued : this.progression.processing;
      if (entry.waited >= patience) this.next(entry);
      entry.waited++;
    }
    return entry;
  }

  /** The task that its maker calls so. */
  findExternal(externalId: string): SimulatedTask | undefined {
    return this.list().find((task) => task.externalId === externalId && !task.troubles.has('vanished'));
  }

  /** In the order of their making. */
  list(): readonly SimulatedTask[] {
    return [...this.entries.values()];
  }

  /** Moves a task on by one phase, or into a given one. @throws Error when there is no such task. */
  advance(id: string, phase?: Phase): SimulatedTask {
    const entry = this.entries.get(id);
    if (entry === undefined) throw new Error(`There is no task "${id}".`);
    if (phase === undefined) this.next(entry);
    else this.enter(entry, phase);
    return entry;
  }

  /** Takes the record of a task away from its maker, who has paid for it all the same. */
  forget(id: string): void {
    const entry = this.entries.get(id);
    if (entry !== undefined) entry.troubles = new Set([...entry.troubles, 'vanished']);
  }

  /** How many are not over. */
  get running(): number {
    this.passTime();
    return this.open.size;
  }

  /** Moves on whatever time moves. */
  passTime(): void {
    for (const entry of this.open) this.byTime(entry);
  }

  clear(): void {
    this.entries.clear();
    this.open.clear();
  }

  private next(entry: Entry): void {
    if (isOver(entry.phase)) return;
    if (entry.phase === 'queued') {
      this.enter(entry, entry.troubles.has('unknown_status') ? 'unknown' : 'processing');
    } else if (!entry.troubles.has('stuck')) {
      const fails = entry.troubles.has('content_refused_late') || entry.troubles.has('failed_late');
      this.enter(entry, fails ? 'failed' : 'succeeded');
    }
  }

  private enter(entry: Entry, phase: Phase): void {
    entry.phase = phase;
    entry.waited = 0;
    if (isOver(phase)) this.open.delete(entry);
    entry.updatedAtMs = this.nowMs();
    this.changed(entry);
  }

  private byTime(entry: Entry): void {
    if (this.progression.by !== 'time') return;
    const age = this.nowMs() - entry.createdAtMs;
    if (entry.phase === 'queued' && age >= this.progression.queuedMs) this.next(entry);
    const isAtWork = entry.phase === 'processing' || entry.phase === 'unknown';
    if (isAtWork && age >= this.progression.queuedMs + this.progression.processingMs) this.next(entry);
  }
}

/** True when a task moves no more. */
export function isOver(phase: Phase): boolean {
  return phase === 'succeeded' || phase === 'failed' || phase === 'cancelled';
}
