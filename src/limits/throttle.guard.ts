import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { ThrottleKinds } from './throttle-kinds.js';
import { Throttler } from './throttler.js';

/** Stands before every handler, and passes those that are not limited per address at once: the relay's, above all. */
@Injectable()
export class ThrottleGuard implements CanActivate {
  constructor(
    @Inject(ThrottleKinds) private readonly kinds: ThrottleKinds,
    @Inject(Throttler) private readonly throttler: Throttler,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    return this.kinds.of(context) === undefined || this.throttler.canActivate(context);
  }
}
