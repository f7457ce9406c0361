import type { Directive } from '../../../src/sandbox/faults/directive.js';

/** A tool call the model is to make. */
export interface ScriptedCall {
  readonly id?: string;
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/**
 * What the simulator does: everything the fake upstream can be told (`src/sandbox/faults/directive.ts`), in this vendor's own words, and
 * what only this vendor does. `error`, where given, is the object inside the envelope; default: overloaded.
 */
export interface AnthropicDirective extends Directive {
  /** Tool calls, after the text if there is one. */
  readonly calls?: readonly ScriptedCall[];
  /** A thought to show ahead of the answer; '' for one that only its signature tells. Default: as the model is. */
  readonly thought?: string;
  /** A thought that comes encrypted, after the other if there is one. */
  readonly redacted_thought?: boolean;
  /** Default: what fits the answer. */
  readonly stop_reason?: string;
  /** The model declines, with this explanation ('' for none) and no content. */
  readonly refusal?: string;
  /** Prompt tokens to report at the start of a stream; what is reported at its end overrides it. */
  readonly in_at_start?: number;
  /** Prompt tokens read from the cache, and written to it; besides `in`. */
  readonly cached?: number;
  readonly written?: number;
  /** Of `out`, those spent on thinking. */
  readonly thinking_tokens?: number;
  /** `message_start` twice, as some proxies send it. */
  readonly duplicate_start?: boolean;
  /** Events and deltas of kinds nobody knows yet, among the others. */
  readonly unknown_events?: boolean;
}

const OWN_KEYS = [
  'calls',
  'thought',
  'redacted_thought',
  'stop_reason',
  'refusal',
  'in_at_start',
  'cached',
  'written',
  'thinking_tokens',
  'duplicate_start',
  'unknown_events',
  // Errors inside an answer are this vendor's too, so that their events are its own.
  'error',
  'error_first',
  'error_after',
  'role_only_then_error',
] as const;

/** What is left for the switches every fake upstream has. */
export function toCommonDirective(directive: AnthropicDirective): Directive {
  const common: Record<string, unknown> = { ...directive };
  for (const key of OWN_KEYS) delete common[key];
  return common;
}
