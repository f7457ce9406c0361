import { ProviderError } from '../../../src/providers/canonical/provider-error.js';
import type { TaskState } from '../../../src/providers/canonical/video.js';
import { deepFreeze } from '../deep-freeze.js';
import type { TaskSubject } from './task-subject.js';
import type { TaskFixtures, VideoContract } from './video-contract.js';
import { answerOf, outcomeOf } from './video-request.js';

const NO_ANSWERS = ['', 'no', 'null', '[]', '{}', '{"data":null}', '<html>busy</html>', '{"data":{"status":"succ'];

/** Questions after a task and the answers to them. */
export function describeStatus<Request>(
  { operation: video }: TaskSubject<Request>,
  { dialects }: VideoContract,
  { status }: TaskFixtures<Request>,
): void {
  it.each(status)('understands the state: $name', ({ ref, call, answer, state }) => {
    deepFreeze(ref);
    expect(video.toStatus(ref)).toMatchObject(call);
    expect(video.toStatus(ref)).toEqual(video.toStatus(ref));
    const read = video.fromStatus(answerOf(answer), ref);
    expect(read).toEqual(state);
    expect(video.fromStatus(answerOf(answer), ref)).toEqual(read);
  });

  describe.each(dialects)('$name', ({ ref, statusBody, words, withoutResult, resultRef = ref, hasWords = true }) => {
    const read = (body: unknown, of = ref): TaskState =>
      video.fromStatus(answerOf({ status: 200, body }), deepFreeze({ ...of }));

    it.each(Object.entries(words))('reads the word %s as %s', (word, state) => {
      expect(read(statusBody(word)).state).toBe(state);
    });

    if (hasWords) {
      it.each(['reticulating', 'HELD', 'waiting_for_moonlight'])('keeps a task going under the word %s', (word) => {
        expect(['queued', 'processing']).toContain(read(statusBody(word)).state);
      });

      it.each(['FAILURE', 'internal_error', 'timeExpired', 'rejected_by_owner', 'user_cancelling'])(
        'ends a task under the word %s',
        (word) => {
          expect(['failed', 'cancelled']).toContain(read(statusBody(word)).state);
        },
      );
    }

    it('believes no success without a result', () => {
      expect(withoutResult.length).toBeGreaterThan(0);
      for (const body of withoutResult) {
        const outcome = outcomeOf(() => read(body, resultRef));
        expect([body, outcome]).toMatchObject([body, { error: { kind: 'invalid_response' } }]);
      }
    });

    it('takes what it cannot read for no state', () => {
      for (const body of NO_ANSWERS) {
        for (const outcome of [ref, resultRef].map((of) => outcomeOf(() => read(body, of)))) {
          expect([body, outcome]).toEqual([body, { error: expect.any(ProviderError) }]);
          expect([body, outcome]).toMatchObject([body, { error: { kind: 'invalid_response' } }]);
        }
      }
    });
  });

  it.each([429, 500, 502, 503, 504])('takes a bare HTTP %s for no state', (http) => {
    for (const ref of dialects.flatMap(({ ref, resultRef = ref }) => [ref, resultRef])) {
      const outcome = outcomeOf(() => video.fromStatus(answerOf({ status: http, body: '' }), ref));
      expect(outcome).toEqual({ error: expect.any(ProviderError) });
    }
  });
}
