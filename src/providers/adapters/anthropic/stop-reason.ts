import type { FinishReason } from '../openai-compatible/finish-reason.js';

const REASONS: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  // The model rests between the vendor's own tools, of which the hub asks for none.
  pause_turn: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  tool_use: 'tool_calls',
  refusal: 'content_filter',
};

/**
 * A `stop_reason` in OpenAI's words; one nobody has documented is `stop`, which promises least.
 * @returns undefined when the answer has not finished.
 */
export function toFinishReason(reason: unknown): FinishReason | undefined {
  if (typeof reason !== 'string' || reason === '') return undefined;
  return Object.hasOwn(REASONS, reason) ? REASONS[reason] : 'stop';
}
