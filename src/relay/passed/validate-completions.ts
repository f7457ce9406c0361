import { missing, parseSource, readBoolean, readInteger, readModel, wrongType } from '../../common/body-fields.js';
import { isObject } from '../../common/is-object.js';
import type { CompletionsRequest } from '../../providers/canonical/completions.js';

const FIELDS = new Set(['model', 'prompt', 'max_tokens', 'n', 'best_of', 'stream', 'stream_options', 'service_tier']);
/** OpenAI's own limits and default. */
const PROMPTS_MAX = 2048;
const CHOICES_MAX = 128;
const BEST_OF_MAX = 20;
const OUTPUT_TOKENS_DEFAULT = 16;
const OUTPUT_TOKENS_MAX = 1_000_000;

/** What a completions body asks for. */
export interface ReadCompletions {
  readonly request: CompletionsRequest;
  /** How many answers the model writes, those included that `best_of` throws away. */
  readonly writtenCount: number;
}

/**
 * Reads a completions body.
 * @throws HubError 400 that names the field.
 */
export function validateCompletions(bytes: Uint8Array): ReadCompletions {
  const source = parseSource(bytes, FIELDS);
  const { value } = source;
  const model = readModel(value);
  const prompts = countPrompts(value['prompt']);
  const n = readInteger(value, 'n', 1, CHOICES_MAX) ?? 1;
  const bestOf = readInteger(value, 'best_of', 1, BEST_OF_MAX);
  const isStream = readBoolean(value, 'stream') ?? false;
  if (bestOf !== undefined && bestOf < n) throw wrongType('best_of', 'at least as large as "n"');
  if (bestOf !== undefined && bestOf > n && isStream) throw wrongType('best_of', 'left out in a stream');
  const options = value['stream_options'];
  if (options !== undefined && options !== null && !isObject(options)) throw wrongType('stream_options', 'an object');
  const includeUsage = isObject(options)
    ? (readBoolean(options, 'include_usage', 'stream_options.include_usage') ?? false)
    : false;
  return {
    request: {
      source,
      model,
      isStream,
      includeUsage,
      choiceCount: prompts * n,
      outputTokensCap: readInteger(value, 'max_tokens', 0, OUTPUT_TOKENS_MAX) ?? OUTPUT_TOKENS_DEFAULT,
    },
    writtenCount: prompts * Math.max(n, bestOf ?? 1),
  };
}

/** One text, or tokens of one; or a list of either. */
function countPrompts(prompt: unknown): number {
  if (prompt === undefined || prompt === null) throw missing('prompt');
  if (typeof prompt === 'string') return 1;
  const expected = 'a string, an array of strings, or arrays of token numbers';
  if (!Array.isArray(prompt) || prompt.length === 0) throw wrongType('prompt', expected);
  if (isTokens(prompt)) return 1;
  if (prompt.length > PROMPTS_MAX) throw wrongType('prompt', `an array of at most ${PROMPTS_MAX} prompts`);
  for (const [index, item] of prompt.entries()) {
    if (typeof item !== 'string' && !isTokens(item)) throw wrongType(`prompt[${index}]`, 'a string or token numbers');
  }
  return prompt.length;
}

function isTokens(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((item) => typeof item === 'number' && Number.isSafeInteger(item) && item >= 0)
  );
}
