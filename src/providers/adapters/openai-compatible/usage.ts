import type { Usage } from '../../canonical/usage.js';
import { isObject } from './wire.js';

/**
 * Reads the usage object of any OpenAI-compatible vendor: OpenAI's own names, the Responses names that image models
 * use, and the extra places where vendors put cached and reasoning tokens.
 * @param isReasoningOutsideOutput true when the vendor's `completion_tokens` leaves out reasoning (xAI).
 * @returns undefined when nothing usable was reported. Only non-negative safe integers count.
 */
export function toUsage(wire: unknown, isReasoningOutsideOutput = false): Usage | undefined {
  if (!isObject(wire)) return undefined;
  const inputDetails = firstRecord(wire['prompt_tokens_details'], wire['input_tokens_details']);
  const outputDetails = firstRecord(wire['completion_tokens_details'], wire['output_tokens_details']);
  const inputTokens = firstCount(wire['prompt_tokens'], wire['input_tokens']);
  const totalTokens = firstCount(wire['total_tokens']);
  const reasoningTokens = firstCount(outputDetails?.['reasoning_tokens'], wire['reasoning_tokens']);
  let outputTokens = firstCount(wire['completion_tokens'], wire['output_tokens']);
  // A total equal to prompt and completion says that reasoning is inside completion after all.
  if (isReasoningOutsideOutput && outputTokens !== undefined && reasoningTokens !== undefined) {
    if (totalTokens !== (inputTokens ?? 0) + outputTokens) outputTokens += reasoningTokens;
  }
  const cachedInputTokens = firstCount(
    inputDetails?.['cached_tokens'],
    wire['prompt_cache_hit_tokens'],
    wire['cached_tokens'],
  );
  const cacheWriteTokens = firstCount(
    inputDetails?.['cache_write_tokens'],
    inputDetails?.['cache_creation_input_tokens'],
    inputDetails?.['cache_creation_tokens'],
  );
  const images = firstCount(wire['generated_images'], wire['image_count']);
  if (inputTokens === undefined && outputTokens === undefined && images === undefined) return undefined;
  return {
    ...(inputTokens !== undefined && { inputTokens }),
    ...(outputTokens !== undefined && { outputTokens }),
    // A part larger than the whole is a misreport, and would be billed at the wrong price.
    ...(isPart(cachedInputTokens, inputTokens) && { cachedInputTokens }),
    ...(isPart(cacheWriteTokens, inputTokens) && { cacheWriteTokens }),
    ...(isPart(reasoningTokens, outputTokens) && { reasoningTokens }),
    ...(images !== undefined && { images }),
  };
}

// What OpenRouter, xAI and Perplexity say the call cost the operator: none of the caller's business.
const PURCHASE_COSTS = ['cost', 'cost_details', 'cost_in_usd_ticks', 'is_byok'] as const;

/**
 * Writes usage in the shape of OpenAI's chat/completions.
 * @param wire the vendor's own object; what it says beyond the standard counts is kept, except what the operator paid.
 */
export function toWireUsage(usage: Usage, wire: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const result: Record<string, unknown> = { ...wire };
  for (const name of PURCHASE_COSTS) delete result[name];
  if (usage.inputTokens !== undefined) result['prompt_tokens'] = usage.inputTokens;
  if (usage.outputTokens !== undefined) result['completion_tokens'] = usage.outputTokens;
  if (usage.inputTokens !== undefined || usage.outputTokens !== undefined) {
    result['total_tokens'] = (usage.inputTokens ?? 0) + (usage.outputTokens ?? 0);
  }
  if (usage.cachedInputTokens !== undefined || usage.cacheWriteTokens !== undefined) {
    result['prompt_tokens_details'] = {
      ...firstRecord(wire['prompt_tokens_details']),
      ...(usage.cachedInputTokens !== undefined && { cached_tokens: usage.cachedInputTokens }),
      ...(usage.cacheWriteTokens !== undefined && { cache_write_tokens: usage.cacheWriteTokens }),
    };
  }
  if (usage.reasoningTokens !== undefined) {
    result['completion_tokens_details'] = {
      ...firstRecord(wire['completion_tokens_details']),
      reasoning_tokens: usage.reasoningTokens,
    };
  }
  return result;
}

/** True when a usage object already says everything in OpenAI's places, so that its bytes can stay. */
export function isWireUsage(usage: Usage, wire: Readonly<Record<string, unknown>>): boolean {
  const input = firstRecord(wire['prompt_tokens_details']);
  const output = firstRecord(wire['completion_tokens_details']);
  return (
    !PURCHASE_COSTS.some((name) => name in wire) &&
    wire['prompt_tokens'] === usage.inputTokens &&
    wire['completion_tokens'] === usage.outputTokens &&
    wire['total_tokens'] === (usage.inputTokens ?? 0) + (usage.outputTokens ?? 0) &&
    (usage.cachedInputTokens === undefined || input?.['cached_tokens'] === usage.cachedInputTokens) &&
    (usage.cacheWriteTokens === undefined || input?.['cache_write_tokens'] === usage.cacheWriteTokens) &&
    (usage.reasoningTokens === undefined || output?.['reasoning_tokens'] === usage.reasoningTokens)
  );
}

function isPart(part: number | undefined, whole: number | undefined): boolean {
  return part !== undefined && (whole === undefined || part <= whole);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function firstCount(...values: readonly unknown[]): number | undefined {
  return values.find(isCount);
}

function firstRecord(...values: readonly unknown[]): Record<string, unknown> | undefined {
  return values.find(isObject);
}
