import { createHmac, timingSafeEqual } from 'node:crypto';
import { member, type SimulatedAnswer, type SimulatedRequest, type World } from '../simulated-vendor.js';
import { klingError } from './kling-errors.js';

/** Kling's check of a token: a JWT where the simulator's credential is `AK:SK`, else the plain key. */
export function authorizeKling({ headers }: SimulatedRequest, world: World): SimulatedAnswer | undefined {
  const header = headers['authorization'] ?? '';
  if (header === '') return klingError(401, 1001, 'Authorization is empty');
  const token = /^Bearer (\S+)$/.exec(header)?.[1];
  if (token === undefined) return klingError(401, 1002, 'Authorization is invalid');
  const colon = world.credential.indexOf(':');
  if (colon < 0)
    return token === world.credential ? undefined : klingError(401, 1000, `Authentication failed for ${token}`);
  return checkJwt(token, world.credential.slice(0, colon), world.credential.slice(colon + 1), world.nowMs() / 1000);
}

function checkJwt(token: string, accessKey: string, secretKey: string, now: number): SimulatedAnswer | undefined {
  const [head = '', claims = '', signature = '', ...rest] = token.split('.');
  const header = decode(head);
  const payload = decode(claims);
  if (rest.length > 0 || header === undefined || payload === undefined)
    return klingError(401, 1002, 'Authorization is invalid');
  const expected = createHmac('sha256', secretKey).update(`${head}.${claims}`).digest();
  const given = Buffer.from(signature, 'base64url');
  const isSigned = given.length === expected.length && timingSafeEqual(given, expected) && !signature.includes('=');
  const isHeader = member(header, 'alg') === 'HS256' && member(header, 'typ') === 'JWT';
  const { iss, exp, nbf } = { iss: member(payload, 'iss'), exp: member(payload, 'exp'), nbf: member(payload, 'nbf') };
  if (!isSigned || !isHeader || iss !== accessKey || !Number.isInteger(exp) || !Number.isInteger(nbf))
    return klingError(401, 1000, 'Authentication failed');
  if (Number(nbf) > now) return klingError(401, 1003, 'token is not valid yet');
  if (Number(exp) <= now) return klingError(401, 1004, 'token expired');
  return undefined;
}

function decode(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
