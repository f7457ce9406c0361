import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { isObject } from '../../../common/is-object.js';
import { ProviderError } from '../../canonical/provider-error.js';
import type { TaskAnswer } from '../../canonical/video.js';
import type { AccessTokens } from '../../provider.js';
import { toProviderError } from '../openai-compatible/errors.js';
import { isText } from '../openai-compatible/wire.js';
import { readTaskAnswer } from '../tasks/read-task-answer.js';

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
/** The longest that an assertion may be good for. */
const LIFE_SECONDS = 3_600;
/** What all tokens are good for, where the answer does not say. */
const TOKEN_SECONDS = 3_600;

/** What is read of a service account's key file. */
interface ServiceAccount {
  readonly email: string;
  readonly keyId: string | undefined;
  readonly privateKey: string;
  readonly tokenUri: string;
}

/**
 * Tokens of a service account: a signed assertion is exchanged for one.
 * https://developers.google.com/identity/protocols/oauth2/service-account#authorizingrequests
 */
export const SERVICE_ACCOUNT_TOKENS: AccessTokens = {
  isFor: isServiceAccount,
  toCall,
  isOwnAddress: ({ hostname }) => hostname === 'oauth2.googleapis.com' || hostname === 'www.googleapis.com',
  fromAnswer,
};

/** What is secret inside a credential: the private key, as it is and as the file writes it. */
export function secretsOfAccount(credential: string): readonly string[] {
  if (!isServiceAccount(credential)) return [];
  const { private_key: key } = parse(credential) ?? {};
  return isText(key) ? [key, JSON.stringify(key).slice(1, -1)] : [];
}

/** What is wrong with a credential, to follow its name; undefined where it may be right. */
export function checkAccount(credential: string): string | undefined {
  if (/\.json$/i.test(credential))
    return 'must be what is in the key file, in one line (jq -c . key.json), not its name';
  if (!isServiceAccount(credential)) return undefined;
  try {
    toKey(readAccount(credential).privateKey);
    return undefined;
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return `must be the key file of a service account, in one line, or an API key. ${error.message.replace(/\.$/, '')}`;
  }
}

/** Key files are JSON; API keys and bought tokens are not. */
function isServiceAccount(credential: string): boolean {
  return credential.trimStart().startsWith('{');
}

function toCall(credential: string, nowMs: number): ReturnType<AccessTokens['toCall']> {
  const account = readAccount(credential);
  const body = new URLSearchParams({ grant_type: GRANT, assertion: toAssertion(account, nowMs) });
  return {
    url: account.tokenUri,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: body.toString(),
  };
}

function toAssertion({ email, keyId, privateKey, tokenUri }: ServiceAccount, nowMs: number): string {
  const issuedAt = Math.floor(nowMs / 1_000);
  const head = encode({ alg: 'RS256', typ: 'JWT', ...(keyId !== undefined && { kid: keyId }) });
  const claims = encode({ iss: email, scope: SCOPE, aud: tokenUri, iat: issuedAt, exp: issuedAt + LIFE_SECONDS });
  const signature = sign('RSA-SHA256', Buffer.from(`${head}.${claims}`), toKey(privateKey));
  return `${head}.${claims}.${signature.toString('base64url')}`;
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function toKey(pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'rsa') return key;
  } catch {
    // Without its cause, which may quote the key.
  }
  throw badCredential('The private key of the service account is no RSA key in PEM.');
}

function readAccount(credential: string): ServiceAccount {
  const file = parse(credential);
  if (file === undefined) throw badCredential('The credential begins like a key file and is not valid JSON.');
  const { type, client_email: email, private_key: privateKey, private_key_id: keyId, token_uri: tokenUri } = file;
  if (type !== 'service_account') throw badCredential('The key file is not one of a service account.');
  if (!isText(email) || !isText(privateKey) || !isText(tokenUri))
    throw badCredential('The key file lacks "client_email", "private_key" or "token_uri".');
  return { email, privateKey, tokenUri, keyId: isText(keyId) ? keyId : undefined };
}

function parse(credential: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(credential);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Refusals of the token service have a code and a text of their own: RFC 6749, section 5.2. */
function fromAnswer(answer: TaskAnswer, nowMs: number): ReturnType<AccessTokens['fromAnswer']> {
  if (answer.status < 200 || answer.status > 299) throw refusalOf(answer);
  const { access_token: token, expires_in: seconds } = readTaskAnswer(answer);
  if (!isText(token))
    throw new ProviderError({ kind: 'invalid_response', message: 'The token service of Google gave no token.' });
  const isTold = typeof seconds === 'number' && seconds > 0;
  return { token, expiresAtMs: nowMs + (isTold ? seconds : TOKEN_SECONDS) * 1_000 };
}

function refusalOf(answer: TaskAnswer): ProviderError {
  const { code: error, description } = oauthErrorIn(answer);
  // Of what is wrong with the assertion, all is wrong with the account: only it is in there.
  const isAccount = answer.status === 400 || answer.status === 401 || answer.status === 403;
  if (!isAccount) return toProviderError(answer);
  const told = [error, description].filter((text) => text !== undefined).join(': ');
  const message = told === '' ? 'The token service of Google refused the service account.' : told;
  return new ProviderError({ kind: 'credential', status: answer.status, code: error, message });
}

function oauthErrorIn(answer: TaskAnswer): { readonly code?: string; readonly description?: string } {
  try {
    const { error, error_description: description } = readTaskAnswer(answer);
    return {
      ...(isText(error) && { code: error.slice(0, 64) }),
      ...(isText(description) && { description: description.slice(0, 200) }),
    };
  } catch {
    return {};
  }
}

function badCredential(message: string): ProviderError {
  return new ProviderError({ kind: 'credential', message });
}
