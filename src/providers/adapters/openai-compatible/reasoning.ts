import { isObject, isText, type WireObject } from './wire.js';

/** What a message or delta holds besides its other keys. */
export interface SplitContent {
  readonly content: string;
  readonly reasoning: string;
}

/**
 * Splits a list of content parts as Mistral's reasoning models send it: `thinking` parts and text parts.
 * Parts of other kinds (references, pictures) have no place in a string and are left out.
 */
export function splitParts(parts: readonly unknown[]): SplitContent {
  let content = '';
  let reasoning = '';
  for (const part of parts) {
    if (typeof part === 'string') content += part;
    if (!isObject(part)) continue;
    if (part['type'] === 'thinking') reasoning += textOf(part['thinking']);
    else if (isText(part['text'])) content += part['text'];
  }
  return { content, reasoning };
}

/**
 * Finds reasoning under another name than `reasoning_content`.
 * @returns the text, or undefined when there is none or `reasoning_content` already carries it.
 */
export function findReasoning(holder: WireObject): string | undefined {
  if (isText(holder['reasoning_content'])) return undefined;
  if (isText(holder['reasoning'])) return holder['reasoning'];
  if (!Array.isArray(holder['reasoning_details'])) return undefined;
  const text = textOf(holder['reasoning_details']);
  return text === '' ? undefined : text;
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return '';
  return value.map((part) => (isObject(part) && isText(part['text']) ? part['text'] : '')).join('');
}
