import { createHash } from 'node:crypto';
import type { SimulatedModel } from './anthropic-models.js';

/** What the vendor would put under a thought; opaque to whoever carries it, and bound to its model. */
export function signatureOf(model: string, thought: string): string {
  const mark = createHash('sha256').update(`${model}\n${thought}`).digest('base64url').slice(0, 24);
  return Buffer.from(`${model}:${mark}`).toString('base64');
}

/** True for a signature of the simulator; the newest models want their own. */
export function isGenuineSignature(signature: string, model: SimulatedModel): boolean {
  const [maker, mark] = Buffer.from(signature, 'base64').toString().split(':');
  if (maker === undefined || mark?.length !== 24) return false;
  return !model.bindsThinking || maker === model.id;
}
