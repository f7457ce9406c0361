import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { isFalWebhook, readFalWebhook } from './fal-webhook.js';

const NOW_MS = 1_700_000_000_000;
const BODY = Buffer.from('{"request_id":"r1","status":"OK","payload":{}}');

/** Keys with which the documents' rule is followed step by step, beside the code under test. */
const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const x = (key: KeyObject): string => key.export({ format: 'jwk' }).x ?? '';
const OURS = x(publicKey);
const OTHERS = x(generateKeyPairSync('ed25519').publicKey);

function headersOf(timestamp = String(NOW_MS / 1000), body = BODY): Record<string, string> {
  const digest = createHash('sha256').update(body).digest('hex');
  const signature = sign(null, Buffer.from(`q1\nu1\n${timestamp}\n${digest}`), privateKey).toString('hex');
  return {
    'x-fal-webhook-request-id': 'q1',
    'x-fal-webhook-user-id': 'u1',
    'x-fal-webhook-timestamp': timestamp,
    'x-fal-webhook-signature': signature,
  };
}

describe("fal's webhooks", () => {
  it.each([
    ['one key', OURS],
    ['several, of which any may have signed', `${OTHERS}, ${OURS}`],
    ['keys line by line', `${OTHERS}\n${OURS}\n`],
    ['the whole key set', JSON.stringify({ keys: [{ kty: 'OKP', crv: 'Ed25519', x: OTHERS }, { x: OURS }] })],
  ])('are known by %s', (_title, keys) => {
    expect(isFalWebhook(keys, headersOf(), BODY, NOW_MS)).toBe(true);
  });

  it.each([
    ['no key', ''],
    ["another's key", OTHERS],
    ['a key that is too short', OURS.slice(1)],
    ['a secret of another kind', 'whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3'],
    ['a key set without keys', '{"keys":[]}'],
    ['a key set that is none', '{"keys":"none"}'],
    ['a key set that is cut off', '{"keys":[{"x":"'],
  ])('are nobody knows whose with %s', (_title, keys) => {
    expect(isFalWebhook(keys, headersOf(), BODY, NOW_MS)).toBe(false);
  });

  it.each(Object.keys(headersOf()))('need the header %s', (name) => {
    const { [name]: _left, ...headers } = headersOf();
    expect(isFalWebhook(OURS, headers, BODY, NOW_MS)).toBe(false);
    expect(isFalWebhook(OURS, { ...headers, [name]: '1700000001' }, BODY, NOW_MS)).toBe(false);
  });

  it.each([
    [-300_000, true],
    [-301_000, false],
    [300_000, true],
    [301_000, false],
  ])('are good for five minutes either way: %s ms', (distance, isGood) => {
    expect(isFalWebhook(OURS, headersOf(), BODY, NOW_MS - distance)).toBe(isGood);
  });

  it('cover every byte of the body', () => {
    expect(isFalWebhook(OURS, headersOf(), Buffer.concat([BODY, Buffer.from(' ')]), NOW_MS)).toBe(false);
  });

  it('name the request as the queue knows it, also after it was tried again', () => {
    const body = Buffer.from('{"request_id":"r1","gateway_request_id":"r2","status":"ERROR"}');
    expect(readFalWebhook(body)).toEqual({ upstreamId: 'r1' });
  });
});
