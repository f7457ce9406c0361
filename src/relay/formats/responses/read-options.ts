import { readBoolean, readChoice, readInteger, wrongType } from '../../../common/body-fields.js';
import { isObject } from '../../../common/is-object.js';
import type { ChatExtensions } from '../../../providers/canonical/chat.js';
import { readToolChoice, readTools } from './read-tools.js';
import { refusal, statelessRefusal } from './refusals.js';

type Wire = Readonly<Record<string, unknown>>;
type Body = Record<string, unknown>;

/** Options with the same name and meaning in chat/completions. */
const SAME = [
  'temperature',
  'top_p',
  'parallel_tool_calls',
  'user',
  'user_identifier',
  'safety_identifier',
  'prompt_cache_key',
  'prompt_cache_retention',
  'prompt_cache_options',
  'service_tier',
] as const;

/** Members that are read somewhere; of any other it is reported that it was left out. */
const READ: ReadonlySet<string> = new Set([
  ...SAME,
  'model',
  'input',
  'instructions',
  'stream',
  'stream_options',
  'max_output_tokens',
  'tools',
  'tool_choice',
  'reasoning',
  'text',
  'top_logprobs',
  'include',
  // The caller gets it back, and nobody else: what it is for is finding stored responses.
  'metadata',
]);

const LOGPROBS = 'message.output_text.logprobs';
/** Reasoning comes with what it takes to send it back, asked for or not: there is no other place for it. */
const ENCRYPTED = 'reasoning.encrypted_content';
const SUMMARIES = ['auto', 'concise', 'detailed'] as const;
const TRUNCATIONS = ['auto', 'disabled'] as const;
const TOP_LOGPROBS_MAX = 20;

/**
 * Refuses by name what needs something that is kept between requests.
 * @throws HubError 400.
 */
export function refuseState(body: Wire): void {
  if (isGiven(body['previous_response_id']))
    throw statelessRefusal('previous_response_id', 'There is no earlier response to go on from.');
  if (isGiven(body['conversation'])) throw statelessRefusal('conversation', 'There are no conversations.');
  if (readBoolean(body, 'background') === true)
    throw statelessRefusal('background', 'A response cannot be fetched later.');
  if (isGiven(body['prompt']))
    throw refusal('prompt', 'The hub has no stored prompts; send the text as "instructions".');
}

/** Everything but the conversation. */
export interface ReadOptions {
  /** Members of a chat/completions body. */
  readonly chat: Body;
  /** What such a body has no member for. */
  readonly extensions: ChatExtensions;
}

/**
 * Reads everything but the conversation.
 * @param dropped takes the names of what is left out.
 * @throws HubError 400 that names the field.
 */
export function readOptions(body: Wire, dropped: Set<string>): ReadOptions {
  const chat: Body = {};
  for (const name of SAME) if (isGiven(body[name])) chat[name] = body[name];
  const cap = readInteger(body, 'max_output_tokens', 1, Number.MAX_SAFE_INTEGER);
  if (cap !== undefined) chat['max_completion_tokens'] = cap;
  if (isGiven(body['tools'])) {
    const tools = readTools(body['tools'], dropped);
    if (tools.length > 0) chat['tools'] = tools;
  }
  if (isGiven(body['tool_choice'])) addToolChoice(chat, readToolChoice(body['tool_choice']));
  // Without tools it means nothing here, and is refused there.
  if (chat['tools'] === undefined) delete chat['parallel_tool_calls'];
  const summary = readReasoning(body['reasoning'], chat, dropped);
  readText(body['text'], chat, dropped);
  readLogprobs(body, chat, dropped);
  readStreamOptions(body, dropped);
  const isTruncated = readChoice(body, 'truncation', TRUNCATIONS) === 'auto';
  if (readBoolean(body, 'store') === true) dropped.add('store');
  for (const name in body) if (!READ.has(name) && !isIdle(name, body[name])) dropped.add(name);
  return {
    chat,
    extensions: {
      ...(summary !== undefined && { reasoning_summary: summary }),
      ...(isTruncated && { truncation: 'auto' }),
    },
  };
}

/** Options that ask for what happens anyway when they have this value. */
const IDLE: Readonly<Record<string, unknown>> = { store: false, background: false, truncation: 'disabled' };

function isIdle(name: string, value: unknown): boolean {
  return !isGiven(value) || name === 'truncation' || (Object.hasOwn(IDLE, name) && IDLE[name] === value);
}

/** "auto" and "none" without tools are what happens anyway, and chat/completions takes no choice among nothing. */
function addToolChoice(chat: Body, choice: unknown): void {
  if (chat['tools'] !== undefined || (choice !== 'auto' && choice !== 'none')) chat['tool_choice'] = choice;
}

/** @returns the wanted summary. */
function readReasoning(reasoning: unknown, chat: Body, dropped: Set<string>): string | undefined {
  if (!isGiven(reasoning)) return undefined;
  if (!isObject(reasoning)) throw wrongType('reasoning', 'an object');
  const { effort, summary, generate_summary: old, ...others } = reasoning;
  if (isGiven(effort)) {
    if (typeof effort !== 'string') throw wrongType('reasoning.effort', 'a string');
    chat['reasoning_effort'] = effort;
  }
  for (const name in others) if (isGiven(others[name])) dropped.add(`reasoning.${name}`);
  const wanted = summary ?? old;
  if (!isGiven(wanted)) return undefined;
  const known = SUMMARIES.find((name) => name === wanted);
  if (known === undefined) throw wrongType('reasoning.summary', 'one of "auto", "concise", "detailed"');
  return known;
}

function readText(text: unknown, chat: Body, dropped: Set<string>): void {
  if (!isGiven(text)) return;
  if (!isObject(text)) throw wrongType('text', 'an object');
  const { format, verbosity, ...others } = text;
  if (isGiven(verbosity)) chat['verbosity'] = verbosity;
  for (const name in others) if (isGiven(others[name])) dropped.add(`text.${name}`);
  if (!isGiven(format)) return;
  if (!isObject(format)) throw wrongType('text.format', 'an object');
  const { type, ...definition } = format;
  if (type === 'json_object') chat['response_format'] = { type };
  else if (type === 'json_schema') {
    if (!isObject(definition['schema'])) throw wrongType('text.format.schema', 'an object');
    chat['response_format'] = { type, json_schema: definition };
  } else if (type !== 'text') throw wrongType('text.format.type', 'one of "text", "json_schema", "json_object"');
}

function readLogprobs(body: Wire, chat: Body, dropped: Set<string>): void {
  const { include } = body;
  if (isGiven(include) && !Array.isArray(include)) throw wrongType('include', 'an array of strings');
  const wanted: readonly unknown[] = Array.isArray(include) ? include : [];
  const top = readInteger(body, 'top_logprobs', 0, TOP_LOGPROBS_MAX);
  if (wanted.includes(LOGPROBS) || (top !== undefined && top > 0)) {
    chat['logprobs'] = true;
    if (top !== undefined) chat['top_logprobs'] = top;
  }
  if (wanted.some((name) => name !== LOGPROBS && name !== ENCRYPTED)) dropped.add('include');
}

function readStreamOptions(body: Wire, dropped: Set<string>): void {
  const { stream_options: options } = body;
  if (!isGiven(options)) return;
  if (!isObject(options)) throw wrongType('stream_options', 'an object');
  for (const name in options) {
    if (isGiven(options[name]) && options[name] !== false) dropped.add(`stream_options.${name}`);
  }
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}
