import { createHash, createHmac } from 'node:crypto';
import { ProviderError } from '../../canonical/provider-error.js';
import type { SignableRequest } from '../../provider.js';

const REGION = 'cn-north-1';
const SERVICE = 'cv';
const ALGORITHM = 'HMAC-SHA256';
const SIGNED_HEADERS = 'content-type;host;x-content-sha256;x-date';

/**
 * The headers that authorise a request to Volcengine's visual API, a signature like the fourth of AWS in words of its own.
 * https://www.volcengine.com/docs/6369/67269
 * @param credential `ACCESS_KEY:SECRET_KEY`.
 * @param nowMs Unix time in milliseconds.
 * @throws ProviderError `credential` when a part is missing.
 */
export function signForVolcengine(
  { method, origin, path, headers, body }: SignableRequest,
  credential: string,
  nowMs: number,
): Readonly<Record<string, string>> {
  const { accessKey, secretKey } = readKeys(credential);
  // 20260101T000000Z
  const date = new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, '');
  const day = date.slice(0, 8);
  const bodyHash = sha256(body ?? '');
  const [pathname = '/', query = ''] = path.split('?');
  const canonical = [
    method,
    pathname,
    canonicalQuery(query),
    `content-type:${headers['content-type'] ?? ''}`,
    `host:${new URL(origin).host}`,
    `x-content-sha256:${bodyHash}`,
    `x-date:${date}`,
    '',
    SIGNED_HEADERS,
    bodyHash,
  ].join('\n');
  const scope = `${day}/${REGION}/${SERVICE}/request`;
  const key = [REGION, SERVICE, 'request'].reduce(hmac, hmac(secretKey, day));
  const signature = hmac(key, [ALGORITHM, date, scope, sha256(canonical)].join('\n')).toString('hex');
  return {
    'x-date': date,
    'x-content-sha256': bodyHash,
    authorization: `${ALGORITHM} Credential=${accessKey}/${scope}, SignedHeaders=${SIGNED_HEADERS}, Signature=${signature}`,
  };
}

/** What is wrong with a credential, to follow its name; undefined where it may be right. */
export function checkKeys(credential: string): string | undefined {
  const [accessKey = '', secretKey = ''] = credential.split(':');
  return accessKey === '' || secretKey === '' ? 'must be ACCESS_KEY:SECRET_KEY' : undefined;
}

function readKeys(credential: string): { readonly accessKey: string; readonly secretKey: string } {
  const [accessKey = '', secretKey = ''] = credential.split(':');
  if (accessKey !== '' && secretKey !== '') return { accessKey, secretKey };
  throw new ProviderError({ kind: 'credential', message: 'The credential must be ACCESS_KEY:SECRET_KEY.' });
}

/** Names in order, and names and values as RFC 3986 encodes them. */
function canonicalQuery(query: string): string {
  return [...new URLSearchParams(query)]
    .map((pair) => pair.map(encode).join('='))
    .sort()
    .join('&');
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
