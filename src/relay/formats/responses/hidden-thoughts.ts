import {
  ANY_MODEL,
  REASONING_FORMAT,
  textsOf,
} from '../../../providers/adapters/openai-responses/reasoning-details.js';
import {
  isWrapped,
  unwrapThought,
  type WrappedThought,
  wrapThought,
} from '../../../providers/canonical/wrapped-thought.js';

type Wire = Readonly<Record<string, unknown>>;

const SEPARATOR = ',';

/**
 * Puts hidden thoughts of any vendor into one text for `encrypted_content` of a reasoning item: clients of Responses send such items back
 * as they are, and members that they do not know they may lose. It is no secret, and not encrypted by the hub: what of it its
 * vendor wants to hide is.
 */
export function packThoughts(thoughts: readonly WrappedThought[]): string {
  return thoughts.map(wrapThought).join(SEPARATOR);
}

/**
 * The thoughts in a reasoning item that a caller sends back; those that were tampered with are left out. What the hub has not packed comes
 * from OpenAI itself, and which of its models can read it is for OpenAI to say.
 * @param call id of the tool call that the item stands before; without it, it stands before text.
 */
export function unpackThoughts(item: Wire, call?: string): readonly WrappedThought[] {
  const { id, encrypted_content: packed, summary } = item;
  if (typeof packed !== 'string' || packed === '') return [];
  if (isWrapped(packed)) return packed.split(SEPARATOR).flatMap((text) => unwrapThought(text) ?? []);
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
