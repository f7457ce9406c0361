import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { startHub, type TestHub } from '../support/hub.js';

const CHAT = '/api/relay/v1/chat/completions';
const ORIGIN = 'https://app.example';
const QUESTION = { model: 'gpt-4', messages: [{ role: 'user', content: 'x' }] };
// Every header the official SDK for JavaScript sends.
const SDK_HEADERS = [
  'authorization',
  'content-type',
  'openai-organization',
  'openai-project',
  'idempotency-key',
  'x-stainless-arch',
  'x-stainless-async',
  'x-stainless-custom-poll-interval',
  'x-stainless-helper-method',
  'x-stainless-lang',
  'x-stainless-os',
  'x-stainless-package-version',
  'x-stainless-poll-helper',
  'x-stainless-raw-response',
  'x-stainless-read-timeout',
  'x-stainless-retry-count',
  'x-stainless-runtime',
  'x-stainless-runtime-version',
  'x-stainless-timeout',
];

let upstream: FakeUpstream;
let hub: TestHub;

beforeAll(async () => {
  upstream = await startFakeUpstream();
  hub = await startHub({
    channels: [{ name: 'main', baseUrl: upstream.url }],
    env: { HUB_CORS_ORIGINS: `${ORIGIN},http://localhost:5173` },
  });
});
afterAll(async () => {
  await hub.close();
  await upstream.close();
});

function preflight(origin: string, path = CHAT): Promise<Response> {
  const headers = {
    origin,
    'access-control-request-method': 'POST',
    'access-control-request-headers': SDK_HEADERS.join(','),
  };
  return hub.fetch(path, { method: 'OPTIONS', key: null, headers });
}

const list = (response: Response, name: string): string[] =>
  (response.headers.get(name) ?? '').split(',').map((item) => item.trim().toLowerCase());

describe('a preflight', () => {
  it('from an allowed origin allows every header of the SDK, without a key', async () => {
    const response = await preflight(ORIGIN);
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(list(response, 'access-control-allow-headers')).toEqual(expect.arrayContaining(SDK_HEADERS));
    expect(list(response, 'access-control-allow-methods')).toEqual(expect.arrayContaining(['get', 'post', 'delete']));
    expect(response.headers.get('access-control-max-age')).toBe('86400');
    expect(response.headers.get('access-control-allow-credentials')).toBeNull();
    expect(list(response, 'vary')).toContain('origin');
    expect(response.headers.get('x-request-id')).toMatch(/^req_/);
  });

  it.each(['https://evil.example', 'https://app.example.evil.example', 'http://app.example', 'null'])(
    'from %s allows nothing',
    async (origin) => {
      expect((await preflight(origin)).headers.get('access-control-allow-origin')).toBeNull();
    },
  );
});

describe('an answer to a browser', () => {
  const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
    hub.fetch(path, { ...init, headers: { ...init.headers, origin: ORIGIN } });
  const post = (body: unknown): RequestInit => ({
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

  it.each([
    ['a whole answer', CHAT, post(QUESTION), 200],
    ['a stream', CHAT, post({ ...QUESTION, stream: true }), 200],
    ['a list', '/api/relay/v1/models', {}, 200],
    ['a refusal', CHAT, post({}), 400],
    ['an unknown route', '/api/relay/v1/nothing', {}, 404],
  ])('(%s) may be read, with the headers that matter', async (_what, path, init, status) => {
    const response = await ask(path, init);
    await response.arrayBuffer();
    expect(response.status).toBe(status);
    expect(response.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(list(response, 'access-control-expose-headers')).toEqual(
      expect.arrayContaining(['x-request-id', 'retry-after', 'x-should-retry', 'x-hub-sandbox', 'idempotent-replayed']),
    );
    expect(list(response, 'vary')).toContain('origin');
  });

  it('without a key may be read as well', async () => {
    const response = await hub.fetch('/api/relay/v1/models', { key: null, headers: { origin: ORIGIN } });
    expect(response.status).toBe(401);
    expect(response.headers.get('access-control-allow-origin')).toBe(ORIGIN);
  });

  it('from another origin may not be read', async () => {
    const response = await hub.fetch('/api/relay/v1/models', { headers: { origin: 'https://evil.example' } });
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });
});
