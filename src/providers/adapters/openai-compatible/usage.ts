import type { Usage } from '../../canonical/usage.js';
import { normaliseUsage } from '../../canonical/usage-normaliser.js';
import { isObject } from './wire.js';

/**
 * Reads the usage object of any OpenAI-compatible vendor.
 * @param isReasoningOutsideOutput true when the vendor's `completion_tokens` leaves out reasoning (xAI).
 * @returns undefined when nothing usable was reported. Only non-negative safe integers count.
 */
export function toUsage(wire: unknown, isReasoningOutsideOutput = false): Usage | undefined {
  return normaliseUsage(wire, { isReasoningOutsideOutput });
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

function firstRecord(...values: readonly unknown[]): Record<string, unknown> | undefined {
  return values.find(isObject);
}
