import { isObject } from '../../../common/is-object.js';
import { toSafeId } from '../../../providers/adapters/anthropic/safe-id.js';
import { wrapThought } from '../../../providers/canonical/wrapped-thought.js';

type Wire = Readonly<Record<string, unknown>>;

/** Stands under a thought that nobody has signed: clients want a signature, and the hub knows it again. */
export const UNSIGNED = wrapThought({});

/** True for a thought that is told as a text and signed. */
export function isSigned(detail: unknown): detail is Wire & { readonly text: string } {
  return isObject(detail) && typeof detail['text'] === 'string' && typeof detail['signature'] === 'string';
}

/** What stands under a signed thought: the entry of `reasoning_details` without its text. */
export function signatureOf({ text: _, ...detail }: Wire): string {
  return wrapThought({ detail });
}

/** A block for what a model must be given back and does not show. */
export function hiddenBlock(thought: Parameters<typeof wrapThought>[0]): Wire {
  return { type: 'redacted_thinking', data: wrapThought(thought) };
}

/** All entries of `reasoning_details`, in order, as blocks. @param text what was thought, for the case that no entry tells it. */
export function thoughtBlocks(details: unknown, text: string): readonly Wire[] {
  const all = Array.isArray(details) ? details.filter(isObject) : [];
  const blocks = all.map((detail) =>
    isSigned(detail)
      ? { type: 'thinking', thinking: detail.text, signature: signatureOf(detail) }
      : hiddenBlock({ detail }),
  );
  const isTold = text === '' || all.some(isSigned);
  return isTold ? blocks : [{ type: 'thinking', thinking: text, signature: UNSIGNED }, ...blocks];
}

/** A block for the `extra_content` of calls and of the message; undefined when there is none. */
export function extraBlock(calls: readonly Wire[], extra: unknown): Wire | undefined {
  const held = calls.filter(({ id, extra_content }) => typeof id === 'string' && isObject(extra_content));
  if (held.length === 0 && !isObject(extra)) return undefined;
  const byId = Object.fromEntries(held.map(({ id, extra_content }) => [toSafeId(String(id)), extra_content]));
  return hiddenBlock({ ...(held.length > 0 && { calls: byId }), ...(isObject(extra) && { extra }) });
}
