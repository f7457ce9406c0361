import { isObject } from '../../../common/is-object.js';
import type { Usage } from '../../../providers/canonical/usage.js';
import type { AnswerFacts } from '../chat-format.js';

type Wire = Readonly<Record<string, unknown>>;

/** What the vendor says beyond tokens, which no other upstream does. */
const OTHERS = ['server_tool_use', 'service_tier', 'inference_geo', 'speed', 'cache_creation'] as const;

/**
 * Usage in the words of the Messages API, where `input_tokens` are those that were neither read from nor written to a cache.
 * @param usage what was reported; what is missing of it is the hub's own count.
 * @param original the upstream's own object, where it spoke this format.
 */
export function toMessagesUsage(usage: Usage | undefined, facts: AnswerFacts, original?: unknown): Wire {
  return { ...inputOf(usage, facts), ...outputOf(usage, facts), ...(isObject(original) && othersOf(original)) };
}

/** Usage at the beginning of a stream, when nothing has been said yet. */
export function toFirstUsage(usage: Usage | undefined, facts: AnswerFacts): Wire {
  return { ...inputOf(usage, facts), output_tokens: 0 };
}

function inputOf(usage: Usage | undefined, { promptTokens }: AnswerFacts): Wire {
  const { inputTokens = promptTokens, cachedInputTokens: read = 0, cacheWriteTokens: written = 0 } = usage ?? {};
  return {
    input_tokens: Math.max(0, inputTokens - read - written),
    cache_creation_input_tokens: written,
    cache_read_input_tokens: read,
    cache_creation: { ephemeral_5m_input_tokens: written, ephemeral_1h_input_tokens: 0 },
  };
}

function outputOf(usage: Usage | undefined, facts: AnswerFacts): Wire {
  const { outputTokens, reasoningTokens } = usage ?? {};
  return {
    output_tokens: outputTokens ?? facts.outputTokens(),
    ...(reasoningTokens !== undefined && { output_tokens_details: { thinking_tokens: reasoningTokens } }),
  };
}

function othersOf(original: Wire): Wire {
  return Object.fromEntries(
    OTHERS.flatMap((name) => (original[name] === undefined ? [] : [[name, original[name]] as const])),
  );
}
