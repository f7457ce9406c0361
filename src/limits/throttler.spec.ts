import { beforeAll, describe, expect, it } from '@jest/globals';
import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Public } from '../common/public.decorator.js';
import { HitStore } from './hit-store.js';
import { ThrottleGuard } from './throttle.guard.js';
import { ThrottleStorage } from './throttle.storage.js';
import { ThrottleKinds } from './throttle-kinds.js';
import { throttleLimits } from './throttle-limits.js';
import { Throttled } from './throttled.decorator.js';
import { Throttler } from './throttler.js';

class Handlers {
  relay(): void {}
  @Public()
  open(): void {}
  @Public()
  alsoOpen(): void {}
  @Public()
  @Throttled('none')
  probe(): void {}
  @Public()
  @Throttled('signIn')
  signIn(): void {}
}

@Throttled('admin')
class AdminHandlers {
  inherited(): void {}
}

const { prototype } = Handlers;
const PUBLIC_RPM = 20;

/** A guard with counts of its own. */
async function setUp() {
  let nowMs = 0;
  const storage = new ThrottleStorage(new HitStore(undefined, () => nowMs));
  const kinds = new ThrottleKinds(new Reflector());
  const options = { throttlers: throttleLimits(PUBLIC_RPM), storage, setHeaders: false };
  const throttler = new Throttler(options, storage, new Reflector(), kinds);
  await throttler.onModuleInit();
  const guard = new ThrottleGuard(kinds, throttler);
  const admit = (handler: () => void, ip = '203.0.113.9', type = 'http', from: new () => object = Handlers) => {
    const request = { ip, headers: {} };
    const context = {
      getHandler: () => handler,
      getClass: () => from,
      getType: () => type,
      getArgByIndex: () => ({ req: request, res: {} }),
      switchToHttp: () => {
        if (type !== 'http') throw new Error('not over HTTP');
        return { getRequest: () => request, getResponse: () => ({}) };
      },
    } as unknown as ExecutionContext;
    return guard.canActivate(context);
  };
  return {
    admit,
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

type Admit = Awaited<ReturnType<typeof setUp>>['admit'];

async function admitted(times: number, work: () => ReturnType<Admit>): Promise<number> {
  let count = 0;
  for (let i = 0; i < times; i++) {
    try {
      if (await work()) count++;
    } catch (error) {
      expect(error).toMatchObject({ status: 429, code: 'too_many_requests' });
    }
  }
  return count;
}

describe('the throttle', () => {
  let admit: Admit;
  let pass: (ms: number) => void;
  beforeAll(() => expect(throttleLimits(PUBLIC_RPM)).toHaveLength(6));
  beforeEach(async () => {
    ({ admit, pass } = await setUp());
  });

  it('passes what is not limited at once, without a promise', () => {
    for (let i = 0; i < 100; i++) {
      expect(admit(prototype.relay)).toBe(true);
      expect(admit(prototype.probe)).toBe(true);
    }
  });

  it('limits public handlers together, per address', async () => {
    expect(await admitted(15, () => admit(prototype.open))).toBe(15);
    expect(await admitted(15, () => admit(prototype.alsoOpen))).toBe(PUBLIC_RPM - 15);
    expect(await admitted(1, () => admit(prototype.open, '203.0.113.10'))).toBe(1);
    pass(61_000);
    expect(await admitted(30, () => admit(prototype.open))).toBe(PUBLIC_RPM);
  });

  it('says when to come back', async () => {
    await admitted(PUBLIC_RPM, () => admit(prototype.open));
    pass(20_000);
    await expect(Promise.resolve(admit(prototype.open))).rejects.toMatchObject({ retryAfterSeconds: 41 });
  });

  it('does not let a burst double at the edge of a window', async () => {
    pass(59_000);
    expect(await admitted(40, () => admit(prototype.open))).toBe(PUBLIC_RPM);
    pass(2000);
    expect(await admitted(40, () => admit(prototype.open))).toBe(0);
  });

  it('takes one IPv6 network for one client', async () => {
    let host = 0;
    expect(await admitted(40, () => admit(prototype.open, `2001:db8::${++host}`))).toBe(PUBLIC_RPM);
    expect(await admitted(1, () => admit(prototype.open, '2001:db8:0:1::1'))).toBe(1);
  });

  it('counts kinds apart', async () => {
    expect(await admitted(40, () => admit(prototype.signIn))).toBe(10);
    expect(await admitted(1, () => admit(prototype.open))).toBe(1);
  });

  it('finds the client of a GraphQL request', async () => {
    const { inherited } = AdminHandlers.prototype;
    expect(await admitted(700, () => admit(inherited, '203.0.113.9', 'graphql', AdminHandlers))).toBe(600);
    expect(await admitted(1, () => admit(inherited, '203.0.113.10', 'graphql', AdminHandlers))).toBe(1);
  });
});
