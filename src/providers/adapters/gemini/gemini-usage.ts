import type { Usage } from '../../canonical/usage.js';
import { normaliseUsage } from '../../canonical/usage-normaliser.js';
import { toWireUsage } from '../openai-compatible/usage.js';
import type { WireObject } from '../openai-compatible/wire.js';

/** `usageMetadata` in the hub's words and in OpenAI's. */
export interface ReadUsage {
  readonly usage: Usage;
  readonly wire: WireObject;
}

/** Reads `usageMetadata`. @returns undefined when nothing usable was reported. */
export function readUsage(wire: unknown): ReadUsage | undefined {
  const usage = normaliseUsage(wire);
  return usage === undefined ? undefined : { usage, wire: toWireUsage(usage) };
}

/** Tokens that were generated for the caller to see; what was only thought is not among them. */
export function spokenTokens(usage: Usage | undefined): number {
  return Math.max(0, (usage?.outputTokens ?? 0) - (usage?.reasoningTokens ?? 0));
}

/** Usage with the pictures that were delivered, where there are any; some models are priced by them. */
export function withPictures(usage: Usage | undefined, images: number): Usage | undefined {
  return images === 0 ? usage : { ...usage, images };
}
