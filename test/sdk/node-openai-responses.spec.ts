import OpenAI from 'openai';
import { toResponseInputItems } from 'openai/lib/responses/ResponseInputItems';
import type { ResponseInputItem, ResponseOutputItem, ResponseStreamEvent } from 'openai/resources/responses/responses';
import { type DialectsHub, modelBy, startDialectsHub } from '../matrix/dialects-hub.js';
import { collect } from './sdk-hub.js';

// The Responses of the official Node SDK, as its users call them, answered by upstreams of four formats.

const PROVIDERS = ['openai', 'openai-responses', 'anthropic', 'gemini'];
const tokens = { input: 21, output: 13 };
const tools: OpenAI.Responses.FunctionTool[] = [
  {
    type: 'function',
    name: 'get_weather',
    strict: false,
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
];

let dialects: DialectsHub;
let client: OpenAI;

beforeAll(async () => {
  dialects = await startDialectsHub(PROVIDERS);
  client = new OpenAI({ apiKey: dialects.hub.apiKey, baseURL: `${dialects.hub.url}/api/relay/v1` });
});
afterAll(() => dialects.close());

describe.each(PROVIDERS)('responses answered by %s', (provider) => {
  const model = modelBy(provider);
  const speak: ReturnType<DialectsHub['upstreamOf']>['speak'] = (spoken) => dialects.upstreamOf(provider).speak(spoken);

  it('create gives a text and what it took', async () => {
    speak({ text: 'Hello 世界.', tokens });
    const response = await client.responses.create({ model, input: 'Hi', instructions: 'Be brief.' });
    expect(response).toMatchObject({
      id: expect.stringMatching(/^resp_[0-9a-f]{32}$/),
      object: 'response',
      status: 'completed',
      model,
      output_text: 'Hello 世界.',
      instructions: 'Be brief.',
      usage: { input_tokens: 21, output_tokens: 13, total_tokens: 34 },
      _request_id: expect.stringMatching(/^req_[0-9a-f]{32}$/),
    });
  });

  it('create with stream gives events that grow into the same', async () => {
    speak({ text: 'Hello 世界, again.', tokens });
    const events = await collect<ResponseStreamEvent>(client.responses.create({ model, input: 'Hi', stream: true }));
    const deltas = events.flatMap((event) => (event.type === 'response.output_text.delta' ? event.delta : []));
    expect(deltas.length).toBeGreaterThan(1);
    expect(deltas.join('')).toBe('Hello 世界, again.');
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, i) => i));
    expect(events.at(-1)).toMatchObject({ type: 'response.completed', response: { status: 'completed' } });
  });

  it('stream puts the parts together', async () => {
    speak({ thought: 'Let me see.', text: 'Well.', tokens });
    const texts: string[] = [];
    const stream = client.responses
      .stream({ model, input: 'Hi', reasoning: { effort: 'low' }, max_output_tokens: 4_000 })
      .on('response.output_text.delta', ({ snapshot }) => texts.push(snapshot));
    const response = await stream.finalResponse();
    expect(texts.at(-1)).toBe('Well.');
    expect(response).toMatchObject({ status: 'completed', output_text: 'Well.' });
    expect(response.output[0]).toMatchObject({ type: 'reasoning', summary: [{ text: 'Let me see.' }] });
  });

  it('parse gives JSON of a schema as an object', async () => {
    speak({ text: '{"city":"Paris"}', tokens });
    const schema = {
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city'],
      additionalProperties: false,
    };
    const response = await client.responses.parse({
      model,
      input: 'Paris',
      text: { format: { type: 'json_schema', name: 'place', schema, strict: true } },
    });
    expect(response.output_parsed).toEqual({ city: 'Paris' });
  });

  it.each([false, true])(
    'calls a tool, whose output goes back with the whole conversation (stream: %s)',
    async (isStream) => {
      speak({
        thought: 'I need it.',
        calls: [{ id: 'call_1', name: 'get_weather', input: { city: 'Paris' } }],
        tokens,
      });
      const asked = { model, tools, reasoning: { effort: 'low' }, max_output_tokens: 4_000 } as const;
      const input: ResponseInputItem[] = [{ role: 'user', content: 'Weather?' }];
      const first = await (isStream
        ? client.responses.stream({ ...asked, input }).finalResponse()
        : client.responses.create({ ...asked, input }));
      const output: ResponseOutputItem[] = first.output;
      const calls = output.flatMap((item) => (item.type === 'function_call' ? [item] : []));
      expect(calls.map(({ arguments: text }) => JSON.parse(text))).toEqual([{ city: 'Paris' }]);

      speak({ text: 'Sunny.', tokens });
      const results = calls.map(({ call_id }) => ({ type: 'function_call_output' as const, call_id, output: 'sun' }));
      const second = await client.responses.create({
        ...asked,
        input: [...input, ...toResponseInputItems(output), ...results],
      });
      expect(second.output_text).toBe('Sunny.');
      expect(dialects.upstreamOf(provider).heard().said.slice(-2)).toEqual([
        { by: 'assistant', call: 'get_weather', input: { city: 'Paris' } },
        { by: 'tool', of: 'get_weather', text: 'sun' },
      ]);
    },
  );

  it('says that an answer was cut', async () => {
    speak({ text: 'One two', isCut: true, tokens });
    const response = await client.responses.create({ model, input: 'Count.', max_output_tokens: 20 });
    expect(response).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } });
  });

  it('fails in the middle of a stream with what was said until then', async () => {
    speak({ text: 'One two three', breaks: true, tokens });
    const response = await client.responses.stream({ model, input: 'Count.' }).finalResponse();
    expect(response).toMatchObject({ status: 'failed', error: { code: expect.stringMatching(/^upstream_/) } });
    expect(response.output_text).toMatch(/^One/);
  });
});

describe('what responses cannot do here', () => {
  const model = modelBy('openai');

  it('names what is left out, and what is refused', async () => {
    dialects.upstreamOf('openai').speak({ text: 'Yes.', tokens });
    const { response } = await client.responses
      .create({ model, input: 'Hi', store: true, reasoning: { summary: 'auto' } })
      .withResponse();
    expect(response.headers.get('x-hub-unsupported-params')).toBe('store, reasoning.summary');
    const refused = client.responses.create({ model, input: 'Hi', previous_response_id: 'resp_1' });
    await expect(refused).rejects.toMatchObject({
      status: 400,
      code: 'unsupported_parameter',
      param: 'previous_response_id',
      message: expect.stringContaining('keeps no responses'),
    });
  });

  it.each([
    ['retrieve', () => client.responses.retrieve('resp_1')],
    ['delete', () => client.responses.delete('resp_1')],
    ['cancel', () => client.responses.cancel('resp_1')],
    ['inputItems.list', () => client.responses.inputItems.list('resp_1')],
  ])('answers %s with the reason why there is nothing', async (_, call) => {
    await expect(call()).rejects.toMatchObject({ status: 404, code: 'response_not_found' });
  });

  it('refuses a wrong key and an unknown model as everywhere', async () => {
    const stranger = new OpenAI({ apiKey: 'sk_live_none', baseURL: client.baseURL });
    await expect(stranger.responses.create({ model, input: 'Hi' })).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
    const missing = client.responses.create({ model: 'no-such-model', input: 'Hi' });
    await expect(missing).rejects.toMatchObject({ status: 404, code: 'model_not_found', param: 'model' });
  });
});
