import { crc32, inflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import OpenAI, { toFile } from 'openai';
import { type SandboxServer, startSandbox } from './sandbox-server.js';

let server: SandboxServer;
let client: OpenAI;

beforeAll(async () => {
  server = await startSandbox({ tokenDelayMs: 0 });
  client = new OpenAI({ apiKey: 'any', baseURL: server.url, maxRetries: 0 });
});
afterAll(() => server.close());

async function post(path: string, body: unknown): Promise<Response> {
  return fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

/** Data of each event of a stream, and proof that nothing but `data:` lines and blank lines was sent. */
async function readEvents(response: Response): Promise<string[]> {
  const text = await response.text();
  expect(text.endsWith('\n\n')).toBe(true);
  return text
    .slice(0, -2)
    .split('\n\n')
    .map((event) => {
      expect(event).toMatch(/^data: [^\n]*$/);
      return event.slice('data: '.length);
    });
}

const HELLO = [{ role: 'user' as const, content: 'Hello there' }];
const WEATHER_TOOLS = ['weather', 'time'].map((word) => ({
  type: 'function' as const,
  function: {
    name: `get_${word}`,
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
}));

describe('chat', () => {
  it('answers in the language of the question and echoes it', async () => {
    const chinese = await client.chat.completions.create({
      model: 'gpt-4',
      messages: [{ role: 'user', content: '你好' }],
    });
    expect(chinese.choices[0]?.message.content).toMatch(/^你好.*“你好”/u);
    const english = await client.chat.completions.create({ model: 'gpt-4', messages: HELLO });
    expect(english.choices[0]?.message.content).toContain('"Hello there"');
    expect(english.model).toBe('gpt-4-0613');
    expect(english.choices[0]?.finish_reason).toBe('stop');
  });

  it('reports usage that adds up and is the same each time', async () => {
    const [first, second] = await Promise.all([
      client.chat.completions.create({ model: 'gpt-4', messages: HELLO }),
      client.chat.completions.create({ model: 'gpt-4', messages: HELLO }),
    ]);
    expect(first.usage).toEqual(second.usage);
    expect(first.usage?.prompt_tokens).toBe(8);
    expect(first.usage?.total_tokens).toBe((first.usage?.prompt_tokens ?? 0) + (first.usage?.completion_tokens ?? 0));
  });

  it('gives n choices and cuts at max_tokens with finish_reason length', async () => {
    const answer = await client.chat.completions.create({ model: 'gpt-4', messages: HELLO, n: 3, max_tokens: 2 });
    expect(answer.choices.map((choice) => [choice.index, choice.message.content, choice.finish_reason])).toEqual([
      [0, 'Hello! This', 'length'],
      [1, 'Hello! This', 'length'],
      [2, 'Hello! This', 'length'],
    ]);
    expect(answer.usage?.completion_tokens).toBe(6);
  });

  it('cuts at a stop sequence', async () => {
    const answer = await client.chat.completions.create({ model: 'gpt-4', messages: HELLO, stop: [' demo', 'zzz'] });
    expect(answer.choices[0]?.message.content).toBe('Hello! This is a');
  });

  it('streams role, words, finish, usage with empty choices, and [DONE]', async () => {
    const response = await post('/chat/completions', {
      model: 'gpt-4o',
      messages: HELLO,
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 2,
    });
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const events = await readEvents(response);
    expect(events.pop()).toBe('[DONE]');
    const chunks = events.map((data) => JSON.parse(data));
    expect(chunks.map((chunk) => chunk.choices)).toEqual([
      [{ index: 0, delta: { role: 'assistant', content: '', refusal: null }, logprobs: null, finish_reason: null }],
      [{ index: 0, delta: { content: 'Hello!' }, logprobs: null, finish_reason: null }],
      [{ index: 0, delta: { content: ' This' }, logprobs: null, finish_reason: null }],
      [{ index: 0, delta: {}, logprobs: null, finish_reason: 'length' }],
      [],
    ]);
    expect(chunks.slice(0, -1).map((chunk) => chunk.usage)).toEqual([null, null, null, null]);
    expect(chunks.at(-1).usage).toMatchObject({ prompt_tokens: 8, completion_tokens: 2, total_tokens: 10 });
    expect(new Set(chunks.map((chunk) => `${chunk.id} ${chunk.created} ${chunk.model}`)).size).toBe(1);
    for (const chunk of chunks) expect(chunk).toHaveProperty('obfuscation', expect.any(String));
  });

  it('leaves usage and obfuscation out of a stream when not wanted', async () => {
    const body = { model: 'gpt-4', messages: HELLO, stream: true, stream_options: { include_obfuscation: false } };
    const events = await readEvents(await post('/chat/completions', body));
    for (const data of events.slice(0, -1)) {
      expect(JSON.parse(data)).not.toHaveProperty('usage');
      expect(JSON.parse(data)).not.toHaveProperty('obfuscation');
    }
  });

  it('calls both tools when the question names both, and streams the same calls in pieces', async () => {
    const messages = [{ role: 'user' as const, content: 'What is the weather and the time in Berlin?' }];
    const whole = await client.chat.completions.create({ model: 'gpt-4o', messages, tools: WEATHER_TOOLS });
    expect(whole.choices[0]?.finish_reason).toBe('tool_calls');
    expect(whole.choices[0]?.message.content).toBeNull();
    const calls = whole.choices[0]?.message.tool_calls ?? [];
    expect(calls.map((call) => call.type === 'function' && call.function)).toEqual([
      { name: 'get_weather', arguments: '{"city":"Berlin"}' },
      { name: 'get_time', arguments: '{"city":"Berlin"}' },
    ]);
    const stream = client.chat.completions.stream({ model: 'gpt-4o', messages, tools: WEATHER_TOOLS });
    const final = await stream.finalMessage();
    expect(final.tool_calls?.map((call) => call.id)).toEqual(calls.map((call) => call.id));
    expect(final.tool_calls?.map((call) => call.type === 'function' && call.function.arguments)).toEqual([
      '{"city":"Berlin"}',
      '{"city":"Berlin"}',
    ]);
  });

  it('uses a tool result in its next answer', async () => {
    const answer = await client.chat.completions.create({
      model: 'gpt-4o',
      tools: WEATHER_TOOLS,
      messages: [
        { role: 'user', content: 'Weather in Berlin?' },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{}' } }],
        },
        { role: 'tool', tool_call_id: 'call_1', content: '21 degrees' },
      ],
    });
    expect(answer.choices[0]?.message.content).toContain('21 degrees');
  });

  it('answers with JSON of the wanted schema', async () => {
    const answer = await client.chat.completions.create({
      model: 'gpt-4o',
      messages: HELLO,
      response_format: {
        type: 'json_schema',
        json_schema: {
          name: 'person',
          strict: true,
          schema: {
            type: 'object',
            properties: {
              name: { type: 'string' },
              age: { type: 'integer', minimum: 18 },
              tags: { type: 'array', items: { enum: ['a', 'b'] } },
            },
            required: ['name', 'age', 'tags'],
            additionalProperties: false,
          },
        },
      },
    });
    expect(JSON.parse(answer.choices[0]?.message.content ?? '')).toEqual({ name: 'Hello there', age: 18, tags: ['a'] });
  });

  it('sends many-byte characters whole when the text is cut into tokens', async () => {
    const messages = [{ role: 'user' as const, content: '𠮷野家 👩‍👩‍👧 naïve' }];
    const stream = await client.chat.completions.create({ model: 'gpt-4', messages, stream: true });
    let text = '';
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    expect(text).toContain('𠮷野家 👩‍👩‍👧 naïve');
  });
});

describe('embeddings', () => {
  it('gives the SDK, which asks for base64, the same floats as a caller who asks for floats', async () => {
    const input = ['你好世界', 'hello'];
    const decoded = await client.embeddings.create({ model: 'text-embedding-3-small', input });
    const floats = await client.embeddings.create({ model: 'text-embedding-3-small', input, encoding_format: 'float' });
    expect(decoded.data.map((item) => item.embedding)).toEqual(floats.data.map((item) => item.embedding));
    expect(floats.data.map((item) => item.index)).toEqual([0, 1]);
    expect(floats.data[0]?.embedding).toHaveLength(1536);
    expect(floats.usage).toEqual({ prompt_tokens: 5, total_tokens: 5 });
    const length = floats.data[0]?.embedding.reduce((sum, value) => sum + value * value, 0);
    expect(length).toBeCloseTo(1, 5);
  });

  it('honours dimensions and takes token ids', async () => {
    const input = [[1, 2, 3], [4]];
    const answer = await client.embeddings.create({ model: 'text-embedding-3-large', input, dimensions: 7 });
    expect(answer.data.map((item) => item.embedding.length)).toEqual([7, 7]);
    expect(answer.usage.prompt_tokens).toBe(4);
  });
});

/** Reads a PNG, checking every CRC and that the pixel data has the declared size. */
function readPngSize(png: Buffer): { width: number; height: number } {
  expect(png.subarray(0, 8).toString('hex')).toBe('89504e470d0a1a0a');
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const typed = png.subarray(at + 4, at + 8 + length);
    expect(png.readUInt32BE(at + 8 + length)).toBe(crc32(typed));
    chunks.set(typed.toString('latin1', 0, 4), typed.subarray(4));
    at += 12 + length;
  }
  expect([...chunks.keys()]).toEqual(['IHDR', 'PLTE', 'IDAT', 'IEND']);
  const header = chunks.get('IHDR')!;
  const width = header.readUInt32BE(0);
  const height = header.readUInt32BE(4);
  expect(inflateSync(chunks.get('IDAT')!)).toHaveLength((width + 1) * height);
  return { width, height };
}

describe('images', () => {
  it('gives dall-e-3 callers a link to a real PNG of the asked size', async () => {
    const answer = await client.images.generate({ model: 'dall-e-3', prompt: 'a cute cat', size: '1792x1024' });
    expect(answer.data?.[0]?.revised_prompt).toBe('a cute cat');
    const response = await fetch(answer.data?.[0]?.url ?? '');
    expect(response.headers.get('content-type')).toBe('image/png');
    expect(readPngSize(Buffer.from(await response.arrayBuffer()))).toEqual({ width: 1792, height: 1024 });
  });

  it('gives base64 when asked, and always from gpt-image, with usage there', async () => {
    const prompt = 'a cute cat';
    const dalle = await client.images.generate({ model: 'dall-e-3', prompt, response_format: 'b64_json' });
    expect(readPngSize(Buffer.from(dalle.data?.[0]?.b64_json ?? '', 'base64'))).toEqual({ width: 1024, height: 1024 });
    const gpt = await client.images.generate({ model: 'gpt-image-1', prompt, n: 2, quality: 'low' });
    expect(gpt.data).toHaveLength(2);
    expect(gpt.data?.[0]?.b64_json).not.toBe(gpt.data?.[1]?.b64_json);
    expect(gpt.usage).toMatchObject({ input_tokens: 3, output_tokens: 544, total_tokens: 547 });
  });

  it('streams gpt-image with named events', async () => {
    const stream = await client.images.generate({
      model: 'gpt-image-1',
      prompt: 'a cute cat',
      stream: true,
      partial_images: 2,
    });
    const types: string[] = [];
    for await (const event of stream) types.push(event.type);
    const partial = 'image_generation.partial_image';
    expect(types).toEqual([partial, partial, 'image_generation.completed']);
  });

  it('takes a form with a picture for edits', async () => {
    const image = await toFile(Buffer.from('not looked at'), 'cat.png', { type: 'image/png' });
    const answer = await client.images.edit({ model: 'gpt-image-1', prompt: 'add a hat', image, n: 2 });
    expect(answer.data).toHaveLength(2);
  });
});

describe('every answer', () => {
  it('is marked as coming from the sandbox', async () => {
    for (const response of [await fetch(`${server.url}/models`), await post('/chat/completions', {})]) {
      expect(response.headers.get('x-hub-sandbox')).toBe('true');
      expect(response.headers.get('x-request-id')).toMatch(/^req_[0-9a-f]{32}$/);
      expect(response.headers.get('content-type')).toBe('application/json');
    }
  });

  it('lists its models and gives one by name', async () => {
    const names: string[] = [];
    for await (const model of client.models.list()) names.push(model.id);
    expect(names).toEqual([
      'gpt-4',
      'gpt-4o',
      'gpt-4o-mini',
      'dall-e-3',
      'gpt-image-1',
      'text-embedding-3-small',
      'text-embedding-3-large',
      'gpt-3.5-turbo-instruct',
      'omni-moderation-latest',
      'tts-1',
      'whisper-1',
      'sandbox-rerank',
      'sandbox-video',
    ]);
    expect((await client.models.retrieve('gpt-4')).id).toBe('gpt-4');
  });

  it('refuses a body over its limit with an answer, not with a broken connection', async () => {
    const small = await startSandbox({ bodyBytesMax: 1000 });
    try {
      const response = await fetch(`${small.url}/embeddings`, { method: 'POST', body: 'x'.repeat(500_000) });
      expect(response.status).toBe(413);
      expect(await response.json()).toMatchObject({ error: { type: 'invalid_request_error' } });
    } finally {
      await small.close();
    }
  });

  it('paces the words of a stream', async () => {
    const slow = await startSandbox({ tokenDelayMs: 20 });
    try {
      const startedAt = performance.now();
      const body = { model: 'gpt-4', messages: HELLO, stream: true, max_tokens: 5 };
      await (await fetch(`${slow.url}/chat/completions`, { method: 'POST', body: JSON.stringify(body) })).text();
      expect(performance.now() - startedAt).toBeGreaterThanOrEqual(90);
    } finally {
      await slow.close();
    }
  });

  it('refuses a wrong key when it has one', async () => {
    const locked = await startSandbox({ apiKey: 'sk-right' });
    try {
      const call = (key: string) => new OpenAI({ apiKey: key, baseURL: locked.url, maxRetries: 0 }).models.list();
      await expect(call('sk-wrong')).rejects.toMatchObject({ status: 401, code: 'invalid_api_key' });
      await expect(call('sk-right')).resolves.toBeDefined();
    } finally {
      await locked.close();
    }
  });
});

describe('bad input', () => {
  const messages = HELLO;
  const cases: readonly [string, string, unknown, number, string | null, string | null][] = [
    ['no JSON', '/chat/completions', '{"a":', 400, null, null],
    ['no model', '/chat/completions', { messages }, 400, 'model', 'missing_required_parameter'],
    ['no messages', '/chat/completions', { model: 'gpt-4' }, 400, 'messages', 'missing_required_parameter'],
    ['empty messages', '/chat/completions', { model: 'gpt-4', messages: [] }, 400, 'messages', null],
    [
      'bad role',
      '/chat/completions',
      { model: 'gpt-4', messages: [{ role: 'x', content: '' }] },
      400,
      'messages[0].role',
      'invalid_value',
    ],
    ['unknown model', '/chat/completions', { model: 'nope', messages }, 404, 'model', 'model_not_found'],
    ['temperature', '/chat/completions', { model: 'gpt-4', messages, temperature: 3 }, 400, 'temperature', null],
    [
      'stream_options without stream',
      '/chat/completions',
      { model: 'gpt-4', messages, stream_options: {} },
      400,
      'stream_options',
      null,
    ],
    [
      'json_object without the word',
      '/chat/completions',
      { model: 'gpt-4', messages, response_format: { type: 'json_object' } },
      400,
      'messages',
      null,
    ],
    ['empty embedding input', '/embeddings', { model: 'text-embedding-3-small', input: '' }, 400, 'input', null],
    [
      'response_format on gpt-image',
      '/images/generations',
      { model: 'gpt-image-1', prompt: 'x', response_format: 'url' },
      400,
      'response_format',
      'unknown_parameter',
    ],
    ['two pictures of dall-e-3', '/images/generations', { model: 'dall-e-3', prompt: 'x', n: 2 }, 400, 'n', null],
    ['unknown path', '/nope', {}, 404, null, 'unknown_url'],
  ];

  it.each(cases)('answers %s in the OpenAI envelope', async (_name, path, body, status, param, code) => {
    const response = await post(path, body);
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({
      error: { message: expect.any(String), type: 'invalid_request_error', param, code },
    });
  });
});
