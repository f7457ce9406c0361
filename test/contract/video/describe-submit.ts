import { ProviderError } from '../../../src/providers/canonical/provider-error.js';
import { deepFreeze } from '../deep-freeze.js';
import type { TaskSubject } from './task-subject.js';
import type { SubmitCase, TaskFixtures, VideoContract } from './video-contract.js';
import { answerOf, EXTERNAL_ID, outcomeOf, targetOf } from './video-request.js';

/** Longer than what a JSON number can hold: an id that was once a number has lost digits. */
const LARGE_IDS = ['867283741759111202', '9223372036854775807', '18446744073709551615'];
const NO_ANSWERS = ['', 'no', 'null', '[]', '{}', '{"data":null}', '{"code":0}', '<html>busy</html>', '{"data":{"id":'];

/** Submissions and the answers to them. */
export function describeSubmit<Request>(
  { operation: video, requestFor }: TaskSubject<Request>,
  contract: VideoContract,
  fixtures: TaskFixtures<Request>,
): void {
  it.each(fixtures.submit)(
    'submits to $model: $name',
    ({ model, request, uploads = [], call }: SubmitCase<Request>) => {
      const wanted = requestFor(model, request);
      const toUploads = () => video.uploads?.toCalls(wanted, targetOf(model)) ?? [];
      expect(toUploads().map((upload) => ({ ...upload, body: textOf(upload.body) }))).toEqual(
        uploads.map((upload) => upload.call),
      );
      expect(toUploads()).toEqual(toUploads());
      const names = deepFreeze(uploads.map(({ answer }) => video.uploads?.fromAnswer(answerOf(answer)) ?? ''));
      expect(names).toEqual(uploads.map(({ name }) => name));
      const sent = video.toSubmit(wanted, targetOf(model), names);
      expect({ ...sent, body: JSON.parse(String(sent.body)) }).toEqual(deepFreeze({ ...call }));
      expect(video.toSubmit(wanted, targetOf(model), names)).toEqual(sent);
    },
  );

  if (video.uploads !== undefined) {
    const { uploads } = video;
    it('takes nothing for an upload that names no file', () => {
      for (const body of NO_ANSWERS) {
        const read = outcomeOf(() => uploads.fromAnswer(answerOf({ status: 200, body })));
        expect([body, read]).toMatchObject([body, { error: { kind: 'invalid_response' } }]);
      }
    });
  }

  it('has a recorded submission for every model', () => {
    const recorded = fixtures.submit.map(({ model }) => model);
    expect(contract.models.filter((model) => !recorded.includes(model))).toEqual([]);
  });

  it.each(fixtures.submitAnswers)('knows the task that was taken on: $model, $name', ({ model, answer, ref }) => {
    const read = () => video.fromSubmit(answerOf(answer), requestFor(model), targetOf(model));
    expect(read()).toEqual(ref);
    expect(read()).toEqual(read());
  });

  it.each(contract.dialects)('keeps every digit of a large id: $name', ({ model, submitText }) => {
    for (const id of LARGE_IDS) {
      const answer = answerOf({ status: 200, body: submitText(id) });
      const ref = deepFreeze(video.fromSubmit(answer, requestFor(model), targetOf(model)));
      const stored = deepFreeze(JSON.parse(JSON.stringify(ref)));
      expect(stored).toEqual(ref);
      expect(JSON.stringify(video.toStatus(stored))).toContain(id);
    }
  });

  it.each(contract.dialects)('takes nothing for a task that names none: $name', ({ model }) => {
    for (const body of NO_ANSWERS) {
      const answer = answerOf({ status: 200, body });
      const read = outcomeOf(() => video.fromSubmit(answer, requestFor(model), targetOf(model)));
      expect([body, read]).toEqual([body, { error: expect.any(ProviderError) }]);
      expect([body, read]).toMatchObject([body, { error: { kind: 'invalid_response' } }]);
    }
  });

  if (video.lookup === undefined) return;
  const { lookup } = video;
  const lost = (model: string) => ({ request: requestFor(model), sentAtMs: 1_700_000_000_000 });

  it.each(fixtures.lookup)('looks a lost task up: $model, $name', ({ model, call, answer, found }) => {
    expect(lookup.toCall(lost(model), targetOf(model))).toEqual(call);
    const read = () => lookup.fromAnswer(answerOf(answer), lost(model), () => false, targetOf(model));
    expect(read()).toEqual(found);
    expect(read()).toEqual(found);
  });

  it.each(contract.dialects)('is not sure of a lost task when it cannot ask: $name', ({ model }) => {
    for (const status of [200, 401, 429, 500, 502, 504]) {
      const answer = answerOf({ status, body: status === 200 ? '<html>' : '' });
      const read = outcomeOf(() => lookup.fromAnswer(answer, lost(model), () => false, targetOf(model)));
      const isUnsure = 'error' in read ? read.error instanceof ProviderError : read.value === 'unsure';
      expect([status, isUnsure]).toEqual([status, true]);
    }
  });

  it.each(contract.dialects)('asks for a lost task by what it was sent with: $name', ({ model }) => {
    const call = lookup.toCall(lost(model), targetOf(model));
    expect(call.method).toBe('GET');
    const submitted = String(video.toSubmit(requestFor(model), targetOf(model)).body);
    if (submitted.includes(EXTERNAL_ID)) expect(call.path).toContain(EXTERNAL_ID);
  });
}

/** A body as text, of which each byte is one character. */
function textOf(body: string | Uint8Array | undefined): string | undefined {
  return body instanceof Uint8Array ? Buffer.from(body).toString('latin1') : body;
}
