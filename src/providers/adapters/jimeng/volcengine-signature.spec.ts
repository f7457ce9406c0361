import { describe, expect, it } from '@jest/globals';
import type { SignableRequest } from '../../provider.js';
import { signForVolcengine } from './volcengine-signature.js';

const NOW_MS = Date.parse('2026-01-01T00:00:00Z');
const REQUEST: SignableRequest = {
  method: 'POST',
  origin: 'https://visual.volcengineapi.com',
  path: '/?Action=CVSync2AsyncSubmitTask&Version=2022-08-31',
  headers: { 'content-type': 'application/json', 'user-agent': 'never signed' },
  body: Buffer.from('{"req_key":"jimeng_t2v_v30","prompt":"hi"}'),
};

describe('the signature of a request to Volcengine', () => {
  it('is that of the test vector', () => {
    expect(signForVolcengine(REQUEST, 'AKTEST:SKTEST', NOW_MS)).toEqual({
      'x-date': '20260101T000000Z',
      'x-content-sha256': '4be14d97b49c3545a5110862db7b4f2e6d75a1afa7a4854ac7cd80889a12a1cc',
      authorization:
        'HMAC-SHA256 Credential=AKTEST/20260101/cn-north-1/cv/request, SignedHeaders=content-type;host;x-content-sha256;x-date, Signature=8d7e548fba6f09dab23aac3d8f22b5ff0996aff6b51e1f1d97cd50a1970f1be9',
    });
  });

  it('is the same whatever the order of the query, and another for another host, body, key or moment', () => {
    const sign = (change: Partial<SignableRequest> = {}, key = 'AKTEST:SKTEST', nowMs = NOW_MS) =>
      signForVolcengine({ ...REQUEST, ...change }, key, nowMs)['authorization'];
    expect(sign({ path: '/?Version=2022-08-31&Action=CVSync2AsyncSubmitTask' })).toBe(sign());
    const others = [
      sign({ origin: 'http://127.0.0.1:8080' }),
      sign({ body: Buffer.from('{}') }),
      sign({ body: undefined }),
      sign({ path: '/?Action=CVSync2AsyncGetResult&Version=2022-08-31' }),
      sign({}, 'AKTEST:SKTEST2'),
      sign({}, 'AKTEST:SKTEST', NOW_MS + 1_000),
    ];
    expect(new Set([sign(), ...others]).size).toBe(others.length + 1);
  });

  it.each(['', 'AKTEST', 'AKTEST:', ':SKTEST'])('cannot be made of "%s"', (credential) => {
    expect(() => signForVolcengine(REQUEST, credential, NOW_MS)).toThrow(
      expect.objectContaining({ kind: 'credential' }) as unknown as Error,
    );
  });
});
