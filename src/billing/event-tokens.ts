import type { Usage } from '../providers/canonical/usage.js';
import type { UsageEvent } from '../quota/core/usage-event.js';

/** All tokens of an event, for limits by tokens; 0 where there are none to count. */
export function tokensOf(event: UsageEvent): number {
  return (event.inputTokens ?? 0) + (event.outputTokens ?? 0);
}

/** Of an answer that broke off only what does not grow with it counts as reported: pictures, sound that was listened to, searches. */
export function withoutTokens(usage: Usage | undefined, isDelivered: boolean): Usage | undefined {
  if (!isDelivered || usage === undefined) return undefined;
  const { images, audioMs, searches } = usage;
  if (images === undefined && audioMs === undefined && searches === undefined) return undefined;
  return { images, audioMs, searches };
}
