import { describe, expect, it } from '@jest/globals';
import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Public } from '../common/public.decorator.js';
import { ApiKeyGuard } from './api-key.guard.js';
import type { ApiKeyService } from './api-key.service.js';
import type { Caller } from './caller.js';
import { RequireApiKey } from './permission.decorator.js';

const CALLER: Caller = { keyId: '1', accountId: '2', scopes: null, models: null, addresses: undefined };

class Handlers {
  undeclared(): void {}
  @Public()
  open(): void {}
  @RequireApiKey('relay')
  closed(): void {}
  // A mistake that must not open the handler.
  @Public()
  @RequireApiKey('relay')
  both(): void {}
}

@RequireApiKey('relay')
class ClosedHandlers {
  inherited(): void {}
}

function setUp(handler: () => void, from: new () => object, caller: Caller | Promise<Caller> = CALLER) {
  const request = { headers: { authorization: 'Bearer x' }, ip: '127.0.0.1', hubLog: {}, caller: undefined };
  let asked = 0;
  const keys = {
    authenticate: () => {
      asked++;
      return caller;
    },
  } as unknown as ApiKeyService;
  const context = {
    getHandler: () => handler,
    getClass: () => from,
    switchToHttp: () => ({ getRequest: () => request }),
  } as unknown as ExecutionContext;
  const guard = new ApiKeyGuard(keys, new Reflector());
  return { request, admit: () => guard.canActivate(context), asked: () => asked };
}

const { prototype } = Handlers;

describe('ApiKeyGuard', () => {
  it('refuses a handler without a declaration', () => {
    const { admit, asked } = setUp(prototype.undeclared, Handlers);
    expect(admit).toThrow(expect.objectContaining({ status: 403, code: 'forbidden' }));
    expect(asked()).toBe(0);
  });

  it('opens a public handler without looking at a key', () => {
    const { admit, asked } = setUp(prototype.open, Handlers);
    expect(admit()).toBe(true);
    expect(asked()).toBe(0);
  });

  it.each([
    ['that says so itself', prototype.closed, Handlers],
    ['of a controller that says so', ClosedHandlers.prototype.inherited, ClosedHandlers],
    ['that is also marked public', prototype.both, Handlers],
  ] as const)('asks for a key at a handler %s', (_which, handler, from) => {
    const { admit, asked, request } = setUp(handler, from);
    expect(admit()).toBe(true);
    expect(asked()).toBe(1);
    expect(request.caller).toBe(CALLER);
    expect(request.hubLog).toEqual({ keyId: '1', accountId: '2' });
  });

  it('waits for a key that must be looked up', async () => {
    const { admit, request } = setUp(prototype.closed, Handlers, Promise.resolve(CALLER));
    expect(await admit()).toBe(true);
    expect(request.caller).toBe(CALLER);
  });

  it('refuses a key without the scope', () => {
    const { admit, request } = setUp(prototype.closed, Handlers, { ...CALLER, scopes: new Set(['video']) });
    expect(admit).toThrow(expect.objectContaining({ status: 403, code: 'key_not_allowed' }));
    expect(request.caller).toBeUndefined();
  });
});
