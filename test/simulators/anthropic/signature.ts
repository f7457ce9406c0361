import { createHash } from 'node:crypto';
import type { SimulatedModel } from './anthropic-models.js';
import type { Wire } from './check-fields.js';

/**
 * What the vendor would put under a thought; opaque to whoever carries it.
 * @param prefix what stood ahead of the thought, as {@link prefixOf} gives it; the newest models bind their thoughts to it.
 */
export function signatureOf(model: string, thought: string, prefix: string): string {
  return Buffer.from(`${model}:${prefix}:${markOf(thought)}`).toString('base64');
}

/** Everything a request says ahead of one of its turns, in a few letters. Where the cache breaks does not matter. */
export function prefixOf(body: Wire, turns: readonly Wire[]): string {
  const text = JSON.stringify([body['system'], body['tools'], turns]);
  return markOf(text.replace(/,"cache_control":\{[^}]*\}/g, ''));
}

/** Why a thought cannot come back: not the vendor's own, of another model, or thought in another conversation. */
export function findFlaw(
  signature: string,
  model: SimulatedModel,
  prefix: string,
): 'forged' | 'model' | 'prefix' | undefined {
  const [maker, bound, mark] = Buffer.from(signature, 'base64').toString().split(':');
  if (maker === undefined || bound?.length !== MARK_LENGTH || mark?.length !== MARK_LENGTH) return 'forged';
  if (!model.bindsThinking) return undefined;
  if (maker !== model.id) return 'model';
  return bound === prefix ? undefined : 'prefix';
}

const MARK_LENGTH = 24;

function markOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, MARK_LENGTH);
}
