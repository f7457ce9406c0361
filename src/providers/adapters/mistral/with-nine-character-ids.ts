import { createHash } from 'node:crypto';
import { isObject, isText } from '../openai-compatible/wire.js';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const LENGTH = 9;

/**
 * Brings messages into the form Mistral insists on: tool-call ids of exactly nine letters and digits, the same id for the
 * call and its result; no `tool_calls: null`; and `prefix: true` on an assistant message that the model is to continue.
 * @returns the same list when nothing needs changing.
 */
export function withNineCharacterIds(messages: readonly unknown[] | undefined): readonly unknown[] | undefined {
  if (messages === undefined) return undefined;
  const last = messages.length - 1;
  const rewritten = messages.map((message, i) => (isObject(message) ? rewrite(message, i === last) : message));
  return rewritten.some((message, i) => message !== messages[i]) ? rewritten : messages;
}

function rewrite(message: Record<string, unknown>, isLast: boolean): Record<string, unknown> {
  let result = message;
  const { tool_calls: calls, tool_call_id: id } = message;
  if (calls === null) {
    const { tool_calls: _, ...rest } = message;
    result = rest;
  }
  if (Array.isArray(calls)) {
    const rewritten = calls.map(rewriteCall);
    if (rewritten.some((call, i) => call !== calls[i])) result = { ...result, tool_calls: rewritten };
  }
  if (isText(id) && !isNine(id)) result = { ...result, tool_call_id: shorten(id) };
  if (isLast && message['role'] === 'assistant' && message['prefix'] === undefined)
    result = { ...result, prefix: true };
  return result;
}

function rewriteCall(call: unknown): unknown {
  if (!isObject(call)) return call;
  const { id } = call;
  return isText(id) && !isNine(id) ? { ...call, id: shorten(id) } : call;
}

function isNine(id: string): boolean {
  return /^[0-9A-Za-z]{9}$/.test(id);
}

/** The same nine characters for the same id, always: a retry and the next turn must agree. */
function shorten(id: string): string {
  const hash = createHash('sha256').update(id).digest();
  let text = '';
  for (let i = 0; i < LENGTH; i++) text += ALPHABET[(hash[i] ?? 0) % ALPHABET.length];
  return text;
}
