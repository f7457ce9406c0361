import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Directive } from '../../src/sandbox/faults/directive.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { startHub, type TestHub } from '../support/hub.js';
import { readError, requestLine } from '../support/relay-client.js';

const PNG_SIGNATURE = '89504e470d0a1a0a';
const MODELS = new Map(['dall-e-3', 'gpt-image-1', 'text-embedding-3-small', 'other'].map((id) => [id, id]));

let upstream: FakeUpstream;
let hub: TestHub;

beforeAll(async () => {
  upstream = await startFakeUpstream();
  hub = await startHub();
});
beforeEach(async () => {
  upstream.reset();
  await declare('openai');
});
afterAll(async () => {
  await hub.close();
  await upstream.close();
});

async function declare(provider: string): Promise<void> {
  await hub.setChannels([{ name: provider, provider, baseUrl: upstream.url, models: MODELS }]);
}

interface Pictures {
  readonly data: readonly { readonly url?: string; readonly b64_json?: string; readonly revised_prompt?: string }[];
}

async function draw(body: Readonly<Record<string, unknown>>): Promise<{ response: Response; data: Pictures['data'] }> {
  const response = await hub.post('/api/relay/v1/images/generations', { prompt: 'a cat', ...body });
  if (response.status !== 200) throw new Error(await response.text());
  return { response, data: ((await response.json()) as Pictures).data };
}

/** Makes the upstream answer with a link to a picture of its own, whatever it is asked for; returns the link's path. */
function giveLink(name: string): string {
  const url = new URL(`/images/${name}`, upstream.url);
  upstream.script(({ method }) =>
    method === 'POST' ? { status: 200, body: { created: 1, data: [{ url: url.href }] } } : undefined,
  );
  return url.pathname;
}

function isPng(bytes: Buffer): boolean {
  return bytes.toString('hex').startsWith(PNG_SIGNATURE);
}

describe('POST /api/relay/v1/images/generations', () => {
  it('fetches the picture behind a link for a caller who wants base64', async () => {
    const path = giveLink('00000001-1024x1024.png');
    const { data } = await draw({ model: 'dall-e-3', response_format: 'b64_json' });
    expect(data).toHaveLength(1);
    expect(data[0]).not.toHaveProperty('url');
    expect(isPng(Buffer.from(data[0]!.b64_json!, 'base64'))).toBe(true);
    const fetched = upstream.requests[1];
    expect(fetched?.path).toBe(path);
    // The link may lead anywhere, so no credential goes with it.
    expect(fetched?.headers.authorization).toBeUndefined();
  });

  it('stores a base64 picture for a caller who wants a link', async () => {
    const { data, response } = await draw({ model: 'gpt-image-1', response_format: 'url' });
    expect(data[0]).not.toHaveProperty('b64_json');
    const url = new URL(data[0]!.url!);
    const picture = await fetch(hub.url + url.pathname + url.search);
    expect(picture.status).toBe(200);
    expect(picture.headers.get('content-type')).toBe('image/png');
    expect(isPng(Buffer.from(await picture.arrayBuffer()))).toBe(true);
    expect(await requestLine(hub, response)).toMatchObject({ images: 1, outcome: 'done' });
  });

  it.each(['url', 'b64_json'] as const)('leaves what already has the wanted form: %s', async (wanted) => {
    const { data } = await draw({ model: 'dall-e-3', response_format: wanted });
    expect(Object.keys(data[0]!)).toContain(wanted);
    expect(upstream.requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
  });

  it('makes its own link of one into the private network of a channel', async () => {
    const path = giveLink('00000001-1024x1024.png');
    const { data } = await draw({ model: 'dall-e-3' });
    const url = new URL(data[0]!.url!);
    expect(url.origin).toBe(new URL(hub.settings.server.publicUrl).origin);
    expect(isPng(Buffer.from(await (await fetch(hub.url + url.pathname)).arrayBuffer()))).toBe(true);
    expect(upstream.requests.map((request) => request.path)).toEqual(['/v1/images/generations', path]);
  });

  it('gives 502 when the link does not work, does not name it and asks no other channel', async () => {
    giveLink('none.png');
    const channel = { provider: 'openai', baseUrl: upstream.url, models: MODELS };
    await hub.setChannels(['first', 'second'].map((name) => ({ name, ...channel })));
    const response = await hub.post('/api/relay/v1/images/generations', {
      model: 'dall-e-3',
      prompt: 'a cat',
      response_format: 'b64_json',
    });
    const error = await readError(response);
    expect(error).toMatchObject({ status: 502, code: 'upstream_invalid_response' });
    expect(error.message).not.toContain('none.png');
    expect(upstream.executions).toBe(1);
  });

  it('does not fetch from a private address for a channel that may not', async () => {
    const names = ['http://169.254.169.254/latest/meta-data', 'ftp://127.0.0.1/x', 'not a link'];
    for (const url of names) {
      upstream.script({ status: 200, body: { created: 1, data: [{ url }] } });
      const response = await hub.post('/api/relay/v1/images/generations', {
        model: 'dall-e-3',
        prompt: 'a cat',
        response_format: 'b64_json',
      });
      expect(response.status).toBe(502);
    }
  });

  it.each<[string, Directive]>([
    ['half an object', { bad_json: true }],
    ['a web page', { html: true }],
    ['no pictures', { status: 200, body: { created: 1, data: [] } }],
  ])('gives 502 for an answer that is none: %s', async (_name, directive) => {
    upstream.script(directive);
    const response = await hub.post('/api/relay/v1/images/generations', { model: 'dall-e-3', prompt: 'a cat' });
    expect(await readError(response)).toMatchObject({ status: 502, code: 'upstream_invalid_response' });
  });
});

interface Embeddings {
  readonly object: string;
  readonly model: string;
  readonly data: readonly { readonly index: number; readonly embedding: string | readonly number[] }[];
  readonly usage?: { readonly prompt_tokens: number };
}

async function embed(body: Readonly<Record<string, unknown>>): Promise<{ response: Response; body: Embeddings }> {
  const response = await hub.post('/api/relay/v1/embeddings', { model: 'text-embedding-3-small', ...body });
  if (response.status !== 200) throw new Error(await response.text());
  return { response, body: (await response.json()) as Embeddings };
}

function unpack(embedding: string | readonly number[]): readonly number[] {
  if (typeof embedding !== 'string') return embedding;
  const bytes = Buffer.from(embedding, 'base64');
  return Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(i * 4));
}

it.each([
  ['completions', { model: 'other', prompt: 'Hello' }],
  ['embeddings', { model: 'text-embedding-3-small', input: 'Hello' }],
])('asks no upstream of %s for a service tier, and says so: their answers are not read for it', async (path, body) => {
  upstream.script(() => ({
    status: 200,
    body: { data: [{ index: 0, embedding: [1] }], choices: [{ text: 'x', index: 0, finish_reason: 'stop' }] },
  }));
  const asked = async (tier: string) => {
    const response = await hub.post(`/api/relay/v1/${path}`, { ...body, service_tier: tier });
    const sent = JSON.parse(Buffer.from(upstream.requests.at(-1)?.body ?? '{}').toString('utf8')) as object;
    return [response.status, 'service_tier' in sent, response.headers.get('x-hub-unsupported-params')];
  };
  expect(await asked('priority')).toEqual([200, false, 'service_tier']);
  expect(await asked('auto')).toEqual([200, true, null]);
});

describe('POST /api/relay/v1/embeddings', () => {
  // `openai` packs itself; `dashscope` only knows numbers, so the hub packs.
  it.each(['openai', 'dashscope'])('gives both encodings of the same vector: %s', async (provider) => {
    await declare(provider);
    const asFloat = (await embed({ input: 'Hello', dimensions: 8, encoding_format: 'float' })).body;
    const asDefault = (await embed({ input: 'Hello', dimensions: 8 })).body;
    const asBase64 = (await embed({ input: 'Hello', dimensions: 8, encoding_format: 'base64' })).body;
    expect(asDefault).toEqual(asFloat);
    expect(Array.isArray(asFloat.data[0]!.embedding)).toBe(true);
    expect(typeof asBase64.data[0]!.embedding).toBe('string');
    expect(unpack(asBase64.data[0]!.embedding)).toEqual(unpack(asFloat.data[0]!.embedding).map(Math.fround));
    expect(asFloat).toMatchObject({ object: 'list', model: 'text-embedding-3-small' });
  });

  it('unpacks for a caller who wants numbers what an upstream packs unasked', async () => {
    const packed = Buffer.from(Float32Array.of(0.5, -0.25).buffer).toString('base64');
    upstream.script({
      status: 200,
      body: { object: 'list', data: [{ object: 'embedding', index: 0, embedding: packed }] },
    });
    expect((await embed({ input: 'Hello' })).body.data[0]!.embedding).toEqual([0.5, -0.25]);
  });

  it('sends no more inputs at once than the provider takes, and answers as if it had', async () => {
    await declare('dashscope');
    const input = Array.from({ length: 23 }, (_, i) => `text ${i}`);
    const { body, response } = await embed({ input, dimensions: 8 });
    const sent = upstream.requests.map((request) => (JSON.parse(String(request.body)) as { input: string[] }).input);
    expect(sent).toEqual([input.slice(0, 10), input.slice(10, 20), input.slice(20)]);
    expect(body.data.map(({ index }) => index)).toEqual(input.map((_, i) => i));
    expect(body.usage?.prompt_tokens).toBe(46);
    expect(await requestLine(hub, response)).toMatchObject({ attempts: 1, inputTokens: 46, outcome: 'done' });
    // Each text has the vector it has alone.
    const alone = (await embed({ input: 'text 21', dimensions: 8 })).body;
    expect(body.data[21]!.embedding).toEqual(alone.data[0]!.embedding);
  });

  it('fails as a whole when one part fails', async () => {
    await declare('dashscope');
    upstream.script((request) => (String(request.body).includes('text 15') ? { status: 404 } : undefined));
    const input = Array.from({ length: 23 }, (_, i) => `text ${i}`);
    const response = await hub.post('/api/relay/v1/embeddings', { model: 'text-embedding-3-small', input });
    expect(await readError(response)).toMatchObject({ status: 503, code: 'model_unavailable' });
    expect(upstream.requests).toHaveLength(2);
  });

  it('gives 502 when the upstream forgets an input', async () => {
    upstream.script({ status: 200, body: { object: 'list', data: [{ index: 0, embedding: [1] }] } });
    const response = await hub.post('/api/relay/v1/embeddings', { model: 'text-embedding-3-small', input: ['a', 'b'] });
    expect(await readError(response)).toMatchObject({ status: 502, code: 'upstream_invalid_response' });
  });
});
