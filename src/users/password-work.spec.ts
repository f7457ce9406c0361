import { HubError } from '../common/hub-error.js';
import { isOutdatedHash, NOBODYS_HASH, verifyPassword } from './password.js';
import { PasswordWork } from './password-work.js';

describe('password work', () => {
  it('says what is right, and takes nobody and a hash that is none for wrong', async () => {
    const work = new PasswordWork();
    const hash = await work.hash('a good password');
    expect(await work.verify('a good password', hash)).toBe(true);
    expect(await work.verify('another password', hash)).toBe(false);
    expect(await work.verify('a good password', undefined)).toBe(false);
    expect(await work.verify('unusable', 'unusable')).toBe(false);
  });

  it('is bounded: two at once, a short queue, and then a refusal that says when to come again', async () => {
    const work = new PasswordWork();
    const results = await Promise.allSettled(Array.from({ length: 40 }, () => work.verify('x', undefined)));
    const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
    expect(refused).toHaveLength(6);
    for (const error of refused) {
      expect(error).toBeInstanceOf(HubError);
      expect(error).toMatchObject({ status: 429, code: 'sign_in_busy', retryAfterSeconds: 1 });
    }
    // Places were given back.
    expect(await work.verify('x', undefined)).toBe(false);
  });
});

describe('hashes', () => {
  it('of nobody look like any other, and match nothing', async () => {
    expect(NOBODYS_HASH).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(await verifyPassword('', NOBODYS_HASH)).toBe(false);
  });

  it.each([
    ['$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc', true],
    ['$argon2id$v=19$m=19456,t=3,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc', true],
    ['$argon2id$v=19$m=19456,t=2,p=2$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc', true],
    ['$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cI', true],
    ['$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc', false],
    ['nonsense', true],
  ])('that are made in another way today are outdated: %s', (hash, isOutdated) => {
    expect(isOutdatedHash(hash)).toBe(isOutdated);
  });
});
