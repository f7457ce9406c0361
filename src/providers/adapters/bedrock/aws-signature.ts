import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { ProviderError } from '../../canonical/provider-error.js';
import type { SignableRequest } from '../../provider.js';

/** Of hosts that name none, such as a proxy of the operator's. */
const REGION_DEFAULT = 'us-east-1';
/** `bedrock-runtime.eu-west-1.amazonaws.com`, also with `-fips`, of China, or behind a VPC endpoint. */
const REGION_IN_HOST = /(?:^|\.)bedrock-runtime(?:-fips)?\.([a-z]{2}(?:-[a-z]+)+-\d)\./;

/** A host that is one of Bedrock's by its name; others of AWS, such as a load balancer's, may be a proxy's. */
const BEDROCK_HOST = /(?:^|\.)bedrock[\w-]*\.(?:[\w-]+\.)*amazonaws\.com(?:\.cn)?$/;

/** The first half of a key, which is mistaken for the whole. */
const ACCESS_KEY_ID = /^A[KS]IA[A-Z0-9]{12,}$/;
const CREDENTIAL_RULE =
  'must be ACCESS_KEY_ID:SECRET_ACCESS_KEY, with :SESSION_TOKEN for a session, or an API key of Bedrock';

/** What a signature holds for. */
export interface SigningScope {
  readonly region: string;
  readonly service: string;
}

/** An access key with its secret, perhaps for a session. */
export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/**
 * The headers that authorise a request: a signature by an access key, or a Bedrock API key as it is.
 * @param credential `ACCESS_KEY_ID:SECRET_ACCESS_KEY`, with `:SESSION_TOKEN` for a session, or an API key, which has no colon.
 * @param nowMs Unix time in milliseconds.
 * @throws ProviderError `credential` when a part of a key is missing.
 */
export async function signForBedrock(
  request: SignableRequest,
  credential: string,
  nowMs: number,
): Promise<Readonly<Record<string, string>>> {
  if (!credential.includes(':')) return { authorization: `Bearer ${credential}` };
  const region = REGION_IN_HOST.exec(new URL(request.origin).hostname)?.[1] ?? REGION_DEFAULT;
  return await signForAws(request, readAccessKey(credential), { region, service: 'bedrock' }, nowMs);
}

/**
 * A signature of version 4. Of the headers only the host, the content type and AWS's own are signed, so that a proxy may add what it
 * likes. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
 * @param nowMs Unix time in milliseconds.
 * @returns the headers to add.
 */
export async function signForAws(
  { method, origin, path, headers, body }: SignableRequest,
  credentials: AccessKey,
  scope: SigningScope,
  nowMs: number,
): Promise<Readonly<Record<string, string>>> {
  const { protocol, hostname, host } = new URL(origin);
  const [pathname = '/', query] = path.split('?');
  const { 'content-type': contentType } = headers;
  const signer = new SignatureV4({ ...scope, credentials, sha256: NodeSha256, applyChecksum: false });
  const request = {
    method,
    protocol,
    hostname,
    path: pathname,
    query: Object.fromEntries(new URLSearchParams(query)),
    headers: { host, ...(contentType !== undefined && { 'content-type': contentType }) },
    body,
  };
  const signed = await signer.sign(request, { signingDate: new Date(nowMs) });
  const { host: _host, 'content-type': _contentType, ...added } = signed.headers;
  return added;
}

/** The parts of a credential that nobody may see. */
export function secretsOfKey(credential: string): readonly string[] {
  return credential.includes(':') ? splitKey(credential) : [];
}

/** What is wrong with a credential, to follow its name; undefined where it may be right. */
export function checkAwsCredential(credential: string): string | undefined {
  if (!credential.includes(':')) return ACCESS_KEY_ID.test(credential) ? CREDENTIAL_RULE : undefined;
  const [accessKeyId, secretAccessKey, sessionToken] = splitKey(credential);
  if (accessKeyId === '' || secretAccessKey === '' || sessionToken === '') return CREDENTIAL_RULE;
  // The keys of sessions begin like this, and open nothing alone.
  if (accessKeyId?.startsWith('ASIA') === true && sessionToken === undefined) return CREDENTIAL_RULE;
  return undefined;
}

/** What is wrong with a base URL of Bedrock's own, to follow its name; of others, such as a proxy's, all may be right. */
export function checkBedrockUrl(baseUrl: string): string | undefined {
  if (!URL.canParse(baseUrl)) return undefined;
  const { hostname } = new URL(baseUrl);
  if (!BEDROCK_HOST.test(hostname) || REGION_IN_HOST.test(hostname)) return undefined;
  return 'must name the runtime and its region, such as https://bedrock-runtime.eu-west-1.amazonaws.com';
}

function readAccessKey(credential: string): AccessKey {
  const [accessKeyId = '', secretAccessKey = '', sessionToken] = splitKey(credential);
  if (accessKeyId !== '' && secretAccessKey !== '' && sessionToken !== '') {
    return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
  }
  throw new ProviderError({ kind: 'credential', message: `The credential ${CREDENTIAL_RULE}.` });
}

/** No part but the last has a colon: keys are letters, digits, `+` and `/`. */
function splitKey(credential: string): string[] {
  const [accessKeyId = '', secretAccessKey = '', ...rest] = credential.split(':');
  return rest.length === 0 ? [accessKeyId, secretAccessKey] : [accessKeyId, secretAccessKey, rest.join(':')];
}

type Source = string | ArrayBuffer | ArrayBufferView;

/** What the signer wants of a hash: SHA-256, keyed when there is a secret. */
class NodeSha256 {
  private hash: Hash | Hmac;

  constructor(private readonly secret?: Source) {
    this.hash = this.open();
  }

  update(data: Source): void {
    this.hash.update(toBytes(data));
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.hash.digest());
  }

  reset(): void {
    this.hash = this.open();
  }

  private open(): Hash | Hmac {
    return this.secret === undefined ? createHash('sha256') : createHmac('sha256', toBytes(this.secret));
  }
}

function toBytes(data: Source): Buffer {
  if (typeof data === 'string') return Buffer.from(data);
  if (ArrayBuffer.isView(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return Buffer.from(data);
}
