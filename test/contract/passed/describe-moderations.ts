import type { Provider } from '../../../src/providers/provider.js';
import { validateModerations } from '../../../src/relay/passed/validate-moderations.js';
import { deepFreeze } from '../deep-freeze.js';
import { describeBodyRequests, targetOf } from './describe-body-requests.js';
import { describePassedErrors } from './describe-passed-errors.js';
import { bytesOf, type PassedFixtures } from './passed-fixtures.js';

const PLAIN = '{ "model" :"public-1",\n\t"input":[ "h\\u00e9llo 世界", "a" ] , "weight": 1E0 }';
const NOT_ANSWERS = ['', '<!doctype html><html></html>', '[]', '"text"', '{}', '{"results":[]}', '{"results":[{}]}'];

function requestOf(asked: Readonly<Record<string, unknown>>, bytes = bytesOf({ model: 'public-1', ...asked })) {
  const request = validateModerations(bytes);
  deepFreeze(request.source.value);
  return request;
}

/** The promises that every provider of moderations keeps. */
export function describeModerations(provider: Provider, { requests, answers, errors }: PassedFixtures): void {
  const operation = provider.moderations!;
  const asked = requestOf({ input: 'a' });
  const read = (body: unknown, members: Readonly<Record<string, unknown>> = { input: 'a' }) =>
    operation.fromBody(bytesOf(body), requestOf(members), targetOf());

  describeBodyRequests(requests, {
    path: operation.path,
    translate: (members, target) => operation.toBody(requestOf(members), target),
    passed: { text: PLAIN, translate: (bytes, target) => operation.toBody(requestOf({}, bytes), target) },
    least: { input: 'a' },
    options: { an_option_of_tomorrow: 1 },
  });

  it.each(answers)('reads $name', ({ body, asked: members, expect: expected }) => {
    const answer = read(body, members);
    const shown = JSON.parse(Buffer.from(answer.bytes).toString());
    expect(shown.model).toBe('public-1');
    expect(shown.results.map((result: { flagged: unknown }) => result.flagged)).toEqual(expected.flagged);
    // The verdicts themselves stay as they came.
    expect(shown.results).toMatchObject((body as { results: object[] }).results);
    expect(answer.usage ?? null).toEqual(expected.usage);
    expect(read(body, members)).toEqual(answer);
  });

  it.each(answers)('reads usage where $name has any', ({ body, asked: members }) => {
    const usage = { prompt_tokens: 5, total_tokens: 5 };
    expect(read({ ...(body as object), usage }, members).usage).toEqual({ inputTokens: 5 });
  });

  it.each(answers)('takes $name for no answer when a verdict is missing or it is cut', ({ body, asked: members }) => {
    const request = requestOf(members ?? { input: 'a' });
    const { results } = body as { results: readonly unknown[] };
    const invalid = expect.objectContaining({ kind: 'invalid_response' });
    expect(() => read({ ...(body as object), results: results.slice(1) }, members)).toThrow(invalid);
    const bytes = bytesOf(body);
    for (let at = 0; at < bytes.length; at++)
      expect(() => operation.fromBody(bytes.subarray(0, at), request, targetOf())).toThrow(invalid);
  });

  it('refuses what is not an answer', () => {
    for (const body of NOT_ANSWERS)
      expect(() => operation.fromBody(Buffer.from(body), asked, targetOf())).toThrow(
        expect.objectContaining({ kind: 'invalid_response' }),
      );
  });

  describePassedErrors(provider, errors, (body) => operation.fromBody(body, asked, targetOf()));
}
