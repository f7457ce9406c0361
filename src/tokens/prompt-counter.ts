import { hash } from 'node:crypto';
import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit, Optional } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { approximateTokens } from './approximate-tokens.js';
import { CountThread } from './count-thread.js';
import { SYNC_CHARS_MAX, SYNC_MERGE_CHARS_MAX } from './count-tokens.js';
import { type EncodingName, encodingNamed } from './encodings.js';
import { familyOf, inFamily } from './model-family.js';
import { type PromptKind, type PromptParts, readPrompt } from './prompt-parts.js';

/** Shorter texts are tokenised faster than looked up. */
const CACHED_CHARS_MIN = 512;
const CACHED_TEXTS_MAX = 10_000;
/** What is added to an approximation, so that it is not below the real count. */
const BOUND_PERCENT = 115;

/** Counts the tokens of a prompt before it is sent, for setting money aside and for rate limits. */
@Injectable()
export class PromptCounter implements OnModuleInit, OnModuleDestroy {
  /** Tokens of long texts seen before, such as system prompts, by SHA-256: no prompt is kept. */
  private readonly counted = new LRUCache<string, number>({ max: CACHED_TEXTS_MAX });
  private readonly thread: CountThread;

  constructor(@Optional() @Inject(CountThread) thread?: CountThread) {
    this.thread = thread ?? new CountThread();
  }

  /** Loads the encodings before the first request: 150 ms that would otherwise block it. */
  onModuleInit(): void {
    encodingNamed('o200k_base');
    encodingNamed('cl100k_base');
  }

  async onModuleDestroy(): Promise<void> {
    await this.thread.close();
  }

  /**
   * Tokens of a request's prompt, for one answer. At once when its texts have at most 64 Ki characters (bodies up to
   * 64 KB always, larger ones when the rest is pictures) and at most 24 Ki of them are in words that the vocabulary lacks; else
   * a promise, counted in a thread. When the thread is busy, broken or takes longer than a second: a bound, the samples
   * of {@link approximateTokens} plus 15 %. Never throws or rejects, also on hostile bodies.
   * @param value the parsed body, as it came from the caller.
   * @param byteLength the size of the body.
   */
  count(
    kind: PromptKind,
    value: Readonly<Record<string, unknown>>,
    byteLength: number,
    model: string,
  ): number | Promise<number> {
    const parts = readPrompt(kind, value, byteLength, model);
    const family = familyOf(model);
    const tokens = parts.chars <= SYNC_CHARS_MAX ? this.countHere(parts, family.encoding) : undefined;
    if (tokens !== undefined) return parts.tokens + inFamily(tokens, family);
    return this.countBeside(parts, family.encoding).then((count) => parts.tokens + inFamily(count, family));
  }

  private countHere({ texts }: PromptParts, name: EncodingName): number | undefined {
    const encoding = encodingNamed(name);
    const budget = { chars: SYNC_MERGE_CHARS_MAX };
    let tokens = 0;
    for (const text of texts) {
      const isCached = text.length >= CACHED_CHARS_MIN;
      const key = isCached ? `${name} ${hash('sha256', text, 'base64')}` : '';
      const known = isCached ? this.counted.get(key) : undefined;
      const found = known ?? encoding.countWithin(text, budget);
      if (found === undefined) return undefined;
      if (isCached && known === undefined) this.counted.set(key, found);
      tokens += found;
    }
    return tokens;
  }

  private async countBeside({ texts, chars }: PromptParts, name: EncodingName): Promise<number> {
    const exact = await this.thread.count({ encoding: name, texts }, chars);
    return exact ?? Math.ceil((approximateTokens(texts, encodingNamed(name)) * BOUND_PERCENT) / 100);
  }
}
