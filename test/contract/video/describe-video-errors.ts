import { isDefinite } from '../../../src/jobs/is-definite.js';
import { findErrorRow, isRefusal } from '../../../src/providers/canonical/error-row.js';
import { ProviderError } from '../../../src/providers/canonical/provider-error.js';
import { putIntoTexts, SECRETS } from '../describe-errors.js';
import type { TaskSubject } from './task-subject.js';
import type { TaskFixtures, VideoContract, VideoDialect, VideoErrorCase } from './video-contract.js';
import { answerOf, outcomeOf, targetOf } from './video-request.js';

/** What a vendor's errors mean, row for row. */
export function describeVideoErrors<Request>(
  subject: TaskSubject<Request>,
  { dialects }: VideoContract,
  { errors }: TaskFixtures<Request>,
): void {
  const { provider, operation: video } = subject;
  const rows = video.errors ?? [];

  it.each(errors)('understands the error $name', (error) => {
    const { kind, code, retryAfterMs, isDefinite: isCertain } = error.expect;
    for (const read of readEverywhere(subject, dialects, error)) {
      expect(read).toMatchObject({ kind });
      if (code !== undefined) expect(read.code).toBe(code);
      expect(read.retryAfterMs).toBe(retryAfterMs);
      expect(read.message).not.toMatch(/^$|<html|\[object Object\]/i);
      expect(isDefinite(read, video)).toBe(isCertain);
    }
  });

  it.each(errors)('repeats no key from the error $name', (error) => {
    for (const secret of SECRETS) {
      const body: unknown = JSON.parse(putIntoTexts(JSON.stringify(error.body), secret));
      for (const read of readEverywhere(subject, dialects, { ...error, body })) {
        const shown = JSON.stringify([read.message, read.code, read.param, read.cause]);
        expect(shown).not.toContain(secret.replace('Bearer ', ''));
      }
    }
  });

  it('has a recorded error for every row of its table', () => {
    const missing = rows.filter(
      (row) =>
        !errors.some((one) => one.status === row.http && findErrorRow(rows, one.status, one.expect.code) === row),
    );
    expect(missing).toEqual([]);
  });

  it('says of each row whether to try again as the recordings do', () => {
    for (const error of errors) {
      const row = findErrorRow(rows, error.status, error.expect.code);
      if (row === undefined) continue;
      const { kind, isRetryable, isDefinite: isCertain } = error.expect;
      expect([error.name, row.kind, row.isRetryable]).toEqual([error.name, kind, isRetryable]);
      // The text of an error may leave it open although its row does not; never the other way round.
      if (!isRefusal(row)) expect([error.name, isCertain]).toEqual([error.name, false]);
    }
  });

  it('has no row that says one thing and means another', () => {
    const waiting = ['rate_limited', 'overloaded', 'timeout', 'unreachable', 'invalid_response'];
    // A credential that is signed anew for each call may be right the next time.
    const wrong = rows.filter(
      ({ kind, isRetryable }) => kind !== 'credential' && waiting.includes(kind) !== isRetryable,
    );
    expect(wrong).toEqual([]);
    expect(rows.filter(({ note }) => note === '')).toEqual([]);
  });

  it('makes an error of any answer whatever', () => {
    for (const body of ['', 'no', '"no"', 'null', '[]', '{}', '{"error":null}', '{"code":{}}', '\u0000\ufffd']) {
      for (const status of [301, 400, 401, 403, 404, 408, 413, 418, 422, 429, 500, 503, 529]) {
        const error = provider.toError({ status, headers: {}, body: Buffer.from(body) });
        expect(error).toBeInstanceOf(ProviderError);
        expect(error.status).toBe(status);
      }
    }
  });
}

/** Reads an error by every function that may meet it, in every dialect. */
function readEverywhere<Request>(
  { provider, operation: video, requestFor }: TaskSubject<Request>,
  dialects: readonly VideoDialect[],
  error: VideoErrorCase,
): readonly ProviderError[] {
  const answer = answerOf(error);
  const readers: (() => unknown)[] = [];
  for (const { model, ref } of dialects) {
    if (error.call !== 'status') readers.push(() => video.fromSubmit(answer, requestFor(model), targetOf(model)));
    if (error.call !== 'submit') readers.push(() => video.fromStatus(answer, ref));
  }
  const read = readers.map((reader) => {
    const outcome = outcomeOf(reader);
    if ('error' in outcome && outcome.error instanceof ProviderError) return outcome.error;
    throw new Error(`"${error.name}" was not taken for an error: ${JSON.stringify(outcome)}`);
  });
  return error.status < 400 ? read : [...read, provider.toError(answer)];
}
