import type { ChatChunk, ChatStreamItem } from '../providers/canonical/chat.js';
import type { ChatProgress } from '../providers/canonical/chat-progress.js';
import type { Usage } from '../providers/canonical/usage.js';
import type { AnswerHead, ChatStreamWriter } from './formats/chat-format.js';

type ChunkItem = Extract<ChatStreamItem, { type: 'chunk' }>;

const NOTHING: readonly never[] = [];

/** Chunks that are held back at most: an upstream must not fill the memory with nothing. */
const HELD_MAX = 64;

/**
 * Makes one well-formed stream out of the chunks of one or several attempts: one id, one creation time, each role once, each choice
 * finished once, and nothing shown before there is content. How events look is the writer's affair.
 */
export class ChatShaper {
  private id: string | undefined;
  private created: number | undefined;
  private head: AnswerHead | undefined;
  private readonly roles = new Set<number>();
  private held: ChatChunk[] = [];
  /** Something has been given to be sent. */
  private hasBegun = false;
  private wireUsage: Record<string, unknown> | undefined;

  constructor(
    private readonly writer: ChatStreamWriter,
    private readonly fallbackId: string,
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
    this.head = undefined;
    this.roles.clear();
  }

  /** Takes the latest usage; it replaces what came before. @param wire the same in the shape of chat/completions. */
  takeUsage(usage: Usage, wire: Record<string, unknown>): void {
    this.wireUsage = wire;
    this.writer.noteUsage?.(usage);
  }

  /** Brings a chunk into shape and returns what is to be shown now; empty when there is nothing to show yet. */
  shape(item: ChunkItem): readonly ChatChunk[] {
    const { chunk } = item;
    this.tidy(chunk);
    if (chunk.choices.length === 0) return NOTHING;
    if (item.hasContent) this.progress.hasContent = true;
    // A role, or a finish, before any content may be of an empty answer, which another channel could still better; and while nothing has
    // been sent, a failure still has a status of its own.
    if (!this.progress.hasContent && (item.isFinish || !this.hasBegun) && this.held.length < HELD_MAX) {
      this.held.push(chunk);
      return NOTHING;
    }
    this.hasBegun = true;
    return [...this.release(), chunk];
  }

  /** The events of what is shown, once it is certain that it will be: writers keep count of what the caller has seen. */
  write(chunks: readonly ChatChunk[]): readonly string[] {
    return chunks.flatMap((chunk) => {
      this.head ??= { id: this.id ?? this.fallbackId, created: this.created ?? Math.floor(Date.now() / 1000) };
      const text = this.writer.chunk(chunk, this.head);
      return text === '' ? NOTHING : text;
    });
  }

  /** What is left to send after the last chunk, but for the event that says so. @param usage the last word on it, if any was said. */
  tail(usage: Usage | undefined): readonly string[] {
    const held = this.write(this.release());
    const last = this.writer.tail(usage, this.wireUsage);
    return last === '' ? held : [...held, last];
  }

  private release(): readonly ChatChunk[] {
    const { held } = this;
    this.held = [];
    return held;
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
}

/** When an answer was made, by its vendor's clock; zero is what an adapter gives of a format without times. */
function createdOf({ created }: ChatChunk): number {
  const isDated = typeof created === 'number' && Number.isSafeInteger(created) && created !== 0;
  return isDated ? created : Math.floor(Date.now() / 1000);
}
