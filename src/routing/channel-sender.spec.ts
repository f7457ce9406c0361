import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '../../test/support/until.js';
import type { CatalogChannel } from '../channels/catalog.types.js';
import { Cancellation } from '../common/cancellation.js';
import { parseSettings } from '../config/parse-settings.js';
import { openaiCompatible } from '../providers/adapters/openai-compatible/openai-compatible.provider.js';
import { ProviderError } from '../providers/canonical/provider-error.js';
import { defineProvider } from '../providers/define-provider.js';
import type { AccessTokens, Provider, SignableRequest } from '../providers/provider.js';
import { AccessTokenStore } from '../providers/transport/access-token-store.js';
import { UpstreamClient, type UpstreamRequest } from '../providers/transport/upstream-client.js';
import { type Candidate, HUB_HEADERS, toCandidate } from './candidate.js';
import { ChannelSender, type OperationAuth } from './channel-sender.js';
import { toCallerError } from './to-caller-error.js';

const TARGET = { publicModel: 'm', upstreamModel: 'up' };

interface Received {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

describe('ChannelSender', () => {
  const received: Received[] = [];
  let tokensSold = 0;
  let nowMs = 1_000_000;
  /** What the server answers: by default tokens at /token, and 200 elsewhere. */
  let answer: (request: Received, response: ServerResponse) => void;
  let origin: string;
  let client: UpstreamClient;
  let sender: ChannelSender;
  let close: () => Promise<void>;

  beforeEach(async () => {
    received.length = 0;
    tokensSold = 0;
    nowMs = 1_000_000;
    answer = (_request, response) => response.end('{}');
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const { url = '', headers } = request;
      const one = { url, headers, body: Buffer.concat(chunks).toString() };
      received.push(one);
      answer(one, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    client = new UpstreamClient(parseSettings({}).upstream);
    sender = new ChannelSender(new AccessTokenStore(client, () => nowMs), () => nowMs);
    close = async () => {
      await client.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    };
  });
  afterEach(() => close());

  const sellToken = (response: ServerResponse): void => {
    response.end(JSON.stringify({ token: `token-number-${++tokensSold}`, seconds: 3600 }));
  };
  const accessTokens = (change: Partial<AccessTokens> = {}): AccessTokens => ({
    toCall: (credential) => ({ url: `${origin}/token?a=b`, headers: { 'x-who': 'tests' }, body: `of=${credential}` }),
    fromAnswer: ({ status, body }, now) => {
      if (status === 401) throw new ProviderError({ kind: 'credential', status, message: 'Who is that?' });
      const { token, seconds } = JSON.parse(Buffer.from(body).toString());
      return { token, expiresAtMs: now + seconds * 1000 };
    },
    ...change,
  });
  const providerWith = (change: Partial<Provider>): Provider =>
    defineProvider({ ...openaiCompatible, imageEdits: undefined, transcriptions: undefined, ...change });
  const candidateOf = (provider: Provider, change: Partial<CatalogChannel> = {}): Candidate =>
    toCandidate(
      {
        id: '1',
        name: 'one',
        provider: provider.id,
        baseUrl: `${origin}/v1`,
        credential: 'the-credential',
        allowPrivateNetwork: true,
        priority: 0,
        weight: 1,
        models: new Map(),
        ...change,
      },
      provider,
      TARGET,
    );
  const send = async (candidate: Candidate, change: Partial<UpstreamRequest> = {}, auth?: OperationAuth) => {
    const request: UpstreamRequest = {
      method: 'POST',
      origin: candidate.origin,
      path: `${candidate.basePath}/model/a%3Ab%2Fc/x?y=%20z`,
      headers: auth === undefined ? candidate.jsonHeaders.whole : HUB_HEADERS,
      body: Buffer.from('{"é":1}'),
      allowPrivateNetwork: candidate.channel.allowPrivateNetwork,
      signal: new Cancellation(),
      ...change,
    };
    const response = await sender.send(client, candidate, request, auth);
    await response.body.collect(1000);
    return response;
  };
  const answered = (): Received[] => received.filter(({ url }) => !url.startsWith('/token'));

  it('sends a plain request as it is, without a step of its own', () => {
    const asked: UpstreamRequest[] = [];
    const promise = Promise.reject(new Error('nobody'));
    promise.catch(() => undefined);
    const watched = Object.assign(Object.create(client) as UpstreamClient, {
      send: (request: UpstreamRequest) => {
        asked.push(request);
        return promise;
      },
    });
    const candidate = candidateOf(openaiCompatible);
    const request: UpstreamRequest = {
      method: 'GET',
      origin,
      path: '/',
      headers: candidate.headers,
      allowPrivateNetwork: true,
      signal: new Cancellation(),
    };
    expect(sender.send(watched, candidate, request)).toBe(promise);
    expect(asked).toEqual([request]);
    expect(asked[0]).toBe(request);
    expect(candidate.headers).toMatchObject({ authorization: 'Bearer the-credential' });
  });

  it("uses an operation's own way to carry the credential in place of the provider's", async () => {
    const candidate = candidateOf(openaiCompatible);
    await send(candidate, {}, (credential, now) => ({ 'x-key': `${credential} at ${now}` }));
    expect(answered()[0]?.headers).toMatchObject({ 'x-key': 'the-credential at 1000000', 'user-agent': 'ug-ai-hub' });
    expect(answered()[0]?.headers).not.toHaveProperty('authorization');
  });

  describe('where requests are signed', () => {
    it('signs the very bytes, path and headers that are sent, and never sends the credential', async () => {
      const signed: [SignableRequest, string, number][] = [];
      const provider = providerWith({
        auth: () => ({ 'x-version': '1' }),
        sign: (...args) => {
          signed.push(args);
          return Promise.resolve({ authorization: 'SIGNED' });
        },
      });
      const candidate = candidateOf(provider);
      await send(candidate, { headers: { ...candidate.jsonHeaders.stream, 'x-beta': 'b' } });
      const [{ method, path, headers, body, origin: signedOrigin }, credential, at] = signed[0]!;
      const [sent] = answered();
      expect([method, signedOrigin, credential, at]).toEqual(['POST', origin, 'the-credential', 1_000_000]);
      expect(sent?.url).toBe(path);
      expect(path).toBe('/v1/model/a%3Ab%2Fc/x?y=%20z');
      expect(sent?.body).toBe(Buffer.from(body!).toString());
      expect(sent?.headers).toMatchObject({ ...headers, authorization: 'SIGNED' });
      expect(headers).toMatchObject({ 'x-beta': 'b', 'x-version': '1' });
      expect(JSON.stringify(sent)).not.toContain('the-credential');
    });

    it('fails with what the signer says of a credential that is none', async () => {
      const provider = providerWith({
        sign: () => {
          throw new ProviderError({ kind: 'credential', message: 'No pair.' });
        },
      });
      await expect(send(candidateOf(provider))).rejects.toMatchObject({ kind: 'credential' });
      expect(received).toEqual([]);
    });

    it('refuses a provider that would have to sign an upload', () => {
      const { imageEdits, transcriptions } = openaiCompatible;
      expect(() => providerWith({ imageEdits, sign: () => ({}) })).toThrow('signs requests');
      expect(() => providerWith({ transcriptions, sign: () => ({}) })).toThrow('signs requests');
    });
  });

  describe('where a credential buys tokens', () => {
    it('buys one for all who need it at a time, and keeps it until a minute before its end', async () => {
      const waiting: ServerResponse[] = [];
      answer = (request, response) => {
        if (request.url.startsWith('/token')) waiting.push(response);
        else response.end('{}');
      };
      const candidate = candidateOf(providerWith({ accessTokens: accessTokens() }));
      expect(candidate.headers).not.toHaveProperty('authorization');
      const both = Promise.all([send(candidate), send(candidate)]);
      await until(() => waiting.length > 0);
      for (const response of waiting) sellToken(response);
      await both;
      nowMs += 3_539_999;
      await send(candidate);
      expect(waiting).toHaveLength(1);
      expect(received[0]).toMatchObject({
        url: '/token?a=b',
        body: 'of=the-credential',
        headers: { 'x-who': 'tests' },
      });
      expect(answered().map(({ headers }) => headers.authorization)).toEqual(Array(3).fill('Bearer token-number-1'));
      nowMs += 1;
      const late = send(candidate);
      await until(() => waiting.length > 1);
      sellToken(waiting[1]!);
      await late;
      expect(answered()[3]?.headers.authorization).toBe('Bearer token-number-2');
    });

    it('gives the token to the own way of an operation', async () => {
      answer = (request, response) => (request.url.startsWith('/token') ? sellToken(response) : response.end('{}'));
      const candidate = candidateOf(providerWith({ accessTokens: accessTokens() }));
      await send(candidate, {}, (token) => ({ 'x-token': token }));
      expect(answered()[0]?.headers).toMatchObject({ 'x-token': 'token-number-1' });
    });

    it('sends a credential that buys none as it is, ahead of time', async () => {
      const tokens = accessTokens({ isFor: (credential) => credential !== 'plain-key' });
      const candidate = candidateOf(providerWith({ accessTokens: tokens }), { credential: 'plain-key' });
      expect(candidate.isAuthorisedAhead).toBe(true);
      await send(candidate);
      await send(candidate, {}, (credential) => ({ 'x-token': credential }));
      expect(tokensSold).toBe(0);
      expect(answered().map(({ headers }) => headers.authorization)).toEqual(['Bearer plain-key', undefined]);
      expect(answered()[1]?.headers).toMatchObject({ 'x-token': 'plain-key' });
    });

    it('keeps the tokens of channels and credentials apart', async () => {
      answer = (request, response) => (request.url.startsWith('/token') ? sellToken(response) : response.end('{}'));
      const provider = providerWith({ accessTokens: accessTokens() });
      await send(candidateOf(provider));
      await send(candidateOf(provider, { credential: 'another-one' }));
      await send(candidateOf(provider, { id: '2' }));
      await send(candidateOf(provider));
      expect(answered().map(({ headers }) => headers.authorization?.slice(-1))).toEqual(['1', '2', '3', '1']);
    });

    it('buys another token once when a kept one is refused, and none when a new one is', async () => {
      let refused = 'Bearer token-number-1';
      answer = (request, response) => {
        if (request.url.startsWith('/token')) return sellToken(response);
        if (request.headers.authorization === refused || refused === 'all') response.writeHead(401);
        response.end('{}');
      };
      const candidate = candidateOf(providerWith({ accessTokens: accessTokens() }));
      // Its first token is new: there is nothing to make good by another.
      expect((await send(candidate)).status).toBe(401);
      expect(tokensSold).toBe(1);
      expect((await send(candidate)).status).toBe(200);
      expect(tokensSold).toBe(2);
      refused = 'Bearer token-number-2';
      expect((await send(candidate)).status).toBe(200);
      expect(tokensSold).toBe(3);
      refused = 'all';
      expect((await send(candidate)).status).toBe(401);
      expect(tokensSold).toBe(4);
    });

    it('tells all who wait of a failure, and asks again the next time', async () => {
      let isRefusing = true;
      answer = (request, response) => {
        if (!request.url.startsWith('/token')) return response.end('{}');
        if (!isRefusing) return sellToken(response);
        return response.writeHead(401).end('{}');
      };
      const candidate = candidateOf(providerWith({ accessTokens: accessTokens() }));
      const outcomes = await Promise.allSettled([send(candidate), send(candidate)]);
      expect(outcomes).toMatchObject([
        { status: 'rejected', reason: { kind: 'credential', status: 401 } },
        { status: 'rejected', reason: { kind: 'credential', status: 401 } },
      ]);
      expect(received).toHaveLength(1);
      isRefusing = false;
      expect((await send(candidate)).status).toBe(200);
    });

    it('lets one who leaves go without ending the purchase for the others', async () => {
      const waiting: ServerResponse[] = [];
      answer = (request, response) => {
        if (request.url.startsWith('/token')) waiting.push(response);
        else response.end('{}');
      };
      const candidate = candidateOf(providerWith({ accessTokens: accessTokens() }));
      const signal = new Cancellation();
      const leaving = send(candidate, { signal });
      const impatient = send(candidate, { deadlines: { headersMs: 1 } });
      const staying = send(candidate);
      await expect(impatient).rejects.toMatchObject({ kind: 'timeout' });
      await until(() => waiting.length > 0);
      signal.abort(new ProviderError({ kind: 'incomplete', message: 'The caller has left.' }));
      await expect(leaving).rejects.toMatchObject({ message: 'The caller has left.' });
      sellToken(waiting[0]!);
      expect((await staying).status).toBe(200);
      expect(tokensSold).toBe(1);
    });

    it.each([
      ['an address in plain text', 'http://token.test/'],
      ["an address that is not the vendor's", 'https://elsewhere.test/'],
      ['no address', 'token'],
      ['another scheme', 'file:///etc/passwd'],
    ])('asks no token service at %s', async (_name, url) => {
      const tokens = accessTokens({
        toCall: () => ({ url, headers: {}, body: '' }),
        isOwnAddress: ({ hostname }) => hostname === 'token.test',
      });
      const candidate = candidateOf(providerWith({ accessTokens: tokens }), { allowPrivateNetwork: false });
      await expect(send(candidate)).rejects.toMatchObject({ kind: 'credential' });
    });

    it('asks no token service in a private network unless the channel may', async () => {
      const tokens = accessTokens({ toCall: () => ({ url: 'https://127.0.0.1/', headers: {}, body: '' }) });
      const candidate = candidateOf(providerWith({ accessTokens: tokens }), { allowPrivateNetwork: false });
      await expect(send(candidate)).rejects.toMatchObject({ cause: { code: 'HUB_ADDRESS_REFUSED' } });
    });
  });

  it('hides tokens, credentials and what is secret in them from whoever reads an error', async () => {
    answer = (request, response) => (request.url.startsWith('/token') ? sellToken(response) : response.end('{}'));
    const provider = providerWith({ accessTokens: accessTokens(), secretsOf: (credential) => credential.split(':') });
    const candidate = candidateOf(provider, { credential: 'first half:second half' });
    await send(candidate);
    const message = 'No: token-number-1 of first half:second half, first half, second half.';
    const error = new ProviderError({ kind: 'invalid_request', status: 400, message });
    expect(toCallerError(error, candidate.secrets).message).not.toMatch(/token-number|half/);
    // A channel that lives for years does not gather them.
    const before = candidate.secrets.length;
    for (let i = 0; i < 20; i++) candidate.hide(`later-token-${i}`);
    expect(candidate.secrets.length).toBeLessThan(before + 5);
    expect(candidate.secrets).toEqual(expect.arrayContaining(['first half', 'second half', 'later-token-19']));
  });
});
