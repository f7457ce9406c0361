import type { ChatCompletion, ChatStreamItem } from '../../src/providers/canonical/chat.js';
import type { Usage } from '../../src/providers/canonical/usage.js';

/** An answer in the few words that expectations are written in. */
export interface Summary {
  readonly text: string | null;
  readonly reasoning: string | null;
  readonly finishReason: unknown;
  readonly usage: Usage | null;
  readonly toolCalls: readonly unknown[];
}

interface Call {
  id: string;
  name: string;
  arguments: string;
}

/** Sums up the first choice of a whole answer. */
export function summaryOf(completion: ChatCompletion, usage: Usage | undefined): Summary {
  const choice = completion.choices[0]!;
  const { content, reasoning_content, tool_calls } = choice.message;
  const calls = Array.isArray(tool_calls) ? tool_calls : [];
  return {
    text: typeof content === 'string' && content !== '' ? content : null,
    reasoning: typeof reasoning_content === 'string' ? reasoning_content : null,
    finishReason: choice.finish_reason,
    usage: usage ?? null,
    toolCalls: calls.map((call) => {
      expect(call.type).toBe('function');
      return { id: call.id, name: call.function.name, arguments: call.function.arguments };
    }),
  };
}

/**
 * Sums up the first choice of a stream as a plain client would: it appends every text it is given, ids and names too, so
 * that anything said twice shows. Written apart from the product's own aggregation.
 */
export function summaryOfItems(items: readonly ChatStreamItem[]): Summary {
  let text = '';
  let reasoning = '';
  let usage: Usage | undefined;
  const finishReasons: unknown[] = [];
  const calls: Call[] = [];
  for (const item of items) {
    if (item.type === 'usage') usage = item.usage;
    if (item.type !== 'chunk') continue;
    for (const { index, delta, finish_reason } of item.chunk.choices) {
      if (index !== 0) continue;
      if (typeof delta['content'] === 'string') text += delta['content'];
      if (typeof delta['reasoning_content'] === 'string') reasoning += delta['reasoning_content'];
      if (typeof finish_reason === 'string') finishReasons.push(finish_reason);
      for (const call of Array.isArray(delta['tool_calls']) ? delta['tool_calls'] : []) {
        if (calls[call.index] === undefined) expect(call.type).toBe('function');
        const open = calls[call.index] ?? { id: '', name: '', arguments: '' };
        calls[call.index] = open;
        open.id += call.id ?? '';
        open.name += call.function?.name ?? '';
        open.arguments += call.function?.arguments ?? '';
      }
    }
  }
  return {
    text: text === '' ? null : text,
    reasoning: reasoning === '' ? null : reasoning,
    finishReason: finishReasons.length === 1 ? finishReasons[0] : finishReasons,
    usage: usage ?? null,
    toolCalls: calls,
  };
}
