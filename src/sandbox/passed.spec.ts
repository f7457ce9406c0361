import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import OpenAI, { toFile } from 'openai';
import { type SandboxServer, startSandbox } from './sandbox-server.js';
import { singSamples, toWav } from './wav.js';

const COMPLETIONS = 'gpt-3.5-turbo-instruct';
const TWO_SECONDS = toWav(singSamples('a', 2_000));

let server: SandboxServer;
let client: OpenAI;

beforeAll(async () => {
  server = await startSandbox({ tokenDelayMs: 0 });
  client = new OpenAI({ apiKey: 'any', baseURL: server.url, maxRetries: 0 });
});
afterAll(() => server.close());

async function post(path: string, body: object): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(`${server.url}${path}`, { method: 'POST', body: JSON.stringify(body) });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe('completions', () => {
  it('are cut at 16 tokens, or where the caller says', async () => {
    const cut = await client.completions.create({ model: COMPLETIONS, prompt: 'Hello' });
    expect(cut).toMatchObject({ object: 'text_completion', usage: { prompt_tokens: 1, completion_tokens: 16 } });
    expect(cut.choices).toMatchObject([{ index: 0, finish_reason: 'length' }]);
    const whole = await client.completions.create({ model: COMPLETIONS, prompt: 'Hello', max_tokens: 100 });
    expect(whole.choices[0]).toMatchObject({ finish_reason: 'stop', text: expect.stringContaining('"Hello"') });
  });

  it('stream the same words, with usage for those who ask', async () => {
    const asked = { model: COMPLETIONS, prompt: ['a', [1, 2]] as never, n: 2, max_tokens: 30 };
    const whole = await client.completions.create(asked);
    const stream = await client.completions.create({ ...asked, stream: true, stream_options: { include_usage: true } });
    const texts: string[] = [];
    let usage: unknown;
    for await (const { choices, usage: told } of stream) {
      for (const { index, text } of choices) texts[index] = (texts[index] ?? '') + text;
      usage = told ?? usage;
    }
    expect(texts).toEqual(whole.choices.map(({ text }) => text));
    expect(texts).toHaveLength(4);
    expect(usage).toEqual(whole.usage);
  });
});

describe('moderations', () => {
  it('know both verdicts, one for each text', async () => {
    const { results } = await client.moderations.create({ input: ['a nice day', 'I will kill you'] });
    expect(results.map(({ flagged }) => flagged)).toEqual([false, true]);
    expect(results[1]!.categories.violence).toBe(true);
  });

  it('look at parts as one input', async () => {
    const image_url = { url: 'https://example.com/a.png' };
    const input = [
      { type: 'text' as const, text: 'hi' },
      { type: 'image_url' as const, image_url },
    ];
    const { results } = await client.moderations.create({ model: 'omni-moderation-latest', input });
    expect(results).toMatchObject([{ flagged: false, category_applied_input_types: { violence: ['text', 'image'] } }]);
  });
});

describe('speech', () => {
  it('is a WAV file that sounds as long as its header says', async () => {
    const body = { model: 'tts-1', input: 'Hello world', voice: 'alloy', response_format: 'wav' } as const;
    const response = await client.audio.speech.create(body);
    expect(response.headers.get('content-type')).toBe('audio/wav');
    const bytes = Buffer.from(await response.arrayBuffer());
    expect([bytes.toString('latin1', 0, 4), bytes.toString('latin1', 8, 16)]).toEqual(['RIFF', 'WAVEfmt ']);
    expect(bytes.readUInt32LE(4)).toBe(bytes.length - 8);
    expect(bytes.readUInt32LE(40)).toBe(bytes.length - 44);
    // 60 ms for each of 11 characters, two bytes for each of 24,000 samples a second.
    expect(bytes.length - 44).toBe(0.66 * 48_000);
    expect(bytes.subarray(44).some((byte) => byte !== 0)).toBe(true);
  });

  it('comes as events, too, whose pieces are the same sound', async () => {
    const asked = { model: 'tts-1', input: 'Hello world', voice: 'alloy', response_format: 'pcm' } as const;
    const whole = Buffer.from(await (await client.audio.speech.create(asked)).arrayBuffer());
    const text = await (await client.audio.speech.create({ ...asked, stream_format: 'sse' })).text();
    const events = [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data!));
    const pieces = events.slice(0, -1).map(({ audio }) => Buffer.from(audio, 'base64'));
    expect(Buffer.concat(pieces).equals(whole)).toBe(true);
    expect(events.at(-1)).toMatchObject({ type: 'speech.audio.done', usage: { input_tokens: 2, output_tokens: 14 } });
  });

  it('is refused by name in a format that it does not make', async () => {
    const refused = await post('/audio/speech', { model: 'tts-1', input: 'a', voice: 'v', response_format: 'mp3' });
    expect(refused).toMatchObject({ status: 400, body: { error: { param: 'response_format' } } });
  });
});

describe('transcriptions', () => {
  const ask = async (options: object) =>
    client.audio.transcriptions.create({
      model: 'whisper-1',
      file: await toFile(TWO_SECONDS, 'a.wav'),
      ...options,
    } as OpenAI.Audio.TranscriptionCreateParamsNonStreaming);

  it('tell the length of a WAV file, and nothing of what they cannot measure', async () => {
    expect(await ask({})).toMatchObject({ text: expect.any(String), usage: { type: 'duration', seconds: 2 } });
    expect(await ask({ response_format: 'verbose_json' })).toMatchObject({ duration: 2, segments: [{ end: 2 }] });
    const other = await ask({ file: await toFile(Buffer.alloc(1000, 1), 'a.mp3'), response_format: 'verbose_json' });
    expect(other).not.toHaveProperty('usage');
    expect(other).not.toHaveProperty('duration');
  });

  it('are subtitles, bare text or tell speakers apart, as asked', async () => {
    expect(await ask({ response_format: 'srt' })).toMatch(/^1\n00:00:00,000 --> 00:00:02,000\nThis/);
    expect(await ask({ response_format: 'vtt' })).toMatch(/^WEBVTT\n\n00:00:00\.000 --> 00:00:02\.000\nThis/);
    expect(await ask({ response_format: 'text' })).toMatch(/^This/);
    expect(await ask({ response_format: 'diarized_json' })).toMatchObject({ segments: [{ speaker: 'A' }] });
  });

  it('come as events whose deltas are the text of the last', async () => {
    const stream = await client.audio.transcriptions.create({
      model: 'whisper-1',
      file: await toFile(TWO_SECONDS, 'a.wav'),
      stream: true,
    });
    let text = '';
    let whole = '';
    for await (const event of stream) {
      if (event.type === 'transcript.text.delta') text += event.delta;
      if (event.type === 'transcript.text.done') whole = event.text;
    }
    expect(text).toBe(whole);
    expect(text).toMatch(/^This/);
  });

  it('are translations, too', async () => {
    const file = await toFile(TWO_SECONDS, 'a.wav');
    expect((await client.audio.translations.create({ model: 'whisper-1', file })).text).toMatch(/^This/);
  });

  it('are refused without a file', async () => {
    const form = new FormData();
    form.set('model', 'whisper-1');
    const response = await fetch(`${server.url}/audio/transcriptions`, { method: 'POST', body: form });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param: 'file' } });
  });
});

describe('rerank', () => {
  const asked = {
    model: 'sandbox-rerank',
    query: '杭州 weather',
    documents: ['the weather', 'no', '杭州 weather today'],
  };

  it('puts first what has the words of the query', async () => {
    const { status, body } = await post('/rerank', asked);
    expect(status).toBe(200);
    expect(body).toMatchObject({ usage: { prompt_tokens: expect.any(Number) } });
    expect(body['results']).toEqual([
      { index: 2, relevance_score: 1 },
      { index: 0, relevance_score: 0.3333 },
      { index: 1, relevance_score: 0 },
    ]);
    expect((await post('/rerank', { ...asked, top_n: 1 })).body['results']).toHaveLength(1);
  });

  it.each([
    [{ ...asked, query: '' }, 'query'],
    [{ ...asked, documents: [] }, 'documents'],
    [{ ...asked, documents: [1] }, 'documents'],
    [{ ...asked, model: 'gpt-4' }, 'model'],
  ])('refuses %j', async (body, param) => {
    expect(await post('/rerank', body)).toMatchObject({ status: 400, body: { error: { param } } });
  });
});
