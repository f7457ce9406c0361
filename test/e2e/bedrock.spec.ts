import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type BedrockSimulator, startBedrockSimulator } from '../simulators/bedrock/bedrock.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { startHub, type TestHub } from '../support/hub.js';
import { askChat, readError, streamChat } from '../support/relay-client.js';

const KEYS = {
  accessKey: 'AKIDEXAMPLE',
  secretKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCY',
  sessionToken: 'session:token/+1==',
};
const PAIR = `${KEYS.accessKey}:${KEYS.secretKey}:${KEYS.sessionToken}`;
const API_KEY = 'bedrock-api-key-of-tests';
const MODEL = 'us.anthropic.claude-haiku-4-5-20251001-v1:0';

let upstream: BedrockSimulator;
let hub: TestHub;
let serial = 0;

beforeAll(async () => {
  upstream = await startBedrockSimulator({ keys: KEYS, apiKey: API_KEY });
  hub = await startHub();
});
afterAll(async () => {
  await hub.close();
  await upstream.close();
});
afterEach(() => upstream.script(undefined));

/** One channel that no test before has sent to rest. */
async function useModel(upstreamModel: string, apiKey = PAIR): Promise<void> {
  const models = new Map([['gpt-4', upstreamModel]]);
  await hub.setChannels([{ name: `c${++serial}`, provider: 'bedrock', baseUrl: upstream.url, apiKey, models }]);
}

async function ask(body: Readonly<Record<string, unknown>> = {}) {
  const response = await askChat(hub, body);
  if (response.status !== 200) throw new Error(await response.text());
  return (await response.json()) as {
    choices: { message: Record<string, unknown>; finish_reason: string }[];
    usage: unknown;
  };
}

describe('a chat request served by Bedrock', () => {
  it.each([
    ['a signature over what is sent', PAIR, /^AWS4-HMAC-SHA256 /],
    ['an API key', API_KEY, /^Bearer /],
  ])('is authorised by %s, and answered whole and streamed', async (_name, credential, authorization) => {
    await useModel(MODEL, credential);
    upstream.script({
      text: 'Grüße, 世界 👋.',
      usage: {
        inputTokens: 7,
        outputTokens: 4,
        totalTokens: 2111,
        cacheReadInputTokens: 2000,
        cacheWriteInputTokens: 100,
      },
    });
    const answer = await ask();
    expect(answer.choices[0]).toMatchObject({ message: { content: 'Grüße, 世界 👋.' }, finish_reason: 'stop' });
    expect(answer.usage).toEqual({
      prompt_tokens: 2_107,
      completion_tokens: 4,
      total_tokens: 2_111,
      prompt_tokens_details: { cached_tokens: 2_000, cache_write_tokens: 100 },
    });
    const seen = await streamChat(hub, { stream_options: { include_usage: true } });
    expect(seen).toMatchObject({ status: 200, content: 'Grüße, 世界 👋.', isDone: true, error: undefined });
    expect(seen.events.at(-1)!.usage).toMatchObject({ prompt_tokens: 2_107, completion_tokens: 4 });
    const [whole, streamed] = upstream.requests;
    expect(whole!.url).toBe('/model/us.anthropic.claude-haiku-4-5-20251001-v1%3A0/converse');
    expect(streamed!.url).toBe('/model/us.anthropic.claude-haiku-4-5-20251001-v1%3A0/converse-stream');
    expect(streamed!.headers.accept).toBe('application/vnd.amazon.eventstream');
    for (const { headers } of upstream.requests) {
      expect(headers.authorization).toMatch(authorization);
      expect(JSON.stringify(headers)).not.toContain(KEYS.secretKey);
    }
  });

  it('is signed under an ARN with slashes too', async () => {
    await useModel('arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/a1b2');
    expect((await ask()).choices[0]!.message['content']).toBe('You said: Hello');
  });

  it('calls tools over several turns, thoughts included', async () => {
    await useModel(MODEL);
    const tools = [{ type: 'function', function: { name: 'look' } }];
    upstream.script({ thought: 'Where?', calls: [{ toolUseId: 'tooluse_1', name: 'look', input: { where: '世界' } }] });
    const first = { role: 'user', content: 'Look.' };
    const { choices } = await ask({ messages: [first], tools });
    expect(choices[0]).toMatchObject({ finish_reason: 'tool_calls', message: { reasoning_content: 'Where?' } });
    upstream.script({ text: 'Seen.' });
    const result = { role: 'tool', tool_call_id: 'tooluse_1', content: 'It is round.' };
    const answer = await ask({ messages: [first, choices[0]!.message, result], tools });
    expect(answer.choices[0]!.message['content']).toBe('Seen.');
    const { messages } = upstream.requests.at(-1)!.body as { messages: { content: object[] }[] };
    expect(messages[1]!.content.map((block) => Object.keys(block)[0])).toEqual(['reasoningContent', 'toolUse']);
  });
});

describe('what fails at Bedrock', () => {
  it.each([
    [400, 'ValidationException', 'Input is too long for requested model.', 400, 'context_length_exceeded'],
    [429, 'ThrottlingException', 'Too many requests', 429, 'rate_limit_exceeded'],
    [503, 'ServiceUnavailableException', 'Busy.', 503, 'upstream_overloaded'],
    [403, 'ExpiredTokenException', 'Over.', 503, 'upstream_auth_error'],
  ])('%d %s "%s" becomes %d %s', async (status, type, message, shown, code) => {
    await useModel(MODEL);
    upstream.script({ error: { status, type, message } });
    const error = await readError(await askChat(hub));
    expect([error.status, error.code]).toEqual([shown, code]);
  });

  it('repeats no part of the credential, to the caller or to the log', async () => {
    await useModel(MODEL);
    const message = `Expected ${KEYS.accessKey} with ${KEYS.secretKey} and ${KEYS.sessionToken}.`;
    upstream.script({ error: { status: 400, type: 'ValidationException', message } });
    const error = await readError(await askChat(hub));
    expect(error.status).toBe(400);
    for (const secret of Object.values(KEYS)) {
      expect(error.message).not.toContain(secret);
      expect(hub.logText()).not.toContain(secret);
    }
  });

  it('is a refused credential when the secret is another', async () => {
    await useModel(MODEL, `${KEYS.accessKey}:another:${KEYS.sessionToken}`);
    expect((await readError(await askChat(hub))).code).toBe('upstream_auth_error');
    await useModel(MODEL, `${KEYS.accessKey}:`);
    expect((await readError(await askChat(hub))).code).toBe('upstream_auth_error');
  });

  it.each([
    ['an exception', { exception: 'internalServerException' }],
    ['a damaged frame', { isDamaged: true }],
    ['a broken connection', { isCut: true }],
  ])('inside a stream, %s, ends it with an error where nobody can go on', async (_name, script) => {
    await useModel('us.amazon.nova-pro-v1:0');
    upstream.script({ text: 'one two three', ...script });
    const seen = await streamChat(hub);
    expect(seen.content).toBe('one ');
    expect(seen.isDone).toBe(false);
    expect(seen.error).toBeDefined();
  });
});

describe('a stream that broke off elsewhere', () => {
  let other: FakeUpstream;
  beforeAll(async () => {
    other = await startFakeUpstream();
  });
  afterAll(() => other.close());

  it('goes on at Bedrock from its beginning', async () => {
    const text = 'one two three four';
    other.script({ text, cut_after: 2 });
    upstream.script({ text: ' three four' });
    const models = new Map([['gpt-4', MODEL]]);
    await hub.setChannels([
      { name: `o${++serial}`, baseUrl: other.url, priority: 1 },
      { name: `b${serial}`, provider: 'bedrock', baseUrl: upstream.url, apiKey: PAIR, models },
    ]);
    expect(await streamChat(hub)).toMatchObject({ content: text, isDone: true, error: undefined });
    const { messages } = upstream.requests[0]!.body as { messages: { role: string }[] };
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant']);
  });
});
