import { createHash, createHmac } from 'node:crypto';
import type { SimulatedRequest, World } from '../simulated-vendor.js';

const SKEW_MS_MAX = 15 * 60_000;
const SIGNED = ['content-type', 'host', 'x-content-sha256', 'x-date'];

const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/**
 * What Volcengine finds wrong with the signature of a request, as a code and its number; undefined when it is right. Written from the
 * description of the process, section 4.1 of the wire facts, apart from what signs.
 */
export function signatureFault(
  { method, path, query, headers, raw }: SimulatedRequest,
  { credential, nowMs }: World,
): readonly [code: string, number: number] | undefined {
  const [accessKey = '', secretKey = ''] = credential.split(':');
  const authorization = headers['authorization'] ?? '';
  if (authorization === '') return ['MissingAuthenticationToken', 100_002];
  const date = headers['x-date'] ?? '';
  const scope = `${date.slice(0, 8)}/cn-north-1/cv/request`;
  const at = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (!(Math.abs(nowMs() - at) <= SKEW_MS_MAX)) return ['InvalidTimestamp', 100_006];
  if (!authorization.startsWith(`HMAC-SHA256 Credential=${accessKey}/`)) return ['InvalidAccessKey', 100_009];
  const sorted = [...query].sort(([a], [b]) => (a < b ? -1 : 1));
  const canonical = [
    method,
    path,
    sorted.map((pair) => pair.map(encodeURIComponent).join('=')).join('&'),
    ...SIGNED.map((name) => `${name}:${headers[name]}`),
    '',
    SIGNED.join(';'),
    sha256(raw),
  ].join('\n');
  const key = ['cn-north-1', 'cv', 'request'].reduce(hmac, hmac(secretKey, date.slice(0, 8)));
  const signature = hmac(key, ['HMAC-SHA256', date, scope, sha256(canonical)].join('\n')).toString('hex');
  const expected = `HMAC-SHA256 Credential=${accessKey}/${scope}, SignedHeaders=${SIGNED.join(';')}, Signature=${signature}`;
  const isRight = authorization === expected && headers['x-content-sha256'] === sha256(raw);
  return isRight ? undefined : ['SignatureDoesNotMatch', 100_010];
}
