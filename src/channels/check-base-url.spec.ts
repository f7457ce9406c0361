import { checkBaseUrl } from './check-base-url.js';

describe('the base URL of a channel', () => {
  it.each(['https://api.example.com/v1', 'http://api.example.com:8080', 'https://xn--bcher-kva.example/a%20b'])(
    'may be %s',
    (url) => {
      expect(checkBaseUrl(url, false)).toBeUndefined();
    },
  );

  it.each(['http://127.0.0.1:11434/v1', 'http://[::1]:8000', 'http://localhost:8000/v1', 'http://192.168.1.7/v1'])(
    'may be %s only where private networks are allowed',
    (url) => {
      expect(checkBaseUrl(url, true)).toBeUndefined();
      expect(checkBaseUrl(url, false)).toContain('set "allowPrivateNetwork" if that is meant');
    },
  );

  it.each([
    'http://169.254.169.254',
    'http://100.100.100.200/latest',
    'http://[fe80::1]/',
    'http://0/',
    'http://224.0.0.1/',
  ])('is never %s', (url) => {
    expect(checkBaseUrl(url, true)).toContain('no channel may reach it');
  });

  it('does not pass what the URL parser would silently take out', () => {
    expect(checkBaseUrl('https://api.exam\nple.com', true)).toContain('control characters');
    expect(checkBaseUrl('https://api.example.com/\tv1', true)).toContain('control characters');
    expect(checkBaseUrl('https:\\\\api.example.com', true)).toContain('backslashes');
  });

  it('is not endless', () => {
    expect(checkBaseUrl(`https://api.example.com/${'a'.repeat(2048)}`, true)).toContain('at most 2048 characters');
  });

  it.each(['https://api.test/v1/chat/completions', 'https://api.test/v1/messages', 'https://api.test/v1/responses/'])(
    'refuses the path of an operation, which would be there twice: %s',
    (url) => {
      expect(checkBaseUrl(url, false)).toContain('the hub adds it');
    },
  );
});
