import type { BodyEdits, ChatDialect } from './vendor.js';
import { isObject } from './wire.js';
import { withoutBoundThoughts } from './without-bound-thoughts.js';

/**
 * Takes message keys out that a vendor refuses, and thoughts bound to models of others. Only when one is there are the messages written anew.
 * @returns the messages as they will be sent, or undefined when there is no list.
 */
export function editMessages(
  dialect: ChatDialect,
  messages: unknown,
  edits: BodyEdits,
  droppedParams: string[],
): readonly unknown[] | undefined {
  if (!Array.isArray(messages)) return undefined;
  const unbound = withoutBoundThoughts(messages);
  if (unbound !== messages) edits['messages'] = JSON.stringify(unbound);
  return withoutRefusedKeys(dialect, unbound, edits, droppedParams);
}

function withoutRefusedKeys(
  dialect: ChatDialect,
  messages: readonly unknown[],
  edits: BodyEdits,
  droppedParams: string[],
): readonly unknown[] {
  const { refusedMessageFields: refused, acceptedMessageFields: accepted } = dialect;
  if (refused === undefined && accepted === undefined) return messages;
  const isRefused = (key: string): boolean =>
    refused?.has(key) === true || (accepted !== undefined && !accepted.has(key));
  const dropped = new Set<string>();
  let isChanged = false;
  const kept = messages.map((message: unknown) => {
    if (!isObject(message) || !Object.keys(message).some(isRefused)) return message;
    isChanged = true;
    for (const [key, value] of Object.entries(message)) {
      if (isRefused(key) && value !== null) dropped.add(`messages[].${key}`);
    }
    return Object.fromEntries(Object.entries(message).filter(([key]) => !isRefused(key)));
  });
  if (!isChanged) return messages;
  droppedParams.push(...dropped);
  edits['messages'] = JSON.stringify(kept);
  return kept;
}
