import { signMessage } from './sign-message.js';

const SECRET = 'whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3';
const OTHER = 'whsec_bm90IHRoZSBzZWNyZXQgb2YgdGhlIG90aGVy';
const PARTS = { id: 'msg_1', timestamp: 1_700_000_000, body: '{"id":"p1","status":"succeeded"}' };
const SIGNATURE = 'v1,ZExN73yv8qWVCecCi21+EXzT0O40H/jikFco/dJjHOE=';

describe('signMessage', () => {
  it('signs as the published vector of the scheme', () => {
    expect(signMessage([SECRET], PARTS)).toBe(SIGNATURE);
  });

  it('signs with every secret, the first one first', () => {
    const [first, second, ...rest] = signMessage([OTHER, SECRET], PARTS).split(' ');
    expect([second, rest]).toEqual([SIGNATURE, []]);
    expect(first).toBe(signMessage([OTHER], PARTS));
    expect(first).not.toBe(SIGNATURE);
  });

  it.each([
    ['id', { ...PARTS, id: 'msg_2' }],
    ['time', { ...PARTS, timestamp: PARTS.timestamp + 1 }],
    ['body', { ...PARTS, body: `${PARTS.body} ` }],
  ])('gives another signature for another %s', (_what, parts) => {
    expect(signMessage([SECRET], parts)).not.toBe(SIGNATURE);
  });

  it('signs text beyond ASCII by its UTF-8 bytes', () => {
    expect(signMessage([SECRET], { ...PARTS, body: '{"prompt":"猫 Größe"}' })).toMatch(/^v1,[A-Za-z0-9+/]{43}=$/);
  });
});
