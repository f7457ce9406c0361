import { JsonSource } from '../../../common/json-source.js';
import type { ChatStreamItem } from '../../canonical/chat.js';
import { fromAnthropicBody } from './chat-response.js';
import { AnthropicChatStream } from './chat-stream.js';

const request = { source: JsonSource.of({}), model: 'x', isStream: true, includeUsage: false, choiceCount: 1 };
const target = { upstreamModel: 'their-own-model', publicModel: 'x' };

const started = (content_block: object) => ({ type: 'content_block_start', index: 0, content_block });
const piece = (partial_json: string) => {
  return { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json } };
};
const stop = { type: 'content_block_stop', index: 0 };

/** The tool calls of a stream, put together as a client does. */
function callsIn(...events: readonly object[]): readonly string[] {
  const reader = new AnthropicChatStream(target, request);
  const items: ChatStreamItem[] = events.flatMap((event) => reader.push({ name: '', data: JSON.stringify(event) }));
  const calls: string[] = [];
  for (const item of items) {
    const deltas = item.type === 'chunk' ? (item.chunk.choices[0]?.delta['tool_calls'] ?? []) : [];
    for (const { index, function: called } of deltas as { index: number; function: { arguments: string } }[])
      calls[index] = (calls[index] ?? '') + called.arguments;
  }
  return calls;
}

describe('servers that speak the format of Anthropic for models of their own', () => {
  const call = { type: 'tool_use', id: 't', name: 'pay', input: { amount: 5 } };

  // Called without its arguments, the tool would do something else than the model wanted.
  it('may give the arguments of a call at once', () => {
    expect(callsIn(started(call), stop)).toEqual(['{"amount":5}']);
    const large = JSON.stringify(started({ ...call, input: { amount: 5 } })).replace('5', '9007199254740993');
    const reader = new AnthropicChatStream(target, request);
    reader.push({ name: '', data: large });
    expect(JSON.stringify(reader.push({ name: '', data: JSON.stringify(stop) }))).toContain('9007199254740993');
  });

  it('may give them at once and then in pieces, of which one is taken', () => {
    expect(callsIn(started(call), piece('{"amount"'), piece(':5}'), stop)).toEqual(['{"amount":5}']);
  });

  it('give none where a call has none', () => {
    expect(callsIn(started({ ...call, input: {} }), piece(''), stop)).toEqual(['{}']);
  });

  it('may forget the name of a call, which makes it no text', () => {
    const nameless = { type: 'tool_use', id: 't', input: { amount: 5 } };
    expect(callsIn(started(nameless), stop)).toEqual(['{"amount":5}']);
    const body = Buffer.from(JSON.stringify({ content: [nameless], stop_reason: 'tool_use', usage: {} }));
    const { completion } = fromAnthropicBody(body, target, request);
    expect(completion.choices[0]?.message).toMatchObject({
      content: null,
      tool_calls: [{ function: { name: '', arguments: '{"amount":5}' } }],
    });
  });
});
