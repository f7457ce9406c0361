import type { ChatStreamItem, SseEvent } from '../providers/canonical/chat.js';
import { ProviderError } from '../providers/canonical/provider-error.js';
import type { EventReader } from '../providers/transport/event-reader.js';
import type { UpstreamBody } from '../providers/transport/upstream-body.js';

// After [DONE] the connection is worth keeping only if the body ends about now.
const LINGER_MS = 500;

/**
 * Reads an event stream to its end, `[DONE]` or end of body, and gives what each network read means. Whoever stops
 * early closes the upstream connection with it.
 * @param framed cuts the bytes into the events that the reader takes.
 * @param bytesMax how much is read in all; without it a stream may go on for ever.
 * @throws ProviderError when the connection breaks, or when a line or the whole is over its limit.
 */
export async function* readChatItems<Item extends { readonly type: string } = ChatStreamItem>(
  body: UpstreamBody,
  reader: { push(event: SseEvent): readonly Item[] },
  framed: EventReader,
  bytesMax = Number.POSITIVE_INFINITY,
): AsyncGenerator<readonly Item[], void> {
  let isDone = false;
  let size = 0;
  try {
    while (!isDone) {
      const bytes = await body.next();
      size += bytes?.length ?? 0;
      if (size > bytesMax) {
        throw new ProviderError({
          kind: 'invalid_response',
          message: `The upstream streamed more than ${bytesMax} bytes.`,
        });
      }
      const items: Item[] = [];
      for (const event of bytes === undefined ? framed.end() : framed.push(bytes)) {
        for (const item of reader.push(event)) {
          if (isDone) break;
          items.push(item.type === 'malformed' ? { ...item, isTorn: event.data.trimStart().startsWith('{') } : item);
          isDone = item.type === 'done';
        }
      }
      if (items.length > 0) yield items;
      if (bytes === undefined) return;
    }
  } finally {
    if (isDone) void linger(body);
    else if (!body.isOver) body.abort(new Error('The stream is no longer wanted.'));
  }
}

/** Waits for the end of the body after `[DONE]`, so that a well-behaved connection is used again; closes any other. */
async function linger(body: UpstreamBody): Promise<void> {
  const timer = setTimeout(() => body.abort(new Error('The upstream did not end its body after [DONE].')), LINGER_MS);
  try {
    const bytes = await body.next();
    if (bytes !== undefined) body.abort(new Error('The upstream sent bytes after [DONE].'));
  } catch {
    // The answer is complete; how its connection ends concerns nobody.
  } finally {
    clearTimeout(timer);
  }
}
