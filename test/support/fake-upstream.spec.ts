import { once } from 'node:events';
import { get } from 'node:https';
import { describe, expect, it } from '@jest/globals';
import { type CertificateOptions, fakeCommand, makeCertificate, startFakeUpstream } from './fake-upstream.js';

/** Result of a TLS request that trusts exactly the certificate it is given. */
async function callSecurely(options: CertificateOptions): Promise<number | string> {
  const certificate = await makeCertificate(options);
  const upstream = await startFakeUpstream({ tls: certificate });
  try {
    const request = get(`${upstream.url}/models`, { ca: certificate.cert, agent: false });
    const [response] = await once(request, 'response');
    response.resume();
    return response.statusCode;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown';
  } finally {
    await upstream.close();
  }
}

describe('makeCertificate', () => {
  it.each([
    [{}, 200],
    [{ isExpired: true }, 'CERT_HAS_EXPIRED'],
    [{ altNames: ['DNS:other.example'] }, 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ] as const)('%j gives a client that trusts it %s', async (options, result) => {
    expect(await callSecurely(options)).toBe(result);
  });
});

describe('startFakeUpstream', () => {
  it('obeys a command in the prompt, takes any model, and forgets on reset', async () => {
    const upstream = await startFakeUpstream();
    try {
      const content = `${fakeCommand({ text: 'as told', in: 10, out: 20 })} and more`;
      const body = JSON.stringify({ model: 'm-fix', messages: [{ role: 'user', content }] });
      const response = await fetch(`${upstream.url}/chat/completions`, { method: 'POST', body });
      expect(await response.json()).toMatchObject({
        model: 'm-fix',
        choices: [{ message: { content: 'as told' } }],
        usage: { prompt_tokens: 10, completion_tokens: 20 },
      });
      expect([upstream.executions, upstream.requests.length]).toEqual([1, 1]);
      upstream.reset();
      expect([upstream.executions, upstream.requests.length]).toEqual([0, 0]);
    } finally {
      await upstream.close();
    }
  });
});
