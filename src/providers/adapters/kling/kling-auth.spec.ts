import { klingAuth } from './kling-auth.js';

const NOW_MS = 1_700_000_000_000;

describe("Kling's credential", () => {
  it('is signed as in the vector of the reference', () => {
    expect(klingAuth('ak-test:sk-test', NOW_MS)).toEqual({
      authorization:
        'Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJhay10ZXN0IiwiZXhwIjoxNzAwMDAxODAwLCJuYmYiOjE2OTk5OTk5OTV9.tMljlG8Xy1G8AKj5WkEZRcRIADvbH0FP6wgzpwHAfs4',
    });
  });

  it('has whole seconds in its claims', () => {
    const { authorization = '' } = klingAuth('ak:sk', NOW_MS + 999);
    expect(JSON.parse(Buffer.from(authorization.split('.')[1] ?? '', 'base64url').toString())).toEqual({
      iss: 'ak',
      exp: 1_700_001_800,
      nbf: 1_699_999_995,
    });
  });

  it('takes everything after the first colon for the secret key', () => {
    expect(klingAuth('ak:s:k', NOW_MS)).not.toEqual(klingAuth('ak:s', NOW_MS));
  });

  it('is a plain API key where there is no colon', () => {
    expect(klingAuth('api-key-1', NOW_MS)).toEqual({ authorization: 'Bearer api-key-1' });
  });

  it('never carries the secret key itself', () => {
    expect(JSON.stringify(klingAuth('ak-test:sk-test', NOW_MS))).not.toContain('sk-test');
  });
});
