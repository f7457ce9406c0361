import { createHmac } from 'node:crypto';
import { isStandardWebhook } from './standard-webhook.js';

/** The vector of the reference. */
const SECRET = 'whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3';
const SIGNED_MS = 1_700_000_000_000;
const BODY = '{"id":"p1","status":"succeeded"}';
const HEADERS = {
  'webhook-id': 'msg_1',
  'webhook-timestamp': '1700000000',
  'webhook-signature': 'v1,ZExN73yv8qWVCecCi21+EXzT0O40H/jikFco/dJjHOE=',
};
const check = (change: object = {}, { secret = SECRET, body = BODY, nowMs = SIGNED_MS } = {}) =>
  isStandardWebhook(secret, { ...HEADERS, ...change }, Buffer.from(body), nowMs);

describe('a signed message', () => {
  it('is genuine as in the vector, also beside the signature of another key', () => {
    expect(check()).toBe(true);
    const other = 'v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=';
    expect(check({ 'webhook-signature': `${other} ${HEADERS['webhook-signature']}` })).toBe(true);
    expect(check({ 'webhook-signature': other })).toBe(false);
  });

  it('is good for five minutes either way', () => {
    for (const [offsetMs, isGood] of [
      [300_000, true],
      [-300_000, true],
      [301_000, false],
      [-301_000, false],
    ] as const) {
      expect([offsetMs, check({}, { nowMs: SIGNED_MS + offsetMs })]).toEqual([offsetMs, isGood]);
    }
  });

  it.each([
    ['another id', { 'webhook-id': 'msg_2' }],
    ['another time', { 'webhook-timestamp': '1700000001' }],
    ['no time', { 'webhook-timestamp': undefined }],
    ['a time that is none', { 'webhook-timestamp': '1700000000.0' }],
    ['no signature', { 'webhook-signature': undefined }],
    ['no version', { 'webhook-signature': HEADERS['webhook-signature'].slice(3) }],
    ['another version', { 'webhook-signature': HEADERS['webhook-signature'].replace('v1', 'v2') }],
    ['a cut signature', { 'webhook-signature': HEADERS['webhook-signature'].slice(0, -5) }],
    ['an empty signature', { 'webhook-signature': 'v1,' }],
  ])('is none with %s', (_title, change) => {
    expect(check(change)).toBe(false);
  });

  it.each(['', 'whsec_', 'whsec_AAAA', SECRET.replace('M', 'N')])('is none under the secret "%s"', (secret) => {
    expect(check({}, { secret })).toBe(false);
  });

  // Who has no secret would take everybody's word.
  it.each(['', 'AAAA'])('is none under a secret too short to be one, even when it fits: "%s"', (secret) => {
    const key = Buffer.from(secret, 'base64');
    const text = `${HEADERS['webhook-id']}.${HEADERS['webhook-timestamp']}.${BODY}`;
    const signature = `v1,${createHmac('sha256', key).update(text).digest('base64')}`;
    expect(check({ 'webhook-signature': signature }, { secret })).toBe(false);
  });

  it('is none when its body was changed', () => {
    expect(check({}, { body: `${BODY} ` })).toBe(false);
  });
});
