/** How a channel is chosen inside a tier. */
export const ROUTING_STRATEGIES = ['weighted', 'fastest', 'cheapest', 'balanced'] as const;
export type RoutingStrategy = (typeof ROUTING_STRATEGIES)[number];

/**
 * Why a fallback model may be asked: no channel of the model is left (`unavailable`, which includes broken and silent ones), all of
 * them ask to wait (`rate_limited`), the prompt is too long for it (`context_length`), a content policy refused it
 * (`content_refused`), or none can honour an option (`unsupported_option`).
 */
export const FALLBACK_TRIGGERS = [
  'unavailable',
  'rate_limited',
  'context_length',
  'content_refused',
  'unsupported_option',
] as const;
export type FallbackTrigger = (typeof FALLBACK_TRIGGERS)[number];

/** What applies to a fallback that names no triggers: everything that the caller could not help, and a prompt that is too long. */
export const FALLBACK_TRIGGERS_DEFAULT: readonly FallbackTrigger[] = ['unavailable', 'rate_limited', 'context_length'];

/** Another model that serves a request when its own cannot. */
export interface ModelFallback {
  /** Public name. */
  readonly model: string;
  /** Default {@link FALLBACK_TRIGGERS_DEFAULT}. */
  readonly on?: readonly FallbackTrigger[];
}

/** Deadlines of one attempt, in milliseconds. What is left out takes the hub's settings. */
export interface ModelDeadlines {
  /** DNS, TCP and TLS together. */
  readonly connectMs?: number;
  /** From sending to the head of a streamed answer. */
  readonly firstByteMs?: number;
  /** From sending to the first content of a streamed answer. */
  readonly firstTokenMs?: number;
  /** From sending to the head of a whole answer, which comes when the answer is complete. */
  readonly wholeMs?: number;
  /** Silence inside an answer. */
  readonly gapMs?: number;
  /** From sending the first attempt of a request to the end of the last. */
  readonly totalMs?: number;
}

/** What a model can do, as far as anybody says. Undefined: nobody knows, and it is asked. */
export interface ModelCapabilities {
  /** Prompt and answer together, in tokens. */
  readonly contextTokens?: number;
  readonly outputTokensMax?: number;
  readonly tools?: boolean;
  /** Pictures in the prompt. */
  readonly vision?: boolean;
  /** Sound in the prompt. */
  readonly audioInput?: boolean;
  /** Files such as PDF in the prompt. */
  readonly fileInput?: boolean;
  /** `response_format` with a schema. */
  readonly jsonSchema?: boolean;
  /** `reasoning_effort` means something to it. */
  readonly reasoning?: boolean;
  /** Several choices at once (`n`). */
  readonly choices?: boolean;
  /** Sizes of pictures it makes, such as `1024x1024`. */
  readonly imageSizes?: readonly string[];
  /** Day of its announced end, as `2026-12-01`. */
  readonly retiresOn?: string;
}

/** How the requests of a model are routed and rescued. What is left out has the default. */
export interface ModelRouting {
  /** Default `weighted`. */
  readonly strategy?: RoutingStrategy;
  /** Requests of one conversation stay with the channel that has their prompt in its cache. Default true. */
  readonly sticky?: boolean;
  /** Asked in this order when no channel of the model is left. */
  readonly fallbacks?: readonly ModelFallback[];
  /** What happens to a stream that breaks after its first token. Default `resume`, which ends in an error where nothing can go on. */
  readonly rescue?: 'resume' | 'error';
  /** Whether a refusal by one content policy is brought before the next channel. Default false. */
  readonly retryContentPolicy?: boolean;
  readonly deadlines?: ModelDeadlines;
  /** In place of what the catalogue says, field by field. */
  readonly capabilities?: ModelCapabilities;
}

/** What is kept of a routing: only what is stated; null where that is nothing. */
export function toStoredRouting(routing: ModelRouting | undefined): ModelRouting | null {
  if (routing === undefined) return null;
  const stated: ModelRouting = JSON.parse(JSON.stringify(routing));
  return Object.keys(stated).length === 0 ? null : stated;
}
