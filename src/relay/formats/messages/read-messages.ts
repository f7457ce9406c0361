import { missing, parseSource, readBoolean, readInteger, readModel } from '../../../common/body-fields.js';
import { isObject } from '../../../common/is-object.js';
import { JsonSource } from '../../../common/json-source.js';
import type { ChatRequest } from '../../../providers/canonical/chat.js';
import type { RequestWording } from '../chat-format.js';
import { exactly } from '../exactly.js';
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
  const body = exactly(source, writtenAgain);
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
    isCapReworded: true,
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

/** Schemas, and what tools were called with. */
function writtenAgain({ tools, output_config, messages }: Wire): readonly unknown[] {
  const blocks = (Array.isArray(messages) ? messages : []).flatMap((message: unknown): readonly unknown[] => {
    const content: unknown = isObject(message) ? message['content'] : undefined;
    return Array.isArray(content) ? content : [];
  });
  const inputs = blocks.map((block) => (isObject(block) ? block['input'] : undefined));
  return [tools, output_config, ...inputs];
}
