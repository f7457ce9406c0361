import type { ChatChunk, ChatStreamItem } from '../providers/canonical/chat.js';
import type { ChatProgress } from '../providers/canonical/chat-progress.js';

type ChunkItem = Extract<ChatStreamItem, { type: 'chunk' }>;

const NOTHING: readonly string[] = [];

/** Chunks that are held back at most: an upstream must not fill the memory with nothing. */
const HELD_MAX = 64;

/** Ends every complete stream. */
export const DONE_EVENT = 'data: [DONE]\n\n';

/**
 * Makes one well-formed OpenAI stream out of the chunks of one or several attempts: one id, one creation time and one
 * model name, each role once, each choice finished once, usage only at the end and only for those who asked.
 */
export class ChatShaper {
  private id: string | undefined;
  private created: number | undefined;
  private readonly roles = new Set<number>();
  private held: string[] = [];
  /** Something has been given to be sent. */
  private hasBegun = false;
  private wireUsage: Record<string, unknown> | undefined;

  constructor(
    private readonly publicModel: string,
    private readonly fallbackId: string,
    private readonly includeUsage: boolean,
    private readonly progress: ChatProgress,
  ) {}

  /** A new attempt begins: what a failed one finished or held back counts no more. */
  restart(): void {
    this.progress.restart();
    this.held = [];
    this.wireUsage = undefined;
    if (this.hasBegun) return;
    // What was held back has not been shown.
    this.id = undefined;
    this.created = undefined;
    this.roles.clear();
  }

  /** Takes the latest usage; it replaces what came before. */
  takeUsage(wire: Record<string, unknown>): void {
    this.wireUsage = wire;
  }

  /** Brings a chunk into shape and returns the events to send now; empty when there is nothing to send yet. */
  chunk(item: ChunkItem): readonly string[] {
    const { chunk } = item;
    this.tidy(chunk);
    if (chunk.choices.length === 0) return NOTHING;
    if (item.hasContent) this.progress.hasContent = true;
    const text = this.serialise(chunk);
    // A role, or a finish, before any content may be of an empty answer, which another channel could still better; and while nothing has
    // been sent, a failure still has a status of its own.
    if (!this.progress.hasContent && (item.isFinish || !this.hasBegun) && this.held.length < HELD_MAX) {
      this.held.push(text);
      return NOTHING;
    }
    this.hasBegun = true;
    if (this.held.length === 0) return [text];
    const ready = [...this.held, text];
    this.held = [];
    return ready;
  }

  /** What is left to send after the last chunk, without `[DONE]`. */
  tail(): readonly string[] {
    const { held } = this;
    this.held = [];
    if (!this.includeUsage || this.wireUsage === undefined) return held;
    return [...held, this.serialise({ choices: [], usage: this.wireUsage })];
  }

  private tidy(chunk: ChatChunk): void {
    this.id ??= typeof chunk['id'] === 'string' && chunk['id'] !== '' ? chunk['id'] : this.fallbackId;
    this.created ??= createdOf(chunk);
    chunk.choices = chunk.choices.filter((choice) => {
      const { index } = choice;
      if (this.progress.hasFinished(index)) return false;
      if (choice.delta['role'] !== undefined) {
        if (this.roles.has(index)) delete choice.delta['role'];
        else this.roles.add(index);
      }
      this.progress.note(index, choice.finish_reason);
      return true;
    });
  }

  private serialise(chunk: ChatChunk): string {
    const whole: Record<string, unknown> = {
      ...chunk,
      id: this.id ?? this.fallbackId,
      object: 'chat.completion.chunk',
      created: this.created ?? Math.floor(Date.now() / 1000),
      model: this.publicModel,
    };
    if (this.includeUsage && whole['usage'] === undefined) whole['usage'] = null;
    return `data: ${JSON.stringify(whole)}\n\n`;
  }
}

/** When an answer was made, by its vendor's clock; zero is what an adapter gives of a format without times. */
function createdOf({ created }: ChatChunk): number {
  const isDated = typeof created === 'number' && Number.isSafeInteger(created) && created !== 0;
  return isDated ? created : Math.floor(Date.now() / 1000);
}
