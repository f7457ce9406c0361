import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { IS_PUBLIC } from '../common/public.decorator.js';
import { ApiKeyService } from './api-key.service.js';
import { keyNotAllowed, undeclaredPermission } from './auth.errors.js';
import { type ApiKeyScope, type Caller, mayComeFrom } from './caller.js';
import { API_KEY_SCOPE } from './permission.decorator.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who makes the request; set by the guard on handlers that require an API key. */
    caller: Caller | undefined;
  }
}

/** Stands before every handler: opens public ones, asks for an API key where one is required, refuses the rest. */
@Injectable()
export class ApiKeyGuard implements CanActivate {
  constructor(
    @Inject(ApiKeyService) private readonly keys: ApiKeyService,
    @Inject(Reflector) private readonly reflector: Reflector,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const targets = [context.getHandler(), context.getClass()];
    const scope = this.reflector.getAllAndOverride<ApiKeyScope | undefined>(API_KEY_SCOPE, targets);
    if (scope === undefined) {
      if (this.reflector.getAllAndOverride<boolean | undefined>(IS_PUBLIC, targets) === true) return true;
      throw undeclaredPermission();
    }
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const caller = this.keys.authenticate(request.headers.authorization);
    if (caller instanceof Promise) return caller.then((found) => this.admit(request, found, scope));
    return this.admit(request, caller, scope);
  }

  private admit(request: FastifyRequest, caller: Caller, scope: ApiKeyScope): true {
    request.hubLog.keyId = caller.keyId;
    request.hubLog.accountId = caller.accountId;
    if (!mayComeFrom(caller, request.ip)) throw keyNotAllowed('This API key may not be used from your address.');
    if (caller.scopes !== null && !caller.scopes.has(scope)) {
      throw keyNotAllowed(`This API key may not be used for "${scope}" requests.`);
    }
    request.caller = caller;
    return true;
  }
}
