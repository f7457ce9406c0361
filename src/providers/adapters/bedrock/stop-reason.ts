import { ProviderError } from '../../canonical/provider-error.js';
import type { FinishReason } from '../openai-compatible/finish-reason.js';

const REASONS: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  tool_use: 'tool_calls',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  guardrail_intervened: 'content_filter',
  content_filtered: 'content_filter',
};

/**
 * A `stopReason` in OpenAI's words; one nobody has documented is `stop`, which promises least.
 * @returns undefined when there is none.
 * @throws ProviderError `invalid_response` when the model's own words could not be read: what there is of the answer is torn.
 */
export function toFinishReason(reason: unknown): FinishReason | undefined {
  if (typeof reason !== 'string' || reason === '') return undefined;
  if (reason.startsWith('malformed_'))
    throw new ProviderError({
      kind: 'invalid_response',
      code: reason,
      message: 'The model wrote something that the upstream could not read.',
    });
  return Object.hasOwn(REASONS, reason) ? REASONS[reason] : 'stop';
}
