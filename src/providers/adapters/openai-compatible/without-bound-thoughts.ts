import { isObject, isText, type WireObject } from './wire.js';

/**
 * Takes out of a conversation what adapters of other formats gave a client to send back, bound to one of their models: entries of
 * `reasoning_details` and thought signatures of tool calls, both of which name that model. No other vendor can read them, and some refuse
 * what they do not know. What a vendor itself has put into these fields names no model, and stays.
 * @returns the same list when there is nothing of the kind, which is found out without making anything.
 */
export function withoutBoundThoughts(messages: readonly unknown[]): readonly unknown[] {
  if (!messages.some(hasBound)) return messages;
  return messages.map((message) => (isObject(message) && hasBound(message) ? strip(message) : message));
}

function hasBound(message: unknown): boolean {
  if (!isObject(message)) return false;
  const { reasoning_details: details, tool_calls: calls } = message;
  return (
    (Array.isArray(details) && details.some(isBoundDetail)) ||
    isBoundExtra(message) ||
    (Array.isArray(calls) && calls.some(isBoundExtra))
  );
}

function strip(message: WireObject): WireObject {
  const result = isBoundExtra(message) ? withoutExtra(message) : { ...message };
  const { reasoning_details: details, tool_calls: calls } = result;
  if (Array.isArray(details)) {
    const others = details.filter((detail) => !isBoundDetail(detail));
    if (others.length > 0) result['reasoning_details'] = others;
    else delete result['reasoning_details'];
  }
  if (Array.isArray(calls) && calls.some(isBoundExtra))
    result['tool_calls'] = calls.map((call) => (isObject(call) && isBoundExtra(call) ? withoutExtra(call) : call));
  return result;
}

function isBoundDetail(detail: unknown): boolean {
  return isObject(detail) && isText(detail['format']) && isText(detail['model']);
}

function isBoundExtra(holder: unknown): boolean {
  if (!isObject(holder) || !isObject(holder['extra_content'])) return false;
  const { google } = holder['extra_content'];
  return isObject(google) && isText(google['model']);
}

function withoutExtra({ extra_content: _, ...rest }: WireObject): WireObject {
  return rest;
}
