import OpenAI, { toFile } from 'openai';
import { collect, FAKE_MODEL, type SdkHub, SLASH_MODEL, startSdkHub } from './sdk-hub.js';

// Embeddings, images and models with the official Node SDK.

let sdk: SdkHub;
let client: OpenAI;

beforeAll(async () => {
  sdk = await startSdkHub();
  client = new OpenAI({ apiKey: sdk.hub.apiKey, baseURL: sdk.baseUrl });
});
afterAll(() => sdk.close());
afterEach(() => sdk.upstream.reset());

const PNG_SIGNATURE = '89504e470d0a1a0a';

/** Width and height of a PNG; fails for anything else. */
function sizeOf(png: Buffer): string {
  expect(png.toString('hex', 0, 8)).toBe(PNG_SIGNATURE);
  return `${png.readUInt32BE(16)}x${png.readUInt32BE(20)}`;
}

describe('embeddings.create', () => {
  const model = 'text-embedding-3-small';

  it('gives the same numbers in its default encoding, base64, and as floats', async () => {
    const input = ['你好世界', 'hello'];
    const byDefault = await client.embeddings.create({ model, input });
    const asFloats = await client.embeddings.create({ model, input, encoding_format: 'float' });
    expect(byDefault.data.map(({ index, embedding }) => [index, embedding.length])).toEqual([
      [0, 1536],
      [1, 1536],
    ]);
    expect(byDefault.data.map(({ embedding }) => [...embedding])).toEqual(
      asFloats.data.map(({ embedding }) => embedding),
    );
    expect(byDefault).toMatchObject({ object: 'list', model, usage: { prompt_tokens: 5, total_tokens: 5 } });
    expect(byDefault.data[0]?.embedding).not.toEqual(byDefault.data[1]?.embedding);
  });

  it('gives base64 to those who ask for it by name', async () => {
    const { data } = await client.embeddings.create({ model, input: 'hello', encoding_format: 'base64' });
    expect(Buffer.from(String(data[0]?.embedding), 'base64')).toHaveLength(1536 * 4);
  });

  it('gives vectors of the size asked for, also for token ids', async () => {
    const { data } = await client.embeddings.create({ model, input: [[1, 2, 3], [4]], dimensions: 8 });
    expect(data.map(({ embedding }) => embedding.length)).toEqual([8, 8]);
  });

  it('is a BadRequestError for an empty list', async () => {
    const error: unknown = await client.embeddings.create({ model, input: [] }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error).toMatchObject({ param: 'input' });
  });
});

describe('images', () => {
  it('generate gives an address where a PNG is', async () => {
    const { data } = await client.images.generate({ model: 'dall-e-3', prompt: 'a cute cat', size: '1792x1024' });
    const picture = await fetch(data?.[0]?.url ?? '');
    expect(picture.headers.get('content-type')).toBe('image/png');
    expect(sizeOf(Buffer.from(await picture.arrayBuffer()))).toBe('1792x1024');
  });

  it('generate gives the PNG itself as base64', async () => {
    const { data } = await client.images.generate({
      model: 'dall-e-3',
      prompt: 'a cute cat',
      response_format: 'b64_json',
    });
    expect(data?.[0]?.url).toBeUndefined();
    expect(sizeOf(Buffer.from(data?.[0]?.b64_json ?? '', 'base64'))).toBe('1024x1024');
  });

  it('generate gives several pictures and their usage', async () => {
    const { data, usage } = await client.images.generate({
      model: 'gpt-image-1',
      prompt: 'a cute cat',
      n: 2,
      quality: 'low',
    });
    expect(data?.map(({ b64_json }) => sizeOf(Buffer.from(b64_json ?? '', 'base64')))).toEqual([
      '1024x1024',
      '1024x1024',
    ]);
    expect(data?.[0]?.b64_json).not.toBe(data?.[1]?.b64_json);
    expect(usage).toMatchObject({ input_tokens: 3, output_tokens: 544 });
  });

  it('generate streams a picture while it is painted', async () => {
    const stream = await client.images.generate({
      model: 'gpt-image-1',
      prompt: 'a cute cat',
      stream: true,
      partial_images: 2,
    });
    const types: string[] = [];
    for await (const event of stream) {
      types.push(event.type);
      expect(sizeOf(Buffer.from(event.b64_json, 'base64'))).toBe('1024x1024');
    }
    expect(types).toEqual([
      'image_generation.partial_image',
      'image_generation.partial_image',
      'image_generation.completed',
    ]);
  });

  it('edit sends files and gives a PNG', async () => {
    const { data } = await client.images.generate({ model: 'gpt-image-1', prompt: 'a cat' });
    const bytes = Buffer.from(data?.[0]?.b64_json ?? '', 'base64');
    const files = await Promise.all(['one.png', '二.png'].map((name) => toFile(bytes, name, { type: 'image/png' })));
    const edited = await client.images.edit({ model: 'gpt-image-1', image: files, prompt: 'add a hat' });
    expect(sizeOf(Buffer.from(edited.data?.[0]?.b64_json ?? '', 'base64'))).toBe('1024x1024');
  });

  it('edit hands the files on byte for byte', async () => {
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 251));
    await client.images.edit({
      model: FAKE_MODEL,
      image: await toFile(bytes, 'a.png', { type: 'image/png' }),
      prompt: 'x',
    });
    expect(sdk.upstream.requests[0]?.body.includes(bytes)).toBe(true);
  });
});

describe('models', () => {
  it('list gives every model', async () => {
    const ids = (await collect(client.models.list())).map((model) => model.id);
    expect(ids).toEqual(expect.arrayContaining(['gpt-4', 'dall-e-3', 'text-embedding-3-small', SLASH_MODEL]));
    expect(ids).toEqual([...ids].sort());
  });

  it.each(['gpt-4', SLASH_MODEL])('retrieve gives %s', async (id) => {
    expect(await client.models.retrieve(id)).toMatchObject({ id, object: 'model', owned_by: 'ug-ai-hub' });
  });

  it('passes over what the hub says beyond, and still has it', async () => {
    const models = await collect(client.models.list());
    const types = Object.fromEntries(models.map((model) => [model.id, 'hub' in model ? model.hub : undefined]));
    expect(types).toMatchObject({
      'gpt-4': { type: 'chat', prices: { currency: 'credits' } },
      'dall-e-3': { type: 'image', capabilities: { image_sizes: expect.arrayContaining(['1024x1024']) } },
      'text-embedding-3-small': { type: 'embedding' },
      'sandbox-video': { type: 'video' },
    });
  });

  it('shows a key only the models it may use', async () => {
    const { key } = await sdk.hub.createKey({ models: [SLASH_MODEL] });
    const limited = new OpenAI({ apiKey: key, baseURL: sdk.baseUrl });
    expect((await limited.models.list()).data.map(({ id }) => id)).toEqual([SLASH_MODEL]);
    await expect(limited.models.retrieve('gpt-4')).rejects.toThrow(OpenAI.NotFoundError);
  });
});

describe('audio', () => {
  const file = () => toFile(Buffer.from('not really sound'), 'speech.mp3', { type: 'audio/mpeg' });
  const events = (list: readonly object[]): string =>
    list.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');

  it('transcribes an upload', async () => {
    const body = { text: 'Hello.', usage: { type: 'duration', seconds: 2 } };
    sdk.upstream.script({ status: 200, body });
    expect(await client.audio.transcriptions.create({ model: FAKE_MODEL, file: await file() })).toEqual(body);
    const [request] = sdk.upstream.requests;
    expect(request?.path).toBe('/v1/audio/transcriptions');
  });

  it('gives a transcript as text where that is asked for', async () => {
    sdk.upstream.script({ status: 200, body: 'WEBVTT\n\nHello.', content_type: 'text/plain' });
    const text = await client.audio.transcriptions.create({
      model: FAKE_MODEL,
      file: await file(),
      response_format: 'vtt',
    });
    expect(text).toBe('WEBVTT\n\nHello.');
  });

  it('streams a transcript', async () => {
    const list = [
      { type: 'transcript.text.delta', delta: 'Hel' },
      { type: 'transcript.text.delta', delta: 'lo.' },
      { type: 'transcript.text.done', text: 'Hello.' },
    ];
    sdk.upstream.script({ status: 200, body: events(list), content_type: 'text/event-stream' });
    const stream = await client.audio.transcriptions.create({ model: FAKE_MODEL, file: await file(), stream: true });
    const seen: unknown[] = [];
    for await (const event of stream) seen.push(event);
    expect(seen).toEqual(list);
  });

  it('fails a transcript that breaks off', async () => {
    const list = [{ type: 'transcript.text.delta', delta: 'Hel' }];
    sdk.upstream.script({ status: 200, body: events(list), content_type: 'text/event-stream' });
    const stream = await client.audio.transcriptions.create({ model: FAKE_MODEL, file: await file(), stream: true });
    const seen: unknown[] = [];
    const read = async (): Promise<void> => {
      for await (const event of stream) seen.push(event);
    };
    await expect(read()).rejects.toBeInstanceOf(OpenAI.APIError);
    expect(seen).toEqual(list);
  });

  it('translates', async () => {
    sdk.upstream.script({ status: 200, body: { text: 'Hello.' } });
    const { text } = await client.audio.translations.create({ model: FAKE_MODEL, file: await file() });
    expect([text, sdk.upstream.requests[0]?.path]).toEqual(['Hello.', '/v1/audio/translations']);
  });

  it('speaks', async () => {
    sdk.upstream.script({ status: 200, body: 'sound', content_type: 'audio/mpeg' });
    const response = await client.audio.speech.create({ model: FAKE_MODEL, voice: 'alloy', input: 'Hello.' });
    expect(response.headers.get('content-type')).toBe('audio/mpeg');
    expect(Buffer.from(await response.arrayBuffer()).toString()).toBe('sound');
  });
});

describe('moderations and completions', () => {
  it('judge', async () => {
    const results = [{ flagged: false, categories: { violence: false }, category_scores: { violence: 0.1 } }];
    sdk.upstream.script({ status: 200, body: { id: 'modr-1', model: 'other', results } });
    expect(await client.moderations.create({ model: FAKE_MODEL, input: 'a text' })).toMatchObject({
      model: FAKE_MODEL,
      results,
    });
  });

  it('go on from a text, whole and streamed', async () => {
    const choice = { text: ' world', index: 0, logprobs: null, finish_reason: 'stop' };
    const body = { id: 'cmpl-1', object: 'text_completion', created: 1, model: 'other', choices: [choice] };
    sdk.upstream.script({ status: 200, body });
    expect(await client.completions.create({ model: FAKE_MODEL, prompt: 'Hello' })).toEqual({
      ...body,
      model: FAKE_MODEL,
    });
    const text = `data: ${JSON.stringify(body)}\n\ndata: [DONE]\n\n`;
    sdk.upstream.script({ status: 200, body: text, content_type: 'text/event-stream' });
    const stream = await client.completions.create({ model: FAKE_MODEL, prompt: 'Hello', stream: true });
    const texts: string[] = [];
    for await (const chunk of stream) texts.push(...chunk.choices.map((each) => each.text));
    expect(texts).toEqual([' world']);
  });
});
