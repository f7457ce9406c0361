import '@nestjs/common';
import '@nestjs/core';

/**
 * @nestjs/throttler. The package is CommonJS and requires ES modules; imported like any other it would be run while those
 * are still being linked, which Jest refuses. So it is loaded when they stand.
 */
export const { ThrottlerGuard, ThrottlerModule, InjectThrottlerOptions, InjectThrottlerStorage, normalizeIp } =
  await import('@nestjs/throttler');
