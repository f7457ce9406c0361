import { once } from 'node:events';
import { get } from 'node:https';
import { describe, expect, it } from '@jest/globals';
import { type CertificateOptions, makeCertificate, startFakeUpstream } from './fake-upstream.js';

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
