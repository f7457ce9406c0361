import type { ChatStreamItem, ChatStreamReader } from '../providers/canonical/chat.js';
import { SseReader } from '../providers/transport/sse-reader.js';
import type { UpstreamBody } from '../providers/transport/upstream-body.js';

// After [DONE] the connection is worth keeping only if the body ends about now.
const LINGER_MS = 500;

/**
 * Reads an event stream to its end, `[DONE]` or end of body, and gives what each network read means. Whoever stops
 * early closes the upstream connection with it.
 * @throws ProviderError when the connection breaks or a line is over the limit.
 */
export async function* readChatItems(
  body: UpstreamBody,
  reader: ChatStreamReader,
  lineBytesMax: number,
): AsyncGenerator<readonly ChatStreamItem[], void> {
  const sse = new SseReader(lineBytesMax);
  let isDone = false;
  try {
    while (!isDone) {
      const bytes = await body.next();
      const items: ChatStreamItem[] = [];
      for (const event of bytes === undefined ? sse.end() : sse.push(bytes)) {
        for (const item of reader.push(event)) {
          if (item.type === 'done') isDone = true;
          else if (!isDone) items.push(item);
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
