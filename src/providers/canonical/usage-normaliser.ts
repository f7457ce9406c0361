import { isObject } from '../../common/is-object.js';
import { toCount, toSoundUsage, USAGE_TOKENS_MAX } from './sound-usage.js';
import type { Usage } from './usage.js';

/** What is known about a usage object besides its content. */
export interface UsageHints {
  /** Largest count to believe, such as the context window of the model. */
  readonly tokensMax?: number;
  /** The vendor's output count leaves out reasoning (xAI), also where no total says so. */
  readonly isReasoningOutsideOutput?: boolean;
}

type Wire = Readonly<Record<string, unknown>>;
/** Reads the first of these members that holds a count. */
type Read = (...values: readonly unknown[]) => number | undefined;

/**
 * Reads the usage object of any provider into the hub's words, where the input holds what was read from and written to a
 * cache and the output holds reasoning. Formats are told apart by their members: OpenAI (chat, responses, images,
 * embeddings) and its many relatives, Anthropic, Gemini, Bedrock Converse, Cohere, Ollama.
 *
 * A report is hostile input: a field that is no count, or above `tokensMax`, is left out, and whoever bills counts for
 * itself. So is a sum of which a part is nonsense, and a part that is larger than its whole.
 * @returns undefined when nothing usable was reported.
 */
export function normaliseUsage(wire: unknown, hints: UsageHints = {}): Usage | undefined {
  if (!isObject(wire)) return undefined;
  const max = hints.tokensMax ?? USAGE_TOKENS_MAX;
  const read: Read = (...values) => {
    for (const value of values) {
      const count = toCount(value, max);
      if (count !== undefined) return count;
    }
    return undefined;
  };
  const { inputTokens, outputTokens, ...parts } = readerOf(wire)(wire, read, hints);
  // Sums may exceed what their parts do not.
  return toSoundUsage({ ...parts, inputTokens: read(inputTokens), outputTokens: read(outputTokens) });
}

const ANTHROPIC_MEMBERS = ['cache_read_input_tokens', 'cache_creation_input_tokens', 'cache_creation'];

function readerOf(wire: Wire): (wire: Wire, read: Read, hints: UsageHints) => Usage {
  // First: gateways write other vendors' members beside OpenAI's, which then hold the whole.
  if ('prompt_tokens' in wire) return readOpenAi;
  if ('promptTokenCount' in wire || 'candidatesTokenCount' in wire || 'thoughtsTokenCount' in wire) return readGemini;
  if ('inputTokens' in wire || 'outputTokens' in wire) return readBedrock;
  if (isObject(wire['billed_units']) || isObject(wire['tokens'])) return readCohere;
  if ('prompt_eval_count' in wire || 'eval_count' in wire) return readOllama;
  return ANTHROPIC_MEMBERS.some((name) => name in wire) ? readAnthropic : readOpenAi;
}

/** OpenAI's names, those of its Responses and images, and the other places where vendors put a part. */
function readOpenAi(wire: Wire, read: Read, hints: UsageHints): Usage {
  const input = firstObject(wire['prompt_tokens_details'], wire['input_tokens_details']);
  const output = firstObject(wire['completion_tokens_details'], wire['output_tokens_details']);
  const inputTokens = read(wire['prompt_tokens'], wire['input_tokens']);
  const reasoning = firstPresent(output['reasoning_tokens'], output['thinking_tokens'], wire['reasoning_tokens']);
  const reasoningTokens = read(reasoning);
  let outputTokens = read(wire['completion_tokens'], wire['output_tokens']);
  if (outputTokens !== undefined && !isAbsent(reasoning)) {
    const shown = (inputTokens ?? 0) + outputTokens;
    const total = read(wire['total_tokens']);
    // The total decides, where there is one to believe; else what is known of the vendor.
    const isOutside =
      (reasoningTokens !== undefined && total === shown + reasoningTokens) ||
      (hints.isReasoningOutsideOutput === true && total !== shown);
    if (isOutside) outputTokens = sum(read, outputTokens, reasoning);
  }
  return {
    inputTokens,
    outputTokens,
    reasoningTokens,
    cachedInputTokens: read(
      input['cached_tokens'],
      wire['prompt_cache_hit_tokens'],
      wire['cached_tokens'],
      wire['cache_read_input_tokens'],
    ),
    cacheWriteTokens: read(
      input['cache_write_tokens'],
      input['cache_creation_input_tokens'],
      input['cache_creation_tokens'],
      wire['cache_creation_input_tokens'],
    ),
    images: read(wire['generated_images'], wire['image_count']),
    // OpenAI's transcripts, Mistral's.
    audioMs: read(wire['type'] === 'duration' ? toMs(wire['seconds']) : undefined, toMs(wire['prompt_audio_seconds'])),
  };
}

/** Runs of a model within a request that the counts at the top leave out: summaries of the conversation, which are charged as well. */
const ANTHROPIC_ASIDES: ReadonlySet<unknown> = new Set(['compaction']);

/** Cache reads and writes stand beside `input_tokens`, thinking within `output_tokens`. */
function readAnthropic(wire: Wire, read: Read): Usage {
  const { iterations } = wire;
  const runs: readonly unknown[] = Array.isArray(iterations) ? iterations : [];
  const asides = runs.filter((run): run is Wire => isObject(run) && ANTHROPIC_ASIDES.has(run['type']));
  const whole = readAnthropicRun(wire, read);
  return asides.length === 0 ? whole : addUp(read, [whole, ...asides.map((run) => readAnthropicRun(run, read))]);
}

/** Several runs together. Where one of them does not tell its input or output, nobody knows the sum. */
function addUp(read: Read, runs: readonly Usage[]): Usage {
  const total = (name: keyof Usage): number | undefined => sum(read, ...runs.map((run) => run[name]));
  const isTold = (name: keyof Usage): boolean => runs.every((run) => run[name] !== undefined);
  return {
    inputTokens: isTold('inputTokens') ? total('inputTokens') : undefined,
    outputTokens: isTold('outputTokens') ? total('outputTokens') : undefined,
    cachedInputTokens: total('cachedInputTokens'),
    cacheWriteTokens: total('cacheWriteTokens'),
    reasoningTokens: total('reasoningTokens'),
  };
}

function readAnthropicRun(wire: Wire, read: Read): Usage {
  const byLifetime = firstObject(wire['cache_creation']);
  const output = firstObject(wire['output_tokens_details']);
  const cached = wire['cache_read_input_tokens'];
  const written = isAbsent(wire['cache_creation_input_tokens'])
    ? sum(read, byLifetime['ephemeral_5m_input_tokens'], byLifetime['ephemeral_1h_input_tokens'])
    : wire['cache_creation_input_tokens'];
  return {
    inputTokens: isAbsent(wire['input_tokens']) ? undefined : sum(read, wire['input_tokens'], cached, written),
    outputTokens: read(wire['output_tokens']),
    cachedInputTokens: read(cached),
    cacheWriteTokens: read(written),
    reasoningTokens: read(output['thinking_tokens'], output['reasoning_tokens']),
    searches: read(firstObject(wire['server_tool_use'])['web_search_requests']),
  };
}

/** Cached content stands within the prompt, thoughts beside the candidates. */
function readGemini(wire: Wire, read: Read): Usage {
  const { promptTokenCount, toolUsePromptTokenCount, candidatesTokenCount, thoughtsTokenCount } = wire;
  const inputTokens = isAbsent(promptTokenCount) ? undefined : sum(read, promptTokenCount, toolUsePromptTokenCount);
  const candidates = read(candidatesTokenCount);
  // A total equal to prompt and candidates says that the thoughts are within the candidates.
  const isInside = candidates !== undefined && read(wire['totalTokenCount']) === (inputTokens ?? 0) + candidates;
  const hasOutput = !isAbsent(candidatesTokenCount) || !isAbsent(thoughtsTokenCount);
  const both = hasOutput ? sum(read, candidatesTokenCount, thoughtsTokenCount) : undefined;
  return {
    inputTokens,
    outputTokens: isInside ? candidates : both,
    cachedInputTokens: read(wire['cachedContentTokenCount']),
    reasoningTokens: read(thoughtsTokenCount),
  };
}

/** Cache reads and writes stand beside the input, as at Anthropic. */
function readBedrock(wire: Wire, read: Read): Usage {
  const { inputTokens, outputTokens, cacheReadInputTokens, cacheWriteInputTokens } = wire;
  return {
    inputTokens: isAbsent(inputTokens)
      ? undefined
      : sum(read, inputTokens, cacheReadInputTokens, cacheWriteInputTokens),
    outputTokens: read(outputTokens),
    cachedInputTokens: read(cacheReadInputTokens),
    cacheWriteTokens: read(cacheWriteInputTokens),
  };
}

/** Cohere charges for `billed_units`, which leave out what it adds to the prompt itself. */
function readCohere(wire: Wire, read: Read): Usage {
  const billed = firstObject(wire['billed_units']);
  const tokens = firstObject(wire['tokens']);
  return {
    inputTokens: read(billed['input_tokens'], tokens['input_tokens']),
    outputTokens: read(billed['output_tokens'], tokens['output_tokens']),
    cachedInputTokens: read(wire['cached_tokens']),
    images: read(billed['images']),
    searches: read(billed['search_units']),
  };
}

function readOllama(wire: Wire, read: Read): Usage {
  return { inputTokens: read(wire['prompt_eval_count']), outputTokens: read(wire['eval_count']) };
}

/** The sum of what is there; undefined when a part of it is no count, since the sum would be too small. */
function sum(read: Read, ...values: readonly unknown[]): number | undefined {
  let total: number | undefined;
  for (const value of values) {
    if (isAbsent(value)) continue;
    const count = read(value);
    if (count === undefined) return undefined;
    total = (total ?? 0) + count;
  }
  return total;
}

/** Seconds, which may have a fraction; up to whole milliseconds. */
function toMs(seconds: unknown): number | undefined {
  // A fraction such as 8.13 s is 8130.000000000001 ms in floating point, which must not become one more.
  return typeof seconds === 'number' ? Math.ceil(Math.round(seconds * 1e6) / 1e3) : undefined;
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

function firstPresent(...values: readonly unknown[]): unknown {
  return values.find((value) => !isAbsent(value));
}

function firstObject(...values: readonly unknown[]): Wire {
  return values.find(isObject) ?? {};
}
