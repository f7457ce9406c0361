import { missing, parseSource, readBoolean, readInteger, readModel, wrongType } from '../common/body-fields.js';
import { invalidRequest } from '../common/hub-error.js';
import { isObject } from '../common/is-object.js';
import type { ChatRequest } from '../providers/canonical/chat.js';

const FIELDS = new Set([
  'model',
  'messages',
  'stream',
  'stream_options',
  'max_tokens',
  'max_completion_tokens',
  'n',
  'service_tier',
]);
const CHOICES_MAX = 128;

/**
 * Reads a chat/completions body. Only what the hub itself reads is checked; everything else is for the upstream to judge.
 * @throws HubError 400 that names the field.
 */
export function validateChat(bytes: Uint8Array): ChatRequest {
  const source = parseSource(bytes, FIELDS);
  const { value } = source;
  const model = readModel(value);
  checkMessages(value['messages']);
  const isStream = readBoolean(value, 'stream') ?? false;
  const choiceCount = readInteger(value, 'n', 1, CHOICES_MAX) ?? 1;
  const outputTokensCap =
    readInteger(value, 'max_completion_tokens', 1, Number.MAX_SAFE_INTEGER) ??
    readInteger(value, 'max_tokens', 1, Number.MAX_SAFE_INTEGER);
  return { source, model, isStream, includeUsage: readIncludeUsage(value, isStream), choiceCount, outputTokensCap };
}

function checkMessages(messages: unknown): void {
  if (messages === undefined) throw missing('messages');
  if (!Array.isArray(messages) || messages.length === 0) throw wrongType('messages', 'a non-empty array');
  for (let i = 0; i < messages.length; i++) checkMessage(messages[i], `messages[${i}]`);
}

function checkMessage(message: unknown, path: string): void {
  if (!isObject(message)) throw wrongType(path, 'an object');
  const { role, content } = message;
  if (role === undefined) throw missing(`${path}.role`);
  if (typeof role !== 'string' || role === '') throw wrongType(`${path}.role`, 'a string such as "user"');
  if (content === undefined || content === null || typeof content === 'string') return;
  if (!Array.isArray(content)) throw wrongType(`${path}.content`, 'a string or an array of content parts');
  for (let i = 0; i < content.length; i++) {
    if (!isObject(content[i])) throw wrongType(`${path}.content[${i}]`, 'an object with a "type"');
  }
}

function readIncludeUsage(value: Readonly<Record<string, unknown>>, isStream: boolean): boolean {
  const options = value['stream_options'];
  if (options === undefined || options === null) return false;
  if (!isStream)
    throw invalidRequest('"stream_options" is only allowed together with "stream": true.', 'stream_options');
  if (!isObject(options)) throw wrongType('stream_options', 'an object');
  return readBoolean(options, 'include_usage', 'stream_options.include_usage') ?? false;
}
