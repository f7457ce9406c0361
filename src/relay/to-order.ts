import { requestHash } from '../idempotency/idempotency-key.js';
import type { ChatRequest } from '../providers/canonical/chat.js';
import type { EmbeddingsRequest } from '../providers/canonical/embeddings.js';
import type { ImagesRequest } from '../providers/canonical/images.js';
import type { OperationName } from '../routing/able-candidates.js';
import type { Choice } from './attempts.js';
import type { RelayOrder } from './relay-order.js';

/** What a chat request is billed by. */
export function toChatOrder(request: ChatRequest, choice: Choice): RelayOrder {
  return {
    choice,
    endpoint: 'chat/completions',
    kind: request.isStream ? 'stream' : 'sync',
    prompt: promptOf('chat', request),
    output: { kind: 'tokens', cap: request.outputTokensCap, choices: request.choiceCount },
    hash: (route) => requestHash(route, request.source.bytes),
  };
}

/** What an embeddings request is billed by. */
export function toEmbeddingsOrder(request: EmbeddingsRequest, choice: Choice): RelayOrder {
  return {
    choice,
    endpoint: 'embeddings',
    kind: 'sync',
    prompt: promptOf('embeddings', request),
    output: { kind: 'none' },
    hash: (route) => requestHash(route, request.source.bytes),
  };
}

/**
 * What an image request is billed by.
 * @param hash of an upload, whose `source` has only its fields.
 */
export function toImagesOrder(
  request: ImagesRequest,
  choice: Choice,
  operation: OperationName,
  hash?: () => Promise<Buffer>,
): RelayOrder {
  const { value, bytes } = request.source;
  return {
    choice,
    endpoint: operation === 'imageEdits' ? 'images/edits' : 'images/generations',
    kind: request.isStream ? 'stream' : 'sync',
    prompt: promptOf('images', request),
    output: { kind: 'images', count: request.count, size: textOf(value['size']), quality: textOf(value['quality']) },
    hash: hash ?? ((route) => requestHash(route, bytes)),
  };
}

function promptOf(kind: RelayOrder['prompt']['kind'], { source }: Pick<ChatRequest, 'source'>): RelayOrder['prompt'] {
  return { kind, value: source.value, byteLength: source.bytes.length };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
