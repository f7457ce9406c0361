import { ProviderError } from '../../canonical/provider-error.js';

/** The values OpenAI's clients know. */
export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'function_call';

const KNOWN: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool_calls',
  content_filter: 'content_filter',
  function_call: 'function_call',
  // Together.
  eos: 'stop',
  end_turn: 'stop',
  stop_sequence: 'stop',
  // Mistral.
  model_length: 'length',
  max_tokens: 'length',
  // Zhipu.
  model_context_window_exceeded: 'length',
  sensitive: 'content_filter',
  tool_use: 'tool_calls',
};

/** Reasons by which a vendor says that it broke off: DeepSeek, Zhipu, Mistral and OpenRouter, vLLM. */
const FAILURES: ReadonlySet<string> = new Set(['insufficient_system_resource', 'network_error', 'error', 'abort']);

/**
 * Maps a vendor's finish reason to one of OpenAI's.
 * @returns undefined when the choice has not finished; an error when the reason says that the upstream failed.
 */
export function readFinishReason(reason: unknown): FinishReason | ProviderError | undefined {
  if (typeof reason !== 'string' || reason === '') return undefined;
  if (Object.hasOwn(KNOWN, reason)) return KNOWN[reason];
  const lower = reason.toLowerCase();
  if (FAILURES.has(lower)) {
    return new ProviderError({
      kind: 'overloaded',
      message: `The upstream broke off with finish reason ${lower}.`,
      code: lower,
    });
  }
  // A name nobody has documented ends the choice all the same; "stop" is the one that promises least.
  return Object.hasOwn(KNOWN, lower) ? KNOWN[lower] : 'stop';
}
