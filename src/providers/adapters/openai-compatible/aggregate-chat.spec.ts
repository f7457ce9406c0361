import type { ChatStreamItem } from '../../canonical/chat.js';
import { ProviderError } from '../../canonical/provider-error.js';
import { aggregateChat } from './aggregate-chat.js';
import { fromChatBody } from './chat-response.js';
import { CompatibleChatStream } from './chat-stream.js';
import { completionToItems } from './completion-to-items.js';

const target = { upstreamModel: 'up-1', publicModel: 'public-1' };

function itemsOf(...events: object[]): ChatStreamItem[] {
  const reader = new CompatibleChatStream({}, undefined);
  return events.flatMap((event) => [...reader.push({ name: '', data: JSON.stringify(event) })]);
}
const chunk = (delta: object, finish_reason: string | null = null, index = 0): object => ({
  id: 'c1',
  created: 5,
  model: 'up-1',
  choices: [{ index, delta, finish_reason }],
});

describe('the service tier of an answer', () => {
  const served = (tier: string | null): object => ({ ...chunk({ content: 'a' }), service_tier: tier });
  const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };
  const end = [chunk({}, 'stop'), { choices: [], usage, service_tier: 'default' }] as const;

  it('is its last word, in chunks or beside the usage', () => {
    expect(aggregateChat(itemsOf(served('priority'), ...end), target).servedTier).toBe('default');
    expect(aggregateChat(itemsOf(served('priority'), served(null), end[0]), target).servedTier).toBe('priority');
    expect(aggregateChat(itemsOf(served(null), end[0]), target)).not.toHaveProperty('servedTier');
  });

  it('is that of a whole answer, also where it is cut into chunks', () => {
    const message = { role: 'assistant', content: 'a' };
    const body = { choices: [{ index: 0, message, finish_reason: 'stop' }], usage, service_tier: 'flex' };
    const answer = fromChatBody({}, undefined, Buffer.from(JSON.stringify(body)), target);
    expect(answer.servedTier).toBe('flex');
    expect(aggregateChat(completionToItems(answer), target).servedTier).toBe('flex');
  });
});

describe('aggregateChat', () => {
  it('joins text, reasoning and tool calls of every choice', () => {
    const { completion, usage } = aggregateChat(
      itemsOf(
        chunk({ role: 'assistant', content: '' }),
        chunk({ reasoning_content: 'think' }),
        chunk({ content: 'B' }, 'stop', 1),
        chunk({ content: 'He' }),
        chunk({ content: 'y' }),
        chunk({ tool_calls: [{ index: 0, id: 'x', type: 'function', function: { name: 'f', arguments: '{"a"' } }] }),
        chunk({ tool_calls: [{ index: 0, function: { arguments: ':1}' } }] }),
        chunk({}, 'tool_calls'),
        { choices: [], usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } },
      ),
      target,
    );
    expect(usage).toEqual({ inputTokens: 1, outputTokens: 2 });
    expect(completion).toEqual({
      id: 'c1',
      object: 'chat.completion',
      created: 5,
      model: 'public-1',
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: 'Hey',
            reasoning_content: 'think',
            tool_calls: [{ id: 'x', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }],
          },
          logprobs: null,
          finish_reason: 'tool_calls',
        },
        { index: 1, message: { role: 'assistant', content: 'B' }, logprobs: null, finish_reason: 'stop' },
      ],
      usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
    });
  });

  it.each(['__proto__', 'constructor'])('takes log probabilities under any name, also %s', (name) => {
    const logprobs = (entry: number) => JSON.parse(`{"content":[${entry}],"${name}":[${entry}]}`) as object;
    const part = (entry: number, finish_reason: string | null) => ({
      choices: [{ index: 0, delta: { content: 'a' }, logprobs: logprobs(entry), finish_reason }],
    });
    const { completion } = aggregateChat(itemsOf(part(1, null), part(2, 'stop')), target);
    const joined = Object.entries(completion.choices[0]?.logprobs ?? {});
    expect(joined).toEqual([
      ['content', [1, 2]],
      ['refusal', null],
      [name, [1, 2]],
    ]);
  });

  it('refuses a stream that did not finish, had no choices, or failed', () => {
    expect(() => aggregateChat(itemsOf(chunk({ content: 'a' })), target)).toThrow(
      expect.objectContaining({ kind: 'incomplete' }),
    );
    expect(() => aggregateChat([{ type: 'done' }], target)).toThrow(
      expect.objectContaining({ kind: 'invalid_response' }),
    );
    const error = new ProviderError({ kind: 'overloaded', message: 'm' });
    expect(() => aggregateChat([{ type: 'error', error }], target)).toThrow(error);
  });
});

describe('completionToItems', () => {
  it('gives back the same answer when put together again', () => {
    const body = {
      id: 'c1',
      object: 'chat.completion',
      created: 5,
      model: 'up-1',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'a', refusal: null },
          logprobs: null,
          finish_reason: 'stop',
        },
        {
          index: 1,
          message: {
            role: 'assistant',
            content: null,
            tool_calls: [{ id: 'x', type: 'function', function: { name: 'f', arguments: '{}' } }],
          },
          logprobs: null,
          finish_reason: 'tool_calls',
        },
      ],
      usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
    };
    const answer = fromChatBody({}, undefined, Buffer.from(JSON.stringify(body)), target);
    const items = completionToItems(answer);
    expect(items.map((item) => item.type)).toEqual(['chunk', 'chunk', 'chunk', 'chunk', 'usage', 'done']);
    const again = aggregateChat(items, target).completion;
    expect(again).toMatchObject({
      ...body,
      model: 'public-1',
      choices: [{ message: { content: 'a' } }, body.choices[1]],
    });
  });
});
