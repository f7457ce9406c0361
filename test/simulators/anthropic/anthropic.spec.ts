import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type AnthropicSimulator, startAnthropicSimulator } from './anthropic.js';
import { signatureOf } from './signature.js';

let simulator: AnthropicSimulator;
beforeAll(async () => {
  simulator = await startAnthropicSimulator();
});
afterEach(() => simulator.reset());
afterAll(() => simulator.close());

const user = { role: 'user', content: 'Hello' };
const tool = { name: 'f', input_schema: { type: 'object' } };
const use = { type: 'tool_use', id: 't1', name: 'f', input: {} };
const result = { type: 'tool_result', tool_use_id: 't1', content: 'r' };

async function post(members: object, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${simulator.url}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': 'k', 'anthropic-version': '2023-06-01', 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'claude-sonnet-4-5', max_tokens: 4_000, messages: [user], ...members }),
  });
}

async function read(
  response: Response,
): Promise<{ type: string; content: unknown; error: { type: string; message: string } }> {
  return JSON.parse(await response.text());
}

describe('what the real API refuses', () => {
  it.each<[string, object, RegExp]>([
    ['no max_tokens', { max_tokens: undefined }, /^max_tokens: Field required/],
    ['more than the model can write', { max_tokens: 64_001 }, /maximum allowed/],
    ['an unknown member', { seed: 1 }, /^seed: Extra inputs/],
    ['a temperature above 1', { temperature: 1.5 }, /less than or equal to 1/],
    ['temperature with top_p', { temperature: 0.5, top_p: 0.5 }, /cannot both/],
    ['a temperature on Opus 4.7', { model: 'claude-opus-4-7', temperature: 0.5 }, /not supported/],
    ['top_p on Opus 5.5', { model: 'claude-opus-5-5', top_p: 0.5 }, /not supported/],
    [
      'a forced tool on Opus 5.5',
      { model: 'claude-opus-5-5', tools: [tool], tool_choice: { type: 'any' } },
      /not supp/,
    ],
    ['thinking off on Opus 5.5', { model: 'claude-opus-5-5', thinking: { type: 'disabled' } }, /not supported/],
    [
      'a budget on Sonnet 5',
      { model: 'claude-sonnet-5', thinking: { type: 'enabled', budget_tokens: 2_000 } },
      /not supp/,
    ],
    ['adaptive thinking on Sonnet 4.5', { thinking: { type: 'adaptive' } }, /not supported/],
    ['a budget as large as the cap', { thinking: { type: 'enabled', budget_tokens: 4_000 } }, /greater than/],
    ['a budget below 1024', { thinking: { type: 'enabled', budget_tokens: 1_000 } }, /1024/],
    ['an empty text', { messages: [{ role: 'user', content: [{ type: 'text', text: '' }] }] }, /non-empty/],
    ['an empty turn', { messages: [{ role: 'user', content: '' }] }, /non-empty/],
    ['a name', { messages: [{ ...user, name: 'n' }] }, /name: Extra inputs/],
    ['white space at the end of a beginning', { messages: [user, { role: 'assistant', content: 'a ' }] }, /whitespace/],
    [
      'a beginning on Sonnet 4.6',
      { model: 'claude-sonnet-4-6', messages: [user, { role: 'assistant', content: 'a' }] },
      /prefill/,
    ],
    ['a stop of white space', { stop_sequences: [' '] }, /non-whitespace/],
    ['a tool without an object', { tools: [{ name: 'f', input_schema: {} }] }, /input_schema/],
    ['a choice without tools', { tool_choice: { type: 'auto' } }, /while providing tools/],
    ['a missing result', { messages: [user, { role: 'assistant', content: [use] }, user] }, /without `tool_result`/],
    [
      'a text ahead of a result',
      {
        messages: [
          user,
          { role: 'assistant', content: [use] },
          { role: 'user', content: [{ type: 'text', text: 'a' }, result] },
        ],
      },
      /without `tool_result`/,
    ],
    ['a result without a call', { messages: [{ role: 'user', content: [result] }] }, /unexpected/],
    ['a format for Haiku 3', { model: 'claude-3-haiku', output_config: { format: {} } }, /structured outputs/],
    [
      'an open schema',
      { output_config: { format: { type: 'json_schema', schema: { type: 'object' } } } },
      /additionalProperties/,
    ],
    ['an effort on Sonnet 4.5', { output_config: { effort: 'low' } }, /effort/],
    [
      'a thought of another conversation on Opus 5.5',
      {
        model: 'claude-opus-5-5',
        messages: [
          user,
          {
            role: 'assistant',
            content: [
              { type: 'thinking', thinking: '', signature: signatureOf('claude-opus-5-5', '', 'x'.repeat(24)) },
              { type: 'text', text: 'a' },
            ],
          },
          user,
        ],
      },
      /different conversation/,
    ],
    [
      'much effort without thinking on Opus 5',
      { model: 'claude-opus-5', thinking: { type: 'disabled' }, output_config: { effort: 'max' } },
      /not supported with/,
    ],
    [
      'a thought of another model on Opus 5.5',
      {
        model: 'claude-opus-5-5',
        messages: [
          user,
          {
            role: 'assistant',
            content: [
              { type: 'thinking', thinking: '', signature: signatureOf('claude-opus-5', '', 'x'.repeat(24)) },
              { type: 'text', text: 'a' },
            ],
          },
          user,
        ],
      },
      /Invalid `signature`/,
    ],
  ])('%s', async (_name, members, message) => {
    const response = await post(members);
    const body = await read(response);
    expect([response.status, body.type, body.error.type]).toEqual([400, 'error', 'invalid_request_error']);
    expect(body.error.message).toMatch(message);
    expect(simulator.executions).toBe(0);
  });

  it('a missing key, a missing version and an unknown model', async () => {
    expect((await post({}, { 'x-api-key': '' })).status).toBe(401);
    expect((await post({}, { 'anthropic-version': '' })).status).toBe(400);
    expect((await post({ model: 'gpt-4o' })).status).toBe(404);
  });
});

describe('what it answers', () => {
  it('an echo', async () => {
    const body = await read(await post({}));
    expect(body).toMatchObject({ stop_reason: 'end_turn', content: [{ type: 'text', text: 'You said: Hello' }] });
  });

  it('what follows a beginning', async () => {
    simulator.script({ text: 'one two three' });
    const body = await read(await post({ messages: [user, { role: 'assistant', content: 'one two' }] }));
    expect(body.content).toEqual([{ type: 'text', text: ' three' }]);
  });

  it('a stream with thought, text and calls in its order', async () => {
    simulator.script({ thought: 'hm', text: 'a b', calls: [{ name: 'f', input: {} }], duplicate_start: true });
    const text = await (await post({ stream: true, tools: [tool] })).text();
    expect([...text.matchAll(/^event: (.*)$/gm)].map(([, name]) => name)).toEqual([
      'message_start',
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_delta',
      'content_block_stop',
      'ping',
      'content_block_start',
      'content_block_delta',
      'content_block_delta',
      'content_block_stop',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    expect(text).toContain('"partial_json":""');
  });

  it('errors in its own words, at once and inside a stream', async () => {
    simulator.script({ status: 529 });
    const refused = await post({});
    expect([refused.status, (await read(refused)).error.type]).toEqual([529, 'overloaded_error']);
    simulator.script({ text: 'a b c', error_after: 2 });
    const text = await (await post({ stream: true })).text();
    expect(text.match(/text_delta/g)).toHaveLength(2);
    expect(text.trimEnd().split('\n').slice(-2)).toEqual([
      'event: error',
      'data: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
    ]);
  });

  it('per key', async () => {
    simulator.scriptKey('other', { status: 500 });
    expect((await post({}, { 'x-api-key': 'other' })).status).toBe(500);
    expect((await post({})).status).toBe(200);
  });
});
