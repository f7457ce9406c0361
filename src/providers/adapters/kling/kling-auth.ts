import { createHmac } from 'node:crypto';

/** How long a token is good, and how far it begins before now, for clocks that differ. As Kling's own example has it. */
const LIFETIME_S = 1_800;
const EARLIER_S = 5;
const HEADER = encode({ alg: 'HS256', typ: 'JWT' });

/**
 * The header that carries a Kling credential.
 * @param credential a plain API key, or `AK:SK`: access key and secret key, of which a JWT is signed.
 * @param nowMs Unix time in milliseconds.
 */
export function klingAuth(credential: string, nowMs: number): Readonly<Record<string, string>> {
  const colon = credential.indexOf(':');
  const token = colon < 0 ? credential : signKlingToken(credential.slice(0, colon), credential.slice(colon + 1), nowMs);
  return { authorization: `Bearer ${token}` };
}

/** What is wrong with a credential, to follow its name; undefined where it may be right. */
export function checkKlingKey(credential: string): string | undefined {
  return /^:|:$/.test(credential) ? 'must be an API key, or ACCESS_KEY:SECRET_KEY with both parts' : undefined;
}

function signKlingToken(accessKey: string, secretKey: string, nowMs: number): string {
  const now = Math.floor(nowMs / 1000);
  // The order of the claims is that of the test vector.
  const text = `${HEADER}.${encode({ iss: accessKey, exp: now + LIFETIME_S, nbf: now - EARLIER_S })}`;
  return `${text}.${createHmac('sha256', secretKey).update(text).digest('base64url')}`;
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
