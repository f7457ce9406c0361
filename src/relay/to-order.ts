import { requestHash } from '../idempotency/idempotency-key.js';
import { askedTier } from '../pricing/service-tier.js';
import type { ChatRequest } from '../providers/canonical/chat.js';
import type { EmbeddingsRequest } from '../providers/canonical/embeddings.js';
import type { ImagesRequest } from '../providers/canonical/images.js';
import type { RelayOrder } from './relay-order.js';
import type { Choice } from './route-choice.js';

/** How a chat was asked for. */
export interface AskedChat {
  /** Such as `chat/completions`. */
  readonly endpoint: string;
  /** The body as it came. */
  readonly bytes: Uint8Array;
}

/** What a chat request is billed by. */
export function toChatOrder(
  request: ChatRequest,
  choice: Choice,
  promptTokens: number,
  { endpoint, bytes }: AskedChat = { endpoint: 'chat/completions', bytes: request.source.bytes },
): RelayOrder {
  return {
    choice,
    endpoint,
    kind: request.isStream ? 'stream' : 'sync',
    promptTokens,
    body: request.source.value,
    output: { kind: 'tokens', cap: request.outputTokensCap, choices: request.choiceCount },
    serviceTier: askedTier(request.source.value['service_tier']),
    hash: (route) => requestHash(route, bytes),
  };
}

/** What an embeddings request is billed by. */
export function toEmbeddingsOrder(request: EmbeddingsRequest, choice: Choice, promptTokens: number): RelayOrder {
  return {
    choice,
    endpoint: 'embeddings',
    kind: 'sync',
    promptTokens,
    body: request.source.value,
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
  promptTokens: number,
  hash?: () => Promise<Buffer>,
): RelayOrder {
  const { value, bytes } = request.source;
  return {
    choice,
    endpoint: choice.facts.operation === 'imageEdits' ? 'images/edits' : 'images/generations',
    kind: request.isStream ? 'stream' : 'sync',
    promptTokens,
    body: request.source.value,
    output: { kind: 'images', count: request.count, size: textOf(value['size']), quality: textOf(value['quality']) },
    hash: hash ?? ((route) => requestHash(route, bytes)),
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
