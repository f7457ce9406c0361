import { createHash } from 'node:crypto';
import { ProviderError } from '../../canonical/provider-error.js';
import type { FinishReason } from '../openai-compatible/finish-reason.js';
import { isObject, isText, type WireObject } from '../openai-compatible/wire.js';

/** What a message of an answer, or of one line of it, says. */
export interface OllamaMessage {
  readonly text: string;
  readonly thinking: string;
  /** In OpenAI's shape, without an index. */
  readonly calls: readonly WireObject[];
}

/**
 * Reads a message.
 * @param seed tells answers apart, for the ids of calls that have none.
 * @param callsBefore how many calls the answer has made in earlier lines.
 */
export function readOllamaMessage(wire: WireObject, seed: string, callsBefore: number): OllamaMessage {
  const { content, thinking, tool_calls: calls } = wire;
  const list: readonly unknown[] = Array.isArray(calls) ? calls : [];
  return {
    text: isText(content) ? content : '',
    thinking: isText(thinking) ? thinking : '',
    calls: list.filter(isObject).map((call, i) => toCall(call, seed, callsBefore + i)),
  };
}

/** Arguments are an object, and older servers give a call no id. */
function toCall({ id, function: body }: WireObject, seed: string, number: number): WireObject {
  const { name, arguments: given } = isObject(body) ? body : {};
  return {
    id: isText(id) ? id : `call_${digest(`${seed} ${number}`)}`,
    type: 'function',
    function: { name: isText(name) ? name : '', arguments: isObject(given) ? JSON.stringify(given) : '{}' },
  };
}

/** An id for what has none: always the same for the same text, so that reading it again changes nothing. */
export function digest(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 24);
}

/** A model that was loaded or thrown out has not been asked anything. */
const FAILURES: ReadonlySet<string> = new Set(['load', 'unload']);

/** Maps `done_reason`, which is `stop` also for an answer that calls functions. */
export function readOllamaFinish(reason: unknown, hasCalls: boolean): FinishReason | ProviderError {
  if (isText(reason) && FAILURES.has(reason)) {
    return new ProviderError({
      kind: 'overloaded',
      code: reason,
      message: `The upstream answered nothing; its finish reason is ${reason}.`,
    });
  }
  if (reason === 'length') return 'length';
  return hasCalls ? 'tool_calls' : 'stop';
}

/** `created_at` in seconds; 0 when it is no date. */
export function createdOf(value: unknown): number {
  const ms = isText(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? 0 : Math.floor(ms / 1_000);
}
