import type { Provider } from '../../../src/providers/provider.js';
import { validateCompletions } from '../../../src/relay/passed/validate-completions.js';
import { deepFreeze } from '../deep-freeze.js';
import { describeBodyRequests, targetOf } from './describe-body-requests.js';
import { describePassedErrors } from './describe-passed-errors.js';
import { describePassedStreams } from './describe-passed-streams.js';
import { bytesOf, type PassedFixtures } from './passed-fixtures.js';

const PLAIN = '{ "model" :"public-1",\n\t"prompt":"h\\u00e9llo 世界" , "max_tokens": 1.0e2,"temperature": 1E0 }';
const OPTIONS = {
  n: 2,
  best_of: 2,
  echo: true,
  suffix: 'z',
  logprobs: 1,
  logit_bias: { 1: 1 },
  user: 'u',
  seed: 1,
  an_option_of_tomorrow: 1,
};
const NOT_ANSWERS = ['', '<!doctype html><html></html>', '[]', '"text"', '{}', '{"choices":[]}', '{"choices":[{}]}'];

function requestOf(asked: Readonly<Record<string, unknown>>, bytes = bytesOf({ model: 'public-1', ...asked })) {
  const { request } = validateCompletions(bytes);
  deepFreeze(request.source.value);
  return request;
}

/** The promises that every provider of completions keeps. */
export function describeCompletions(provider: Provider, fixtures: PassedFixtures): void {
  const operation = provider.completions!;
  const { requests, answers, streams, errors } = fixtures;
  const least = { prompt: 'a', max_tokens: 7 };
  const asked = requestOf(least);

  describeBodyRequests(requests, {
    path: operation.path,
    translate: (members, target) => operation.toBody(requestOf(members), target),
    passed: { text: PLAIN, translate: (bytes, target) => operation.toBody(requestOf({}, bytes), target) },
    least,
    options: OPTIONS,
  });

  it('asks a stream for its usage, also where the caller wants none, and keeps what else it asked of the stream', () => {
    for (const include_usage of [true, false]) {
      const stream_options = { include_usage, include_obfuscation: false };
      const body = operation.toBody(requestOf({ ...least, stream: true, stream_options }), targetOf());
      expect(JSON.parse(Buffer.from(body.body).toString())['stream_options']).toEqual({
        include_usage: true,
        include_obfuscation: false,
      });
    }
  });

  it.each(answers)('reads $name', ({ body, asked: members, expect: expected }) => {
    const bytes = bytesOf(body);
    const request = requestOf({ ...least, ...members });
    const answer = operation.fromBody(bytes, request, targetOf());
    const shown = JSON.parse(Buffer.from(answer.bytes).toString());
    expect(shown).toMatchObject({ object: 'text_completion', model: 'public-1' });
    expect(shown.choices.map((choice: { index: unknown }) => choice.index)).toEqual(expected.texts!.map((_, i) => i));
    expect(shown.choices.map((choice: { text: unknown }) => choice.text)).toEqual(expected.texts);
    expect(shown.choices.map((choice: { finish_reason: unknown }) => choice.finish_reason)).toEqual(
      expected.finishReasons,
    );
    expect(answer.texts).toEqual(expected.texts);
    expect(answer.usage ?? null).toEqual(expected.usage);
    if (expected.usage !== null)
      expect(shown.usage).toMatchObject({
        prompt_tokens: expected.usage['inputTokens'],
        completion_tokens: expected.usage['outputTokens'],
      });
    expect(operation.fromBody(bytes, request, targetOf())).toEqual(answer);
    expect(bytes.equals(bytesOf(body))).toBe(true);
  });

  it.each(answers)('says nothing of usage when $name has none', ({ body }) => {
    const { usage: _, ...rest } = body as Record<string, unknown>;
    expect(operation.fromBody(bytesOf(rest), asked, targetOf()).usage).toBeUndefined();
  });

  it.each(answers)('takes $name for no answer when it is cut', ({ body }) => {
    const bytes = bytesOf(body);
    for (let at = 0; at < bytes.length; at++)
      expect(() => operation.fromBody(bytes.subarray(0, at), asked, targetOf())).toThrow(
        expect.objectContaining({ kind: 'invalid_response' }),
      );
  });

  it('refuses what is not an answer', () => {
    for (const body of NOT_ANSWERS)
      expect(() => operation.fromBody(Buffer.from(body), asked, targetOf())).toThrow(
        expect.objectContaining({ kind: 'invalid_response' }),
      );
  });

  describePassedStreams(streams, {
    open: ({ asked: members }) => operation.openStream(targetOf(), requestOf({ ...least, ...members, stream: true })),
    endPattern: /"finish_reason": "/,
  });
  describePassedErrors(provider, errors, (body) => operation.fromBody(body, asked, targetOf()));
}
