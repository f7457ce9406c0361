import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { candidateOf, candidatesOf, failure, PLAIN_FACTS } from '../../test/support/candidates.js';
import {
  CLIENT_GONE,
  fallback,
  MODEL,
  modelOf,
  own,
  three,
  WalkScene,
  walkThrough,
} from '../../test/support/walk-scene.js';
import type { FallbackTrigger } from '../channels/model-routing.js';
import type { CancelSignal } from '../common/cancellation.js';
import { PriceTable } from '../pricing/price-table.js';
import { ProviderError, type ProviderErrorKind } from '../providers/canonical/provider-error.js';
import { ChannelHealth } from '../routing/health/channel-health.js';
import { Places } from '../routing/health/places.js';
import { RetryBudget } from '../routing/retry-budget.js';
import { ATTEMPTS_MAX, AttemptWalk } from './attempt-walk.js';
import { triggerOf } from './fallback-trigger.js';

let scene: WalkScene;
beforeEach(() => {
  scene = new WalkScene();
});

describe('a walk', () => {
  it('asks each candidate once, in the order of the plan', async () => {
    expect(await walkThrough(scene.walkOf(three))).toEqual(['a', 'b', 'c']);
    expect(scene.run.records.map(({ number, outcome, fault }) => [number, outcome, fault])).toEqual([
      [1, 'overloaded', 'provider'],
      [2, 'overloaded', 'provider'],
      [3, 'overloaded', 'provider'],
    ]);
  });

  it('ends with the first failure that is the fault of the request', async () => {
    await expect(walkThrough(scene.walkOf(three), 'invalid_request')).rejects.toMatchObject({ code: 'failed' });
    expect(scene.run.records).toHaveLength(1);
  });

  it('ends with a failure after which something may have been made all the same', async () => {
    const walk = scene.walkOf(three);
    const attempt = (await walk.next())!;
    const error = new ProviderError({ kind: 'timeout', message: 'no end in time', mayBeMade: true });
    expect(() => walk.fail(attempt, error)).toThrow(expect.objectContaining({ code: 'failed' }));
    // It says of the upstream what any other failure of that kind says.
    expect(scene.run.records).toMatchObject([{ number: 1, outcome: 'timeout', fault: 'provider' }]);
  });

  it('ends after six attempts, however many candidates there are', async () => {
    const many = Array.from({ length: 20 }, (_, i) => own(candidateOf(`c${i}`)));
    expect(await walkThrough(scene.walkOf(many))).toHaveLength(ATTEMPTS_MAX);
  });

  it('asks nobody once the client has left', async () => {
    const walk = scene.walkOf(three);
    const attempt = (await walk.next())!;
    scene.cancellation.abort(CLIENT_GONE);
    expect(() => walk.fail(attempt, failure('incomplete'))).toThrow(CLIENT_GONE);
    await expect(walk.next()).rejects.toBe(CLIENT_GONE);
    // What it did to the connection says nothing about the upstream.
    expect(scene.health.stateOf(attempt.candidate).failureRate).toBe(0);
  });

  it('passes over who has begun to rest since the plan was made, and says why', async () => {
    scene.health.note(three[1]!.candidate, failure('rate_limited', 30_000));
    expect(await walkThrough(scene.walkOf(three))).toEqual(['a', 'c']);
    expect(scene.run.passed).toEqual(['rate_limited']);
  });

  it('asks reserves after all others, and all the same', async () => {
    const plan = [{ ...three[0]!, reserve: 'ejected' as const }, three[1]!];
    expect(await walkThrough(scene.walkOf(plan))).toEqual(['b', 'a']);
  });

  it('stands in no more than two lines, however many channels are full', async () => {
    const waits: string[] = [];
    class Lines extends Places {
      override take(id: string, max: number, signal: CancelSignal): Promise<void> | undefined {
        if (!this.isFull(id, max)) return super.take(id, max, signal);
        waits.push(id);
        return Promise.reject(failure('busy'));
      }
    }
    scene.health = new ChannelHealth({ now: () => scene.nowMs, random: () => 0.5, places: new Lines() });
    const full = Array.from({ length: 5 }, (_, i) => candidateOf(`c${i}`, { concurrencyMax: 1 }));
    for (const candidate of full) await scene.health.enter(candidate, scene.cancellation);
    const plan = full.map((candidate) => ({ ...own(candidate), reserve: 'full' as const }));
    expect(await walkThrough(scene.walkOf(plan))).toEqual([]);
    expect(waits).toEqual(['c0', 'c1']);
    expect(scene.run.passed).toEqual(Array(5).fill('busy'));
  });

  it('is never longer than its plan by more than the one pause, whatever fails and rests', async () => {
    const kinds = fc.constantFrom<ProviderErrorKind>(
      'overloaded',
      'rate_limited',
      'timeout',
      'context_length',
      'credential',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 8 }),
        fc.array(kinds, { minLength: 1, maxLength: 8 }),
        async (size, failures) => {
          scene.health = new ChannelHealth({ now: () => scene.nowMs });
          scene.run = scene.newRun();
          const asked = await walkThrough(
            scene.walkOf(Array.from({ length: size }, (_, i) => own(candidateOf(`c${i}`)))),
            ...failures,
          );
          expect(asked.length).toBeLessThanOrEqual(Math.max(2, size));
          if (size > 1) expect(new Set(asked).size).toBe(asked.length);
        },
      ),
    );
  });
});

describe('the retry budget', () => {
  it('lets a first attempt pass, and no more retries at candidates that fail than it has', async () => {
    const plan = ['a', 'b', 'c'].map((id) => own(candidateOf(id)));
    for (const { candidate } of plan) {
      const visit = scene.health.enter(candidate, scene.cancellation);
      if (!(visit instanceof Promise)) visit.fail(failure('overloaded'));
    }
    const budget = new RetryBudget(() => scene.nowMs);
    const choice = { model: MODEL, prices: PriceTable.empty, facts: PLAIN_FACTS, plan, passedOver: [] };
    const askedBy = async (): Promise<number> => {
      budget.noteRequest();
      return (await walkThrough(new AttemptWalk({ ...scene.tools, budget }, scene.run, choice))).length;
    };
    expect([await askedBy(), await askedBy(), await askedBy()]).toEqual([3, 2, 1]);
  });
});

describe('a candidate without a substitute', () => {
  const alone = [own(candidateOf('a'))];

  it.each<ProviderErrorKind>(['overloaded', 'unreachable', 'incomplete', 'rate_limited'])(
    'is asked once more after a pause when that may help: %s',
    async (kind) => {
      expect(await walkThrough(scene.walkOf(alone), kind)).toEqual(['a', 'a']);
    },
  );

  it.each<ProviderErrorKind>([
    'timeout',
    'invalid_response',
    'tls',
    'credential',
    'out_of_money',
    'model_missing',
    'unsupported_option',
  ])('is not asked again when it does not: %s', async (kind) => {
    expect(await walkThrough(scene.walkOf(alone), kind)).toEqual(['a']);
  });

  it('is not asked again when it wants more time than a caller has', async () => {
    expect(await walkThrough(scene.walkOf(alone), failure('overloaded', 2001))).toEqual(['a']);
  });

  it('is not asked again for an answer that has begun', async () => {
    const walk = scene.walkOf(alone);
    const attempt = (await walk.next())!;
    scene.run.hasContent = true;
    walk.fail(attempt, failure('incomplete'));
    expect(await walk.next()).toBeUndefined();
  });

  it('is not asked again by a client that leaves during the pause', async () => {
    const walk = scene.walkOf(alone);
    walk.fail((await walk.next())!, failure('overloaded', 1900));
    const next = walk.next();
    scene.cancellation.abort(CLIENT_GONE);
    await expect(next).rejects.toBe(CLIENT_GONE);
  });

  it('is also one with several credentials, each of which is asked once', async () => {
    const [first, second] = candidatesOf('a', { moreCredentials: ['another'] });
    expect(await walkThrough(scene.walkOf([own(first!), own(second!)]))).toEqual(['a', 'a']);
  });
});

describe('a fallback', () => {
  const a = own(candidateOf('a'));

  it.each<[ProviderErrorKind, FallbackTrigger]>([
    ['overloaded', 'unavailable'],
    ['timeout', 'unavailable'],
    ['credential', 'unavailable'],
    ['rate_limited', 'rate_limited'],
    ['context_length', 'context_length'],
    ['content_refused', 'content_refused'],
    ['unsupported_option', 'unsupported_option'],
  ])('is asked when what failed is what it is for: %s', async (kind, trigger) => {
    expect(triggerOf(kind)).toBe(trigger);
    expect(await walkThrough(scene.walkOf([a, fallback(candidateOf('f'), 'other', trigger)]), kind, 'tls')).toEqual([
      'a',
      'f',
    ]);
    expect((await walkThrough(scene.walkOf([a, fallback(candidateOf('f'), 'other')]), kind)).includes('f')).toBe(false);
  });

  it('is not asked while another candidate of the model itself is left', async () => {
    const plan = [a, own(candidateOf('b')), fallback(candidateOf('f'), 'other', 'unavailable')];
    expect(await walkThrough(scene.walkOf(plan))).toEqual(['a', 'b', 'f']);
  });

  it('comes before candidates of the model that rest', async () => {
    const plan = [{ ...a, reserve: 'ejected' as const }, fallback(candidateOf('f'), 'other', 'unavailable')];
    expect(await walkThrough(scene.walkOf(plan))).toEqual(['f', 'a']);
  });

  it('does not come before a candidate that is only thought unfit, unless it is for that', async () => {
    const error = failure('unsupported_option');
    const passedOver = [{ candidate: a.candidate, error, isUnfit: true }];
    const walkWith = (trigger: FallbackTrigger) =>
      scene.walkOf([{ ...a, reserve: 'unfit' as const }, fallback(candidateOf('f'), 'f', trigger)], { passedOver });
    expect(await walkThrough(walkWith('unavailable'), 'unsupported_option')).toEqual(['a']);
    expect(await walkThrough(walkWith('unsupported_option'), 'tls')).toEqual(['f', 'a']);
  });

  it('is opened by candidates that were passed over before anybody was asked', async () => {
    const passedOver = [{ candidate: a.candidate, error: failure('rate_limited'), isUnfit: false }];
    const walk = scene.walkOf([fallback(candidateOf('f'), 'other', 'rate_limited')], { passedOver });
    expect(await walkThrough(walk, 'tls')).toEqual(['f']);
  });

  it('needs a larger window for a prompt that was too long, or one that nobody knows', async () => {
    const small = own(candidateOf('a', { capabilities: { contextTokens: 8_000 } }));
    const plan = [
      small,
      fallback(candidateOf('same', { capabilities: { contextTokens: 8_000 } }), 'same', 'context_length'),
      fallback(candidateOf('large', { capabilities: { contextTokens: 9_000 } }), 'large', 'context_length'),
      fallback(candidateOf('unknown'), 'unknown', 'context_length'),
    ];
    expect(await walkThrough(scene.walkOf(plan), 'context_length', 'unsupported_option')).toEqual([
      'a',
      'large',
      'unknown',
    ]);
  });

  it('may not like a request that is none of its own: that is not the verdict', async () => {
    const plan = [a, fallback(candidateOf('f'), 'f', 'unavailable'), fallback(candidateOf('g'), 'g', 'unavailable')];
    expect(await walkThrough(scene.walkOf(plan), 'overloaded', 'invalid_request', 'tls')).toEqual(['a', 'f', 'g']);
  });
});

describe('a fallback whose own limits let nobody in', () => {
  const a = own(candidateOf('a'));
  const spares = ['f', 'g'].map((id) => fallback(candidateOf(id), 'spare', 'unavailable'));

  it('is not asked, and the next one is where that is what it is for', async () => {
    scene.limitsOf.set('spare', failure('rate_limited', 30_000));
    const plan = [a, ...spares, fallback(candidateOf('h'), 'other', 'rate_limited')];
    expect(await walkThrough(scene.walkOf(plan))).toEqual(['a', 'h']);
    // Once for the model, not for each of its channels.
    expect(scene.run.passed).toEqual(['rate_limited']);
  });

  it('says nothing against its channels, and takes none of their places', async () => {
    scene.limitsOf.set('spare', failure('rate_limited', 30_000));
    await walkThrough(scene.walkOf([a, ...spares]));
    for (const { candidate } of spares) {
      expect(scene.health.stateOf(candidate)).toMatchObject({ rest: undefined, inFlight: 0, failureRate: 0 });
    }
  });
});

describe('what has to be got ready for a candidate', () => {
  const limited = candidateOf('a', { concurrencyMax: 1 });

  it('is ready before its place is taken and its time begins', async () => {
    const ready = Promise.withResolvers<void>();
    const walk = scene.walkOf([own(limited)], {}, () => ready.promise);
    const next = walk.next();
    const places = scene.health.enter(limited, scene.cancellation);
    if (!(places instanceof Promise)) places.leave();
    expect(scene.run.records).toEqual([]);
    ready.resolve();
    expect((await next)?.number).toBe(1);
  });

  it('is nothing but a reason to go on where another candidate may do without', async () => {
    const walk = scene.walkOf([own(limited), three[1]!], {}, (candidate) =>
      candidate === limited ? Promise.reject(failure('unsupported_option')) : undefined,
    );
    expect(await walkThrough(walk, 'tls')).toEqual(['b']);
    expect(scene.run.passed).toEqual(['unsupported_option']);
    expect(scene.health.stateOf(limited)).toMatchObject({ rest: undefined, failureRate: 0 });
  });

  it('ends the request where that is at fault, before anybody is asked', async () => {
    const walk = scene.walkOf(three, {}, () => Promise.reject(failure('invalid_request')));
    await expect(walk.next()).rejects.toMatchObject({ code: 'failed' });
    expect(scene.run.records).toEqual([]);
    expect(scene.run.passed).toEqual(['invalid_request']);
  });

  it('closes no more than the fallback that wants it', async () => {
    const plan = [
      three[0]!,
      fallback(candidateOf('f'), 'bytes', 'unavailable'),
      fallback(candidateOf('g'), 'other', 'unavailable'),
    ];
    const walk = scene.walkOf(plan, {}, ({ channel }) =>
      channel.id === 'f' ? Promise.reject(failure('invalid_request')) : undefined,
    );
    expect(await walkThrough(walk)).toEqual(['a', 'g']);
  });

  it('is not waited for when the client has left', async () => {
    const walk = scene.walkOf([own(limited)], {}, () => {
      scene.cancellation.abort(CLIENT_GONE);
      return Promise.reject(failure('unsupported_option'));
    });
    await expect(walk.next()).rejects.toBe(CLIENT_GONE);
  });
});

describe('a prompt that is too long, or refused by a policy', () => {
  const plan = ['a', 'b'].map((id) => own(candidateOf(id)));

  it.each<ProviderErrorKind>(['context_length', 'content_refused'])(
    'is not brought before another channel of the same model: %s',
    async (kind) => {
      expect(await walkThrough(scene.walkOf(plan), kind)).toEqual(['a']);
    },
  );

  it('is brought before the next one where the operator wants a policy to be asked again', async () => {
    const model = modelOf('m', { retryContentPolicy: true });
    const asked = plan.map(({ candidate }) => own(candidate, model));
    expect(await walkThrough(scene.walkOf(asked), 'content_refused')).toEqual(['a', 'b']);
  });
});
