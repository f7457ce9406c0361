import OpenAI from 'openai';
import type { ChatCompletionFunctionTool, ChatCompletionMessageParam } from 'openai/resources';
import { within } from '../support/quiet-clock.js';
import { requestLine } from '../support/relay-client.js';
import { collect, FAKE_MODEL, type SdkHub, startSdkHub } from './sdk-hub.js';

// The official Node SDK as its users call it.

let sdk: SdkHub;
let client: OpenAI;

beforeAll(async () => {
  sdk = await startSdkHub();
  client = new OpenAI({ apiKey: sdk.hub.apiKey, baseURL: sdk.baseUrl });
});
afterAll(() => sdk.close());
afterEach(() => sdk.upstream.reset());

const messages: ChatCompletionMessageParam[] = [{ role: 'user', content: '你好' }];
const ANSWER = expect.stringContaining('你刚才说的是:“你好”');

function tool(name: string, ...properties: readonly string[]): ChatCompletionFunctionTool {
  const schema = Object.fromEntries(properties.map((property) => [property, { type: 'string' }]));
  const parameters = { type: 'object', properties: schema, required: [...properties] };
  return { type: 'function', function: { name, description: name, parameters } };
}
const tools = [tool('get_weather', 'city'), tool('get_time', 'city')];

describe('chat.completions.create', () => {
  it('answers, and gives the id of the request', async () => {
    const completion = await client.chat.completions.create({ model: 'gpt-4', messages });
    expect(completion.choices).toMatchObject([
      { index: 0, message: { role: 'assistant', content: ANSWER }, finish_reason: 'stop' },
    ]);
    expect(completion).toMatchObject({ object: 'chat.completion', model: 'gpt-4', usage: { total_tokens: 56 } });
    expect(completion).toMatchObject({ _request_id: expect.stringMatching(/^req_[0-9a-f]{32}$/) });
  });

  it('gives the response beside the data', async () => {
    const { data, response, request_id } = await client.chat.completions
      .create({ model: 'gpt-4', messages })
      .withResponse();
    expect(data).toMatchObject({ _request_id: request_id });
    expect(await requestLine(sdk.hub, response)).toMatchObject({ id: request_id, status: 200, channel: 'sandbox' });
  });

  it('answers with several choices', async () => {
    const { choices } = await client.chat.completions.create({ model: 'gpt-4', messages, n: 3 });
    expect(choices.map((choice) => choice.index)).toEqual([0, 1, 2]);
  });

  it('answers in the shape of a JSON schema', async () => {
    const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
    const completion = await client.chat.completions.parse({
      model: 'gpt-4o',
      messages: [{ role: 'user', content: 'Paris' }],
      response_format: { type: 'json_schema', json_schema: { name: 'place', schema, strict: true } },
    });
    expect(completion.choices[0]?.message.parsed).toEqual({ city: 'Paris' });
  });
});

describe('chat.completions.create with stream', () => {
  it('gives the same text in pieces, and usage only when asked', async () => {
    const whole = await client.chat.completions.create({ model: 'gpt-4', messages });
    const stream = await client.chat.completions.create({ model: 'gpt-4', messages, stream: true });
    const chunks = await collect(stream);
    const text = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('');
    expect(text).toBe(whole.choices[0]?.message.content);
    expect(chunks.length).toBeGreaterThan(40);
    expect(chunks.every((chunk) => chunk.choices.length === 1 && !('usage' in chunk))).toBe(true);
    expect(new Set(chunks.map((chunk) => chunk.id)).size).toBe(1);
    expect(new Set(chunks.map((chunk) => chunk.model))).toEqual(new Set(['gpt-4']));
    expect(chunks.map((chunk) => chunk.choices[0]?.finish_reason).filter(Boolean)).toEqual(['stop']);
  });

  it('ends with usage when asked', async () => {
    const stream_options = { include_usage: true };
    const stream = await client.chat.completions.create({ model: 'gpt-4', messages, stream: true, stream_options });
    const chunks = await collect(stream);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 8, completion_tokens: 48 } });
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
  });

  it('throws what went wrong in the middle, after the text before it', async () => {
    sdk.upstream.script({ tokens: 5, error_after: 2 });
    const stream = await client.chat.completions.create({ model: FAKE_MODEL, messages, stream: true });
    let text = '';
    const read = async () => {
      for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    };
    const error: unknown = await read().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OpenAI.APIError);
    expect(error).toMatchObject({ code: 'upstream_error', type: 'server_error', status: undefined });
    expect(text).toBe('token0 token1');
  });

  it('throws when the upstream breaks off without an error', async () => {
    sdk.upstream.script({ tokens: 5, cut_after: 2, cut: 'end' });
    const stream = await client.chat.completions.create({ model: FAKE_MODEL, messages, stream: true });
    await expect(collect(stream)).rejects.toMatchObject({ code: 'upstream_incomplete' });
  });

  it('ends the work upstream when the caller stops reading', async () => {
    sdk.upstream.script({ endless: true, token_ms: 5 });
    const stream = await client.chat.completions.create({ model: FAKE_MODEL, messages, stream: true });
    for await (const chunk of stream) {
      if (chunk.choices[0]?.delta.content !== undefined) break;
    }
    expect(stream.controller.signal.aborted).toBe(true);
    await within(500, () => sdk.upstream.requests[0]?.abortedAt);
  });

  it('ends the work upstream when the caller aborts', async () => {
    sdk.upstream.script({ endless: true, token_ms: 5 });
    const abort = new AbortController();
    const stream = await client.chat.completions.create(
      { model: FAKE_MODEL, messages, stream: true },
      { signal: abort.signal },
    );
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content !== undefined) abort.abort();
    await within(500, () => sdk.upstream.requests[0]?.abortedAt);
  });
});

describe('chat.completions.stream', () => {
  it('tells of the content as it grows and gives the whole completion', async () => {
    const snapshots: string[] = [];
    const events: string[] = [];
    const runner = client.chat.completions
      .stream({ model: 'gpt-4', messages, stream_options: { include_usage: true } })
      .on('content', (_, snapshot) => snapshots.push(snapshot))
      .on('content.done', () => events.push('content.done'))
      .on('finalMessage', () => events.push('finalMessage'))
      .on('end', () => events.push('end'));
    const completion = await runner.finalChatCompletion();
    expect(completion.choices[0]).toMatchObject({
      message: { role: 'assistant', content: ANSWER },
      finish_reason: 'stop',
    });
    expect(snapshots.at(-1)).toBe(completion.choices[0]?.message.content);
    expect(snapshots.length).toBeGreaterThan(40);
    expect(events).toEqual(['content.done', 'finalMessage', 'end']);
    expect(await runner.finalContent()).toBe(snapshots.at(-1));
    expect(await runner.totalUsage()).toMatchObject({ prompt_tokens: 8, completion_tokens: 48 });
  });

  it('puts parallel tool calls together', async () => {
    const arguments_: unknown[] = [];
    const completion = await client.chat.completions
      .stream({ model: 'gpt-4', messages: [{ role: 'user', content: 'weather and time' }], tools })
      .on('tool_calls.function.arguments.done', ({ name, arguments: text }) =>
        arguments_.push([name, JSON.parse(text)]),
      )
      .finalChatCompletion();
    expect(arguments_).toEqual([
      ['get_weather', { city: expect.any(String) }],
      ['get_time', { city: expect.any(String) }],
    ]);
    expect(completion.choices[0]).toMatchObject({ finish_reason: 'tool_calls', message: { content: null } });
    expect(completion.choices[0]?.message.tool_calls).toHaveLength(2);
  });
});

describe('tools', () => {
  const question: ChatCompletionMessageParam = { role: 'user', content: 'What are the weather and the time in Oslo?' };

  it('go round: two calls, two results, an answer', async () => {
    const first = await client.chat.completions.create({ model: 'gpt-4', messages: [question], tools });
    const calls = first.choices[0]?.message.tool_calls ?? [];
    expect(first.choices[0]?.finish_reason).toBe('tool_calls');
    expect(calls.map((call) => call.type === 'function' && call.function.name)).toEqual(['get_weather', 'get_time']);
    const second = await client.chat.completions.create({
      model: 'gpt-4',
      messages: [
        question,
        first.choices[0]!.message,
        ...calls.map(({ id }, index) => ({ role: 'tool' as const, tool_call_id: id, content: `result ${index}` })),
      ],
      tools,
    });
    expect(second.choices[0]).toMatchObject({
      finish_reason: 'stop',
      message: { content: expect.stringContaining('the tool answered result 1') },
    });
  });

  it('run by the helper of the SDK', async () => {
    const asked: string[] = [];
    const runner = client.chat.completions.runTools({
      model: 'gpt-4',
      stream: true,
      messages: [question],
      tools: [
        {
          type: 'function',
          function: {
            name: 'get_weather',
            description: 'The weather of a city',
            parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
            parse: JSON.parse as (text: string) => { city: string },
            function: ({ city }: { city: string }) => {
              asked.push(city);
              return 'minus 3 degrees';
            },
          },
        },
      ],
    });
    expect(await runner.finalContent()).toContain('the tool answered minus 3 degrees');
    expect(asked).toEqual([expect.any(String)]);
  });
});
