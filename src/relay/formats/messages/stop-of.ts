import { isObject } from '../../../common/is-object.js';

type Wire = Readonly<Record<string, unknown>>;

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

/** What an upstream said of the end besides its finish reason. */
export interface SaidOfEnd {
  /** In the words of this format, where it spoke them. */
  readonly original?: unknown;
  /** The sequence at which it stopped, as servers write it beside the finish reason; or the number of a token. */
  readonly stoppedAt?: unknown;
}

/** What a choice says of its end: `stop_reason` is vLLM's word for the sequence, `matched_stop` SGLang's. */
export function saidOfEnd({ original_finish: original, stop_reason, matched_stop }: Wire): SaidOfEnd {
  return { original, stoppedAt: stop_reason ?? matched_stop };
}

/**
 * @param finish of a choice in OpenAI's words, of which `stop` does not tell a sequence from the end of what was to be said.
 * @param refusal what the model said in place of an answer; '' for nothing.
 * @param sequences at which the caller wanted it to stop: another text of an upstream is none.
 */
export function stopOf(
  finish: string | null | undefined,
  refusal: string,
  { original, stoppedAt }: SaidOfEnd = {},
  sequences: readonly unknown[] = [],
): Stop {
  if (isObject(original) && typeof original['stop_reason'] === 'string') {
    const { stop_reason, stop_sequence, stop_details } = original;
    // Where the upstream does not say at which, only one can be meant if there is only one.
    const only = stop_reason === 'stop_sequence' && sequences.length === 1 ? sequences[0] : null;
    return { stop_reason, stop_sequence: stop_sequence ?? only, ...(isObject(stop_details) && { stop_details }) };
  }
  const reason = refusal === '' ? REASONS[finish ?? 'stop'] : 'refusal';
  if (reason === 'end_turn' && sequences.includes(stoppedAt))
    return { stop_reason: 'stop_sequence', stop_sequence: stoppedAt };
  if (reason !== 'refusal') return { stop_reason: reason ?? 'end_turn', stop_sequence: null };
  const explanation = refusal === '' ? null : refusal;
  return { stop_reason: reason, stop_sequence: null, stop_details: { type: 'refusal', category: null, explanation } };
}
