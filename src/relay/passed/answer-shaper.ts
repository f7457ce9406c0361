import type { AnswerEvent } from '../../providers/canonical/answer-events.js';
import type { ChatProgress } from '../../providers/canonical/chat-progress.js';

/** An event that goes to the caller. */
export type ShownEvent = Extract<AnswerEvent, { type: 'event' }>;

/** Events that are held back at most: an upstream must not fill the memory with nothing. */
const HELD_MAX = 64;

/** Makes one well-formed stream out of the events of one or several attempts. */
export interface AnswerShaper {
  /** A new attempt begins: what a failed one held back counts no more. */
  restart(): void;
  /** Takes the latest usage; it replaces what came before. */
  takeUsage(wire: Readonly<Record<string, unknown>>): void;
  /** Events to send now. */
  push(event: ShownEvent): readonly string[];
  /** What is left to send after the last event, without `[DONE]`. */
  tail(): readonly string[];
}

/** Passes events on; what comes before any content, and each end, is held back. */
export class EventShaper implements AnswerShaper {
  private held: string[] = [];
  private hasBegun = false;

  constructor(private readonly progress: ChatProgress) {}

  restart(): void {
    this.progress.restart();
    this.held = [];
  }

  takeUsage(_wire: Readonly<Record<string, unknown>>): void {
    // It stands in the event that it came with.
  }

  push(event: ShownEvent): readonly string[] {
    const text = this.write(event);
    if (event.hasContent) this.progress.hasContent = true;
    // While nothing has been sent, a failure still has a status of its own; and nobody sees the end before the books are closed.
    const mustWait = (!this.hasBegun && !event.hasContent) || (event.finished.length > 0 && this.holdsEnd);
    if (mustWait && this.held.length < HELD_MAX) {
      this.held.push(text);
      return [];
    }
    this.hasBegun = true;
    const ready = [...this.held, text];
    this.held = [];
    return ready;
  }

  tail(): readonly string[] {
    const { held } = this;
    this.held = [];
    return held;
  }

  /** The event that ends an answer is the last one of its stream. */
  protected get holdsEnd(): boolean {
    return true;
  }

  protected write({ value }: ShownEvent): string {
    return `data: ${JSON.stringify(value)}\n\n`;
  }
}

/** Text completions: one id, one creation time, the public model's name, and usage at the end for those who asked. */
export class CompletionsShaper extends EventShaper {
  private id: string | undefined;
  private created: number | undefined;
  private wire: Readonly<Record<string, unknown>> | undefined;

  constructor(
    progress: ChatProgress,
    private readonly publicModel: string,
    private readonly fallbackId: string,
    private readonly includeUsage: boolean,
  ) {
    super(progress);
  }

  override restart(): void {
    super.restart();
    this.wire = undefined;
  }

  override takeUsage(wire: Readonly<Record<string, unknown>>): void {
    this.wire = wire;
  }

  override tail(): readonly string[] {
    const held = super.tail();
    if (!this.includeUsage || this.wire === undefined) return held;
    return [...held, this.serialise({ choices: [], usage: this.wire })];
  }

  protected override get holdsEnd(): boolean {
    return false;
  }

  protected override write({ value }: ShownEvent): string {
    const { id, created } = value;
    this.id ??= typeof id === 'string' && id !== '' ? id : this.fallbackId;
    this.created ??= typeof created === 'number' && Number.isSafeInteger(created) && created > 0 ? created : undefined;
    return this.serialise(value);
  }

  private serialise(value: Readonly<Record<string, unknown>>): string {
    this.created ??= Math.floor(Date.now() / 1000);
    return `data: ${JSON.stringify({
      ...value,
      id: this.id ?? this.fallbackId,
      object: 'text_completion',
      created: this.created,
      model: this.publicModel,
      ...(this.includeUsage && value['usage'] === undefined && { usage: null }),
    })}\n\n`;
  }
}
