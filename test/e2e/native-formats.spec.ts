import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readBody } from '../../src/sandbox/http-exchange.js';
import { cohereChat } from '../simulators/cohere/cohere-chat.js';
import { ollamaChat } from '../simulators/ollama-native/ollama-chat.js';
import type { ModelAnswer } from '../simulators/simulated-chat.js';
import { startHub, type TestHub } from '../support/hub.js';
import { askChat, streamChat } from '../support/relay-client.js';

const BODY_BYTES_MAX = 1024 * 1024;
const HELLO: ModelAnswer = {
  text: 'Hello 世界',
  thoughts: '',
  calls: [],
  isCut: false,
  tokens: { input: 5, output: 7 },
};
const V1 = 'https://resource.example/openai/v1';

/** A request as the vendor saw it. */
interface Seen {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

let answer: (seen: Seen) => { readonly type: string; readonly text: string };
let seen: Seen[] = [];
let server: Server;
let origin: string;
let hub: TestHub;

beforeAll(async () => {
  server = createServer((request, response) => {
    void readBody(request, BODY_BYTES_MAX).then((body) => {
      const one = { path: request.url ?? '', headers: request.headers, text: body.toString('utf8') };
      seen.push(one);
      const { type, text } = answer(one);
      response.writeHead(200, { 'content-type': type }).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  hub = await startHub();
});
beforeEach(() => {
  seen = [];
});
afterAll(async () => {
  await hub.close();
  await new Promise((resolve) => server.close(resolve));
});

/** Makes the only channel one of a provider. @param path of its base URL. */
async function declare(provider: string, path: string, models: Readonly<Record<string, string>>): Promise<void> {
  const channel = { name: `${provider}${path}`, provider, baseUrl: origin + path, apiKey: 'key-1' };
  await hub.setChannels([{ ...channel, models: new Map(Object.entries(models)) }]);
}

const json = (value: unknown) => () => ({ type: 'application/json', text: JSON.stringify(value) });

describe('chats in formats of their own', () => {
  it("streams Ollama's lines of JSON as events", async () => {
    await declare('ollama-native', '', { m: 'qwen3:8b' });
    answer = () => ({ type: 'application/x-ndjson', text: ollamaChat.stream(HELLO) });
    const { content } = await streamChat(hub, { model: 'm', messages: [{ role: 'user', content: 'Hi' }] });
    expect(content).toBe('Hello 世界');
    expect(seen).toMatchObject([{ path: '/api/chat' }]);
    expect(ollamaChat.hear(JSON.parse(seen[0]!.text))).toEqual([{ by: 'user', text: 'Hi' }]);
  });

  it("streams Cohere's events, and bills what Cohere does", async () => {
    await declare('cohere', '', { m: 'command-a-03-2025' });
    answer = () => ({ type: 'text/event-stream', text: cohereChat.stream(HELLO) });
    const streamed = await streamChat(hub, { model: 'm', messages: [{ role: 'user', content: 'Hi' }] });
    expect(streamed.content).toBe('Hello 世界');
    answer = () => ({ type: 'application/json', text: cohereChat.whole(HELLO) });
    const whole: unknown = await (await askChat(hub, { model: 'm' })).json();
    expect(whole).toMatchObject({ usage: { prompt_tokens: 5, completion_tokens: 7 } });
    expect(seen.map(({ path }) => path)).toEqual(['/v2/chat', '/v2/chat']);
    expect(seen[0]!.headers.authorization).toBe('Bearer key-1');
  });
});

describe('Azure OpenAI', () => {
  const completion = json({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'gpt-4o',
    choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  });

  it.each([
    ['', 'dep', '/openai/deployments/dep/chat/completions?api-version=2024-10-21'],
    [new URL(V1).pathname, 'dep', '/openai/v1/chat/completions'],
  ])('is asked below a base URL that ends in "%s"', async (path, model, expected) => {
    await declare('azure-openai', path, { m: model });
    answer = completion;
    expect((await askChat(hub, { model: 'm' })).status).toBe(200);
    expect(seen).toMatchObject([{ path: expected, headers: { 'api-key': 'key-1' } }]);
    expect(seen[0]!.headers).not.toHaveProperty('authorization');
    expect(JSON.parse(seen[0]!.text)).toMatchObject({ model: 'dep' });
  });

  it('edits pictures at the deployment, whatever its name is to callers', async () => {
    await declare('azure-openai', '', { m: 'pictures?api-version=2025-04-01-preview' });
    answer = json({ created: 1, data: [{ b64_json: 'aGk=' }] });
    const form = new FormData();
    form.set('model', 'm');
    form.set('prompt', 'a hat');
    form.set('image', new Blob([Buffer.from('89504e470d0a1a0a', 'hex')], { type: 'image/png' }), 'a.png');
    const response = await hub.fetch('/api/relay/v1/images/edits', { method: 'POST', body: form });
    expect(response.status).toBe(200);
    expect(seen.map(({ path }) => path)).toEqual([
      '/openai/deployments/pictures/images/edits?api-version=2025-04-01-preview',
    ]);
  });
});

describe('embeddings in batches', () => {
  it('go to Cohere 96 at a time, and come back in order with the sum of what they cost', async () => {
    await declare('cohere', '', { m: 'embed-v4.0' });
    answer = ({ text }) => {
      const { texts }: { texts: string[] } = JSON.parse(text);
      const float = texts.map((one) => [Number(one), 1]);
      return json({ id: 'a', embeddings: { float }, texts, meta: { billed_units: { input_tokens: texts.length } } })();
    };
    const input = Array.from({ length: 100 }, (_, i) => String(i));
    const response = await hub.post('/api/relay/v1/embeddings', { model: 'm', input, input_type: 'search_query' });
    const body = (await response.json()) as { data: { embedding: number[] }[] };
    expect(body).toMatchObject({ model: 'm', usage: { prompt_tokens: 100 }, input_type: 'search_query' });
    expect(body.data.map(({ embedding }) => embedding[0])).toEqual(input.map(Number));
    expect(seen.map(({ path, text }) => [path, JSON.parse(text).texts.length])).toEqual([
      ['/v2/embed', 96],
      ['/v2/embed', 4],
    ]);
  });
});

describe('rerank', () => {
  const asked = {
    model: 'm',
    query: 'q',
    documents: ['a', { text: 'b', id: 7 }, 'c'],
    top_n: 2,
    return_documents: true,
  };

  it.each([
    [
      'cohere',
      '',
      '/v2/rerank',
      { results: [{ index: 1, relevance_score: 0.9 }], meta: { billed_units: { search_units: 1 } } },
    ],
    ['voyage', '/v1', '/v1/rerank', { data: [{ index: 1, relevance_score: 0.9 }], usage: { total_tokens: 26 } }],
    ['jina', '/v1', '/v1/rerank', { results: [{ index: 1, relevance_score: 0.9 }], usage: { total_tokens: 26 } }],
  ])('is asked of %s in its own words, and answered in the same', async (provider, base, path, told) => {
    await declare(provider, base, { m: 'ranker-1' });
    answer = json(told);
    const response = await hub.post('/api/relay/v1/rerank', asked);
    expect(await response.json()).toMatchObject({
      model: 'm',
      results: [{ index: 1, relevance_score: 0.9, document: { text: 'b', id: 7 } }],
    });
    expect(seen.map((one) => one.path)).toEqual([path]);
    const sent: Record<string, unknown> = JSON.parse(seen[0]!.text);
    expect(sent).toMatchObject({ model: 'ranker-1', query: 'q', documents: ['a', 'b', 'c'] });
    expect(provider === 'voyage' ? sent['top_k'] : sent['top_n']).toBe(2);
  });
});
