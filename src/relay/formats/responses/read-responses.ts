import { parseSource, readBoolean, readModel } from '../../../common/body-fields.js';
import type { ChatRequest } from '../../../providers/canonical/chat.js';
import { exactly } from '../exactly.js';
import { type Origin, readInput } from './read-input.js';
import { readOptions, refuseState } from './read-options.js';

/** A body of /responses, read. */
export interface ReadResponses {
  readonly request: ChatRequest;
  /** The body as it came, of which the answer repeats much. */
  readonly body: Readonly<Record<string, unknown>>;
  /** What is left out whatever the upstream, in the caller's words. */
  readonly dropped: readonly string[];
  /** Where each message of the canonical request comes from. */
  readonly origins: readonly Origin[];
}

/** Of these a second one would be read by somebody else than the hub. */
const FIELDS = new Set([
  'model',
  'input',
  'instructions',
  'stream',
  'max_output_tokens',
  'previous_response_id',
  'tools',
]);
const NO_FIELDS: ReadonlySet<string> = new Set();

/**
 * Reads a body of OpenAI's /responses into a canonical request: everything about a conversation, and nothing that would have to be kept.
 * https://platform.openai.com/docs/api-reference/responses/create
 * @throws HubError 400 that names the field.
 */
export function readResponses(bytes: Uint8Array): ReadResponses {
  const source = parseSource(bytes, FIELDS);
  const model = readModel(source.value);
  const body = exactly(source, ({ tools, text }) => [tools, text]);
  refuseState(body);
  const dropped = new Set<string>();
  const { messages, origins } = readInput(body, dropped);
  const { chat, extensions } = readOptions(body, dropped);
  const isStream = readBoolean(body, 'stream') ?? false;
  const cap = chat['max_completion_tokens'];
  const canonical = { model, messages, ...chat, ...(isStream && { stream: true }) };
  const request: ChatRequest = {
    // Nested a little deeper than it came, so that it may be too deep only now.
    source: parseSource(Buffer.from(JSON.stringify(canonical)), NO_FIELDS),
    model,
    isStream,
    includeUsage: false,
    choiceCount: 1,
    ...(typeof cap === 'number' && { outputTokensCap: cap, isCapReworded: true }),
    ...(Object.keys(extensions).length > 0 && { extensions }),
  };
  return { request, body, dropped: [...dropped], origins };
}
