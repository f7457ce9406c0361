import { type CustomDecorator, SetMetadata } from '@nestjs/common';

/** Metadata key of {@link Throttled}. */
export const THROTTLE_KIND = 'hub:throttle';

/** Which limit per address counts; the limits are in `throttle-limits.ts`. */
export type ThrottleKind = 'unauthenticated' | 'redemption' | 'webhooks' | 'callback' | 'signIn' | 'admin';

/**
 * Limits a handler, or every handler of a controller, per client address. Public handlers are `unauthenticated` by
 * themselves; `none` lifts that.
 */
export const Throttled = (kind: ThrottleKind | 'none'): CustomDecorator => SetMetadata(THROTTLE_KIND, kind);
