import type { TextRow } from '../../source/source-tables.js';
import { jsonObjectOf, textOf } from '../row-values.js';

/** One key of a channel as it is stored there. */
export interface ChannelKey {
  /** Counts from 0, in the order there. */
  readonly index: number;
  /** On one line; JSON without needless spaces. */
  readonly text: string;
  /** new-api switches single keys off. */
  readonly isEnabled: boolean;
}

/**
 * The keys of a channel: a JSON object or a text is one, a JSON list holds one an element, else there is one a line.
 * https://github.com/QuantumNous/new-api, model/channel.go
 */
export function keysOf(row: TextRow): ChannelKey[] {
  const states = statesOf(row);
  return split(textOf(row, 'key').trim()).flatMap((text, index) =>
    text === '' ? [] : [{ index, text, isEnabled: (states[String(index)] ?? 1) === 1 }],
  );
}

function split(text: string): string[] {
  const json = /^[[{]/.test(text) ? parse(text) : undefined;
  if (Array.isArray(json))
    return json.map((item: unknown) => (typeof item === 'string' ? item.trim() : onOneLine(item)));
  if (json !== undefined) return [onOneLine(json)];
  return text.split(/\r?\n/).map((line) => line.trim());
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Several JSON texts, one a line, or a key that only begins like one.
    return undefined;
  }
}

/** JSON that a header could carry: a key file in any language is the same in ASCII. */
function onOneLine(value: unknown): string {
  const inAscii = (letter: string) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(value).replace(/[^\x20-\x7e]/g, inAscii);
}

/** By the number of the key; 1 is on. */
function statesOf(row: TextRow): Readonly<Record<string, unknown>> {
  const list = jsonObjectOf(textOf(row, 'channel_info'))?.['multi_key_status_list'];
  return typeof list === 'object' && list !== null ? { ...list } : {};
}
