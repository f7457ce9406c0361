import type { Usage } from './usage.js';

/** Largest count that is believed when nothing is known of the model: far above any context window. */
export const USAGE_TOKENS_MAX = 100_000_000;

/**
 * A count as an upstream reports it. Whatever is not a whole number from 0 to `max` is no count: text, fractions,
 * negative numbers, NaN, infinity.
 */
export function toCount(value: unknown, max: number): number | undefined {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0 || value > max) return undefined;
  // Minus zero is a whole number too.
  return value === 0 ? 0 : value;
}

/**
 * Only the fields that say something, and only parts that fit into their wholes: a part larger than the whole is a
 * misreport, and would be billed at the wrong price. Where cache reads and writes fit alone but not together, the reads
 * are kept.
 * @returns undefined when nothing is reported that could be paid for.
 */
export function toSoundUsage(usage: Usage): Usage | undefined {
  const { inputTokens, outputTokens, cachedInputTokens, cacheWriteTokens, reasoningTokens, images } = usage;
  const { audioMs, searches } = usage;
  const counts = [inputTokens, outputTokens, images, audioMs, searches];
  if (counts.every((count) => count === undefined)) return undefined;
  const hasCached = isPart(cachedInputTokens, inputTokens);
  const leftForWrites = inputTokens === undefined || !hasCached ? inputTokens : inputTokens - (cachedInputTokens ?? 0);
  return {
    ...(inputTokens !== undefined && { inputTokens }),
    ...(outputTokens !== undefined && { outputTokens }),
    ...(hasCached && { cachedInputTokens }),
    ...(isPart(cacheWriteTokens, leftForWrites) && { cacheWriteTokens }),
    ...(isPart(reasoningTokens, outputTokens) && { reasoningTokens }),
    ...(images !== undefined && { images }),
    ...(audioMs !== undefined && { audioMs }),
    ...(searches !== undefined && { searches }),
  };
}

function isPart(part: number | undefined, whole: number | undefined): boolean {
  return part !== undefined && (whole === undefined || part <= whole);
}
