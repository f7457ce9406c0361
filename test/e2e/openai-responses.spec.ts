import { type ResponsesSimulator, startResponsesSimulator } from '../simulators/responses.js';
import type { TestHub } from '../support/hub.js';
import { startHub } from '../support/hub.js';
import { askChat, readError, streamChat } from '../support/relay-client.js';

// OpenAI as its newest models have it: function tools with reasoning on /responses only.

let simulator: ResponsesSimulator;
let hub: TestHub;

beforeAll(async () => {
  simulator = await startResponsesSimulator();
  const models = new Map(['gpt-6-sol', 'gpt-4o'].map((name) => [name, name]));
  const twin = new Map([['twin', 'local-model']]);
  hub = await startHub({
    channels: [
      { name: 'openai', provider: 'openai', baseUrl: simulator.url, models },
      {
        name: 'other',
        provider: 'openai-responses',
        baseUrl: simulator.url,
        models: new Map([['local', 'local-model']]),
      },
      {
        name: 'first',
        provider: 'openai-responses',
        baseUrl: simulator.url,
        apiKey: 'first',
        priority: 2,
        models: twin,
      },
      {
        name: 'second',
        provider: 'openai-responses',
        baseUrl: simulator.url,
        apiKey: 'second',
        priority: 1,
        models: twin,
      },
    ],
  });
});
afterAll(async () => {
  await hub.close();
  await simulator.close();
});
beforeEach(() => simulator.reset());

const parameters = { type: 'object', properties: { city: { type: 'string' } } };
const tools = [{ type: 'function', function: { name: 'get_weather', parameters } }];
const ASKED = { model: 'gpt-6-sol', tools };

interface Answer {
  readonly model: string;
  readonly choices: readonly {
    readonly finish_reason: string;
    readonly message: Record<string, unknown> & { readonly tool_calls?: readonly { readonly id: string }[] };
  }[];
  readonly usage: Record<string, unknown>;
}

async function answerOf(response: Response): Promise<Answer> {
  expect(response.status).toBe(200);
  return (await response.json()) as Answer;
}

describe('POST /chat/completions by way of /responses', () => {
  it('serves tools of a model that refuses them on chat/completions', async () => {
    simulator.play({
      output: [
        { type: 'reasoning' },
        { type: 'call', name: 'get_weather', arguments: '{"city":"杭州"}', callId: 'call_1' },
      ],
    });
    const answer = await answerOf(await askChat(hub, ASKED));
    expect(answer).toMatchObject({
      object: 'chat.completion',
      model: 'gpt-6-sol',
      choices: [
        {
          finish_reason: 'tool_calls',
          message: {
            role: 'assistant',
            content: null,
            tool_calls: [
              { id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{"city":"杭州"}' } },
            ],
          },
        },
      ],
      usage: { completion_tokens: 11, completion_tokens_details: { reasoning_tokens: 5 } },
    });
    expect(simulator.requests.map(({ path }) => path)).toEqual(['/v1/responses']);
    expect(simulator.seen[0]?.body).toMatchObject({ store: false, include: ['reasoning.encrypted_content'] });
  });

  it('sends the same model without tools to chat/completions', async () => {
    const { choices } = await answerOf(await askChat(hub, { model: 'gpt-6-sol' }));
    expect(choices[0]?.finish_reason).toBe('stop');
    expect(simulator.requests.map(({ path }) => path)).toEqual(['/v1/chat/completions']);
  });

  // The simulator refuses reasoning that it has not made for this model, and results without their calls.
  it('gives a model its reasoning back in the next turn, when the client keeps its messages', async () => {
    simulator.play(({ parts }) =>
      parts.some(({ kind }) => kind === 'result')
        ? { output: [{ type: 'text', text: '晴' }] }
        : {
            output: [
              { type: 'reasoning', summary: 'Look it up.' },
              { type: 'call', name: 'get_weather', arguments: '{}' },
            ],
          },
    );
    const first = { role: 'user', content: 'Weather in 杭州?' };
    const { choices } = await answerOf(await askChat(hub, { ...ASKED, messages: [first] }));
    const message = choices[0]?.message;
    expect(message).toMatchObject({ reasoning_content: 'Look it up.' });
    const result = { role: 'tool', tool_call_id: message?.tool_calls?.[0]?.id, content: 'sunny' };
    const second = await answerOf(await askChat(hub, { ...ASKED, messages: [first, message, result] }));
    expect(second.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: '晴' } });
    expect(simulator.seen[1]?.parts.map(({ kind }) => kind)).toEqual(['text', 'reasoning', 'call', 'result']);
  });

  it('streams text, and usage for those who ask', async () => {
    simulator.play({ output: [{ type: 'text', text: 'It is sunny 世界 👋.' }] });
    const seen = await streamChat(hub, { ...ASKED, stream_options: { include_usage: true } });
    expect(seen).toMatchObject({ status: 200, content: 'It is sunny 世界 👋.', error: undefined, isDone: true });
    expect(new Set(seen.events.map(({ id }) => id)).size).toBe(1);
    expect(seen.events.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 3 } });
    expect(seen.text).not.toContain('event:');
  });

  it("streams parallel calls in OpenAI's shape", async () => {
    const calls = ['北京', '上海'].map((city) => ({
      type: 'call' as const,
      name: 'get_weather',
      arguments: JSON.stringify({ city }),
    }));
    simulator.play({ output: [{ type: 'reasoning' }, ...calls] });
    const { events, isDone } = await streamChat(hub, ASKED);
    const deltas = events.flatMap(({ choices = [] }) =>
      choices.flatMap(
        ({ delta }) =>
          (delta as { tool_calls?: { index: number; function: { arguments: string } }[] }).tool_calls ?? [],
      ),
    );
    const texts = ['', ''];
    for (const delta of deltas) texts[delta.index] += delta.function.arguments;
    expect(texts).toEqual(calls.map((call) => call.arguments));
    expect(isDone).toBe(true);
  });

  it('tells an error event inside a stream truthfully, in whichever shape it comes', async () => {
    for (const shape of ['flat', 'nested'] as const) {
      simulator.play({ output: [{ type: 'text', text: 'It is' }], end: { error: 'server_error', shape } });
      const seen = await streamChat(hub, { ...ASKED });
      expect(seen).toMatchObject({ content: 'It is', isDone: false });
      expect(seen.error).toBeDefined();
    }
  });

  it('takes a status of failed inside a success for the failure it is', async () => {
    simulator.play({ end: { failed: 'server_error' } });
    const response = await askChat(hub, ASKED);
    expect(await readError(response)).toMatchObject({ status: 502, code: 'upstream_error' });
  });

  it('takes a flagged prompt for a refusal by policy', async () => {
    simulator.play({ end: { failed: 'invalid_prompt', message: 'Your prompt was flagged.' } });
    expect(await readError(await askChat(hub, ASKED))).toMatchObject({ status: 400, code: 'content_policy_violation' });
  });

  it('ends a stream that stops without its last event in an error, never as if it were whole', async () => {
    simulator.script({ no_finish: true });
    simulator.play({ output: [{ type: 'text', text: 'It is' }] });
    const seen = await streamChat(hub, ASKED);
    expect(seen).toMatchObject({ content: 'It is', isDone: false, error: { code: 'upstream_incomplete' } });
  });

  it('reads a stream cut at any place of any character', async () => {
    simulator.script({ split: 3, comments: true, line_ending: 'crlf' });
    simulator.play({ output: [{ type: 'text', text: '世界 👋 once more' }] });
    expect(await streamChat(hub, ASKED)).toMatchObject({ content: '世界 👋 once more', isDone: true });
  });

  it('names what it leaves out', async () => {
    const response = await askChat(hub, { ...ASKED, seed: 1, temperature: 0.5 });
    expect(response.headers.get('x-hub-unsupported-params')).toBe('seed, temperature');
    expect((await answerOf(response)).choices).toHaveLength(1);
  });

  it('refuses what it cannot honour, and asks nobody', async () => {
    for (const [param, option] of [
      ['stop', ['END']],
      ['n', 2],
    ] as const) {
      const response = await askChat(hub, { ...ASKED, [param]: option });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: { param, code: 'unsupported_parameter' } });
    }
    expect(simulator.requests).toEqual([]);
  });

  it('serves other servers of the format, which keep the roles as they are', async () => {
    const messages = [
      { role: 'system', content: 'S' },
      { role: 'user', content: 'Hi' },
    ];
    const { choices } = await answerOf(await askChat(hub, { model: 'local', messages, temperature: 0.5 }));
    expect(choices[0]?.message).toMatchObject({ content: 'Hello! This is a demo answer. 世界 👋' });
    expect(simulator.seen[0]).toMatchObject({ model: 'local-model', body: { temperature: 0.5 } });
    expect(simulator.seen[0]?.parts[0]).toEqual({ kind: 'text', role: 'system', text: 'S' });
  });

  it('goes on at the next channel when a stream breaks, as one stream to its end', async () => {
    const text = 'One two three four five 世界 six seven.';
    simulator.play({ output: [{ type: 'text', text }] });
    simulator.scriptKey('first', { cut_after: 4 });
    expect(await streamChat(hub, { model: 'twin' })).toMatchObject({ content: text, error: undefined, isDone: true });
    expect(simulator.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer first', 'Bearer second']);
  });

  it('ends truthfully when the next channel tells another story', async () => {
    simulator.play(() => ({ output: [{ type: 'text', text: `Told ${simulator.seen.length} times, and so on.` }] }));
    simulator.scriptKey('first', { cut_after: 3 });
    const seen = await streamChat(hub, { model: 'twin' });
    expect(seen).toMatchObject({ isDone: false, error: { code: 'upstream_incomplete' } });
    expect('Told 1 times, and so on.'.startsWith(seen.content)).toBe(true);
  });
});
