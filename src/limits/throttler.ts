import { type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type {
  ThrottlerLimitDetail,
  ThrottlerModuleOptions,
  ThrottlerRequest,
  ThrottlerStorage,
} from '@nestjs/throttler';
import { tooManyRequests } from './limits.errors.js';
import { InjectThrottlerOptions, InjectThrottlerStorage, ThrottlerGuard } from './nest-throttler.js';
import { ThrottleKinds } from './throttle-kinds.js';

interface RequestAndResponse {
  req: Record<string, unknown>;
  res: Record<string, unknown>;
}

/** @nestjs/throttler with one limit per handler, counted per address over all handlers of a kind, and our own refusal. */
@Injectable()
export class Throttler extends ThrottlerGuard {
  constructor(
    @InjectThrottlerOptions() options: ThrottlerModuleOptions,
    @InjectThrottlerStorage() storage: ThrottlerStorage,
    @Inject(Reflector) reflector: Reflector,
    @Inject(ThrottleKinds) private readonly kinds: ThrottleKinds,
  ) {
    super(options, storage, reflector);
  }

  protected override handleRequest(request: ThrottlerRequest): Promise<boolean> {
    // Otherwise every limit would count at every handler.
    if (request.throttler.name !== this.kinds.of(request.context)) return Promise.resolve(true);
    return super.handleRequest(request);
  }

  protected override generateKey(_context: ExecutionContext, tracker: string, name: string): string {
    return `${name}:${tracker}`;
  }

  protected override getRequestResponse(context: ExecutionContext): RequestAndResponse {
    if (context.getType<string>() !== 'graphql') return super.getRequestResponse(context);
    // The arguments of a resolver; the third is the context that the GraphQL module was given to make.
    const { req, res } = context.getArgByIndex<RequestAndResponse>(2);
    return { req, res };
  }

  protected override throwThrottlingException(_context: ExecutionContext, detail: ThrottlerLimitDetail): Promise<void> {
    throw tooManyRequests(detail.timeToBlockExpire);
  }
}
