import { JsonSource } from '../../../common/json-source.js';
import type { ChatStreamItem } from '../../canonical/chat.js';
import { fromAnthropicBody } from './chat-response.js';
import { AnthropicChatStream } from './chat-stream.js';

const TARGET = { upstreamModel: 'claude-opus-5-5', publicModel: 'x' };
const request = { source: JsonSource.of({}), model: 'x', isStream: true, includeUsage: false, choiceCount: 1 };

function read(...events: readonly object[]): ChatStreamItem[] {
  const reader = new AnthropicChatStream(TARGET, request);
  return events.flatMap((event) => reader.push({ name: '', data: JSON.stringify(event) }));
}

const start = {
  type: 'message_start',
  message: { id: 'm', usage: { input_tokens: 3, cache_read_input_tokens: 4, output_tokens: 7 } },
};
const thought = { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '' } };
const sign = { type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: 's' } };
const stop = { type: 'content_block_stop', index: 0 };

describe('a stream of Anthropic', () => {
  it('tells the prompt at its start, and nothing of the output, whose count there is a placeholder', () => {
    expect(read(start).at(-1)).toMatchObject({ type: 'usage', usage: { inputTokens: 7, cachedInputTokens: 4 } });
    expect(read(start).at(-1)).not.toHaveProperty('usage.outputTokens');
  });

  it('says that the model is at work when a thought begins, and takes a silent one for no content', () => {
    const items = read(start, thought, sign, stop);
    expect(items.map((item) => item.type)).toEqual(['chunk', 'usage', 'begun', 'chunk']);
    expect(items.filter((item) => item.type === 'chunk' && item.hasContent)).toEqual([]);
  });

  it('keeps the counts of its start that its end leaves out', () => {
    const end = {
      type: 'message_delta',
      delta: { stop_reason: 'end_turn' },
      usage: { input_tokens: 5, output_tokens: 9 },
    };
    expect(read(start, end).at(-1)).toMatchObject({ usage: { inputTokens: 9, cachedInputTokens: 4, outputTokens: 9 } });
  });

  it('counts a summary of the conversation that was made on the way, which the counts of the answer leave out', () => {
    const run = { input_tokens: 100, output_tokens: 20, cache_read_input_tokens: 50, cache_creation_input_tokens: 0 };
    const iterations = [
      { ...run, type: 'compaction' },
      { type: 'message', input_tokens: 3, output_tokens: 9, cache_read_input_tokens: 4 },
    ];
    const end = {
      type: 'message_delta',
      delta: { stop_reason: 'end_turn' },
      usage: { output_tokens: 9, iterations },
    };
    expect(read(start, end).at(-1)).toMatchObject({
      usage: { inputTokens: 157, cachedInputTokens: 54, outputTokens: 29 },
    });
  });

  it('says the service tier of its usage, the last that it is told', () => {
    const begin = { type: 'message_start', message: { id: 'm', usage: { input_tokens: 3, service_tier: 'priority' } } };
    const end = { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 9 } };
    const fallen = { ...end, usage: { output_tokens: 9, service_tier: 'standard' } };
    expect(read(begin).at(-1)).toMatchObject({ type: 'usage', servedTier: 'priority' });
    expect(read(begin, end).at(-1)).toMatchObject({ type: 'usage', servedTier: 'priority' });
    expect(read(begin, fallen).at(-1)).toMatchObject({ type: 'usage', servedTier: 'standard' });
    expect(read(start, end).at(-1)).not.toHaveProperty('servedTier');
    const content = [{ type: 'text', text: 'a' }];
    const whole = { type: 'message', content, usage: { input_tokens: 3, output_tokens: 9, service_tier: 'priority' } };
    const answer = fromAnthropicBody(Buffer.from(JSON.stringify(whole)), TARGET, request);
    expect(answer.servedTier).toBe('priority');
  });

  it('numbers calls by themselves, not by their blocks', () => {
    const call = (index: number): object => {
      return { type: 'content_block_start', index, content_block: { type: 'tool_use', id: `t${index}`, name: 'f' } };
    };
    const items = read(start, thought, call(2), call(5));
    const numbers = items.flatMap((item) =>
      item.type === 'chunk' ? (item.chunk.choices[0]!.delta['tool_calls'] ?? []) : [],
    );
    expect(numbers).toMatchObject([
      { index: 0, id: 't2' },
      { index: 1, id: 't5' },
    ]);
  });

  it('ends with what a gateway in between has to say', () => {
    const items = read(start, { error: { message: 'Bad gateway', code: 502 } }, thought);
    expect(items.at(-1)).toMatchObject({ type: 'error', error: { kind: 'overloaded', message: 'Bad gateway' } });
  });
});
