import { beforeEach, describe, expect, it } from '@jest/globals';
import { candidateOf, failure, PLAIN_FACTS } from '../../test/support/candidates.js';
import { fallback, modelOf, own, settings, three, WalkScene } from '../../test/support/walk-scene.js';
import { ProviderError } from '../providers/canonical/provider-error.js';
import type { AttemptObserver } from '../routing/attempt-observers.js';
import type { RequestFacts } from '../routing/request-facts.js';
import type { PlannedCandidate } from './route-choice.js';

let scene: WalkScene;
beforeEach(() => {
  scene = new WalkScene();
});

describe('the patience of an attempt', () => {
  const deadlines = async (plan: readonly PlannedCandidate[], facts: Partial<RequestFacts> = { isStream: true }) =>
    (await scene.walkOf(plan, { facts: { ...PLAIN_FACTS, ...facts } }).next())!.deadlines;
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
    scene.health.note(three[1]!.candidate, failure('rate_limited', 30_000));
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
    const walk = scene.walkOf(two);
    const first = (await walk.next())!;
    expect(first.deadlines.totalMs).toBe(1000);
    scene.nowMs += 400;
    walk.fail(first, failure('incomplete'));
    expect((await walk.next())!.deadlines.totalMs).toBe(600);
  });

  it('lets nobody be asked any more when it is over, but a fallback that has more of it', async () => {
    const slow = { ...two[1]!, model: modelOf('slow'), opensOn: ['unavailable' as const] };
    const walk = scene.walkOf([...two, slow]);
    const first = (await walk.next())!;
    scene.nowMs += 1000;
    walk.fail(first, failure('timeout'));
    const second = (await walk.next())!;
    expect(second.model.id).toBe('slow');
    expect(second.deadlines.totalMs).toBe(settings.upstream.totalTimeoutMs - 1000);
    scene.nowMs += settings.upstream.totalTimeoutMs;
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
    scene.observers.add(observer);
    const walk = scene.walkOf([three[0]!, three[1]!]);
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
