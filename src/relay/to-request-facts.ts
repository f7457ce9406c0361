import { isObject } from '../common/is-object.js';
import type { ChatRequest } from '../providers/canonical/chat.js';
import type { ImagesRequest } from '../providers/canonical/images.js';
import { ProviderError } from '../providers/canonical/provider-error.js';
import type { OperationName } from '../routing/able-candidates.js';
import { NO_NEEDS, type RequestFacts } from '../routing/request-facts.js';
import type { RelayContext } from './relay-context.js';

const STICKY_LENGTH_MAX = 256;

/** Who asks, as far as routing sticks by it. */
interface Asker extends Pick<RelayContext, 'sessionId'> {
  readonly caller: Pick<RelayContext['caller'], 'accountId'>;
}

/** What of a chat request decides where it can go; looks at each message once. */
export function toChatFacts(request: ChatRequest, asker: Asker, promptTokens: number): RequestFacts {
  const body = request.source.value;
  const parts = findParts(body['messages']);
  const format = body['response_format'];
  const effort = body['reasoning_effort'];
  return {
    operation: 'chat',
    isStream: request.isStream,
    promptTokens,
    outputTokensCap: request.outputTokensCap,
    needsTools: isFilled(body['tools']) || isFilled(body['functions']),
    needsVision: parts.hasPicture,
    needsAudioInput: parts.hasSound,
    needsFileInput: parts.hasFile,
    needsJsonSchema: isObject(format) && format['type'] === 'json_schema',
    needsReasoning: typeof effort === 'string' && effort !== 'none',
    choiceCount: request.choiceCount,
    onlyFormat: onlyFormatOf(request),
    stickyKey: stickyKeyOf(body, asker),
  };
}

function onlyFormatOf({ original }: ChatRequest): RequestFacts['onlyFormat'] {
  if (original?.onlyThere === undefined) return undefined;
  const refusal = new ProviderError({ kind: 'unsupported_option', message: original.onlyThere });
  return { name: original.format, refusal };
}

/** What of an embeddings request decides where it can go. */
export function toEmbeddingsFacts(promptTokens: number): RequestFacts {
  return { ...NO_NEEDS, operation: 'embeddings', isStream: false, promptTokens };
}

/** What of an image request decides where it can go. */
export function toImagesFacts(request: ImagesRequest, operation: OperationName): RequestFacts {
  const size = request.source.value['size'];
  return {
    ...NO_NEEDS,
    operation,
    isStream: request.isStream,
    choiceCount: request.count,
    imageSize: typeof size === 'string' && size !== 'auto' ? size : undefined,
  };
}

function findParts(messages: unknown): { hasPicture: boolean; hasSound: boolean; hasFile: boolean } {
  const found = { hasPicture: false, hasSound: false, hasFile: false };
  if (!Array.isArray(messages)) return found;
  for (const message of messages) {
    const content: unknown = isObject(message) ? message['content'] : undefined;
    if (!Array.isArray(content)) continue;
    for (const part of content) {
      const type: unknown = isObject(part) ? part['type'] : undefined;
      if (type === 'image_url' || type === 'input_image') found.hasPicture = true;
      else if (type === 'input_audio') found.hasSound = true;
      else if (type === 'file' || type === 'input_file') found.hasFile = true;
    }
  }
  return found;
}

/** Another account that uses the same words has another prompt. */
function stickyKeyOf(body: Readonly<Record<string, unknown>>, { caller, sessionId }: Asker): string | undefined {
  const name = textOf(body['prompt_cache_key']) ?? textOf(sessionId) ?? textOf(body['user']);
  return name === undefined ? undefined : `${caller.accountId} ${name.slice(0, STICKY_LENGTH_MAX)}`;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function isFilled(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}
