import { describe, expect, it } from '@jest/globals';
import type { SignableRequest } from '../../provider.js';
import { type AccessKey, secretsOfKey, signForAws, signForBedrock } from './aws-signature.js';

const NOW_MS = Date.parse('2015-08-30T12:36:00Z');
const KEY: AccessKey = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};
const TOKEN =
  'AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==';

const request = (change: Partial<SignableRequest>): SignableRequest => ({
  method: 'GET',
  origin: 'https://example.amazonaws.com',
  path: '/',
  headers: { 'user-agent': 'never signed', 'x-trace': 'never signed' },
  body: undefined,
  ...change,
});
const signatureIn = (headers: Readonly<Record<string, string>>): string | undefined =>
  /Signature=([0-9a-f]{64})$/.exec(headers['authorization'] ?? '')?.[1];

describe('signatures of AWS', () => {
  // The published test suite of the signature, aws-sig-v4-test-suite: name of the case, request, signature.
  it.each([
    ['get-vanilla', {}, '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
    [
      'get-vanilla-query-order-key-case',
      { path: '/?Param2=value2&Param1=value1' },
      'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    ],
    ['post-vanilla', { method: 'POST' }, '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
    [
      'post-x-www-form-urlencoded',
      {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: Buffer.from('Param1=value1'),
      },
      'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
    ],
  ] as const)('are those of the published case %s', async (_name, change, signature) => {
    const headers = await signForAws(request(change), KEY, { region: 'us-east-1', service: 'service' }, NOW_MS);
    expect(signatureIn(headers)).toBe(signature);
    expect(headers['x-amz-date']).toBe('20150830T123600Z');
    expect(Object.keys(headers).sort()).toEqual(['authorization', 'x-amz-date']);
  });

  it('are those of the published case post-sts-header-before, for a session', async () => {
    const key = { ...KEY, sessionToken: TOKEN };
    const headers = await signForAws(
      request({ method: 'POST' }),
      key,
      { region: 'us-east-1', service: 'service' },
      NOW_MS,
    );
    expect(signatureIn(headers)).toBe('85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead');
    expect(headers['x-amz-security-token']).toBe(TOKEN);
  });
});

describe('the credentials of Bedrock', () => {
  const sign = (credential: string, origin: string) => signForBedrock(request({ origin }), credential, NOW_MS);

  it.each([
    ['https://bedrock-runtime.us-east-1.amazonaws.com', 'us-east-1'],
    ['https://bedrock-runtime-fips.us-gov-west-1.amazonaws.com', 'us-gov-west-1'],
    ['https://bedrock-runtime.cn-north-1.amazonaws.com.cn', 'cn-north-1'],
    ['https://vpce-1a2b-3c.bedrock-runtime.ap-southeast-2.vpce.amazonaws.com', 'ap-southeast-2'],
    ['https://gateway.example', 'us-east-1'],
  ])('sign at %s for the region %s', async (origin, region) => {
    const { authorization } = await sign('AKID:secret/+key', origin);
    expect(authorization).toContain(
      `Credential=AKID/20150830/${region}/bedrock/aws4_request, SignedHeaders=host;x-amz-date,`,
    );
  });

  it('may be a session of three parts, or an API key that is sent as it is', async () => {
    const origin = 'https://bedrock-runtime.us-east-1.amazonaws.com';
    expect(await sign('AKID:secret:to:ken', origin)).toMatchObject({ 'x-amz-security-token': 'to:ken' });
    expect(await sign('bedrock-api-key-1', origin)).toEqual({ authorization: 'Bearer bedrock-api-key-1' });
  });

  it.each(['AKID:', ':secret', ':', 'AKID:secret:'])('are refused as "%s"', async (credential) => {
    await expect(sign(credential, 'https://a.example')).rejects.toMatchObject({ kind: 'credential' });
  });

  it('have parts that nobody may see', () => {
    expect(secretsOfKey('AKID:secret:token')).toEqual(['AKID', 'secret', 'token']);
    expect(secretsOfKey('bedrock-api-key-1')).toEqual([]);
  });
});
