import Anthropic from '@anthropic-ai/sdk';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type AnthropicSimulator, startAnthropicSimulator } from '../simulators/anthropic/anthropic.js';
import { type GeminiSimulator, startGeminiSimulator } from '../simulators/gemini.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { startHub, type TestHub } from '../support/hub.js';
import { until } from '../support/until.js';

// The official Node SDK as its users call it, against upstreams of three formats.

const CLAUDE = 'claude-sonnet-4-6';
const OTHERS = ['gpt-4o', 'gemini-3.8-flash'];
const LIMITED = 'limited-model';
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

let claude: AnthropicSimulator;
let gemini: GeminiSimulator;
let fake: FakeUpstream;
let hub: TestHub;
let client: Anthropic;

beforeAll(async () => {
  [claude, gemini, fake] = await Promise.all([startAnthropicSimulator(), startGeminiSimulator(), startFakeUpstream()]);
  const names = (...list: string[]) => new Map(list.map((name) => [name, name]));
  hub = await startHub({
    env: { HUB_BODY_BYTES_MAX: '200000' },
    channels: [
      { name: 'claude', provider: 'anthropic', baseUrl: claude.url, models: names(CLAUDE, 'claude-opus-5-5') },
      { name: 'fake', provider: 'openai', baseUrl: fake.url, models: names('gpt-4o') },
      { name: 'limited', provider: 'openai', baseUrl: fake.url, models: names(LIMITED) },
      {
        name: 'gemini',
        provider: 'gemini',
        baseUrl: gemini.url,
        apiKey: gemini.credential,
        models: names('gemini-3.8-flash'),
      },
    ],
  });
  client = clientWith({ apiKey: hub.apiKey });
});
afterAll(async () => {
  await hub.close();
  await Promise.all([claude.close(), gemini.close(), fake.close()]);
});
afterEach(() => {
  claude.reset();
  gemini.reset();
  fake.reset();
});

function clientWith(options: ConstructorParameters<typeof Anthropic>[0]): Anthropic {
  return new Anthropic({ baseURL: `${hub.url}/api/relay/anthropic`, maxRetries: 0, ...options });
}

const weather: Anthropic.Tool = {
  name: 'get_weather',
  description: 'The weather of a city.',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};
const hello: Anthropic.MessageParam[] = [{ role: 'user', content: '你好' }];

/** The text of a message. */
function textOf({ content }: Anthropic.Message): string {
  return content.map((block) => (block.type === 'text' ? block.text : '')).join('');
}

describe.each([CLAUDE, ...OTHERS])('messages of %s', (model) => {
  it('are answered whole, with usage and the id of the request', async () => {
    const message = await client.messages.create({ model, max_tokens: 200, system: 'Be brief.', messages: hello });
    expect(message).toMatchObject({
      type: 'message',
      role: 'assistant',
      model,
      stop_reason: 'end_turn',
      stop_sequence: null,
      id: expect.stringMatching(/^msg_/),
      _request_id: expect.stringMatching(/^req_[0-9a-f]{32}$/),
    });
    expect(textOf(message)).toContain('你好');
    expect(message.usage.input_tokens).toBeGreaterThan(0);
    expect(message.usage.output_tokens).toBeGreaterThan(0);
  });

  it('are streamed as the same message', async () => {
    const request = { model, max_tokens: 200, messages: hello };
    const whole = await client.messages.create(request);
    const stream = client.messages.stream(request);
    const pieces: string[] = [];
    stream.on('text', (text) => pieces.push(text));
    const message = await stream.finalMessage();
    expect(textOf(message)).toBe(textOf(whole));
    expect(pieces.join('')).toBe(textOf(whole));
    expect(message).toMatchObject({ model, stop_reason: 'end_turn' });
    expect(message.usage.input_tokens).toBe(whole.usage.input_tokens);
    expect(message.usage.output_tokens).toBe(whole.usage.output_tokens);
  });

  it.each([false, true])('call tools in a loop, streamed: %s', async (isStream) => {
    const ask = (messages: Anthropic.MessageParam[]): Promise<Anthropic.Message> => {
      const request = { model, max_tokens: 3000, messages, tools: [weather] };
      return isStream ? client.messages.stream(request).finalMessage() : client.messages.create(request);
    };
    claude.script(({ body }) =>
      body.includes('tool_result') ? undefined : { calls: [{ name: 'get_weather', input: { city: '杭州' } }] },
    );
    const question: Anthropic.MessageParam = { role: 'user', content: 'What is the weather in 杭州?' };
    const first = await ask([question]);
    expect(first.stop_reason).toBe('tool_use');
    const call = first.content.find((block) => block.type === 'tool_use');
    expect(call).toMatchObject({ name: 'get_weather', input: { city: expect.any(String) } });
    const result: Anthropic.ToolResultBlockParam = {
      type: 'tool_result',
      tool_use_id: call?.id ?? '',
      content: [{ type: 'text', text: 'It rains.' }],
    };
    const last = await ask([
      question,
      { role: 'assistant', content: first.content },
      { role: 'user', content: [result] },
    ]);
    expect(last.stop_reason).toBe('end_turn');
    expect(textOf(last)).not.toBe('');
  });

  it('may show pictures and be held to a cap', async () => {
    const message = await client.messages.create({
      model,
      max_tokens: 2,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } },
            { type: 'text', text: 'What is this?' },
          ],
        },
      ],
    });
    if (model !== CLAUDE) expect(message.stop_reason).toBe('max_tokens');
    expect(message.role).toBe('assistant');
  });

  it('are counted without being sent', async () => {
    const before = claude.requests.length + gemini.requests.length + fake.requests.length;
    const { input_tokens } = await client.messages.countTokens({ model, system: 'Be brief.', messages: hello });
    expect(input_tokens).toBeGreaterThan(5);
    const longer = await client.messages.countTokens({ model, messages: hello, tools: [weather] });
    expect(longer.input_tokens).toBeGreaterThan(input_tokens);
    expect(claude.requests.length + gemini.requests.length + fake.requests.length).toBe(before);
  });
});

describe('what only Anthropic has', () => {
  const search: Anthropic.WebSearchTool20250305 = { type: 'web_search_20250305', name: 'web_search' };

  it.each(OTHERS)('is refused by name where %s is served by others', async (model) => {
    const asked = client.messages.create({ model, max_tokens: 10, messages: hello, tools: [search] });
    await expect(asked).rejects.toThrow(Anthropic.BadRequestError);
    await expect(asked).rejects.toMatchObject({
      type: 'invalid_request_error',
      apiMessage: expect.stringContaining('"tools[0].type" ("web_search_20250305")'),
    });
  });

  it('is what the beta methods send, headers included', async () => {
    claude.script({ text: 'Hi' });
    const message = await client.beta.messages.create({
      model: CLAUDE,
      max_tokens: 10,
      messages: [{ role: 'user', content: 'Hi' }],
      betas: ['some-beta-2026-01-01', 'another-2026-02-02'],
    });
    expect(message.content).toMatchObject([{ type: 'text', text: 'Hi' }]);
    expect(claude.requests.at(-1)?.headers).toMatchObject({
      'anthropic-beta': 'some-beta-2026-01-01,another-2026-02-02',
    });
  });
});

describe('thoughts', () => {
  it('come back with their signatures, and go to no other model', async () => {
    claude.script({ calls: [{ name: 'get_weather', input: { city: 'Paris' } }], thought: 'Where is Paris?' });
    const ask = { max_tokens: 4000, tools: [weather] };
    const question: Anthropic.MessageParam = { role: 'user', content: 'The weather in Paris?' };
    const stream = client.messages.stream({ ...ask, model: 'claude-opus-5-5', messages: [question] });
    const first = await stream.finalMessage();
    expect(first.content.map(({ type }) => type)).toEqual(['thinking', 'tool_use']);
    const history: Anthropic.MessageParam[] = [
      question,
      { role: 'assistant', content: first.content },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'Rain.' }] },
    ];
    claude.script({ text: 'It rains.' });
    // The simulator refuses a signature that is not its own.
    const last = await client.messages.create({ ...ask, model: 'claude-opus-5-5', messages: history });
    expect(textOf(last)).toBe('It rains.');
    expect(claude.requests.at(-1)?.body.toString()).toContain('"thinking":"Where is Paris?"');
    const other = await client.messages.create({ ...ask, model: CLAUDE, messages: history });
    expect(textOf(other)).toBe('It rains.');
    expect(claude.requests.at(-1)?.body.toString()).not.toContain('"type":"thinking"');
  });

  it('of Gemini are given back with the call that they led to', async () => {
    const model = 'gemini-3.8-flash';
    const question: Anthropic.MessageParam = { role: 'user', content: 'get_weather of Paris' };
    const ask = { model, max_tokens: 4000, tools: [weather] };
    const first = await client.messages.stream({ ...ask, messages: [question] }).finalMessage();
    const call = first.content.find((block) => block.type === 'tool_use');
    const result: Anthropic.ToolResultBlockParam = {
      type: 'tool_result',
      tool_use_id: call?.id ?? '',
      content: 'Rain.',
    };
    await client.messages.create({
      ...ask,
      messages: [question, { role: 'assistant', content: first.content }, { role: 'user', content: [result] }],
    });
    const sent = gemini.requests.at(-1)?.body.toString();
    expect(sent).toContain('thoughtSignature');
    expect(sent).not.toContain('skip_thought_signature_validator');
  });
});

describe('errors', () => {
  it.each([
    ['AuthenticationError', Anthropic.AuthenticationError, 'authentication_error', { apiKey: 'sk_live_wrong' }, {}],
    ['NotFoundError', Anthropic.NotFoundError, 'not_found_error', {}, { model: 'no-such-model' }],
    ['BadRequestError', Anthropic.BadRequestError, 'invalid_request_error', {}, { messages: [] }],
    ['ContentTooLargeError', Anthropic.ContentTooLargeError, 'request_too_large', {}, { system: 'x'.repeat(200_001) }],
  ])('are of the class %s', async (_name, kind, type, options, request) => {
    const asked = clientWith({ apiKey: hub.apiKey, ...options }).messages.create({
      model: CLAUDE,
      max_tokens: 10,
      messages: hello,
      ...request,
    });
    await expect(asked).rejects.toThrow(kind);
    await expect(asked).rejects.toMatchObject({ type, requestID: expect.stringMatching(/^req_/) });
    await expect(asked).rejects.toMatchObject({ error: { type: 'error', request_id: expect.stringMatching(/^req_/) } });
  });

  it('of an upstream that is over its limit say when to come back', async () => {
    fake.script({ retry_after: 7 });
    const asked = client.messages.create({ model: LIMITED, max_tokens: 10, messages: hello });
    await expect(asked).rejects.toThrow(Anthropic.RateLimitError);
    const error: unknown = await asked.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Anthropic.APIError);
    expect(error instanceof Anthropic.APIError && error.headers?.get('retry-after')).toBe('7');
  });

  it('in the middle of a stream end it with an error', async () => {
    fake.script({ cut_after: 3 });
    const stream = client.messages.stream({ model: 'gpt-4o', max_tokens: 100, messages: hello });
    let text = '';
    stream.on('text', (piece) => {
      text += piece;
    });
    await expect(stream.finalMessage()).rejects.toMatchObject({ type: 'api_error' });
    expect(text).not.toBe('');
  });
});

describe('the client', () => {
  it('may send its key as a bearer token, as the command-line tools do', async () => {
    const bearer = clientWith({ apiKey: null, authToken: hub.apiKey });
    expect(textOf(await bearer.messages.create({ model: 'gpt-4o', max_tokens: 50, messages: hello }))).toContain(
      '你好',
    );
  });

  it('lists the models, page by page, and gets one', async () => {
    const ids: string[] = [];
    for await (const { id } of client.models.list({ limit: 2 })) ids.push(id);
    expect(ids).toEqual([...OTHERS, CLAUDE, 'claude-opus-5-5', LIMITED].sort());
    expect(await client.models.retrieve(CLAUDE)).toMatchObject({ id: CLAUDE, type: 'model', display_name: CLAUDE });
  });

  it('abandons a stream, which ends the request upstream', async () => {
    fake.script({ tokens: 1000, token_ms: 20 });
    const stream = client.messages.stream({ model: 'gpt-4o', max_tokens: 2000, messages: hello });
    for await (const event of stream) if (event.type === 'content_block_delta') break;
    await until(() => hub.logs.some((line) => line['outcome'] === 'client_gone'));
  });
});
