import { createRequire } from 'node:module';
import '@nestjs/common';
import '@nestjs/core';
import type * as throttler from '@nestjs/throttler';

/**
 * @nestjs/throttler. The package is CommonJS and requires ES modules: imported like any other it would be run while those
 * are still being linked, which Jest refuses. So it is required here, after those that it needs.
 */
export const { ThrottlerGuard, ThrottlerModule, InjectThrottlerOptions, InjectThrottlerStorage, normalizeIp } =
  createRequire(import.meta.url)('@nestjs/throttler') as typeof throttler;
