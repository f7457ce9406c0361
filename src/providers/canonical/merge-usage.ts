import { isObject } from '../../common/is-object.js';
import { toCount, toSoundUsage } from './sound-usage.js';
import type { Usage } from './usage.js';

/** Usage objects nest once or twice; what is deeper is of no interest, and may be without end. */
const DEPTH_MAX = 3;

/**
 * What is known after another report of the same stream: field by field the last word counts, never the sum, since
 * vendors report running totals. A report that leaves a field out, or gives nonsense for it, changes nothing there.
 */
export function mergeUsage(previous: Usage | undefined, next: Usage | undefined): Usage | undefined {
  if (previous === undefined || next === undefined) return next ?? previous;
  return toSoundUsage({ ...previous, ...definedOf(next) });
}

/**
 * The same before normalising, for formats whose total is a sum of fields that come in different events: Anthropic's
 * `message_delta` may give a new `input_tokens` and leave the cache counts of `message_start` as they are.
 * @returns an object for `normaliseUsage`: counts only.
 */
export function mergeWireUsage(previous: unknown, next: unknown): Readonly<Record<string, unknown>> {
  return mergeObjects(previous, next, DEPTH_MAX);
}

function mergeObjects(previous: unknown, next: unknown, depth: number): Readonly<Record<string, unknown>> {
  const result = new Map<string, unknown>();
  for (const wire of [previous, next]) {
    if (!isObject(wire)) continue;
    for (const [name, value] of Object.entries(wire)) {
      if (toCount(value, Number.MAX_SAFE_INTEGER) !== undefined) result.set(name, value);
      else if (isObject(value) && depth > 1) result.set(name, mergeObjects(result.get(name), value, depth - 1));
    }
  }
  return Object.fromEntries(result);
}

function definedOf(usage: Usage): Usage {
  return Object.fromEntries(Object.entries(usage).filter(([, value]) => value !== undefined));
}
