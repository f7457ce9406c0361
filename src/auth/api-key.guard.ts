import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { HubError } from '../common/hub-error.js';
import { IS_PUBLIC } from '../common/public.decorator.js';
import { errorShapeOf } from '../http/path-of.js';
import type { ApiKeyScope } from '../keys/api-key-scope.js';
import { FailedKeys } from '../limits/failed-keys.js';
import { ApiKeyService } from './api-key.service.js';
import { keyNotAllowed, undeclaredPermission } from './auth.errors.js';
import { type Caller, mayComeFrom } from './caller.js';
import { API_KEY_SCOPE } from './permission.decorator.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who makes the request; set by the guard on handlers that require an API key. */
    caller: Caller | undefined;
  }
}

/** Scopes of which a key needs one. */
type Permission = readonly ApiKeyScope[] | 'public' | undefined;

/** The key of a request, as an Authorization header; Anthropic's clients send it in a header of its own. */
function credentialOf(request: FastifyRequest): string | undefined {
  const { authorization, 'x-api-key': key } = request.headers;
  const isGiven = authorization !== undefined && authorization !== '';
  if (isGiven || typeof key !== 'string' || key === '' || errorShapeOf(request) !== 'anthropic') return authorization;
  return `Bearer ${key}`;
}

/** Stands before every handler: opens public ones, asks for an API key where one is required, refuses the rest. */
@Injectable()
export class ApiKeyGuard implements CanActivate {
  // biome-ignore lint/complexity/noBannedTypes: Nest names handlers by this type.
  private readonly permissions = new Map<Function, Permission>();

  constructor(
    @Inject(ApiKeyService) private readonly keys: ApiKeyService,
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(FailedKeys) private readonly failures: FailedKeys,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    // Fields of the admin API have guards of their own: without one its schema does not start.
    if (context.getType<string>() === 'graphql') return true;
    const scopes = this.permissionOf(context);
    if (scopes === 'public') return true;
    if (scopes === undefined) throw undeclaredPermission();
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const caller = this.authenticate(request);
    if (caller instanceof Promise) return caller.then((found) => this.admit(request, found, scopes));
    return this.admit(request, caller, scopes);
  }

  /** As the service does, for addresses that have not failed too often. */
  private authenticate(request: FastifyRequest): Caller | Promise<Caller> {
    const authorization = credentialOf(request);
    // A key that is known to exist goes on: others behind the same address must not be locked out by one that guesses.
    if (this.failures.isAnyBlocked && !this.keys.isKnown(authorization)) this.failures.check(request.ip);
    try {
      const caller = this.keys.authenticate(authorization);
      return caller instanceof Promise ? caller.catch((error: unknown) => this.refuse(request, error)) : caller;
    } catch (error) {
      return this.refuse(request, error);
    }
  }

  private refuse(request: FastifyRequest, error: unknown): never {
    if (error instanceof HubError && error.status === 401) void this.failures.note(request.ip);
    throw error;
  }

  /** What a handler declares; read once per handler, because metadata look-ups are slow. */
  private permissionOf(context: ExecutionContext): Permission {
    const handler = context.getHandler();
    if (this.permissions.has(handler)) return this.permissions.get(handler);
    const targets = [handler, context.getClass()];
    const isPublic = this.reflector.getAllAndOverride<boolean | undefined>(IS_PUBLIC, targets) === true;
    const scopes = this.reflector.getAllAndOverride<readonly ApiKeyScope[] | undefined>(API_KEY_SCOPE, targets);
    const permission = scopes ?? (isPublic ? 'public' : undefined);
    this.permissions.set(handler, permission);
    return permission;
  }

  private admit(request: FastifyRequest, caller: Caller, scopes: readonly ApiKeyScope[]): true {
    request.hubLog.keyId = caller.keyId;
    request.hubLog.accountId = caller.accountId;
    if (caller.addresses !== undefined && !mayComeFrom(caller, request.ip))
      throw keyNotAllowed('This API key may not be used from your address.');
    const { scopes: granted } = caller;
    if (granted !== null && !scopes.some((scope) => granted.has(scope))) {
      const wanted = scopes.map((scope) => `"${scope}"`).join(' or ');
      throw keyNotAllowed(`This API key may not be used for ${wanted} requests.`);
    }
    request.caller = caller;
    return true;
  }
}
