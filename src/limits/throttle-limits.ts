import type { ThrottlerOptions } from '@nestjs/throttler';
import type { ThrottleKind } from './throttled.decorator.js';

const MINUTE_MS = 60_000;

/**
 * Requests per minute and address of each kind of route. All routes of a kind count together.
 * @param publicRpm HUB_PUBLIC_RPM.
 */
export function throttleLimits(publicRpm: number): ThrottlerOptions[] {
  const limits: Readonly<Record<ThrottleKind, number>> = {
    unauthenticated: publicRpm,
    // People type these.
    redemption: 30,
    // Each may send a message to an address of the caller's choice.
    webhooks: 120,
    // A provider reports every change of every task from a few addresses.
    callback: 6000,
    // Each costs a password hash.
    signIn: 10,
    // A page of the admin interface makes a few dozen.
    admin: 600,
  };
  return Object.entries(limits).map(([name, limit]) => ({ name, limit, ttl: MINUTE_MS }));
}
