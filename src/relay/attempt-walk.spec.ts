import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { candidateOf, candidatesOf, failure, PLAIN_FACTS } from '../../test/support/candidates.js';
import type { CatalogModel } from '../channels/catalog.types.js';
import type { FallbackTrigger, ModelRouting } from '../channels/model-routing.js';
import { Cancellation, type CancelSignal } from '../common/cancellation.js';
import { HubError } from '../common/hub-error.js';
import { RequestLog } from '../common/request-log.js';
import { parseSettings } from '../config/parse-settings.js';
import { PriceTable } from '../pricing/price-table.js';
import { ProviderError, type ProviderErrorKind } from '../providers/canonical/provider-error.js';
import { type AttemptObserver, AttemptObservers } from '../routing/attempt-observers.js';
import type { AttemptRecord } from '../routing/attempt-record.js';
import type { Candidate } from '../routing/candidate.js';
import { ChannelHealth } from '../routing/health/channel-health.js';
import { Places } from '../routing/health/places.js';
import type { RequestFacts } from '../routing/request-facts.js';
import { RetryBudget } from '../routing/retry-budget.js';
import { ATTEMPTS_MAX, AttemptWalk, type WalkedRun } from './attempt-walk.js';
import { triggerOf } from './fallback-trigger.js';
import type { Choice, PlannedCandidate } from './route-choice.js';

const CLIENT_GONE = new HubError({ status: 499, code: 'client_closed_request', message: 'gone' });
const settings = parseSettings({});

let nowMs: number;
let health: ChannelHealth;
let observers: AttemptObservers;
let run: WalkedRun & { hasContent: boolean; readonly records: AttemptRecord[]; readonly passed: ProviderErrorKind[] };
let cancellation: Cancellation;

beforeEach(() => {
  nowMs = 1_000_000;
  health = new ChannelHealth({ now: () => nowMs, random: () => 0.5 });
  observers = new AttemptObservers();
  cancellation = new Cancellation();
  run = newRun();
});

/** A request of which only its ends are written down. */
function newRun(): typeof run {
  const records: AttemptRecord[] = [];
  const passed: ProviderErrorKind[] = [];
  return {
    records,
    passed,
    context: { requestId: 'req_1', log: new RequestLog() },
    signal: cancellation,
    hasContent: false,
    get isAborted() {
      return cancellation.aborted;
    },
    requireWanted: () => {
      if (cancellation.aborted) throw CLIENT_GONE;
    },
    passOver: (_candidate, { kind }) => passed.push(kind),
    failAttempt: () => undefined,
    failure: () => new HubError({ status: 400, code: 'failed', message: 'failed' }),
    outcomeOf: (error) => (error === undefined ? 'client_gone' : 'hub_error'),
    beginAttempt: () => undefined,
    endAttempt: (record) => records.push(record),
  };
}

function modelOf(id: string, routing?: ModelRouting): CatalogModel {
  return { id, createdAt: new Date(0), onDisconnect: 'abort', routing };
}

const MODEL = modelOf('m');

function own(candidate: Candidate, model = MODEL): PlannedCandidate {
  return { candidate, model, opensOn: undefined, reserve: undefined };
}

function fallback(candidate: Candidate, id: string, ...opensOn: FallbackTrigger[]): PlannedCandidate {
  return { candidate, model: modelOf(id), opensOn, reserve: undefined };
}

function walkOf(plan: readonly PlannedCandidate[], change: Partial<Choice> = {}): AttemptWalk {
  const budget = new RetryBudget(() => nowMs);
  budget.noteRequest();
  const choice = { model: MODEL, prices: PriceTable.empty, facts: PLAIN_FACTS, plan, passedOver: [], ...change };
  return new AttemptWalk({ health, budget, observers, settings, random: () => 0, now: () => nowMs }, run, choice);
}

/** Lets every attempt fail in turn. @returns the names of the channels that were asked. */
async function walkThrough(
  walk: AttemptWalk,
  ...kinds: readonly (ProviderErrorKind | ProviderError)[]
): Promise<string[]> {
  const asked: string[] = [];
  for (let attempt = await walk.next(); attempt !== undefined; attempt = await walk.next()) {
    asked.push(attempt.candidate.channel.id);
    const kind = kinds[asked.length - 1] ?? kinds.at(-1) ?? 'overloaded';
    walk.fail(attempt, typeof kind === 'string' ? failure(kind) : kind);
  }
  return asked;
}

const three = ['a', 'b', 'c'].map((id) => own(candidateOf(id)));

describe('a walk', () => {
  it('asks each candidate once, in the order of the plan', async () => {
    expect(await walkThrough(walkOf(three))).toEqual(['a', 'b', 'c']);
    expect(run.records.map(({ number, outcome, fault }) => [number, outcome, fault])).toEqual([
      [1, 'overloaded', 'provider'],
      [2, 'overloaded', 'provider'],
      [3, 'overloaded', 'provider'],
    ]);
  });

  it('ends with the first failure that is the fault of the request', async () => {
    await expect(walkThrough(walkOf(three), 'invalid_request')).rejects.toMatchObject({ code: 'failed' });
    expect(run.records).toHaveLength(1);
  });

  it('ends after six attempts, however many candidates there are', async () => {
    const many = Array.from({ length: 20 }, (_, i) => own(candidateOf(`c${i}`)));
    expect(await walkThrough(walkOf(many))).toHaveLength(ATTEMPTS_MAX);
  });

  it('asks nobody once the client has left', async () => {
    const walk = walkOf(three);
    const attempt = (await walk.next())!;
    cancellation.abort(CLIENT_GONE);
    expect(() => walk.fail(attempt, failure('incomplete'))).toThrow(CLIENT_GONE);
    await expect(walk.next()).rejects.toBe(CLIENT_GONE);
    // What it did to the connection says nothing about the upstream.
    expect(health.stateOf(attempt.candidate).failureRate).toBe(0);
  });

  it('passes over who has begun to rest since the plan was made, and says why', async () => {
    health.note(three[1]!.candidate, failure('rate_limited', 30_000));
    expect(await walkThrough(walkOf(three))).toEqual(['a', 'c']);
    expect(run.passed).toEqual(['rate_limited']);
  });

  it('asks reserves after all others, and all the same', async () => {
    const plan = [{ ...three[0]!, reserve: 'ejected' as const }, three[1]!];
    expect(await walkThrough(walkOf(plan))).toEqual(['b', 'a']);
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
    health = new ChannelHealth({ now: () => nowMs, random: () => 0.5, places: new Lines() });
    const full = Array.from({ length: 5 }, (_, i) => candidateOf(`c${i}`, { concurrencyMax: 1 }));
    for (const candidate of full) await health.enter(candidate, cancellation);
    const plan = full.map((candidate) => ({ ...own(candidate), reserve: 'full' as const }));
    expect(await walkThrough(walkOf(plan))).toEqual([]);
    expect(waits).toEqual(['c0', 'c1']);
    expect(run.passed).toEqual(Array(5).fill('busy'));
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
          health = new ChannelHealth({ now: () => nowMs });
          run = newRun();
          const asked = await walkThrough(
            walkOf(Array.from({ length: size }, (_, i) => own(candidateOf(`c${i}`)))),
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
      const visit = health.enter(candidate, cancellation);
      if (!(visit instanceof Promise)) visit.fail(failure('overloaded'));
    }
    const budget = new RetryBudget(() => nowMs);
    const choice = { model: MODEL, prices: PriceTable.empty, facts: PLAIN_FACTS, plan, passedOver: [] };
    const askedBy = async (): Promise<number> => {
      budget.noteRequest();
      return (
        await walkThrough(
          new AttemptWalk({ health, budget, observers, settings, random: () => 0, now: () => nowMs }, run, choice),
        )
      ).length;
    };
    expect([await askedBy(), await askedBy(), await askedBy()]).toEqual([3, 2, 1]);
  });
});

describe('a candidate without a substitute', () => {
  const alone = [own(candidateOf('a'))];

  it.each<ProviderErrorKind>(['overloaded', 'unreachable', 'incomplete', 'rate_limited'])(
    'is asked once more after a pause when that may help: %s',
    async (kind) => {
      expect(await walkThrough(walkOf(alone), kind)).toEqual(['a', 'a']);
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
    expect(await walkThrough(walkOf(alone), kind)).toEqual(['a']);
  });

  it('is not asked again when it wants more time than a caller has', async () => {
    expect(await walkThrough(walkOf(alone), failure('overloaded', 2001))).toEqual(['a']);
  });

  it('is not asked again for an answer that has begun', async () => {
    const walk = walkOf(alone);
    const attempt = (await walk.next())!;
    run.hasContent = true;
    walk.fail(attempt, failure('incomplete'));
    expect(await walk.next()).toBeUndefined();
  });

  it('is not asked again by a client that leaves during the pause', async () => {
    const walk = walkOf(alone);
    walk.fail((await walk.next())!, failure('overloaded', 1900));
    const next = walk.next();
    cancellation.abort(CLIENT_GONE);
    await expect(next).rejects.toBe(CLIENT_GONE);
  });

  it('is also one with several credentials, each of which is asked once', async () => {
    const [first, second] = candidatesOf('a', { moreCredentials: ['another'] });
    expect(await walkThrough(walkOf([own(first!), own(second!)]))).toEqual(['a', 'a']);
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
    expect(await walkThrough(walkOf([a, fallback(candidateOf('f'), 'other', trigger)]), kind, 'tls')).toEqual([
      'a',
      'f',
    ]);
    expect((await walkThrough(walkOf([a, fallback(candidateOf('f'), 'other')]), kind)).includes('f')).toBe(false);
  });

  it('is not asked while another candidate of the model itself is left', async () => {
    const plan = [a, own(candidateOf('b')), fallback(candidateOf('f'), 'other', 'unavailable')];
    expect(await walkThrough(walkOf(plan))).toEqual(['a', 'b', 'f']);
  });

  it('comes before candidates of the model that rest', async () => {
    const plan = [{ ...a, reserve: 'ejected' as const }, fallback(candidateOf('f'), 'other', 'unavailable')];
    expect(await walkThrough(walkOf(plan))).toEqual(['f', 'a']);
  });

  it('does not come before a candidate that is only thought unfit, unless it is for that', async () => {
    const error = failure('unsupported_option');
    const passedOver = [{ candidate: a.candidate, error, isUnfit: true }];
    const walkWith = (trigger: FallbackTrigger) =>
      walkOf([{ ...a, reserve: 'unfit' as const }, fallback(candidateOf('f'), 'f', trigger)], { passedOver });
    expect(await walkThrough(walkWith('unavailable'), 'unsupported_option')).toEqual(['a']);
    expect(await walkThrough(walkWith('unsupported_option'), 'tls')).toEqual(['f', 'a']);
  });

  it('is opened by candidates that were passed over before anybody was asked', async () => {
    const passedOver = [{ candidate: a.candidate, error: failure('rate_limited'), isUnfit: false }];
    const walk = walkOf([fallback(candidateOf('f'), 'other', 'rate_limited')], { passedOver });
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
    expect(await walkThrough(walkOf(plan), 'context_length', 'unsupported_option')).toEqual(['a', 'large', 'unknown']);
  });

  it('may not like a request that is none of its own: that is not the verdict', async () => {
    const plan = [a, fallback(candidateOf('f'), 'f', 'unavailable'), fallback(candidateOf('g'), 'g', 'unavailable')];
    expect(await walkThrough(walkOf(plan), 'overloaded', 'invalid_request', 'tls')).toEqual(['a', 'f', 'g']);
  });
});

describe('a prompt that is too long, or refused by a policy', () => {
  const plan = ['a', 'b'].map((id) => own(candidateOf(id)));

  it.each<ProviderErrorKind>(['context_length', 'content_refused'])(
    'is not brought before another channel of the same model: %s',
    async (kind) => {
      expect(await walkThrough(walkOf(plan), kind)).toEqual(['a']);
    },
  );

  it('is brought before the next one where the operator wants a policy to be asked again', async () => {
    const model = modelOf('m', { retryContentPolicy: true });
    const asked = plan.map(({ candidate }) => own(candidate, model));
    expect(await walkThrough(walkOf(asked), 'content_refused')).toEqual(['a', 'b']);
  });
});

describe('the patience of an attempt', () => {
  const deadlines = async (plan: readonly PlannedCandidate[], facts: Partial<RequestFacts> = { isStream: true }) =>
    (await walkOf(plan, { facts: { ...PLAIN_FACTS, ...facts } }).next())!.deadlines;
  const whole = { isStream: false };

  it('is short while somebody else is left', async () => {
    expect(await deadlines(three)).toMatchObject({ contentMs: 10_000, headersMs: 10_000, gapMs: 10_000 });
    expect(await deadlines(three, whole)).toMatchObject({ headersMs: 60_000, idleMs: 10_000 });
  });

  it('is that of the settings for the last one', async () => {
    const patient = { headersMs: 300_000, idleMs: 120_000, gapMs: 120_000 };
    expect(await deadlines([three[0]!])).toMatchObject({ ...patient, contentMs: undefined });
    expect(await deadlines([three[0]!], whole)).toMatchObject(patient);
  });

  it('is not shortened by somebody who rests, or who would not be asked', async () => {
    health.note(three[1]!.candidate, failure('rate_limited', 30_000));
    expect(await deadlines([three[0]!, three[1]!])).toMatchObject({ contentMs: undefined });
    const other = fallback(candidateOf('f'), 'other', 'content_refused');
    expect(await deadlines([three[0]!, other])).toMatchObject({ contentMs: undefined });
  });

  it('is longer with models that think before they say anything, or that were asked to', async () => {
    const thinker = own(candidateOf('t', { capabilities: { reasoning: true } }));
    const patient = { contentMs: 60_000, headersMs: 60_000, idleMs: 120_000, gapMs: 10_000 };
    expect(await deadlines([thinker, three[0]!])).toMatchObject(patient);
    expect(await deadlines(three, { isStream: true, needsReasoning: true })).toMatchObject(patient);
    expect(await deadlines(three, { ...whole, needsReasoning: true })).toMatchObject({ headersMs: 300_000 });
    expect(await deadlines([thinker, three[0]!], whole)).toMatchObject({ headersMs: 60_000 });
  });

  it('is what the operator says of the model, also for the last one', async () => {
    const model = modelOf('m', {
      deadlines: { connectMs: 1, firstByteMs: 2, firstTokenMs: 3, wholeMs: 4, gapMs: 5, totalMs: 6 },
    });
    const planned = own(candidateOf('a', { capabilities: { reasoning: true } }), model);
    expect(await deadlines([planned])).toEqual({
      ...{ connectMs: 1, headersMs: 2, contentMs: 3, gapMs: 5, patientGapMs: 5, totalMs: 6, idleMs: 120_000 },
    });
    expect(await deadlines([planned], whole)).toMatchObject({ headersMs: 4, idleMs: 5 });
  });
});

describe('the time that a request has altogether', () => {
  const hurried = modelOf('m', { deadlines: { totalMs: 1000 } });
  const two = ['a', 'b'].map((id) => own(candidateOf(id), hurried));

  it('is that of all its attempts: the second has what the first has left of it', async () => {
    const walk = walkOf(two);
    const first = (await walk.next())!;
    expect(first.deadlines.totalMs).toBe(1000);
    nowMs += 400;
    walk.fail(first, failure('incomplete'));
    expect((await walk.next())!.deadlines.totalMs).toBe(600);
  });

  it('lets nobody be asked any more when it is over, but a fallback that has more of it', async () => {
    const slow = { ...two[1]!, model: modelOf('slow'), opensOn: ['unavailable' as const] };
    const walk = walkOf([...two, slow]);
    const first = (await walk.next())!;
    nowMs += 1000;
    walk.fail(first, failure('timeout'));
    const second = (await walk.next())!;
    expect(second.model.id).toBe('slow');
    expect(second.deadlines.totalMs).toBe(settings.upstream.totalTimeoutMs - 1000);
    nowMs += settings.upstream.totalTimeoutMs;
    walk.fail(second, failure('timeout'));
    expect(await walk.next()).toBeUndefined();
  });
});

describe('who watches attempts', () => {
  it('is told of the beginning and the end of each, and may add headers', async () => {
    const seen: unknown[] = [];
    const observer: AttemptObserver = {
      attemptBegan: ({ number, candidate, requestId, isResume }) => {
        seen.push(['began', number, candidate.channel.id, requestId, isResume]);
        return {
          headers: { traceparent: `t${number}` },
          ended: ({ outcome, status }) => seen.push(['ended', outcome, status]),
        };
      },
    };
    observers.add(observer);
    const walk = walkOf([three[0]!, three[1]!]);
    const first = (await walk.next())!;
    expect(first.observerHeaders).toEqual({ traceparent: 't1' });
    walk.fail(first, new ProviderError({ kind: 'overloaded', message: 'x', status: 503 }));
    (await walk.next())!.succeed();
    expect(seen).toEqual([
      ['began', 1, 'a', 'req_1', false],
      ['ended', 'overloaded', 503],
      ['began', 2, 'b', 'req_1', false],
      ['ended', 'done', undefined],
    ]);
  });
});
