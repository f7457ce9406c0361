import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';

/** A key pair of this process; made once, since that takes a while. */
const { privateKey, publicKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
const EMAIL = 'hub@simulated-project.iam.gserviceaccount.com';
const KEY_ID = '0123456789abcdef0123456789abcdef01234567';
const SECONDS_MAX = 3_600;
const LEEWAY_SECONDS = 60;

/** A token of the simulated service. */
export const ACCESS_TOKEN = 'ya29.simulated-0123456789-abcdefghijklmnop';

/** The service account in one line. @param tokenUri where its tokens are sold. */
export function serviceAccount(tokenUri: string): string {
  return JSON.stringify({
    type: 'service_account',
    project_id: 'simulated-project',
    private_key_id: KEY_ID,
    private_key: privateKey,
    client_email: EMAIL,
    client_id: '100000000000000000001',
    auth_uri: 'https://accounts.google.com/o/oauth2/auth',
    token_uri: tokenUri,
  });
}

/** An answer of a token service. */
export interface TokenAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/**
 * Sells a token for a signed assertion as Google does: https://developers.google.com/identity/protocols/oauth2/service-account
 * @param body of the request, a form.
 * @param audience where the service is.
 */
export function sellToken(body: string, audience: string, nowMs: number): TokenAnswer {
  const form = new URLSearchParams(body);
  if (form.get('grant_type') !== 'urn:ietf:params:oauth:grant-type:jwt-bearer')
    return refusal('unsupported_grant_type', 'Invalid grant_type.');
  const fault = faultOf(form.get('assertion') ?? '', audience, nowMs / 1_000);
  if (fault !== undefined) return refusal('invalid_grant', fault);
  return { status: 200, body: { access_token: ACCESS_TOKEN, expires_in: 3_599, token_type: 'Bearer' } };
}

function faultOf(assertion: string, audience: string, now: number): string | undefined {
  const [head = '', claims = '', signature = '', ...more] = assertion.split('.');
  if (more.length > 0 || signature === '') return 'Bad Request';
  const { alg, kid } = JSON.parse(Buffer.from(head, 'base64url').toString('utf8'));
  const { iss, scope, aud, iat, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8'));
  if (alg !== 'RS256' || (kid !== undefined && kid !== KEY_ID)) return 'Invalid JWT Signature.';
  const isGenuine = verify(
    'RSA-SHA256',
    Buffer.from(`${head}.${claims}`),
    createPublicKey(publicKey),
    Buffer.from(signature, 'base64url'),
  );
  if (!isGenuine) return 'Invalid JWT Signature.';
  if (iss !== EMAIL) return 'Invalid grant: account not found';
  if (aud !== audience) return 'Invalid JWT: Failed audience check.';
  if (scope !== 'https://www.googleapis.com/auth/cloud-platform') return 'Invalid OAuth scope.';
  const isTimely = iat <= now + LEEWAY_SECONDS && exp > now && exp - iat <= SECONDS_MAX;
  return isTimely ? undefined : 'Invalid JWT: Token must be a short-lived token and in a reasonable timeframe.';
}

function refusal(error: string, description: string): TokenAnswer {
  return { status: 400, body: { error, error_description: description } };
}
