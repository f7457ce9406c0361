import { isObject } from '../../../common/is-object.js';
import {
  ANY_MODEL,
  REASONING_FORMAT,
  textsOf,
} from '../../../providers/adapters/openai-responses/reasoning-details.js';

type Wire = Readonly<Record<string, unknown>>;

/** Tells the hub's own `encrypted_content` from what a vendor made. */
const PREFIX = 'hub1_';

/**
 * What an assistant message carries for its model besides what it shows: entries of `reasoning_details`, and `extra_content` of the
 * message or of one of its tool calls.
 */
export type HiddenThought =
  | { readonly detail: Wire }
  | { readonly extra: unknown /** Id of the tool call; left out for the message itself. */; readonly call?: string };

/**
 * Puts hidden thoughts of any vendor into one text for `encrypted_content` of a reasoning item: clients of Responses send such items back
 * as they are, and members that they do not know they may lose. It is no secret, and not encrypted by the hub: what of it its
 * vendor wants to hide is.
 */
export function packThoughts(thoughts: readonly HiddenThought[]): string {
  return PREFIX + Buffer.from(JSON.stringify(thoughts)).toString('base64url');
}

/**
 * The thoughts in a reasoning item that a caller sends back. What the hub has not packed comes from OpenAI itself, and which of its models
 * can read it is for OpenAI to say.
 * @param call id of the tool call that the item stands before; without it, it stands before text.
 */
export function unpackThoughts(item: Wire, call?: string): readonly HiddenThought[] {
  const { id, encrypted_content: packed, summary } = item;
  if (typeof packed !== 'string' || packed === '') return [];
  if (packed.startsWith(PREFIX)) return readPacked(packed.slice(PREFIX.length));
  const detail = {
    type: 'reasoning.encrypted',
    format: REASONING_FORMAT,
    model: ANY_MODEL,
    ...(typeof id === 'string' && { id }),
    data: packed,
    summary: textsOf(summary),
    ...(call !== undefined && { precedes: call }),
  };
  return [{ detail }];
}

/** Callers can write anything there, so that what is none of it is left out. */
function readPacked(text: string): readonly HiddenThought[] {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return [];
  }
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry: unknown): HiddenThought[] => {
    if (!isObject(entry)) return [];
    const { detail, extra, call } = entry;
    if (isObject(detail)) return [{ detail }];
    if (!isObject(extra)) return [];
    return [typeof call === 'string' ? { extra, call } : { extra }];
  });
}
