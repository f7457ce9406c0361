import { viduCallback } from './vidu-callback.js';

/** The vector of the wire facts. */
const KEY = 'vda_test_key';
const URL = 'https://hub.example/vidu/callback?name=james&age=36';
const HEADERS = {
  date: 'Tue, 06 May 2025 12:09:42 GMT',
  'x-request-nonce': '123e4567-e89b-12d3-a456-426614174000',
  'x-hmac-algorithm': 'hmac-sha256',
  'x-hmac-access-key': 'vidu',
  'x-hmac-signed-headers': 'Date;x-request-nonce',
  'x-hmac-signature': 'uDl3Wvgx6utIjKWRnCyt4OhsefE06Qj8cCg41RV4aeE=',
};
const SENT_MS = Date.UTC(2025, 4, 6, 12, 9, 42);
const check = (change: object = {}, { key = KEY, url = URL, nowMs = SENT_MS } = {}) =>
  viduCallback.isGenuine(key, { ...HEADERS, ...change }, Buffer.from('{"id":"1"}'), nowMs, url);

describe('a callback of Vidu', () => {
  it('is genuine as in the vector, for five minutes either way', () => {
    expect(check()).toBe(true);
    for (const [offsetMs, isGood] of [
      [300_000, true],
      [-300_000, true],
      [301_000, false],
      [-301_000, false],
    ] as const) {
      expect([offsetMs, check({}, { nowMs: SENT_MS + offsetMs })]).toEqual([offsetMs, isGood]);
    }
  });

  it.each([
    ['no date', { date: undefined }],
    ['a date that is none', { date: 'yesterday' }],
    ['another date', { date: 'Tue, 06 May 2025 12:09:43 GMT' }],
    ['another nonce', { 'x-request-nonce': '1' }],
    ['a signed header that is missing', { 'x-request-nonce': undefined }],
    ['another list of headers', { 'x-hmac-signed-headers': 'Date' }],
    ['too many headers', { 'x-hmac-signed-headers': 'Date;'.repeat(17) }],
    ['another access key', { 'x-hmac-access-key': 'other' }],
    ['no signature', { 'x-hmac-signature': undefined }],
    ['a cut signature', { 'x-hmac-signature': HEADERS['x-hmac-signature'].slice(0, -4) }],
  ])('is none with %s', (_title, change) => {
    expect(check(change)).toBe(false);
  });

  it.each(['https://hub.example/vidu/callback', 'https://hub.example/other?name=james&age=36'])(
    'is none at another address: %s',
    (url) => {
      expect(check({}, { url })).toBe(false);
    },
  );

  it.each(['', 'vda', 'vda_other_key'])('is none under the key "%s"', (key) => {
    expect(check({}, { key })).toBe(false);
  });
});
