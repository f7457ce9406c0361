import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type AnthropicSimulator, startAnthropicSimulator } from '../simulators/anthropic/anthropic.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { startHub, type TestHub } from '../support/hub.js';
import { askChat, readError, streamChat } from '../support/relay-client.js';

let upstream: AnthropicSimulator;
let hub: TestHub;
let serial = 0;

beforeAll(async () => {
  upstream = await startAnthropicSimulator();
  hub = await startHub();
});
afterAll(async () => {
  await hub.close();
  await upstream.close();
});
afterEach(() => upstream.reset());

/** One channel with a credential that no test before has sent to rest. */
async function useModel(upstreamModel: string): Promise<void> {
  const apiKey = `sk-ant-test-${++serial}`;
  const models = new Map([['gpt-4', upstreamModel]]);
  await hub.setChannels([{ name: `c${serial}`, provider: 'anthropic', baseUrl: upstream.url, apiKey, models }]);
}

interface Answer {
  readonly id: string;
  readonly model: string;
  readonly choices: readonly { readonly message: Record<string, unknown>; readonly finish_reason: string }[];
  readonly usage: unknown;
}

async function ask(body: Readonly<Record<string, unknown>> = {}): Promise<Answer & { dropped: string | null }> {
  const response = await askChat(hub, body);
  if (response.status !== 200) throw new Error(await response.text());
  return { ...((await response.json()) as Answer), dropped: response.headers.get('x-hub-unsupported-params') };
}

const tools = [{ type: 'function', function: { name: 'look', parameters: { type: 'object', properties: {} } } }];

describe('a chat request served by Anthropic', () => {
  it('is answered whole, with four classes of tokens', async () => {
    await useModel('claude-sonnet-4-6');
    upstream.script({ text: 'Hi', in: 7, cached: 2_000, written: 100, out: 4 });
    const answer = await ask();
    expect(answer).toMatchObject({ model: 'gpt-4', choices: [{ message: { content: 'Hi' }, finish_reason: 'stop' }] });
    expect(answer.usage).toEqual({
      prompt_tokens: 2_107,
      completion_tokens: 4,
      total_tokens: 2_111,
      prompt_tokens_details: { cached_tokens: 2_000, cache_write_tokens: 100 },
    });
    const [request] = upstream.requests;
    expect(request!.headers).toMatchObject({ 'x-api-key': `sk-ant-test-${serial}`, 'anthropic-version': '2023-06-01' });
    expect(request!.headers.authorization).toBeUndefined();
  });

  it('is streamed, split at every byte, as one OpenAI stream', async () => {
    await useModel('claude-opus-5-5');
    upstream.script({ text: 'Grüße, 世界 👋.', in_at_start: 43, in: 61, out: 11, split: 1, duplicate_start: true });
    const seen = await streamChat(hub, { stream_options: { include_usage: true } });
    expect(seen).toMatchObject({ status: 200, content: 'Grüße, 世界 👋.', isDone: true, error: undefined });
    expect(seen.events.flatMap(({ choices }) => choices?.flatMap(({ delta }) => delta.role ?? []) ?? [])).toHaveLength(
      1,
    );
    expect(seen.events.at(-1)!.usage).toMatchObject({ prompt_tokens: 61, completion_tokens: 11 });
  });

  it('calls tools over several turns, thoughts included', async () => {
    await useModel('claude-opus-5-5');
    upstream.script({ calls: [{ id: 'toolu_1', name: 'look', input: { where: '世界' } }] });
    const first = { role: 'user', content: 'Look.' };
    const { choices } = await ask({ messages: [first], tools });
    expect(choices[0]).toMatchObject({ finish_reason: 'tool_calls', message: { tool_calls: [{ id: 'toolu_1' }] } });
    upstream.script({ text: 'Seen.' });
    const result = { role: 'tool', tool_call_id: 'toolu_1', content: 'It is round.' };
    // The simulator refuses a thought that is not its own.
    const answer = await ask({ messages: [first, choices[0]!.message, result], tools });
    expect(answer.choices[0]!.message['content']).toBe('Seen.');
    expect(JSON.parse(upstream.requests.at(-1)!.body.toString()).messages[1].content[0].type).toBe('thinking');
  });

  it('names what was left out', async () => {
    await useModel('claude-opus-5-5');
    expect((await ask({ temperature: 0.2, seed: 1 })).dropped).toBe('temperature, seed');
  });

  it('is refused for an option that cannot be honoured', async () => {
    await useModel('claude-opus-5-5');
    const error = await readError(await askChat(hub, { tools, tool_choice: 'required' }));
    expect([error.status, error.code]).toEqual([400, 'unsupported_parameter']);
    expect(upstream.requests).toHaveLength(0);
  });

  it('ends as filtered when the model declines', async () => {
    await useModel('claude-sonnet-4-6');
    upstream.script({ refusal: 'Not that.' });
    const { choices } = await ask();
    expect(choices[0]).toMatchObject({
      finish_reason: 'content_filter',
      message: { content: null, refusal: 'Not that.' },
    });
    expect(await streamChat(hub)).toMatchObject({ content: '', isDone: true, error: undefined });
  });

  it('is put together from a stream, and streamed from a whole answer', async () => {
    await useModel('claude-sonnet-4-6');
    upstream.script({ text: 'one two', json_as_stream: true });
    expect((await ask()).choices[0]!.message['content']).toBe('one two');
    upstream.script({ text: 'one two', stream_as_json: true });
    expect(await streamChat(hub)).toMatchObject({ content: 'one two', isDone: true });
  });
});

describe('what fails at Anthropic', () => {
  it.each([
    [{ status: 529 }, 503, 'upstream_overloaded'],
    [{ status: 401 }, 503, 'upstream_auth_error'],
    [{ retry_after: 7 }, 429, 'rate_limit_exceeded'],
    [{ html: true, status: 502 }, 502, 'upstream_error'],
    [{ html: true }, 502, 'upstream_invalid_response'],
    [{ error_first: true }, 502, 'upstream_error'],
  ])('%j becomes %s %s', async (directive, status, code) => {
    await useModel('claude-sonnet-4-6');
    upstream.script(directive);
    const error = await readError(await askChat(hub));
    expect([error.status, error.code]).toEqual([status, code]);
  });

  it('says that the prompt is too long in the words clients look for', async () => {
    await useModel('claude-sonnet-4-5');
    const content = 'word '.repeat(170_000);
    const error = await readError(await askChat(hub, { messages: [{ role: 'user', content }] }));
    expect([error.status, error.code]).toEqual([400, 'context_length_exceeded']);
  });

  it.each([{ error_after: 2 }, { cut_after: 2 }])(
    '%j ends the stream with an error and no [DONE]',
    async (directive) => {
      await useModel('claude-sonnet-4-6');
      upstream.script({ text: 'one two three', ...directive });
      const seen = await streamChat(hub);
      expect(seen.content).toBe('one two');
      expect(seen.isDone).toBe(false);
      expect(seen.error).toBeDefined();
    },
  );

  it('is nothing when only the last word of the stream is missing', async () => {
    await useModel('claude-sonnet-4-6');
    upstream.script({ text: 'one two three', no_done: true });
    expect(await streamChat(hub)).toMatchObject({ content: 'one two three', isDone: true, error: undefined });
  });
});

describe('a stream that broke off elsewhere', () => {
  const text = 'one two three four';
  let other: FakeUpstream;
  beforeAll(async () => {
    other = await startFakeUpstream();
  });
  afterAll(() => other.close());

  it.each([
    ['claude-sonnet-4-5', 'from its beginning', ['user', 'assistant']],
    ['claude-opus-5-5', 'told again and compared', ['user']],
  ])('goes on at %s, %s', async (model, _how, roles) => {
    other.script({ text, cut_after: 2 });
    upstream.script({ text });
    const models = new Map([['gpt-4', model]]);
    await hub.setChannels([
      { name: `o${++serial}`, baseUrl: other.url, priority: 1 },
      { name: `a${serial}`, provider: 'anthropic', baseUrl: upstream.url, apiKey: `sk-ant-${serial}`, models },
    ]);
    expect(await streamChat(hub)).toMatchObject({ content: text, isDone: true, error: undefined });
    const { messages } = JSON.parse(upstream.requests[0]!.body.toString());
    expect(messages.map(({ role }: { role: string }) => role)).toEqual(roles);
    expect(upstream.requests).toHaveLength(1);
  });
});
