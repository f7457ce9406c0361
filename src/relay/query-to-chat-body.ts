import { invalidRequest } from '../common/hub-error.js';

const BOOLEANS = new Set(['stream', 'logprobs', 'parallel_tool_calls', 'store']);
const NUMBERS = new Set([
  'temperature',
  'top_p',
  'n',
  'max_tokens',
  'max_completion_tokens',
  'presence_penalty',
  'frequency_penalty',
  'top_logprobs',
  'seed',
]);
const STRINGS = new Set([
  'model',
  'user',
  'stop',
  'reasoning_effort',
  'verbosity',
  'service_tier',
  'safety_identifier',
  'prompt_cache_key',
]);
// JSON numbers; a seed keeps its digits because the text is spliced in as it is.
const NUMBER = /^-?(?:0|[1-9]\d{0,30})(?:\.\d{1,30})?(?:[eE][+-]?\d{1,3})?$/;

/**
 * Turns the query form of chat/completions, which EventSource clients use, into the body of the POST form.
 * @throws HubError 400 that names the parameter.
 */
export function queryToChatBody(query: Readonly<Record<string, unknown>>): Uint8Array {
  const members = Object.entries(query).map(([name, value]) => {
    if (typeof value !== 'string')
      throw invalidRequest(`"${name}" is given more than once.`, name, 'duplicate_parameter');
    return `${JSON.stringify(name)}:${toJson(name, value)}`;
  });
  return Buffer.from(`{${members.join(',')}}`);
}

function toJson(name: string, value: string): string {
  if (name === 'messages') return checkJson(name, value);
  if (BOOLEANS.has(name)) {
    if (value !== 'true' && value !== 'false') throw invalidRequest(`"${name}" must be true or false.`, name);
    return value;
  }
  if (NUMBERS.has(name)) {
    if (!NUMBER.test(value)) throw invalidRequest(`"${name}" must be a number.`, name);
    return value;
  }
  if (STRINGS.has(name)) return JSON.stringify(value);
  throw invalidRequest(
    `"${name}" cannot be given as a query parameter; use POST for it.`,
    name.slice(0, 64),
    'unknown_parameter',
  );
}

function checkJson(name: string, value: string): string {
  try {
    JSON.parse(value);
    return value;
  } catch {
    throw invalidRequest(`"${name}" must be JSON text.`, name, 'invalid_json');
  }
}
