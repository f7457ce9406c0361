import { describe, expect, it } from '@jest/globals';
import type { LimitDecision, LimitTicket } from '../limits/limit-decision.js';
import type { LimitSubject } from '../limits/limit-subject.js';
import { RateLimiter } from '../limits/rate-limiter.js';
import { OrderLimits } from './order-limits.js';

const spare = modelOf('spare', { rpm: 2, tpm: 1000, concurrency: 2 });

function modelOf(id: string, limits: Partial<LimitSubject>) {
  return { id, limits: { scope: 'model' as const, id, ...limits } };
}

function ticketOf(ended: (number | undefined)[]): LimitTicket {
  return { finish: (tokens) => ended.push(tokens) };
}

function order(limiter: Pick<RateLimiter, 'acquire'>, ended: (number | undefined)[] = []): OrderLimits {
  return new OrderLimits({ limiter, ticket: ticketOf(ended), model: 'asked', tokens: 100 });
}

describe('a request that goes to a fallback', () => {
  it('is counted there once, however many of its channels are asked, and until it ends', () => {
    const limiter = new RateLimiter();
    const limits = order(limiter);
    expect(limits.enter(spare)).toBeUndefined();
    expect(limits.enter(spare)).toBeUndefined();
    limits.serve(spare.id);
    expect(limiter.usedHere('model', 'spare')).toEqual({ requests: 1, tokens: 100, inFlight: 1 });
    limits.finish(40);
    expect(limiter.usedHere('model', 'spare')).toEqual({ requests: 1, tokens: 40, inFlight: 0 });
  });

  it('is not counted at the model that was asked for a second time', () => {
    const limiter = new RateLimiter();
    expect(order(limiter).enter(modelOf('asked', { rpm: 1 }))).toBeUndefined();
    expect(limiter.subjectCount).toBe(0);
  });

  it('is refused there when its limit is used up, which costs it nothing', () => {
    const limiter = new RateLimiter();
    for (let i = 0; i < 2; i++) order(limiter).enter(spare);
    const refused = order(limiter).enter(spare);
    expect(refused).toMatchObject({ isAllowed: false, limitedBy: { dimension: 'requests', limit: 2 } });
    expect(limiter.usedHere('model', 'spare')).toMatchObject({ requests: 2, inFlight: 2 });
  });

  it.each([
    ['the fallback that served', ['first', 'second'], [0, 70]],
    ['nobody else where the model itself served in the end', ['first', 'second', 'asked'], [0, 0]],
  ] as const)('counts its tokens at %s', (_at, path, [first, second]) => {
    const limiter = new RateLimiter();
    const ended: (number | undefined)[] = [];
    const limits = order(limiter, ended);
    for (const id of path) {
      limits.enter(modelOf(id, { tpm: 1000 }));
      limits.serve(id);
    }
    limits.finish(70);
    expect(ended).toEqual([70]);
    expect(limiter.usedHere('model', 'first')).toMatchObject({ tokens: first, inFlight: 0 });
    expect(limiter.usedHere('model', 'second')).toMatchObject({ tokens: second, inFlight: 0 });
  });

  it('counts its tokens where it was served, also when another fallback would not have it any more', () => {
    const limiter = new RateLimiter();
    const limits = order(limiter);
    limits.enter(spare);
    limits.serve(spare.id);
    const full = modelOf('full', { tpm: 1 });
    expect(limits.enter(full)).toMatchObject({ isAllowed: false });
    limits.finish(60);
    expect(limiter.usedHere('model', 'spare')).toMatchObject({ tokens: 60, inFlight: 0 });
  });

  it('counts its tokens where it was served, also when another fallback let it in and had no place for it', () => {
    const limiter = new RateLimiter();
    const limits = order(limiter);
    limits.enter(spare);
    limits.serve(spare.id);
    limits.enter(modelOf('busy', { tpm: 1000 }));
    limits.finish(60);
    expect(limiter.usedHere('model', 'spare')).toMatchObject({ tokens: 60, inFlight: 0 });
    expect(limiter.usedHere('model', 'busy')).toMatchObject({ tokens: 0, inFlight: 0 });
  });

  it('leaves no place taken when it has ended before its limit was answered', async () => {
    const ended: (number | undefined)[] = [];
    const { promise, resolve } = Promise.withResolvers<LimitDecision>();
    const limits = order({ acquire: () => promise });
    const entered = limits.enter(spare);
    limits.finish(10);
    resolve({ isAllowed: true, headers: {}, ticket: ticketOf(ended) });
    expect(await entered).toBeUndefined();
    expect(ended).toEqual([0]);
  });
});
