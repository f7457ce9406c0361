import type { ChatStreamItem } from '../../canonical/chat.js';
import { fromResponsesBody } from './responses-answer.js';
import { ResponsesStream } from './responses-stream.js';

let stream: ResponsesStream;
let sequence_number = 0;

beforeEach(() => {
  stream = new ResponsesStream('gpt-6-sol');
});

function tell(type: string, rest: Record<string, unknown> = {}): readonly ChatStreamItem[] {
  return stream.push({ name: type, data: JSON.stringify({ type, sequence_number: sequence_number++, ...rest }) });
}

/** The deltas of what was said. */
function deltas(items: readonly ChatStreamItem[]): unknown[] {
  return items.flatMap((item) => (item.type === 'chunk' ? item.chunk.choices.map(({ delta }) => delta) : []));
}

const call = (output_index: number, id: string, name: string) => ({
  output_index,
  item: { type: 'function_call', id: `fc_${id}`, call_id: `call_${id}`, name, arguments: '' },
});
const completed = (rest: Record<string, unknown> = {}) => ({
  response: { id: 'resp_1', status: 'completed', output: [], ...rest },
});

describe('the stream of a response', () => {
  it('numbers calls by their order among the calls, not by their place in the output', () => {
    tell('response.output_item.added', { output_index: 0, item: { type: 'reasoning', id: 'rs_1', summary: [] } });
    tell('response.output_text.delta', { output_index: 1, content_index: 0, delta: 'a' });
    const first = deltas(tell('response.output_item.added', call(2, 'a', 'f')));
    const second = deltas(tell('response.output_item.added', call(3, 'b', 'g')));
    // Interleaved, as parallel calls may be.
    const more = [
      tell('response.function_call_arguments.delta', { output_index: 3, item_id: 'fc_b', delta: '{"b"' }),
      tell('response.function_call_arguments.delta', { output_index: 2, item_id: 'fc_a', delta: '{"a"' }),
    ];
    expect(first).toEqual([
      { tool_calls: [{ index: 0, id: 'call_a', type: 'function', function: { name: 'f', arguments: '' } }] },
    ]);
    expect(second).toMatchObject([{ tool_calls: [{ index: 1, id: 'call_b' }] }]);
    expect(more.flatMap(deltas)).toEqual([
      { tool_calls: [{ index: 1, function: { arguments: '{"b"' } }] },
      { tool_calls: [{ index: 0, function: { arguments: '{"a"' } }] },
    ]);
  });

  it('gives a call without arguments an empty object, once', () => {
    tell('response.output_item.added', call(0, 'a', 'f'));
    const ends = [
      tell('response.function_call_arguments.done', { output_index: 0, arguments: '' }),
      tell('response.output_item.done', { output_index: 0, item: { ...call(0, 'a', 'f').item } }),
    ];
    expect(ends.flatMap(deltas)).toEqual([{ tool_calls: [{ index: 0, function: { arguments: '{}' } }] }]);
  });

  it('gives a custom call its input', () => {
    const item = { type: 'custom_tool_call', id: 'ctc_1', call_id: 'call_1', name: 'sql', input: '' };
    const items = [
      tell('response.output_item.added', { output_index: 0, item }),
      tell('response.custom_tool_call_input.delta', { output_index: 0, delta: 'select' }),
      tell('response.custom_tool_call_input.done', { output_index: 0, input: 'select' }),
    ];
    expect(items.flatMap(deltas)).toEqual([
      { tool_calls: [{ index: 0, id: 'call_1', type: 'custom', custom: { name: 'sql', input: '' } }] },
      { tool_calls: [{ index: 0, custom: { input: 'select' } }] },
    ]);
  });

  it('says the role once, before anything else', () => {
    const response = { id: 'resp_abc', created_at: 1_767_000_000, status: 'in_progress' };
    const items = [tell('response.created', { response }), tell('response.in_progress', { response })].flat();
    expect(items).toMatchObject([
      { type: 'chunk', hasContent: false, chunk: { id: 'chatcmpl-abc', created: 1_767_000_000 } },
    ]);
    expect(deltas(items)).toEqual([{ role: 'assistant', content: '' }]);
  });

  it('keeps paragraphs of a summary apart, and prefers reasoning itself to a summary of it', () => {
    const at = (summary_index: number, delta: string) => ({ output_index: 0, summary_index, delta });
    const summary = [at(0, 'a'), at(0, 'b'), at(1, 'c')].flatMap((event) =>
      tell('response.reasoning_summary_text.delta', event),
    );
    expect(deltas(summary)).toEqual([
      { reasoning_content: 'a' },
      { reasoning_content: 'b' },
      { reasoning_content: '\n\nc' },
    ]);
    tell('response.reasoning_text.delta', { output_index: 1, content_index: 0, delta: 'd' });
    expect(tell('response.reasoning_summary_text.delta', { ...at(0, 'e'), output_index: 1 })).toEqual([]);
  });

  it('gives reasoning to be sent back once before what it led to, and none that led to nothing', () => {
    const reasoning = (id: string) => ({
      item: { type: 'reasoning', id, encrypted_content: `${id}-data`, summary: [] },
    });
    const details = { type: 'reasoning.encrypted', format: 'openai-responses-v1', model: 'gpt-6-sol' };
    expect(tell('response.output_item.done', reasoning('rs_1'))).toEqual([]);
    expect(
      deltas(tell('response.output_item.added', { output_index: 1, item: { type: 'message', content: [] } })),
    ).toEqual([{ reasoning_details: [{ ...details, id: 'rs_1', data: 'rs_1-data' }] }]);
    expect(tell('response.output_item.done', { output_index: 1, item: { type: 'message', content: [] } })).toEqual([]);
    tell('response.output_item.done', reasoning('rs_2'));
    expect(deltas(tell('response.output_item.added', call(3, 'a', 'f')))).toMatchObject([
      { reasoning_details: [{ ...details, id: 'rs_2', data: 'rs_2-data', precedes: 'call_a' }] },
      { tool_calls: [{ id: 'call_a' }] },
    ]);
    tell('response.output_item.done', { output_index: 3, item: call(3, 'a', 'f').item });
    tell('response.output_item.done', reasoning('rs_3'));
    expect(deltas(tell('response.completed', completed()))).toEqual([{}]);
  });

  it('gives the probabilities of tokens with their text, and the same of a whole answer', () => {
    const logprobs = [{ token: 'a', logprob: -0.5, bytes: [97], top_logprobs: [] }];
    const place = { output_index: 0, content_index: 0, item_id: 'msg_1' };
    expect(tell('response.output_text.delta', { ...place, delta: 'a', logprobs })).toMatchObject([
      { chunk: { choices: [{ delta: { content: 'a' }, logprobs: { content: logprobs } }] } },
    ]);
    expect(tell('response.output_text.delta', { ...place, delta: 'b', logprobs: [] })).toMatchObject([
      { chunk: { choices: [{ delta: { content: 'b' }, logprobs: null }] } },
    ]);
    const output = [{ type: 'message', content: [{ type: 'output_text', text: 'a', logprobs }] }];
    const target = { upstreamModel: 'gpt-4o', publicModel: 'm' };
    const { completion } = fromResponsesBody(Buffer.from(JSON.stringify({ id: 'resp_1', output })), target);
    expect(completion.choices).toMatchObject([{ logprobs: { content: logprobs } }]);
  });

  it('ends a half call with length, not with tool_calls', () => {
    tell('response.output_item.added', call(0, 'a', 'f'));
    tell('response.function_call_arguments.delta', { output_index: 0, delta: '{"a' });
    const response = { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' }, output: [] };
    expect(tell('response.incomplete', { response })).toMatchObject([
      { type: 'chunk', isFinish: true, chunk: { choices: [{ finish_reason: 'length' }] } },
      { type: 'done' },
    ]);
  });

  it('tells what a failed response has consumed before it tells of the failure', () => {
    const usage = { input_tokens: 5, output_tokens: 2 };
    const error = { code: 'server_error', message: 'No.' };
    expect(tell('response.failed', { response: { status: 'failed', error, usage } })).toMatchObject([
      { type: 'usage', usage: { inputTokens: 5, outputTokens: 2 }, wire: { prompt_tokens: 5, completion_tokens: 2 } },
      { type: 'error', error: { kind: 'overloaded', code: 'server_error' } },
    ]);
  });

  it('says the tier that served, as its price depends on it', () => {
    expect(tell('response.completed', completed({ service_tier: 'flex' }))).toMatchObject([
      { type: 'chunk', chunk: { service_tier: 'flex' } },
      { type: 'done' },
    ]);
  });

  it('says it together with what was consumed', () => {
    const usage = { input_tokens: 5, output_tokens: 2 };
    expect(tell('response.completed', completed({ service_tier: 'flex', usage }))[1]).toMatchObject({
      type: 'usage',
      servedTier: 'flex',
    });
  });

  it('says nothing after its end', () => {
    tell('response.completed', completed());
    expect(tell('response.output_text.delta', { delta: 'a' })).toEqual([]);
    expect(stream.push({ name: '', data: '[DONE]' })).toEqual([]);
  });

  it('passes over events that nobody has heard of', () => {
    expect(tell('response.tomorrow.delta', { delta: 'a' })).toEqual([]);
    expect(tell('response.web_search_call.searching')).toEqual([]);
    expect(stream.push({ name: 'ping', data: '{}' })).toEqual([]);
  });
});
