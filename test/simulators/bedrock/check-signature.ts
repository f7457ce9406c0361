import { createHash, createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { BedrockError } from './bedrock-error.js';

/** Whose signatures are right. */
export interface KeyPair {
  readonly accessKey: string;
  readonly secretKey: string;
  readonly sessionToken?: string;
}

const CLOCK_MS_MAX = 5 * 60_000;
const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/**
 * Computes the signature of a request as it arrived, from the raw path and bytes, and compares it. Written from the description of the
 * process, apart from what signs: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 * @throws BedrockError as AWS answers.
 */
export function checkSignature(request: IncomingMessage, body: Buffer, keys: KeyPair, nowMs: number): void {
  const { headers, url = '', method = '' } = request;
  const given = headers.authorization ?? '';
  const parts =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([\w-]+)\/bedrock\/aws4_request, SignedHeaders=([\w;-]+), Signature=([0-9a-f]{64})$/.exec(
      given,
    );
  if (parts === null)
    throw new BedrockError(403, 'MissingAuthenticationTokenException', 'Missing Authentication Token');
  const [, accessKey = '', day = '', region = '', signedHeaders = '', signature] = parts;
  if (accessKey !== keys.accessKey)
    throw new BedrockError(
      403,
      'UnrecognizedClientException',
      'The security token included in the request is invalid.',
    );
  if (headers['x-amz-security-token'] !== keys.sessionToken)
    throw new BedrockError(
      403,
      'UnrecognizedClientException',
      'The security token included in the request is invalid.',
    );
  const names = signedHeaders.split(';');
  for (const needed of ['host', ...Object.keys(headers).filter((name) => name.startsWith('x-amz-'))]) {
    if (!names.includes(needed)) throw invalid(`'${needed}' must be a signed header.`);
  }
  const date = String(headers['x-amz-date']);
  const at = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (!(Math.abs(nowMs - at) <= CLOCK_MS_MAX) || !date.startsWith(day)) throw invalid('Signature expired.');
  const [path = '', query = ''] = url.split('?');
  // Every service but S3 encodes each part of the path once more.
  const canonicalPath = path
    .split('/')
    .map((part) => encodeURIComponent(part))
    .join('/');
  const canonical = [
    method,
    canonicalPath,
    query.split('&').sort().join('&'),
    ...names.map((name) => `${name}:${String(headers[name]).trim().replace(/ +/g, ' ')}`),
    '',
    signedHeaders,
    sha256(body),
  ].join('\n');
  const scope = `${day}/${region}/bedrock/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n');
  const key = [region, 'bedrock', 'aws4_request'].reduce(hmac, hmac(`AWS4${keys.secretKey}`, day));
  if (hmac(key, toSign).toString('hex') !== signature) {
    throw invalid(
      `The request signature we calculated does not match the signature you provided. The Canonical String for this request should have been '${canonical}'`,
    );
  }
}

function invalid(message: string): BedrockError {
  return new BedrockError(403, 'InvalidSignatureException', message);
}
