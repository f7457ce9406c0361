import { describe, expect, it } from '@jest/globals';
import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Public } from '../common/public.decorator.js';
import { FailedKeys } from '../limits/failed-keys.js';
import { HitStore } from '../limits/hit-store.js';
import { ApiKeyGuard } from './api-key.guard.js';
import type { ApiKeyService } from './api-key.service.js';
import { keyNotAllowed, unknownApiKey } from './auth.errors.js';
import type { Caller } from './caller.js';
import { RequireApiKey } from './permission.decorator.js';

const CALLER: Caller = {
  keyId: '1',
  accountId: '2',
  scopes: null,
  models: null,
  addresses: undefined,
  limits: [],
  groupId: '1',
  multiplierMillionths: 1_000_000n,
  groupModels: null,
  captureUntilMs: 0,
};

class Handlers {
  undeclared(): void {}
  @Public()
  open(): void {}
  @RequireApiKey('relay')
  closed(): void {}
  @RequireApiKey('relay', 'video')
  either(): void {}
  // A mistake that must not open the handler.
  @Public()
  @RequireApiKey('relay')
  both(): void {}
}

@RequireApiKey('relay')
class ClosedHandlers {
  inherited(): void {}
}

function setUp(handler: () => void, from: new () => object, answer: () => Caller | Promise<Caller> = () => CALLER) {
  const request = { headers: { authorization: 'Bearer x' }, ip: '127.0.0.1', hubLog: {}, caller: undefined };
  let asked = 0;
  const keys = {
    authenticate: () => {
      asked++;
      return answer();
    },
    isKnown: (authorization: string) => authorization === 'Bearer known',
  } as unknown as ApiKeyService;
  const context = {
    getType: () => 'http',
    getHandler: () => handler,
    getClass: () => from,
    switchToHttp: () => ({ getRequest: () => request }),
  } as unknown as ExecutionContext;
  const guard = new ApiKeyGuard(keys, new Reflector(), new FailedKeys(new HitStore()));
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
    const { admit, request } = setUp(prototype.closed, Handlers, () => Promise.resolve(CALLER));
    expect(await admit()).toBe(true);
    expect(request.caller).toBe(CALLER);
  });

  it('refuses a key without the scope', () => {
    const { admit, request } = setUp(prototype.closed, Handlers, () => ({ ...CALLER, scopes: new Set(['video']) }));
    expect(admit).toThrow(expect.objectContaining({ status: 403, code: 'key_not_allowed' }));
    expect(request.caller).toBeUndefined();
  });

  it.each([
    ['the first', ['relay'], true],
    ['the second', ['video'], true],
    ['both', ['relay', 'video', 'user'], true],
    ['neither', ['user'], false],
    ['none at all', [], false],
  ])('at a handler for one of two scopes, decides rightly on a key with %s', (_which, scopes, isLetIn) => {
    const { admit } = setUp(prototype.either, Handlers, () => ({ ...CALLER, scopes: new Set(scopes) }));
    if (isLetIn) expect(admit()).toBe(true);
    else expect(admit).toThrow('This API key may not be used for "relay" or "video" requests.');
  });

  // Guessing must cost the database nothing, whether the refusal comes at once or after a look-up.
  it.each([
    [
      'at once',
      () => {
        throw unknownApiKey();
      },
    ],
    ['after a look-up', () => Promise.reject(unknownApiKey())],
  ] as const)('looks up no unknown key of an address after 100 refusals %s in a minute', async (_when, answer) => {
    const { admit, asked, request } = setUp(prototype.closed, Handlers, answer);
    const attempt = async (): Promise<unknown> => {
      try {
        return await admit();
      } catch (error) {
        return (error as { status: number }).status;
      }
    };
    for (let i = 0; i < 101; i++) {
      expect(await attempt()).toBe(401);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(admit).toThrow(expect.objectContaining({ status: 429, code: 'too_many_attempts' }));
    expect(asked()).toBe(101);
    // A key that is known to exist is looked at as ever, and so are other addresses.
    request.headers.authorization = 'Bearer known';
    expect(await attempt()).toBe(401);
    Object.assign(request, { ip: '127.0.0.2', headers: { authorization: 'Bearer x' } });
    expect(await attempt()).toBe(401);
    expect(asked()).toBe(103);
  });

  it('counts no other refusal as a guess', async () => {
    const { admit } = setUp(prototype.closed, Handlers, () => {
      throw keyNotAllowed('No.');
    });
    for (let i = 0; i < 150; i++) {
      expect(admit).toThrow(expect.objectContaining({ status: 403 }));
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
});
