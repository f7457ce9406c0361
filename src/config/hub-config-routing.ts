/** How the requests of a model are routed and rescued, as the configuration file says it. What is left out has the default. */
export interface HubConfigRouting {
  readonly strategy?: 'weighted' | 'fastest' | 'cheapest' | 'balanced';
  readonly sticky?: boolean;
  readonly fallbacks?: readonly HubConfigFallback[];
  readonly rescue?: 'resume' | 'error';
  readonly retryContentPolicy?: boolean;
  readonly deadlines?: HubConfigDeadlines;
  readonly capabilities?: HubConfigCapabilities;
}

/** Another model that serves when the first cannot. */
export interface HubConfigFallback {
  /** Public name. */
  readonly model: string;
  readonly on?: readonly (
    | 'unavailable'
    | 'rate_limited'
    | 'context_length'
    | 'content_refused'
    | 'unsupported_option'
  )[];
}

/** Bounds on one attempt, in milliseconds. */
export interface HubConfigDeadlines {
  readonly connectMs?: number;
  readonly firstByteMs?: number;
  readonly firstTokenMs?: number;
  readonly wholeMs?: number;
  readonly gapMs?: number;
  readonly totalMs?: number;
}

/** What a model can do, as far as the operator says it. */
export interface HubConfigCapabilities {
  readonly contextTokens?: number;
  readonly outputTokensMax?: number;
  readonly tools?: boolean;
  readonly vision?: boolean;
  readonly audioInput?: boolean;
  readonly fileInput?: boolean;
  readonly jsonSchema?: boolean;
  readonly reasoning?: boolean;
  readonly choices?: boolean;
  /** Such as `1024x1024`. */
  readonly imageSizes?: readonly string[];
  /** Such as `2026-12-01`. */
  readonly retiresOn?: string;
}

/** The same as it stands in the file: a fallback may be just a name. */
export type RawHubConfigRouting = Omit<HubConfigRouting, 'fallbacks'> & {
  readonly fallbacks?: readonly (string | HubConfigFallback)[];
};

/** A model's entry without what says how it is routed, and that apart; undefined when nothing does. */
export function splitRouting<Entry extends RawHubConfigRouting>(entry: Entry) {
  const { strategy, sticky, fallbacks, rescue, retryContentPolicy, deadlines, capabilities, ...rest } = entry;
  const stated = Object.entries({ strategy, sticky, rescue, retryContentPolicy, deadlines, capabilities });
  const routing: HubConfigRouting = {
    ...Object.fromEntries(stated.filter(([, value]) => value !== undefined)),
    ...(fallbacks !== undefined && { fallbacks: fallbacks.map(toFallback) }),
  };
  return { rest, routing: Object.keys(routing).length === 0 ? undefined : routing };
}

function toFallback(raw: string | HubConfigFallback): HubConfigFallback {
  return typeof raw === 'string' ? { model: raw } : raw;
}
