import { isObject } from '../../../common/is-object.js';

/** How an answer ended, in the words of the Messages API. */
export interface Stop {
  readonly stop_reason: unknown;
  readonly stop_sequence: unknown;
  readonly stop_details?: unknown;
}

const REASONS: Readonly<Record<string, string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  tool_calls: 'tool_use',
  function_call: 'tool_use',
  content_filter: 'refusal',
};

/**
 * @param finish of a choice in OpenAI's words.
 * @param refusal what the model said in place of an answer; '' for nothing.
 * @param original what the upstream said itself, where it spoke this format.
 */
export function stopOf(finish: string | null | undefined, refusal: string, original?: unknown): Stop {
  if (isObject(original) && typeof original['stop_reason'] === 'string') {
    const { stop_reason, stop_sequence = null, stop_details } = original;
    return { stop_reason, stop_sequence, ...(isObject(stop_details) && { stop_details }) };
  }
  const reason = refusal === '' ? REASONS[finish ?? 'stop'] : 'refusal';
  if (reason !== 'refusal') return { stop_reason: reason ?? 'end_turn', stop_sequence: null };
  const explanation = refusal === '' ? null : refusal;
  return { stop_reason: reason, stop_sequence: null, stop_details: { type: 'refusal', category: null, explanation } };
}
