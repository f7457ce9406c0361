import { type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { IS_PUBLIC } from '../common/public.decorator.js';
import { THROTTLE_KIND, type ThrottleKind } from './throttled.decorator.js';

/** Knows which handlers are limited per address. */
@Injectable()
export class ThrottleKinds {
  // biome-ignore lint/complexity/noBannedTypes: Nest names handlers by this type.
  private readonly kinds = new Map<Function, ThrottleKind | undefined>();

  constructor(@Inject(Reflector) private readonly reflector: Reflector) {}

  /** What a handler declares; read once per handler, because metadata look-ups are slow. */
  of(context: ExecutionContext): ThrottleKind | undefined {
    const handler = context.getHandler();
    if (this.kinds.has(handler)) return this.kinds.get(handler);
    const targets = [handler, context.getClass()];
    const declared = this.reflector.getAllAndOverride<ThrottleKind | 'none' | undefined>(THROTTLE_KIND, targets);
    const isPublic = this.reflector.getAllAndOverride<boolean | undefined>(IS_PUBLIC, targets) === true;
    const kind = declared ?? (isPublic ? 'unauthenticated' : 'none');
    this.kinds.set(handler, kind === 'none' ? undefined : kind);
    return this.kinds.get(handler);
  }
}
