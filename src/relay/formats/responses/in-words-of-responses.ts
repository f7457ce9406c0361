import type { Origin } from './read-input.js';

/** Fields of chat/completions that a caller of /responses knows under another name. */
const NAMES: Readonly<Record<string, string>> = {
  messages: 'input',
  'messages[].reasoning_details': 'input[].encrypted_content',
  'messages[].extra_content': 'input[].encrypted_content',
  'messages[].reasoning_content': 'input[].summary',
  'messages[].reasoning': 'input[].summary',
  max_completion_tokens: 'max_output_tokens',
  max_tokens: 'max_output_tokens',
  reasoning_effort: 'reasoning.effort',
  reasoning_summary: 'reasoning.summary',
  verbosity: 'text.verbosity',
  logprobs: 'include',
};

/** Beginnings of paths. */
const PREFIXES: readonly (readonly [string, string])[] = [
  ['response_format.json_schema', 'text.format'],
  ['response_format', 'text.format'],
  ['messages[].content', 'input[].content'],
  ['messages[].tool_calls', 'input[]'],
  ['messages[]', 'input[]'],
];

/**
 * The caller's name of a member of the canonical request.
 * @param origins where each message comes from.
 */
export function inWordsOfResponses(param: string, origins: readonly Origin[]): string {
  if (Object.hasOwn(NAMES, param)) return NAMES[param] ?? param;
  const place = /^messages\[(\d+)\](.*)$/.exec(param);
  if (place !== null) return ofMessage(origins[Number(place[1])], place[2] ?? '');
  for (const [theirs, own] of PREFIXES) {
    if (param === theirs || param.startsWith(`${theirs}.`) || param.startsWith(`${theirs}[`))
      return own + param.slice(theirs.length);
  }
  return param
    .replace(/^(tools\[\d*\])\.(?:function|custom)\b/, '$1')
    .replace(/^(tool_choice)\.(?:function|custom)\b/, '$1');
}

/** Several items may have become one message, and then the first of them is named. */
function ofMessage(from: Origin | undefined, rest: string): string {
  if (from === undefined) return 'input';
  const { path: origin, calls } = from;
  const [, call, member = ''] = /^\.tool_calls\[(\d+)\](.*)$/.exec(rest) ?? [];
  const item = calls[Number(call)];
  if (item !== undefined) return item + member.replace(/^\.(?:function|custom)\b/, '').replace(/^\.id$/, '.call_id');
  if (rest === '.tool_call_id') return `${origin.replace(/\.output$/, '')}.call_id`;
  const part = /^\.content(\[\d+\])?/.exec(rest);
  if (part === null || !origin.startsWith('input[')) return origin;
  // The output of a tool is its message's content.
  const place = origin.endsWith('.output') ? `${origin}${part[1] ?? ''}` : `${origin}.content${part[1] ?? ''}`;
  return (
    place +
    rest
      .slice(part[0].length)
      .replace(/^\.image_url\.url$/, '.image_url')
      .replace(/^\.file\b/, '')
  );
}
