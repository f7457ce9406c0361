import { isObject } from '../../../common/is-object.js';
import type { Usage } from '../../../providers/canonical/usage.js';

type Wire = Readonly<Record<string, unknown>>;

/** What there is to say of a response at one moment. */
export interface ResponseState {
  readonly id: string;
  /** Unix time in seconds. */
  readonly createdAt: number;
  readonly status: 'in_progress' | 'completed' | 'incomplete' | 'failed';
  readonly output: readonly Wire[];
  readonly error?: { readonly code: string; readonly message: string };
  readonly incompleteReason?: string;
  readonly usage?: Usage;
  /** As the upstream says it; it may be another one than was asked for. */
  readonly serviceTier?: unknown;
}

/**
 * A response object. What the request did not say is null where its value is the upstream's own affair.
 * https://platform.openai.com/docs/api-reference/responses/object
 * @param body the request, of which it repeats what was asked.
 */
export function toResponse(body: Wire, model: string, state: ResponseState): Record<string, unknown> {
  const { id, createdAt, status, output, error, incompleteReason, usage, serviceTier } = state;
  const { reasoning, text, tools } = body;
  const echo = (name: string): unknown => body[name] ?? null;
  return {
    id,
    object: 'response',
    created_at: createdAt,
    status,
    background: false,
    error: error ?? null,
    incomplete_details: incompleteReason === undefined ? null : { reason: incompleteReason },
    instructions: echo('instructions'),
    max_output_tokens: echo('max_output_tokens'),
    model,
    output,
    parallel_tool_calls: body['parallel_tool_calls'] ?? true,
    previous_response_id: null,
    prompt_cache_key: echo('prompt_cache_key'),
    reasoning: { effort: null, summary: null, ...(isObject(reasoning) && reasoning) },
    safety_identifier: echo('safety_identifier'),
    service_tier: serviceTier ?? null,
    // Nothing is kept, whatever was asked for.
    store: false,
    temperature: echo('temperature'),
    text: { format: { type: 'text' }, ...(isObject(text) && withoutNulls(text)) },
    tool_choice: body['tool_choice'] ?? 'auto',
    tools: tools ?? [],
    top_logprobs: body['top_logprobs'] ?? 0,
    top_p: echo('top_p'),
    truncation: body['truncation'] ?? 'disabled',
    usage: usage === undefined ? null : toResponsesUsage(usage),
    user: echo('user'),
    metadata: body['metadata'] ?? {},
  };
}

/** Usage in the words of /responses; what was not reported is left out, since zero would mean none. */
export function toResponsesUsage(usage: Usage): Record<string, unknown> {
  const { inputTokens, outputTokens, cachedInputTokens, cacheWriteTokens, reasoningTokens } = usage;
  return {
    ...(inputTokens !== undefined && { input_tokens: inputTokens }),
    ...((cachedInputTokens !== undefined || cacheWriteTokens !== undefined) && {
      input_tokens_details: {
        ...(cachedInputTokens !== undefined && { cached_tokens: cachedInputTokens }),
        ...(cacheWriteTokens !== undefined && { cache_write_tokens: cacheWriteTokens }),
      },
    }),
    ...(outputTokens !== undefined && { output_tokens: outputTokens }),
    ...(reasoningTokens !== undefined && { output_tokens_details: { reasoning_tokens: reasoningTokens } }),
    ...(inputTokens !== undefined && outputTokens !== undefined && { total_tokens: inputTokens + outputTokens }),
  };
}

/** How a finish reason is told: a status, and why it is not `completed`. */
export function statusOf(finishReason: unknown): Pick<ResponseState, 'incompleteReason'> & {
  readonly status: 'completed' | 'incomplete';
} {
  if (finishReason === 'length') return { status: 'incomplete', incompleteReason: 'max_output_tokens' };
  if (finishReason === 'content_filter') return { status: 'incomplete', incompleteReason: 'content_filter' };
  return { status: 'completed' };
}

function withoutNulls(value: Wire): Wire {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null));
}
