import type { ChatAnswer, ChatChunk, ChatCompletionChoice, ChatStreamItem } from '../../canonical/chat.js';
import { toWireUsage } from './usage.js';
import { isObject, type WireObject } from './wire.js';

/**
 * Turns a whole answer into the items of a stream, for a caller that asked for one: a chunk with the message and one
 * with the finish reason for each choice, then usage, then the end.
 */
export function completionToItems({ completion, usage, servedTier }: ChatAnswer): readonly ChatStreamItem[] {
  const { choices, usage: wire, ...head } = completion;
  const chunk = (choice: ChatChunk['choices'][number]): ChatChunk => ({
    ...head,
    object: 'chat.completion.chunk',
    choices: [choice],
  });
  const items: ChatStreamItem[] = [];
  for (const choice of choices) {
    const { index, finish_reason, message, ...rest } = choice;
    const told = { ...rest, index, delta: deltaOf(message), finish_reason: null };
    items.push({ type: 'chunk', chunk: chunk(told), hasContent: true, isFinish: false });
    items.push({ type: 'chunk', chunk: chunk({ index, delta: {}, finish_reason }), hasContent: false, isFinish: true });
  }
  if (usage !== undefined) {
    const tier = servedTier === undefined ? {} : { servedTier };
    items.push({ type: 'usage', usage, wire: wire ?? toWireUsage(usage), ...tier });
  }
  items.push({ type: 'done' });
  return items;
}

function deltaOf(message: ChatCompletionChoice['message']): WireObject {
  const delta: WireObject = { ...message };
  if (delta['content'] === null) delete delta['content'];
  const calls = delta['tool_calls'];
  if (Array.isArray(calls))
    delta['tool_calls'] = calls.map((call, index) => (isObject(call) ? { ...call, index } : call));
  else delete delta['tool_calls'];
  return delta;
}
