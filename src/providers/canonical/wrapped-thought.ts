import { isObject } from '../../common/is-object.js';
import { JsonSource, JsonSourceError } from '../../common/json-source.js';

/** Tells the hub's own from signatures and data that a vendor gave. Letters of the alphabet and a dot, as clients expect. */
const MARK = 'hub1.';

/**
 * What a model has to be given back in the next turn, as it travels in an opaque text of the caller's format: the `signature` of a
 * thinking block, the `data` of a redacted one. Such formats have a place for one vendor's signatures; the hub's say whose they are, so
 * that another model, which would refuse them, is not given them.
 */
export interface WrappedThought {
  /** An entry of `reasoning_details`, but for its `text`, which stands beside it. */
  readonly detail?: Readonly<Record<string, unknown>>;
  /** `extra_content` of tool calls, by their ids. */
  readonly calls?: Readonly<Record<string, unknown>>;
  /** `extra_content` of the message. */
  readonly extra?: unknown;
}

/** One text without white space that {@link unwrapThought} reads; the same for the same thought. */
export function wrapThought(thought: WrappedThought): string {
  return MARK + Buffer.from(JSON.stringify(thought)).toString('base64url');
}

/** True for a text that {@link wrapThought} may have made. */
export function isWrapped(text: unknown): text is string {
  return typeof text === 'string' && text.startsWith(MARK);
}

/** What was wrapped; undefined for a text that is a vendor's own, or that was changed on its way. */
export function unwrapThought(text: unknown): WrappedThought | undefined {
  if (!isWrapped(text)) return undefined;
  let value: Readonly<Record<string, unknown>>;
  try {
    // A caller may have made it up, and what is hidden in it has not been looked at with the body.
    value = JsonSource.parse(Buffer.from(text.slice(MARK.length), 'base64url')).value;
  } catch (error) {
    if (error instanceof JsonSourceError) return undefined;
    throw error;
  }
  const { detail, calls, extra } = value;
  return {
    ...(isObject(detail) && { detail }),
    ...(isObject(calls) && { calls }),
    ...(extra !== undefined && { extra }),
  };
}
