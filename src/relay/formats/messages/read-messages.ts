import { missing, parseSource, readBoolean, readInteger, readModel } from '../../../common/body-fields.js';
import { isObject } from '../../../common/is-object.js';
import { JSON_DEPTH_MAX, JsonSource } from '../../../common/json-source.js';
import { parseExactly } from '../../../common/parse-exactly.js';
import type { ChatRequest } from '../../../providers/canonical/chat.js';
import type { RequestWording } from '../chat-format.js';
import { type Notes, noteOnlyThere, noteUnread } from './notes.js';
import { Origins } from './origins.js';
import { readPlain, readThinking, readTools } from './read-options.js';
import { TurnReader } from './read-turns.js';

type Wire = Readonly<Record<string, unknown>>;

const FIELDS = new Set(['model', 'messages', 'system', 'stream', 'max_tokens', 'tools']);
const READ = new Set([
  ...FIELDS,
  'tool_choice',
  'thinking',
  'output_config',
  'temperature',
  'top_p',
  'top_k',
  'stop_sequences',
  'service_tier',
  'metadata',
  'container',
  'mcp_servers',
]);
const NO_FIELDS: ReadonlySet<string> = new Set();
/** What others could not do without, and so must not be left out. */
const ONLY_THERE = ['container', 'mcp_servers'];

/** A body of the Messages API as it was read. */
export interface ReadMessages {
  readonly request: ChatRequest;
  readonly wording: RequestWording;
}

/**
 * Reads a body of the Messages API into the canonical request, with the body itself beside it for upstreams of the same format. What the
 * canonical request has no words for is noted by name: either it is left out and reported, or only such an upstream can serve it.
 * @param headers that belong to the body.
 * @param needsCap false for a body that is only counted: such a one has no `max_tokens`.
 * @throws HubError 400 that names the field.
 */
export function readMessages(
  bytes: Uint8Array,
  headers: Readonly<Record<string, string>> = {},
  needsCap = true,
): ReadMessages {
  const source = parseSource(bytes, FIELDS);
  const model = readModel(source.value);
  const cap = readInteger(source.value, 'max_tokens', 1, Number.MAX_SAFE_INTEGER);
  if (cap === undefined && needsCap) throw missing('max_tokens');
  const isStream = readBoolean(source.value, 'stream') ?? false;
  const notes: Notes = { dropped: new Set(), onlyThere: undefined };
  const origins = new Origins();
  const body = exactly(source);
  const canonical = {
    model,
    ...(cap !== undefined && { max_tokens: cap }),
    ...(isStream && { stream: true }),
    ...toCanonical(body, notes, origins),
  };
  const request: ChatRequest = {
    // Numbers that were kept digit by digit are no plain values, which the others read. Nested a little deeper than it came, it may be
    // too deep only now.
    source:
      body === source.value
        ? JsonSource.ofParsed(canonical)
        : parseSource(Buffer.from(JSON.stringify(canonical)), NO_FIELDS),
    model,
    isStream,
    includeUsage: false,
    choiceCount: 1,
    outputTokensCap: cap,
    original: { format: 'anthropic', source, headers, onlyThere: notes.onlyThere },
  };
  return { request, wording: { dropped: [...notes.dropped], toOwn: origins.toOwn } };
}

function toCanonical(body: Wire, notes: Notes, origins: Origins): Wire {
  const into: Record<string, unknown> = {};
  const turns = new TurnReader(notes, origins);
  turns.system(body['system']);
  turns.turns(body['messages']);
  into['messages'] = turns.messages;
  readTools(body, into, notes);
  readThinking(body, into, notes);
  readPlain(body, into, notes);
  for (const name of ONLY_THERE) if (isGiven(body[name])) noteOnlyThere(notes, name);
  noteUnread(notes, body, READ, '');
  return into;
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);
}

/** The body with all digits of its numbers where a schema or the input of a tool, which are written again, would lose some. */
function exactly({ bytes, value }: JsonSource): Wire {
  if (!losesDigits(value['tools'], 0) && !losesDigits(value['output_config'], 0) && !callsLoseDigits(value))
    return value;
  const exact = parseExactly(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
  return isObject(exact) ? exact : value;
}

function callsLoseDigits({ messages }: Wire): boolean {
  if (!Array.isArray(messages)) return false;
  return messages.some((message: unknown) => {
    const content: unknown = isObject(message) ? message['content'] : undefined;
    if (!Array.isArray(content)) return false;
    return content.some((block: unknown) => isObject(block) && losesDigits(block['input'], 0));
  });
}

/** True when there is a whole number that a double does not hold. Bodies nest no deeper than {@link JSON_DEPTH_MAX}. */
function losesDigits(value: unknown, depth: number): boolean {
  if (typeof value === 'number') return Number.isInteger(value) && !Number.isSafeInteger(value);
  if (typeof value !== 'object' || value === null || depth > JSON_DEPTH_MAX) return false;
  for (const member of Object.values(value)) if (losesDigits(member, depth + 1)) return true;
  return false;
}
