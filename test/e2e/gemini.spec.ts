import { isJson, type Json, listAt, objectAt, textAt } from '../simulators/gemini/json-fields.js';
import { type GeminiSimulator, startGeminiSimulator } from '../simulators/gemini.js';
import { balanceOf, UNIT } from '../support/books.js';
import { type HubOptions, startHub, type TestHub } from '../support/hub.js';
import { askChat, streamChat } from '../support/relay-client.js';
import { until } from '../support/until.js';

const MODELS = [
  'gemini-3.8-flash',
  'gemini-2.5-flash',
  'gemini-3.1-flash-image',
  'gemini-embedding-001',
  'gemini-2.5-flash-image',
];
const model = 'gemini-3.8-flash';
const hello = [{ role: 'user', content: 'Hello' }];
const tools = [
  {
    type: 'function',
    function: {
      name: 'get_weather',
      parameters: {
        $schema: 'http://json-schema.org/draft-07/schema#',
        type: 'object',
        properties: { city: { type: 'string', enum: ['杭州'] } },
        required: ['city'],
        additionalProperties: false,
      },
    },
  },
];

let simulator: GeminiSimulator;
let channelCount = 0;
let hub: TestHub;

beforeAll(async () => {
  simulator = await startGeminiSimulator();
  hub = await startHub();
});
beforeEach(async () => {
  simulator.reset();
  await declare();
});
afterAll(async () => {
  await hub.close();
  await simulator.close();
});

const declare = async (apiKey = simulator.credential, models: HubOptions['models'] = []): Promise<void> =>
  await hub.setChannels(
    [
      {
        // A new one for each test: what one test breaks does not rest in the next.
        name: `google-${++channelCount}`,
        provider: 'gemini',
        baseUrl: simulator.url,
        apiKey,
        models: new Map(MODELS.map((id) => [id, id])),
      },
    ],
    models,
  );

/** The error of an answer in OpenAI's envelope. */
async function readError(response: Response): Promise<{ readonly code: unknown; readonly param: unknown }> {
  const { code, param } = objectAt(await response.json(), 'error');
  return { code, param };
}

/** A whole answer, as a client reads it. */
async function complete(body: object): Promise<Json> {
  const response = await askChat(hub, { model, messages: hello, ...body });
  const answer: unknown = await response.json();
  if (response.status !== 200 || !isJson(answer)) throw new Error(JSON.stringify(answer));
  return answer;
}

const messageOf = (answer: Json): Json => objectAt(listAt(answer, 'choices')[0], 'message');
const sent = (): Json => JSON.parse(simulator.requests.at(-1)!.body.toString());

describe('a chat model of Google in its own format', () => {
  it('answers whole, and the books have what it reports', async () => {
    simulator.script({ in: 29, text: 'Hello 世界' });
    simulator.answer({ thoughtWords: 5 });
    const before = await balanceOf(hub.sql, hub.accountId);
    const answer = await complete({});
    expect(answer).toMatchObject({
      object: 'chat.completion',
      model,
      choices: [
        {
          message: { role: 'assistant', content: 'Hello 世界', reasoning_content: 'Hm hm hm hm hm' },
          finish_reason: 'stop',
        },
      ],
      usage: { prompt_tokens: 29, completion_tokens: 9, completion_tokens_details: { reasoning_tokens: 5 } },
    });
    expect(answer['created']).toBeGreaterThan(1_700_000_000);
    const after = await balanceOf(hub.sql, hub.accountId);
    expect(before.available - after.available).toBe((29n + 2n * 9n) * UNIT);
    const [request] = simulator.requests;
    expect(request!.path).toBe(`/v1beta/models/${model}:generateContent`);
    expect(request!.headers).toMatchObject({ 'x-goog-api-key': simulator.credential });
    expect(request!.headers).not.toHaveProperty('authorization');
  });

  it('streams, and ends with one finish, one usage and [DONE]', async () => {
    simulator.script({ text: 'Hello 世界, how are you?', split: 3 });
    const stream = await streamChat(hub, { model, messages: hello, stream_options: { include_usage: true } });
    expect([stream.content, stream.isDone, stream.error]).toEqual(['Hello 世界, how are you?', true, undefined]);
    const finishes = stream.events.flatMap(({ choices = [] }) => choices.map((choice) => choice.finish_reason));
    expect(finishes.filter((finish) => finish !== null)).toEqual(['stop']);
    expect(stream.events.filter(({ usage }) => isJson(usage))).toHaveLength(1);
    expect(simulator.requests[0]!.path).toBe(`/v1beta/models/${model}:streamGenerateContent?alt=sse`);
  });

  it.each([false, true])(
    'calls a tool and takes its result, with the signature the API wants back (stream: %s)',
    async (isStream) => {
      const question = { role: 'user', content: 'Weather?' };
      const first = isStream
        ? await messageOfStream({ messages: [question], tools })
        : messageOf(await complete({ messages: [question], tools }));
      const [call] = listAt(first, 'tool_calls');
      expect(call).toMatchObject({
        id: expect.stringMatching(/^call_/),
        type: 'function',
        function: { name: 'get_weather', arguments: '{"city":"杭州"}' },
        extra_content: { google: { thought_signature: expect.any(String), model } },
      });
      const result = { role: 'tool', tool_call_id: call!['id'], content: 'sunny' };
      simulator.script({ text: 'It is sunny.' });
      const answer = await complete({ messages: [question, first, result], tools });
      expect(messageOf(answer)['content']).toBe('It is sunny.');
      // A client that keeps no extension fields.
      const { extra_content: _, ...bare } = call!;
      const plain = { role: 'assistant', content: null, tool_calls: [bare] };
      expect(messageOf(await complete({ messages: [question, plain, result], tools }))['content']).toBe('It is sunny.');
    },
  );

  /** Puts the deltas of a stream together as a client does. */
  async function messageOfStream(body: Readonly<Record<string, unknown>>): Promise<Json> {
    const { events } = await streamChat(hub, { model, ...body });
    const deltas = events.flatMap((event) => listAt(event, 'choices').map((choice) => objectAt(choice, 'delta')));
    const tool_calls = deltas.flatMap((delta) => listAt(delta, 'tool_calls')).map(({ index: _, ...call }) => call);
    return { role: 'assistant', content: deltas.map((delta) => textAt(delta, 'content')).join(''), tool_calls };
  }

  it('names the options it leaves out, and refuses those it cannot leave out', async () => {
    const response = await askChat(hub, { model, messages: hello, user: 'u', seed: 2 ** 40 });
    expect(response.headers.get('x-hub-unsupported-params')).toBe('seed, user');
    const refused = await askChat(hub, { model, messages: hello, n: 2 });
    expect([refused.status, (await readError(refused)).param]).toEqual([400, 'n']);
  });

  it('says that a prompt was blocked', async () => {
    simulator.answer({ blockReason: 'PROHIBITED_CONTENT' });
    const response = await askChat(hub, { model, messages: hello });
    expect([response.status, (await readError(response)).code]).toEqual([400, 'content_policy_violation']);
    const stream = await streamChat(hub, { model, messages: hello });
    expect([stream.status, stream.text]).toEqual([400, expect.stringContaining('content_policy_violation')]);
  });

  it('is never the reason for a 401, though the key is refused', async () => {
    await declare('AIzaSy-another');
    const response = await askChat(hub, { model, messages: hello });
    expect([response.status, (await readError(response)).code]).toEqual([503, 'upstream_auth_error']);
    expect(hub.logText()).not.toContain('AIzaSy-another');
  });

  it('passes the wait of RetryInfo on', async () => {
    simulator.script({ retry_after: 30 });
    const response = await askChat(hub, { model, messages: hello });
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '30']);
  });

  it('ends a stream in the error event when an error object breaks into it', async () => {
    simulator.script({ text: 'one two three' });
    simulator.answer({ bareErrorAfter: 2 });
    const stream = await streamChat(hub, { model: 'gemini-2.5-flash', messages: hello });
    expect(stream.content).toBe('one two');
    expect([stream.error?.code, stream.isDone]).toEqual(['upstream_overloaded', false]);
  });

  it('reads a stream that came as one array', async () => {
    simulator.script({ text: 'one two three' });
    simulator.answer({ isArray: true });
    const stream = await streamChat(hub, { model: 'gemini-2.5-flash', messages: hello });
    expect([stream.content, stream.isDone]).toEqual(['one two three', true]);
  });

  it('is empty but no failure when thinking uses the cap up', async () => {
    const answer = await complete({ max_tokens: 2 });
    expect(listAt(answer, 'choices')).toMatchObject([{ message: { content: '' }, finish_reason: 'length' }]);
  });

  it('never fetches a picture from where the hub itself stands', async () => {
    const content = [{ type: 'image_url', image_url: { url: `${hub.url}/api/health` } }];
    const response = await askChat(hub, { model, messages: [{ role: 'user', content }] });
    const error = await readError(response);
    expect([response.status, error.param]).toEqual([400, 'messages[0].content[0].image_url']);
    expect(simulator.requests).toHaveLength(0);
  });

  it('notes in the log which model has answered, when it is another than was asked', async () => {
    simulator.answer({ modelVersion: 'gemini-3.5-flash-lite' });
    await complete({ model: 'gemini-2.5-flash' });
    await streamChat(hub, { model: 'gemini-2.5-flash', messages: hello });
    const served = () => hub.logs.filter((line) => line['servedModel'] === 'gemini-3.5-flash-lite').length;
    await until(() => served() >= 2);
    expect(served()).toBe(2);
  });
});

describe('embeddings of Google', () => {
  const embed = async (body: object): Promise<Json> => {
    const response = await hub.post('/api/relay/v1/embeddings', { model: 'gemini-embedding-001', ...body });
    if (response.status !== 200) throw new Error(await response.text());
    return (await response.json()) as Json;
  };

  it('come as numbers or packed, in the order of the inputs, in batches of a hundred', async () => {
    const input = Array.from({ length: 101 }, (_, i) => `text ${i}`);
    const numbers = listAt(await embed({ input, dimensions: 4 }), 'data');
    expect(numbers.map(({ index }) => index)).toEqual(input.map((_, i) => i));
    expect(simulator.requests.map(({ body }) => listAt(JSON.parse(body.toString()), 'requests').length)).toEqual([
      100, 1,
    ]);
    const [packed] = listAt(await embed({ input: ['text 0'], dimensions: 4, encoding_format: 'base64' }), 'data');
    const bytes = Buffer.from(textAt(packed, 'embedding'), 'base64');
    expect([...new Float32Array(Uint8Array.from(bytes).buffer)]).toEqual(numbers[0]!['embedding']);
  });

  it('of token numbers are refused by name', async () => {
    const response = await hub.post('/api/relay/v1/embeddings', { model: 'gemini-embedding-001', input: [1, 2] });
    expect([response.status, (await readError(response)).param]).toEqual([400, 'input']);
  });
});

describe('pictures of Google', () => {
  const draw = async (body: object): Promise<Response> =>
    await hub.post('/api/relay/v1/images/generations', { model: 'gemini-3.1-flash-image', prompt: 'a cat', ...body });
  const PNG = 'iVBORw0KGgo';

  it('come as base64, without the drafts', async () => {
    const answer = (await (await draw({ size: '1792x1024', response_format: 'b64_json' })).json()) as Json;
    expect(answer['created']).toBeGreaterThan(1_700_000_000);
    const data = listAt(answer, 'data');
    expect(data).toHaveLength(1);
    expect(textAt(data[0], 'b64_json').startsWith(PNG)).toBe(true);
    expect(objectAt(sent(), 'generationConfig')).toEqual({
      responseModalities: ['TEXT', 'IMAGE'],
      imageConfig: { aspectRatio: '16:9', imageSize: '1K' },
    });
  });

  it('come as an address of the hub when one is asked for', async () => {
    const answer = (await (await draw({ response_format: 'url' })).json()) as Json;
    const url = textAt(listAt(answer, 'data')[0], 'url');
    const bytes = Buffer.from(await (await hub.fetch(new URL(url).pathname, { key: null })).arrayBuffer());
    expect(bytes.toString('base64').startsWith(PNG)).toBe(true);
  });

  it.each<[string, object]>([
    ['n', { n: 2 }],
    ['size', { size: '3000x500' }],
    ['size', { size: 'large' }],
    ['size', { model: 'gemini-2.5-flash-image', size: '4K' }],
  ])('refuse a %s they cannot have: %j', async (param, body) => {
    const response = await draw(body);
    expect([response.status, (await readError(response)).param]).toEqual([400, param]);
    expect(simulator.requests).toHaveLength(0);
  });

  it.each([
    ['IMAGE_SAFETY', 400, 'content_policy_violation'],
    ['NO_IMAGE', 400, 'content_policy_violation'],
    ['STOP', 502, 'upstream_invalid_response'],
  ])('that are none, with the reason %s, are an error', async (finishReason, status, code) => {
    simulator.answer({ parts: [{ text: 'I would rather not.' }], finishReason });
    const response = await draw({});
    expect([response.status, (await readError(response)).code]).toEqual([status, code]);
  });

  it.each([false, true])(
    'come beside the text of a conversation, and are paid by the picture (stream: %s)',
    async (stream) => {
      await declare(simulator.credential, [{ id: 'gemini-3.1-flash-image', price: { perImage: '0.045' } }]);
      simulator.script({ images: 2 });
      const { available } = await balanceOf(hub.sql, hub.accountId);
      const body = { model: 'gemini-3.1-flash-image', messages: hello, modalities: ['text', 'image'], stream };
      expect((await (await askChat(hub, body)).text()).split('data:image/png;base64,')).toHaveLength(3);
      expect(available - (await balanceOf(hub.sql, hub.accountId)).available).toBe(2n * 45n * UNIT);
    },
  );

  it('have the form that other vendors give them in a conversation', async () => {
    const answer = await complete({ model: 'gemini-3.1-flash-image' });
    expect(messageOf(answer)).toMatchObject({
      content: 'Here is Hello.',
      images: [{ type: 'image_url', image_url: { url: expect.stringMatching(`^data:image/png;base64,${PNG}`) } }],
    });
  });
});
