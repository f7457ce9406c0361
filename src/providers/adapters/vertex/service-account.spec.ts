import { generateKeyPairSync } from 'node:crypto';
import { ACCESS_TOKEN, sellToken, serviceAccount } from '../../../../test/simulators/vertex/token-service.js';
import { ProviderError } from '../../canonical/provider-error.js';
import { secretsOfAccount, SERVICE_ACCOUNT_TOKENS as TOKENS } from './service-account.js';

const URI = 'https://oauth2.googleapis.com/token';
const NOW = 1_790_000_000_000;
const account = serviceAccount(URI);
const changed = (change: object): string => JSON.stringify({ ...JSON.parse(account), ...change });
const answerOf = (status: number, body: unknown) => ({
  status,
  headers: {},
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
});
const errorOf = (action: () => unknown): unknown => {
  try {
    return action();
  } catch (error) {
    return error;
  }
};

describe('tokens of a service account', () => {
  it('are bought where the key file says, by an assertion that it has signed', () => {
    const call = TOKENS.toCall(account, NOW);
    expect(call).toMatchObject({ url: URI, headers: { 'content-type': 'application/x-www-form-urlencoded' } });
    const sold = sellToken(call.body, URI, NOW);
    expect(sold).toMatchObject({ status: 200 });
    const { token, expiresAtMs } = TOKENS.fromAnswer(answerOf(sold.status, sold.body), NOW);
    expect([token, expiresAtMs]).toEqual([ACCESS_TOKEN, NOW + 3_599_000]);
    expect(TOKENS.toCall(account, NOW)).toEqual(call);
  });

  it('need no id of the key', () => {
    const { body } = TOKENS.toCall(changed({ private_key_id: undefined }), NOW);
    expect(sellToken(body, URI, NOW).status).toBe(200);
  });

  it.each([
    ['no JSON', '{"type": "service_account", '],
    ['a list', '{}'],
    ['of a person', changed({ type: 'authorized_user' })],
    ['without an address', changed({ client_email: undefined })],
    ['without a token service', changed({ token_uri: '' })],
    ['with a broken key', changed({ private_key: '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n' })],
    [
      'with a key of another kind',
      changed({
        private_key: generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }),
      }),
    ],
  ])('are not bought for a key file that is %s, and nothing of it is told', (_name, credential) => {
    const error = errorOf(() => TOKENS.toCall(credential, NOW));
    expect(error).toBeInstanceOf(ProviderError);
    expect(error).toMatchObject({ kind: 'credential' });
    expect(error).not.toHaveProperty('cause');
    expect(String(error)).not.toMatch(/AAAA|BEGIN/);
  });

  it.each([
    [
      'an unknown account',
      400,
      { error: 'invalid_grant', error_description: 'Invalid grant: account not found' },
      'credential',
    ],
    ['a revoked key', 400, { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' }, 'credential'],
    [
      'a clock that is off',
      400,
      { error: 'invalid_grant', error_description: 'Invalid JWT: Token must be a short-lived token' },
      'credential',
    ],
    [
      'a deleted client',
      401,
      { error: 'invalid_client', error_description: 'The OAuth client was not found.' },
      'credential',
    ],
    ['a forbidden one', 403, '', 'credential'],
    ['too many', 429, { error: 'rate_limit_exceeded' }, 'rate_limited'],
    ['a fault of the service', 503, '<html>busy</html>', 'overloaded'],
    ['a page', 200, '<html>hello</html>', 'invalid_response'],
    ['an answer without a token', 200, { token_type: 'Bearer' }, 'invalid_response'],
  ])('are not there after %s', (_name, status, body, kind) => {
    expect(errorOf(() => TOKENS.fromAnswer(answerOf(status, body), NOW))).toMatchObject({ kind });
  });

  it('last an hour where nobody says how long', () => {
    const { expiresAtMs } = TOKENS.fromAnswer(answerOf(200, { access_token: 't' }), NOW);
    expect(expiresAtMs).toBe(NOW + 3_600_000);
  });

  it('come from Google alone', () => {
    const isOwn = (url: string) => TOKENS.isOwnAddress?.(new URL(url));
    expect([isOwn(URI), isOwn('https://www.googleapis.com/oauth2/v4/token')]).toEqual([true, true]);
    expect([
      isOwn('https://oauth2.googleapis.com.evil.example/token'),
      isOwn('https://storage.googleapis.com/x'),
    ]).toEqual([false, false]);
  });

  it('are for key files, not for keys', () => {
    expect(TOKENS.isFor?.(account)).toBe(true);
    expect(TOKENS.isFor?.(` ${account}`)).toBe(true);
    for (const key of ['AIzaSyA-0123456789', 'AQ.Ab8RN6', 'ya29.a0Af']) expect(TOKENS.isFor?.(key)).toBe(false);
  });

  it('leave a key that must not be shown, in both of its spellings', () => {
    const { private_key: key } = JSON.parse(account);
    expect(secretsOfAccount(account)).toEqual([key, JSON.stringify(key).slice(1, -1)]);
    for (const other of ['AIzaSyA', '{', '{"private_key": 7}']) expect(secretsOfAccount(other)).toEqual([]);
  });
});
