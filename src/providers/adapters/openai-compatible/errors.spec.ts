import type { ProviderErrorKind } from '../../canonical/provider-error.js';
import type { Provider } from '../../provider.js';
import { dashscope } from '../dashscope/dashscope.provider.js';
import { mistral } from '../mistral/mistral.provider.js';
import { openai } from '../openai/openai.provider.js';
import { together } from '../together/together.provider.js';
import { xai } from '../xai/xai.provider.js';
import { zhipu } from '../zhipu/zhipu.provider.js';

function fail(provider: Provider, status: number, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return provider.toError({ status, headers, body: Buffer.from(text) });
}

describe('toError', () => {
  it.each<[string, Provider, number, unknown, ProviderErrorKind, string]>([
    ['envelope', openai, 400, { error: { message: 'm', type: 'invalid_request_error' } }, 'invalid_request', 'm'],
    [
      'context length by code',
      openai,
      400,
      { error: { message: 'm', code: 'context_length_exceeded' } },
      'context_length',
      'm',
    ],
    ['quota behind a 429', openai, 429, { error: { message: 'm', code: 'insufficient_quota' } }, 'out_of_money', 'm'],
    ['model behind a 403', openai, 403, { error: { message: 'm', code: 'model_not_found' } }, 'model_missing', 'm'],
    ['403 about nothing known', openai, 403, { error: { message: 'm' } }, 'overloaded', 'm'],
    ['403 by its type', openai, 403, { error: { message: 'm', type: 'permission_error' } }, 'credential', 'm'],
    ['403 by its text', openai, 403, { detail: 'Not your region' }, 'credential', 'Not your region'],
    ['arrears behind a 429', zhipu, 429, { error: { code: '1113', message: 'm' } }, 'out_of_money', 'm'],
    ['arrears behind a 400', dashscope, 400, { error: { code: 'Arrearage', message: 'm' } }, 'out_of_money', 'm'],
    ['code by its beginning', dashscope, 429, { code: 'Throttling.RateQuota', message: 'm' }, 'rate_limited', 'm'],
    [
      'error as text',
      xai,
      400,
      { code: 'c', error: 'Incorrect API key provided' },
      'credential',
      'Incorrect API key provided',
    ],
    [
      'detail list',
      mistral,
      422,
      { detail: [{ type: 'extra_forbidden', loc: ['body', 'messages', 0, 'name'], msg: 'no' }] },
      'invalid_request',
      'no',
    ],
    [
      'detail inside message',
      mistral,
      422,
      { object: 'error', message: { detail: [{ loc: ['body', 'x'], msg: 'no' }] } },
      'invalid_request',
      'no',
    ],
    ['status of its own meaning', together, 403, { error: { message: 'm' } }, 'context_length', 'm'],
    ['conflict', openai, 409, { error: { message: 'm', code: null } }, 'invalid_request', 'm'],
    ['list around', openai, 500, [{ error: { message: 'm' } }], 'overloaded', 'm'],
    ['plain text', openai, 401, 'Invalid token', 'credential', 'Invalid token'],
    ['JSON text', openai, 401, '"Invalid token"', 'credential', 'Invalid token'],
    [
      'page of a proxy',
      openai,
      502,
      '<html><h1>Bad gateway</h1>',
      'overloaded',
      'The upstream answered HTTP 502 with a web page instead of JSON.',
    ],
    [
      'page instead of an API',
      openai,
      404,
      '<!DOCTYPE html>',
      'invalid_response',
      'The upstream answered HTTP 404 with a web page instead of JSON.',
    ],
    ['nothing', openai, 529, '', 'overloaded', 'The upstream answered HTTP 529.'],
  ])('reads %s', (_shape, provider, status, body, kind, message) => {
    expect(fail(provider, status, body)).toMatchObject({ kind, message, status });
  });

  it('names the field of a validation list', () => {
    const body = { detail: [{ type: 'extra_forbidden', loc: ['body', 'messages', 0, 'name'], msg: 'no' }] };
    expect(fail(mistral, 422, body)).toMatchObject({ param: 'messages[0].name', code: 'extra_forbidden' });
  });

  it.each<[Record<string, string>, number | undefined]>([
    [{ 'retry-after': '20' }, 20_000],
    [{ 'retry-after': '1.5' }, 1_500],
    [{ 'retry-after-ms': '1250', 'retry-after': '9' }, 1_250],
    [{ 'retry-after': 'Sun, 22 Nov 2026 12:00:30 GMT', date: 'Sun, 22 Nov 2026 12:00:00 GMT' }, 30_000],
    [{ 'retry-after': 'Sun, 22 Nov 2026 11:00:00 GMT', date: 'Sun, 22 Nov 2026 12:00:00 GMT' }, 0],
    [{ 'retry-after': 'Sun, 22 Nov 2026 12:00:30 GMT' }, undefined],
    [{ 'retry-after': '-3' }, undefined],
    [{ 'retry-after': '99999999' }, undefined],
    [{ 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '1m30.5s' }, 90_500],
    [{ 'x-ratelimit-remaining-tokens': '5', 'x-ratelimit-reset-tokens': '1m30s' }, undefined],
    [{}, undefined],
  ])('reads the wait out of %j', (headers, expected) => {
    expect(fail(openai, 429, {}, headers).retryAfterMs).toBe(expected);
  });

  it.each([
    'sk-proj-abcDEF123456',
    'Bearer abcdef0123456789',
    'gsk_abcdefgh1234',
    '0123456789abcdef0123456789abcdef.Zyx987',
    'eyJhbGciOiJIUzI1NiJ9.J9x.abc',
  ])('does not repeat the key %s', (secret) => {
    const { message } = fail(openai, 401, { error: { message: `Incorrect API key provided: ${secret}. Try again.` } });
    expect(message).toMatch(/^Incorrect API key provided: \[redacted\]/);
    expect(message).not.toContain(secret);
  });

  it('survives any body', () => {
    for (const body of [
      'null',
      '{}',
      '[]',
      '{"error":null}',
      '{"error":{"message":{"a":1}}}',
      '{"detail":[[[[[["x"]]]]]]}',
      '\u0000',
      '{"error":{"code":{}}}',
    ]) {
      expect(fail(openai, 500, body).kind).toBe('overloaded');
    }
  });
});

describe('a 409', () => {
  const of = (message: string): string => fail(openai, 409, { error: { message } }).kind;

  it('that is about another request at the same time may be tried again', () => {
    expect(of('Could not acquire the lock of this conversation.')).toBe('overloaded');
    expect(of('Another request is in progress. Please try again.')).toBe('overloaded');
  });

  it('that is not is the fault of the request', () => {
    expect(of('The name is taken.')).toBe('invalid_request');
  });
});
