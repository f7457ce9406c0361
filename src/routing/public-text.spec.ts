import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { quietNow } from '../../test/support/quiet-clock.js';
import { toPublicText } from './public-text.js';

describe('toPublicText', () => {
  it.each([
    ['a URL', 'see https://api.vendor.example/v1/x?key=abc for more', 'see [redacted] for more'],
    ['a URL with a password', 'at postgres://u:p@db:5432/x', 'at [redacted]'],
    ['a host', 'upstream api.vendor.com:8443 is down', 'upstream [redacted] is down'],
    ['an internal host', 'node gpu-7.cluster.internal failed', 'node [redacted] failed'],
    ['an IP address', 'connect 10.2.3.4:443', 'connect [redacted]'],
    ['a key', 'Incorrect API key sk-proj-aBcDeFgHiJkL', 'Incorrect API key [redacted]'],
    ['a bearer token', 'got Bearer abc.def-ghi', 'got [redacted]'],
    ['a JWT', 'token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig', 'token [redacted]'],
    ['an account', 'org-a1b2c3d4e5 has no access', '[redacted] has no access'],
    ['a mail address', 'write to ops@vendor.com', 'write to [redacted]'],
    ['a hex key', 'id 0123456789abcdef0123456789abcdef', 'id [redacted]'],
    ['control characters', 'a\u0000b\u001b[31m\r\nc', 'a b [31m c'],
  ])('takes %s out', (_name, text, shown) => {
    expect(toPublicText(text, [])).toBe(shown);
  });

  it.each([
    "'max_tokens' must be at most 4096, not 9000.",
    'Invalid value for messages[2].content: expected a string.',
    'This model supports at most 128000 tokens (e.g. v1.2).',
    '消息太长，请缩短。',
  ])('leaves plain words alone: %s', (text) => {
    expect(toPublicText(text, [])).toBe(text);
  });

  it('takes out the secrets it is told, of whatever shape', () => {
    expect(toPublicText('key pass word! refused by upstream:9000', ['pass word!', 'upstream:9000'])).toBe(
      'key [redacted] refused by [redacted]',
    );
  });

  it('is not endless', () => {
    expect(toPublicText('word '.repeat(1000), []).length).toBeLessThanOrEqual(1001);
  });

  it.each(['a-', 'a.', '1.', 'a+'])('holds nothing up, however long a text of "%s" is', (part) => {
    const startedAt = quietNow();
    expect(toPublicText(part.repeat(20_000), []).length).toBeLessThanOrEqual(1001);
    expect(quietNow() - startedAt).toBeLessThan(500);
  });

  it('shows no part of a key that stands where a long text is cut', () => {
    // All before it shrinks to less than what is shown.
    const before = 'https://a.vendor.example/some/long/path '.repeat(60);
    for (let at = 1980; at < 2000; at++) {
      expect(toPublicText(`${before.slice(0, at - 1)} sk-proj-aBcDeFgHiJkL ${before}`, [])).not.toMatch(/sk|proj/);
    }
  });

  it('never lets a secret through', () => {
    const secret = fc.string({ minLength: 4, maxLength: 40 }).filter((text) => text.trim().length >= 4);
    fc.assert(
      fc.property(fc.string(), secret, fc.string(), (before, text, after) => {
        fc.pre(!'[redacted]'.includes(text) && !before.includes('[') && !after.includes('['));
        expect(toPublicText(`${before} ${text} ${after}`, [text])).not.toContain(text);
      }),
    );
  });
});
