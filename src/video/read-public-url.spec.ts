import { describe, expect, it } from '@jest/globals';
import { readPublicUrl } from './read-public-url.js';

describe('an address that somebody on the internet is to open', () => {
  it.each([
    'https://pictures.example/a.png',
    'http://pictures.example:8080/a?b=c#d',
    'https://93.184.216.34/a.png',
    'https://[2606:4700::1111]/a.png',
    'https://bücher.example/ä.png',
  ])('may be %s', (url) => {
    expect(readPublicUrl(url, 'image')).toBe(url);
  });

  it.each([
    ['no text', 7],
    ['empty', ''],
    ['a path', '/a.png'],
    ['another scheme', 'ftp://pictures.example/a.png'],
    ['a script', 'javascript:alert(1)'],
    ['a credential', 'https://user:secret@pictures.example/a.png'],
    ['a user', 'https://user@pictures.example/a.png'],
    ['a space in front', ' https://pictures.example/a.png'],
    ['a line break', 'https://pictures.example/a\n.png'],
    ['loopback', 'http://127.0.0.1/a.png'],
    ['loopback as one number', 'http://2130706433/a.png'],
    ['loopback in hex', 'http://0x7f.1/a.png'],
    ['loopback in IPv6', 'http://[::1]/a.png'],
    ['loopback as mapped IPv6', 'http://[::ffff:127.0.0.1]/a.png'],
    ['a private network', 'http://192.168.1.1/a.png'],
    ['the metadata service', 'http://169.254.169.254/latest'],
    ['localhost', 'http://localhost:3000/a.png'],
    ['a name below localhost', 'http://a.localhost/a.png'],
    ['a name with a dot at its end', 'http://LOCALHOST./a.png'],
    ['a name of one word, as containers have', 'http://redis:6379/a.png'],
    ['a name of one word with a dot at its end', 'http://redis./a.png'],
    ['a name of an internal network', 'http://vault.internal/a.png'],
    ['too long', `https://pictures.example/${'a'.repeat(2048)}`],
  ])('must not be %s', (_, url) => {
    expect(() => readPublicUrl(url, 'image')).toThrow(expect.objectContaining({ status: 400, param: 'image' }));
  });
});
