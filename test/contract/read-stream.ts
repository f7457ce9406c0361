import type { ChatRequest, ChatStreamItem } from '../../src/providers/canonical/chat.js';
import type { Provider, Target } from '../../src/providers/provider.js';
import { FRAMINGS } from '../../src/providers/transport/stream-framings.js';
import { asked } from './target.js';

const LINE_BYTES_MAX = 1024 * 1024;

/** Reads a recorded stream through the product's own reader of its framing, in the given pieces. */
export function readStream(
  provider: Provider,
  target: Target,
  pieces: readonly Uint8Array[],
  request: ChatRequest = asked,
): ChatStreamItem[] {
  if (provider.chat === undefined) throw new Error(`${provider.id} has no chat.`);
  const lines = FRAMINGS[provider.chat.framing ?? 'sse'].open(LINE_BYTES_MAX);
  const reader = provider.chat.openStream(target, request);
  const items: ChatStreamItem[] = [];
  for (const piece of pieces) for (const event of lines.push(piece)) items.push(...reader.push(event));
  for (const event of lines.end()) items.push(...reader.push(event));
  return items;
}

/** What went to the caller and what was learnt, without members that JSON leaves out. */
export function plain(items: readonly ChatStreamItem[]): unknown[] {
  return items.map((item) =>
    item.type === 'error'
      ? { type: 'error', kind: item.error.kind, message: item.error.message }
      : JSON.parse(JSON.stringify(item)),
  );
}
