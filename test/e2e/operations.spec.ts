import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type AnsweringUpstream, sendEvents, sendJson, startAnsweringUpstream } from '../support/answering-upstream.js';
import { startHub, type TestHub } from '../support/hub.js';
import { type BookedOperation, bookedOperation, eventsOf, refusalOf, uploadOf } from '../support/operations.js';
import { until } from '../support/until.js';

const V1 = '/api/relay/v1';
const MODELS = [
  { id: 'text', price: { inputPerMillion: '1000', outputPerMillion: '2000' } },
  { id: 'judge', price: { perRequest: '0' } },
  { id: 'ears', price: { perAudioSecond: '0.001' } },
  { id: 'ears-by-token', price: { inputPerMillion: '1000', outputPerMillion: '2000' } },
  { id: 'voice', price: { perMillionCharacters: '1000' } },
  { id: 'order', price: { perSearch: '0.002' } },
  { id: 'order-by-token', price: { inputPerMillion: '1000' } },
];
const UNIT = 1_000_000n;

let first: AnsweringUpstream;
let second: AnsweringUpstream;
let hub: TestHub;

beforeAll(async () => {
  [first, second] = [await startAnsweringUpstream(), await startAnsweringUpstream()];
  const models = new Map(MODELS.map(({ id }) => [id, `up-${id}`]));
  hub = await startHub({
    channels: [
      { name: 'first', baseUrl: first.url, models, priority: 10 },
      { name: 'second', baseUrl: second.url, models },
    ],
    models: MODELS,
  });
});
beforeEach(() => {
  for (const upstream of [first, second]) (upstream.heard as unknown[]).length = 0;
  second.answer = (_, response) => sendJson(response, { error: { message: 'not this one' } }, 400);
});
afterAll(async () => {
  await hub.close();
  await first.close();
  await second.close();
});

const booked = (response: Response): Promise<BookedOperation> => bookedOperation(hub.sql, response);
const heardJson = (upstream: AnsweringUpstream): unknown => JSON.parse(upstream.heard[0]!.body.toString());

const upload = (path: string, body: FormData, headers = {}): Promise<Response> =>
  hub.fetch(`${V1}/${path}`, { method: 'POST', body, headers });

describe('POST completions', () => {
  const answer = {
    id: 'cmpl-1',
    object: 'text_completion',
    created: 1,
    model: 'up-text',
    choices: [{ text: ' world', index: 0, logprobs: null, finish_reason: 'stop' }],
    usage: { prompt_tokens: 3, completion_tokens: 5, total_tokens: 8 },
  };

  it('passes the body on with the upstream model, and says what OpenAI says where max_tokens is left out', async () => {
    first.answer = (_, response) => sendJson(response, answer);
    const response = await hub.post(`${V1}/completions`, { model: 'text', prompt: 'Hello', best_of: 1 });
    expect(await response.json()).toEqual({ ...answer, model: 'text' });
    expect(first.heard[0]?.path).toBe('/v1/completions');
    expect(heardJson(first)).toEqual({ model: 'up-text', prompt: 'Hello', best_of: 1, max_tokens: 16 });
    expect(await booked(response)).toMatchObject({
      outcome: 'done',
      endpoint: 'completions',
      estimated: false,
      input: 3,
      output: 5,
      audioMs: null,
      cost: 13n * UNIT,
    });
  });

  it('streams with one id, asks for usage and hides it from those who did not', async () => {
    first.answer = (_, response) =>
      sendEvents(response, [
        { id: 'a', object: 'text_completion', created: 7, choices: [{ text: 'one', index: 0, finish_reason: null }] },
        {
          id: 'a',
          object: 'text_completion',
          created: 7,
          choices: [{ text: ' two', index: 0, finish_reason: 'stop' }],
        },
        {
          id: 'a',
          object: 'text_completion',
          created: 7,
          choices: [],
          usage: { prompt_tokens: 1, completion_tokens: 2 },
        },
        '[DONE]',
      ]);
    const response = await hub.post(`${V1}/completions`, { model: 'text', prompt: 'x', stream: true });
    const shown = await eventsOf(response);
    expect(shown.map((event) => event.slice('data: '.length))).toEqual([
      expect.stringContaining('"text":"one"'),
      expect.stringContaining('"finish_reason":"stop"'),
      '[DONE]',
    ]);
    expect(JSON.parse(shown[0]!.slice('data: '.length))).toMatchObject({ id: 'a', created: 7, model: 'text' });
    expect(heardJson(first)).toMatchObject({ stream_options: { include_usage: true } });
    expect(await booked(response)).toMatchObject({ estimated: false, input: 1, output: 2, cost: 5n * UNIT });
  });

  it('ends a stream that breaks off with an error and no [DONE], and charges what came', async () => {
    first.answer = (_, response) =>
      sendEvents(response, [{ id: 'a', choices: [{ text: 'one two', index: 0, finish_reason: null }] }]);
    const response = await hub.post(`${V1}/completions`, { model: 'text', prompt: 'x', stream: true });
    const shown = await eventsOf(response);
    expect(shown).toHaveLength(2);
    expect(JSON.parse(shown[1]!.slice('data: '.length))).toMatchObject({ error: { code: expect.any(String) } });
    expect(await booked(response)).toMatchObject({ outcome: 'failed', estimated: true, input: 1, output: 2 });
  });

  it('goes to another channel before anything has come', async () => {
    first.answer = (_, response) => sendEvents(response, ['[DONE]']);
    second.answer = (_, response) => sendJson(response, answer);
    const response = await hub.post(`${V1}/completions`, { model: 'text', prompt: 'x', stream: true });
    expect(await eventsOf(response)).toEqual([expect.stringContaining(' world'), 'data: [DONE]']);
    expect(response.headers.get('x-hub-attempts')).toBe('2');
    expect((await booked(response)).cost).toBe(13n * UNIT);
  });
});

describe('POST moderations', () => {
  it('passes through, free where the price says so', async () => {
    const results = [{ flagged: true, categories: { violence: true }, category_scores: { violence: 0.9 } }];
    first.answer = (_, response) => sendJson(response, { id: 'modr-1', model: 'up-judge', results });
    const response = await hub.post(`${V1}/moderations`, { model: 'judge', input: 'a text' });
    expect(await response.json()).toEqual({ id: 'modr-1', model: 'judge', results });
    expect(await booked(response)).toMatchObject({ endpoint: 'moderations', outcome: 'done', cost: 0n });
  });
});

describe('POST rerank', () => {
  const body = {
    model: 'order',
    query: 'apple',
    documents: ['a car', { text: 'a fruit', id: 7 }],
    return_documents: true,
  };

  it('orders, gives the texts back and charges the searches that are reported', async () => {
    first.answer = (_, response) =>
      sendJson(response, {
        id: 'r1',
        results: [
          { index: 0, relevance_score: 0.1 },
          { index: 1, relevance_score: 0.9, document: 'a fruit' },
        ],
        meta: { billed_units: { search_units: 3 } },
      });
    const response = await hub.post(`${V1}/rerank`, body);
    expect(await response.json()).toEqual({
      id: 'r1',
      model: 'order',
      results: [
        { index: 1, relevance_score: 0.9, document: { text: 'a fruit', id: 7 } },
        { index: 0, relevance_score: 0.1, document: { text: 'a car' } },
      ],
      meta: { billed_units: { search_units: 3 } },
    });
    expect(heardJson(first)).toEqual({ model: 'up-order', query: 'apple', documents: ['a car', 'a fruit'] });
    expect(await booked(response)).toMatchObject({ searches: 3, estimated: false, input: null, cost: 6n * UNIT });
  });

  it('counts for itself what is not reported, and says so', async () => {
    first.answer = (_, response) => sendJson(response, { results: [{ index: 0, relevance_score: 1 }] });
    const response = await hub.post(`${V1}/rerank`, { ...body, top_n: 1 });
    expect(await booked(response)).toMatchObject({ searches: 1, estimated: true, cost: 2n * UNIT });
  });

  it('charges tokens where these have the price', async () => {
    first.answer = (_, response) =>
      sendJson(response, { results: [{ index: 0, relevance_score: 1 }], usage: { total_tokens: 9 } });
    const response = await hub.post(`${V1}/rerank`, { ...body, model: 'order-by-token' });
    expect(await response.json()).toMatchObject({ usage: { prompt_tokens: 9, total_tokens: 9 } });
    expect(await booked(response)).toMatchObject({ input: 9, estimated: false, cost: 9n * UNIT });
  });
});

describe('POST audio/transcriptions', () => {
  it('passes the upload on with the upstream model, and charges the length that is reported', async () => {
    const text = { text: 'hello', usage: { type: 'duration', seconds: 4 } };
    first.answer = (_, response) => sendJson(response, text);
    const response = await upload('audio/transcriptions', await uploadOf('ears', { temperature: '0' }));
    expect(await response.json()).toEqual(text);
    const [heard] = first.heard;
    expect(heard).toMatchObject({ path: '/v1/audio/transcriptions', contentType: /^multipart\/form-data/ });
    const form = await new Response(heard!.body, { headers: { 'content-type': heard!.contentType } }).formData();
    expect(form.get('model')).toBe('up-ears');
    expect(form.get('temperature')).toBe('0');
    const sound = await readFile(new URL('../support/sounds/tone.mp3', import.meta.url));
    expect(Buffer.from(await (form.get('file') as File).arrayBuffer()).equals(sound)).toBe(true);
    expect(await booked(response)).toMatchObject({
      endpoint: 'audio/transcriptions',
      audioMs: 4000,
      estimated: false,
      input: null,
      cost: 4n * UNIT,
    });
  });

  it('measures the sound where nothing is reported, and says so', async () => {
    first.answer = (_, response) => response.writeHead(200, { 'content-type': 'text/plain' }).end('hello\n');
    const response = await upload('audio/transcriptions', await uploadOf('ears', { response_format: 'text' }));
    expect([await response.text(), response.headers.get('content-type')]).toEqual([
      'hello\n',
      'text/plain; charset=utf-8',
    ]);
    const event = await booked(response);
    expect(event).toMatchObject({ estimated: true });
    expect(event.audioMs).toBeGreaterThan(1400);
    expect(event.audioMs).toBeLessThan(1700);
    expect(event.cost).toBe(BigInt(event.audioMs!) * 1000n);
  });

  it('charges tokens where these have the price', async () => {
    const usage = { type: 'tokens', input_tokens: 14, output_tokens: 45, total_tokens: 59 };
    first.answer = (_, response) => sendJson(response, { text: 'hello', usage });
    const response = await upload('audio/transcriptions', await uploadOf('ears-by-token'));
    expect(await booked(response)).toMatchObject({ input: 14, output: 45, estimated: false, cost: 104n * UNIT });
  });

  it('streams, and shows the end only when the books are closed', async () => {
    const usage = { type: 'tokens', input_tokens: 14, output_tokens: 2, total_tokens: 16 };
    first.answer = (_, response) =>
      sendEvents(response, [
        { type: 'transcript.text.delta', delta: 'hel' },
        { type: 'transcript.text.delta', delta: 'lo' },
        { type: 'transcript.text.done', text: 'hello', usage },
      ]);
    const response = await upload('audio/transcriptions', await uploadOf('ears-by-token', { stream: 'true' }));
    expect(await eventsOf(response)).toEqual([
      'data: {"type":"transcript.text.delta","delta":"hel"}',
      'data: {"type":"transcript.text.delta","delta":"lo"}',
      `data: ${JSON.stringify({ type: 'transcript.text.done', text: 'hello', usage })}`,
      'data: [DONE]',
    ]);
    expect(await booked(response)).toMatchObject({ input: 14, output: 2, estimated: false, cost: 18n * UNIT });
  });

  it('ends a stream that breaks off with an error and no [DONE], and charges the sound that was heard', async () => {
    first.answer = (_, response) => sendEvents(response, [{ type: 'transcript.text.delta', delta: 'hel' }]);
    const response = await upload('audio/transcriptions', await uploadOf('ears', { stream: 'true' }));
    const shown = await eventsOf(response);
    expect(shown).toHaveLength(2);
    expect(shown[1]).toContain('"error"');
    const event = await booked(response);
    expect(event).toMatchObject({ outcome: 'failed', estimated: true });
    expect(event.cost).toBe(BigInt(event.audioMs!) * 1000n);
  });

  it('makes events of an answer that comes whole', async () => {
    first.answer = (_, response) => sendJson(response, { text: 'hello', usage: { type: 'duration', seconds: 2 } });
    const response = await upload('audio/transcriptions', await uploadOf('ears', { stream: 'true' }));
    expect(await eventsOf(response)).toEqual([expect.stringContaining('transcript.text.done'), 'data: [DONE]']);
    expect(await booked(response)).toMatchObject({ audioMs: 2000, cost: 2n * UNIT });
  });

  it('asks another channel with the same upload', async () => {
    first.answer = (_, response) => sendJson(response, { error: { message: 'busy' } }, 503);
    second.answer = (_, response) => sendJson(response, { text: 'hello', usage: { type: 'duration', seconds: 1 } });
    const response = await upload('audio/transcriptions', await uploadOf('ears'));
    expect(await response.json()).toMatchObject({ text: 'hello' });
    expect(second.heard[0]?.body.length).toBe(first.heard[0]?.body.length);
  });

  it('translates on its own path', async () => {
    first.answer = (_, response) => sendJson(response, { text: 'hello', usage: { type: 'duration', seconds: 1 } });
    const response = await upload('audio/translations', await uploadOf('ears'));
    expect(await booked(response)).toMatchObject({ endpoint: 'audio/translations' });
    expect(first.heard[0]?.path).toBe('/v1/audio/translations');
  });

  it('replays a transcript in its own format, and nobody is charged twice', async () => {
    first.answer = (_, response) => response.writeHead(200, { 'content-type': 'text/vtt' }).end('WEBVTT\n');
    const send = async (): Promise<Response> =>
      upload('audio/transcriptions', await uploadOf('ears', { response_format: 'vtt' }), {
        'idempotency-key': 'transcript-1',
      });
    await booked(await send());
    const again = await send();
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect([await again.text(), again.headers.get('content-type')]).toEqual(['WEBVTT\n', 'text/plain; charset=utf-8']);
    expect(first.heard).toHaveLength(1);
  });

  it('needs a file, and a form', async () => {
    const form = new FormData();
    form.set('model', 'ears');
    expect(await refusalOf(await upload('audio/transcriptions', form))).toMatchObject({ status: 400, param: 'file' });
    expect(await refusalOf(await hub.post(`${V1}/audio/transcriptions`, {}))).toMatchObject({ status: 415 });
  });
});

describe('POST audio/speech', () => {
  const body = { model: 'voice', voice: 'alloy', input: 'Grüße, 世界 🎈' };
  const characters = 11;

  it('passes sound on as it comes, and charges characters', async () => {
    first.answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'audio/mpeg' });
      response.write(Buffer.from([1, 2, 3]));
      // The rest comes when the beginning has been seen.
      rest = () => response.end(Buffer.from([4, 5]));
    };
    let rest = (): void => undefined;
    const response = await hub.post(`${V1}/audio/speech`, body);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'audio/mpeg']);
    const reader = response.body!.getReader();
    expect((await reader.read()).value).toEqual(Uint8Array.of(1, 2, 3));
    rest();
    expect((await reader.read()).value).toEqual(Uint8Array.of(4, 5));
    expect((await reader.read()).done).toBe(true);
    expect(heardJson(first)).toEqual({ ...body, model: 'up-voice' });
    expect(await booked(response)).toMatchObject({
      endpoint: 'audio/speech',
      outcome: 'done',
      characters,
      estimated: false,
      input: null,
      cost: BigInt(characters) * UNIT,
    });
  });

  it('does not read ahead of a client that does not read', async () => {
    let sent = 0;
    first.answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'audio/mpeg' });
      const block = Buffer.alloc(256 * 1024);
      const more = (): void => {
        while (sent < 64 * 1024 * 1024) {
          sent += block.length;
          if (!response.write(block)) {
            response.once('drain', more);
            return;
          }
        }
        response.end();
      };
      more();
    };
    const stop = new AbortController();
    const response = await hub.fetch(`${V1}/audio/speech`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: stop.signal,
    });
    await until(() => sent > 256 * 1024);
    expect(sent).toBeLessThan(48 * 1024 * 1024);
    stop.abort();
    expect(await booked(response)).toMatchObject({ outcome: 'client_gone', cost: BigInt(characters) * UNIT });
  });

  it('cuts the connection of sound that breaks off', async () => {
    first.answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'audio/mpeg' });
      response.write(Buffer.from([1]), () => response.destroy());
    };
    const response = await hub.post(`${V1}/audio/speech`, body);
    await expect(response.arrayBuffer()).rejects.toThrow();
    expect(await booked(response)).toMatchObject({ outcome: 'failed', characters });
  });

  it.each([
    ['no sound at all', 'audio/mpeg', ''],
    ['JSON', 'application/json', '{"error":{"message":"no"}}'],
    ['a page', 'text/html', '<html>'],
  ])('asks another channel after %s', async (_what, type, text) => {
    first.answer = (_, response) => response.writeHead(200, { 'content-type': type }).end(text);
    second.answer = (_, response) => response.writeHead(200, {}).end(Buffer.from([9]));
    const response = await hub.post(`${V1}/audio/speech`, { ...body, response_format: 'wav' });
    expect(Buffer.from(await response.arrayBuffer())).toEqual(Buffer.from([9]));
    expect(response.headers.get('content-type')).toBe('audio/wav');
  });

  it('gives events where they are asked for', async () => {
    const usage = { input_tokens: 3, output_tokens: 40, total_tokens: 43 };
    first.answer = (_, response) =>
      sendEvents(response, [
        { type: 'speech.audio.delta', audio: 'AQID' },
        { type: 'speech.audio.done', usage },
      ]);
    const response = await hub.post(`${V1}/audio/speech`, { ...body, stream_format: 'sse' });
    expect(await eventsOf(response)).toEqual([
      'data: {"type":"speech.audio.delta","audio":"AQID"}',
      `data: ${JSON.stringify({ type: 'speech.audio.done', usage })}`,
      'data: [DONE]',
    ]);
    expect(await booked(response)).toMatchObject({ characters, input: 3, output: 40 });
  });
});
