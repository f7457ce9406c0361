import { describe, expect, it } from '@jest/globals';
import { ProviderError, type ProviderErrorDetails } from '../providers/canonical/provider-error.js';
import { isDefinite } from './is-definite.js';

function error(details: Partial<ProviderErrorDetails>): ProviderError {
  return new ProviderError({ kind: 'overloaded', message: 'no', ...details });
}

function withCode(code: string, cause?: Error): Error {
  return Object.assign(new Error('broken', cause && { cause }), { code });
}

describe('a failed submission has made no task for certain', () => {
  it.each<[string, unknown]>([
    ['after a refusal with 400', error({ kind: 'invalid_request', status: 400 })],
    ['after 401', error({ kind: 'credential', status: 401 })],
    ['after 429', error({ kind: 'rate_limited', status: 429 })],
    ['after a code within HTTP 200', error({ kind: 'out_of_money', status: 200, code: '1102' })],
    ['when its own adapter refuses an option', error({ kind: 'unsupported_option' })],
    ['when the connection is refused', error({ kind: 'unreachable', cause: withCode('ECONNREFUSED') })],
    ['when there is no such host', error({ kind: 'unreachable', cause: withCode('X', withCode('ENOTFOUND')) })],
    [
      'when no address of several answers',
      error({ kind: 'unreachable', cause: new AggregateError([withCode('EHOSTUNREACH')]) }),
    ],
    ['when connecting takes too long', error({ kind: 'timeout', cause: withCode('HUB_CONNECT_TIMEOUT') })],
    ['when the address is refused', error({ kind: 'unreachable', cause: withCode('HUB_ADDRESS_REFUSED') })],
    ['when no secure connection comes about', error({ kind: 'tls' })],
  ])('%s', (_when, failure) => {
    expect(isDefinite(failure, {})).toBe(true);
  });
});

describe('a failed submission may have made a task', () => {
  it.each<[string, unknown]>([
    ['after a deadline', error({ kind: 'timeout' })],
    ['when the connection breaks', error({ kind: 'unreachable', cause: withCode('ECONNRESET') })],
    ['when the answer is cut', error({ kind: 'incomplete' })],
    ['when the answer cannot be read', error({ kind: 'invalid_response', status: 200 })],
    ['after a fault without a word', error({ status: 502 })],
    ['after a fault with a word', error({ status: 500, code: 'InternalServiceError' })],
    // A gateway's problem details (RFC 9457), and a status said twice: neither is a word of the vendor.
    ['after a fault of no type', error({ status: 502, code: 'about:blank' })],
    ['after a fault whose type is a standard', error({ status: 503, code: 'https://httpstatuses.io/503' })],
    ['after a fault whose code is its status', error({ status: 503, code: '503' })],
    ['after whatever is no answer', new Error('a fault of the hub')],
    ['after something that is no error', 'nothing'],
  ])('%s', (_when, failure) => {
    expect(isDefinite(failure, {})).toBe(false);
  });

  it('when its vendor says so of an error that would be certain elsewhere', () => {
    const failure = error({ kind: 'rate_limited', status: 429, code: 'Timeout' });
    expect(isDefinite(failure, { isDefinite: ({ code }) => code !== 'Timeout' })).toBe(false);
    expect(isDefinite(error({ status: 502 }), { isDefinite: () => true })).toBe(false);
  });

  it('after a fault that its vendor has a row for, unless the row says that it is a refusal', () => {
    const table = { kind: 'overloaded', isRetryable: true, note: '' } as const;
    const errors = [
      { ...table, http: 500, code: '5000' },
      { ...table, http: 503, code: '5001', isDefinite: true },
      { ...table, http: 507, code: '', isDefinite: true },
    ];
    expect(isDefinite(error({ status: 500, code: '5000' }), { errors })).toBe(false);
    expect(isDefinite(error({ status: 503, code: '5001' }), { errors })).toBe(true);
    expect(isDefinite(error({ status: 507 }), { errors })).toBe(true);
    // The same fault told inside a success is no less a fault.
    expect(isDefinite(error({ status: 200, code: '5000' }), { errors })).toBe(false);
  });

  it('when the error table of its vendor says so of the code, and of no other', () => {
    const table = { kind: 'overloaded', isRetryable: true, note: '' } as const;
    const errors = [
      { ...table, http: 200, code: '1001', isDefinite: false },
      { ...table, http: 503, code: '', isDefinite: false },
    ];
    expect(isDefinite(error({ status: 200, code: '1001' }), { errors })).toBe(false);
    expect(isDefinite(error({ status: 200, code: '1002' }), { errors })).toBe(true);
    expect(isDefinite(error({ status: 503, code: 'no_channel' }), { errors })).toBe(false);
  });

  it.each([504, 524])('when a gateway waited in vain and says so in its own words: %i', (status) => {
    expect(isDefinite(error({ status, code: 'upstream_timeout' }), {})).toBe(false);
  });
});

describe('what is made at once leaves no task', () => {
  it('once its upstream has failed in a word of its own', () => {
    expect(isDefinite(error({ status: 500, code: 'server_error' }))).toBe(true);
  });

  it.each([[undefined], ['500'], ['about:blank']])('but nobody knows after a fault that has none: %s', (code) => {
    expect(isDefinite(error({ status: 500, code }))).toBe(false);
  });
});
