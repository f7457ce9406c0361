import { HubError } from '../../../common/hub-error.js';
import type { ChatChunk } from '../../../providers/canonical/chat.js';
import { unpackThoughts } from './hidden-thoughts.js';
import { RESPONSES } from './responses.format.js';

type Wire = Record<string, unknown>;

const facts = { requestId: 'req_00', promptTokens: 1, outputTokens: () => 1 };
const head = { id: 'chatcmpl-1', created: 1_767_000_000 };
const usage = { inputTokens: 12, outputTokens: 7, cachedInputTokens: 4, reasoningTokens: 3 };
const read = RESPONSES.read(
  Buffer.from('{"model":"m","input":"Hi","stream":true,"metadata":{"a":"b"},"temperature":0.5}'),
);

function chunkOf(delta: Wire, finish_reason: string | null = null): ChatChunk {
  return { choices: [{ index: 0, delta, finish_reason }] };
}

/** The events, each checked to be in the form of its format, and numbered without a gap. */
function parse(text: string): Wire[] {
  const events = text.split('\n\n').filter((block) => block !== '');
  return events.map((block, i) => {
    const [name, data, ...rest] = block.split('\n');
    const value = JSON.parse((data ?? '').replace(/^data: /, ''));
    expect(rest).toEqual([]);
    expect(name).toBe(`event: ${value.type}`);
    expect(value.sequence_number).toBe(i);
    return value;
  });
}

function play(deltas: readonly Wire[], finish = 'stop'): Wire[] {
  const writer = read.openStream(facts);
  const told = [...deltas.map((delta) => chunkOf(delta)), chunkOf({}, finish)].map((chunk) =>
    writer.chunk(chunk, head),
  );
  return parse(told.join('') + writer.tail(usage, undefined) + writer.end());
}

const typesOf = (events: readonly Wire[]) => events.map(({ type }) => String(type).replace(/^response\./, ''));
const lastOf = (events: readonly Wire[]) => events.at(-1)?.['response'] as Wire;

describe('the events of a response', () => {
  it('come in the order of the specification, for a text', () => {
    const events = play([{ role: 'assistant', content: '' }, { content: 'Hel' }, { content: 'lo' }]);
    expect(typesOf(events)).toEqual([
      'created',
      'in_progress',
      'output_item.added',
      'content_part.added',
      'output_text.delta',
      'output_text.delta',
      'output_text.done',
      'content_part.done',
      'output_item.done',
      'completed',
    ]);
    const place = { item_id: 'msg_000000', output_index: 0, content_index: 0 };
    const part = { type: 'output_text', text: 'Hello', annotations: [], logprobs: [] };
    expect(events[0]).toMatchObject({ response: { id: 'resp_00', status: 'in_progress', output: [], usage: null } });
    expect(events[2]).toMatchObject({
      output_index: 0,
      item: { id: 'msg_000000', status: 'in_progress', content: [] },
    });
    expect(events[3]).toMatchObject({ ...place, part: { ...part, text: '' } });
    expect(events[4]).toMatchObject({ ...place, delta: 'Hel', logprobs: [] });
    expect(events[6]).toMatchObject({ ...place, text: 'Hello' });
    expect(events[7]).toMatchObject({ ...place, part });
    const item = { id: 'msg_000000', type: 'message', status: 'completed', role: 'assistant', content: [part] };
    expect(events[8]).toMatchObject({ output_index: 0, item });
    expect(lastOf(events)).toEqual({
      id: 'resp_00',
      object: 'response',
      created_at: 1_767_000_000,
      status: 'completed',
      background: false,
      error: null,
      incomplete_details: null,
      instructions: null,
      max_output_tokens: null,
      model: 'm',
      output: [item],
      parallel_tool_calls: true,
      previous_response_id: null,
      prompt_cache_key: null,
      reasoning: { effort: null, summary: null },
      safety_identifier: null,
      service_tier: null,
      store: false,
      temperature: 0.5,
      text: { format: { type: 'text' } },
      tool_choice: 'auto',
      tools: [],
      top_logprobs: 0,
      top_p: null,
      truncation: 'disabled',
      usage: {
        input_tokens: 12,
        input_tokens_details: { cached_tokens: 4 },
        output_tokens: 7,
        output_tokens_details: { reasoning_tokens: 3 },
        total_tokens: 19,
      },
      user: null,
      metadata: { a: 'b' },
    });
  });

  it('come in the order of the specification, for reasoning and two calls', () => {
    const events = play(
      [
        { reasoning_content: 'Hm' },
        { reasoning_details: [{ format: 'f', model: 'm', signature: 's' }] },
        { tool_calls: [{ index: 0, id: 'c1', type: 'function', function: { name: 'f', arguments: '' } }] },
        { tool_calls: [{ index: 0, function: { arguments: '{"a"' } }] },
        { tool_calls: [{ index: 0, function: { arguments: ':1}' } }] },
        {
          tool_calls: [
            {
              index: 1,
              id: 'c2',
              type: 'custom',
              custom: { name: 'g', input: 'x' },
              extra_content: { google: { thought_signature: 't' } },
            },
          ],
        },
      ],
      'tool_calls',
    );
    expect(typesOf(events)).toEqual([
      'created',
      'in_progress',
      'output_item.added',
      'reasoning_summary_part.added',
      'reasoning_summary_text.delta',
      'reasoning_summary_text.done',
      'reasoning_summary_part.done',
      'output_item.done',
      'output_item.added',
      'function_call_arguments.delta',
      'function_call_arguments.delta',
      'function_call_arguments.done',
      'output_item.done',
      'output_item.added',
      'output_item.done',
      'output_item.added',
      'custom_tool_call_input.delta',
      'custom_tool_call_input.done',
      'output_item.done',
      'completed',
    ]);
    const output = lastOf(events)['output'] as Wire[];
    expect(output).toMatchObject([
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm' }] },
      { type: 'function_call', status: 'completed', call_id: 'c1', name: 'f', arguments: '{"a":1}' },
      { type: 'reasoning', summary: [] },
      { type: 'custom_tool_call', status: 'completed', call_id: 'c2', name: 'g', input: 'x' },
    ]);
    expect(unpackThoughts(output[0] ?? {})).toEqual([{ detail: { format: 'f', model: 'm', signature: 's' } }]);
    expect(unpackThoughts(output[2] ?? {})).toEqual([{ calls: { c2: { google: { thought_signature: 't' } } } }]);
    expect(new Set(output.map(({ id }) => id)).size).toBe(4);
  });

  it('keep calls apart that a vendor tells in turns', () => {
    const piece = (index: number, text: string) => ({ tool_calls: [{ index, function: { arguments: text } }] });
    const begin = (index: number) => ({
      tool_calls: [{ index, id: `c${index}`, type: 'function', function: { name: 'f', arguments: '' } }],
    });
    const events = play(
      [begin(0), begin(1), piece(0, '{"a":'), piece(1, '{"b":'), piece(0, '1}'), piece(1, '2}')],
      'tool_calls',
    );
    expect(lastOf(events)['output']).toMatchObject([
      { call_id: 'c0', arguments: '{"a":1}', status: 'completed' },
      { call_id: 'c1', arguments: '{"b":2}', status: 'completed' },
    ]);
    expect(typesOf(events).filter((type) => type === 'output_item.done')).toHaveLength(2);
  });

  it('tell a refusal, and a text before it, as parts of one message', () => {
    const events = play([{ content: 'Well' }, { refusal: 'No.' }]);
    expect(typesOf(events).slice(3, -1)).toEqual([
      'content_part.added',
      'output_text.delta',
      'output_text.done',
      'content_part.done',
      'content_part.added',
      'refusal.delta',
      'refusal.done',
      'content_part.done',
      'output_item.done',
    ]);
    expect(lastOf(events)['output']).toMatchObject([
      { content: [{ text: 'Well' }, { type: 'refusal', refusal: 'No.' }] },
    ]);
  });

  it('put a thought that is not shown before what it led to, also between two texts', () => {
    const hidden = (data: string) => ({ reasoning_details: [{ format: 'f', model: 'm', data }] });
    const events = play([hidden('a'), { content: 'One.' }, hidden('b'), { content: 'Two.' }, hidden('c')]);
    const output = lastOf(events)['output'] as Wire[];
    expect(output.map(({ type }) => type)).toEqual(['reasoning', 'message', 'reasoning', 'message', 'reasoning']);
    const thoughts = output.flatMap((item) => unpackThoughts(item)).map(({ detail }) => detail?.['data']);
    expect(thoughts).toEqual(['a', 'b', 'c']);
  });

  it('keep citations with the part that they belong to', () => {
    const annotations = [{ type: 'url_citation', url_citation: { url: 'https://a' } }];
    const [message] = lastOf(play([{ content: 'A', annotations }, { refusal: 'No.' }, { content: 'B' }]))[
      'output'
    ] as Wire[];
    expect(message?.['content']).toMatchObject([
      { text: 'A', annotations: [{ type: 'url_citation', url: 'https://a' }] },
      { refusal: 'No.' },
      { text: 'B', annotations: [] },
    ]);
  });

  it('give probabilities and citations with their text', () => {
    const writer = read.openStream(facts);
    const tokens = [{ token: 'A', logprob: -0.1, bytes: [65], top_logprobs: [] }];
    const citation = {
      type: 'url_citation',
      url_citation: { url: 'https://a', title: 'A', start_index: 0, end_index: 1 },
    };
    const told = writer.chunk(
      { choices: [{ index: 0, delta: { content: 'A' }, logprobs: { content: tokens } }] },
      head,
    );
    const rest = writer.chunk(chunkOf({ annotations: [citation] }, 'stop'), head);
    const events = parse(told + rest + writer.tail(usage, undefined) + writer.end());
    const annotation = { type: 'url_citation', url: 'https://a', title: 'A', start_index: 0, end_index: 1 };
    expect(events).toContainEqual(expect.objectContaining({ type: 'response.output_text.delta', logprobs: tokens }));
    expect(events).toContainEqual(expect.objectContaining({ annotation_index: 0, annotation }));
    expect(lastOf(events)['output']).toMatchObject([{ content: [{ logprobs: tokens, annotations: [annotation] }] }]);
  });

  it('tell a picture as one that was made', () => {
    const images = [{ type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0=' } }];
    expect(lastOf(play([{ content: 'Here:' }, { images }]))['output']).toMatchObject([
      { type: 'message', status: 'completed' },
      { type: 'image_generation_call', status: 'completed', result: 'iVBORw0=' },
    ]);
  });

  it.each([
    ['length', 'max_output_tokens'],
    ['content_filter', 'content_filter'],
  ])('end incomplete after %s', (finish, reason) => {
    const events = play([{ content: 'Hel' }], finish);
    expect(events.at(-1)).toMatchObject({ type: 'response.incomplete' });
    expect(lastOf(events)).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason },
      output: [{ status: 'incomplete' }],
    });
  });

  it('say nothing of consumption that was not reported', () => {
    const writer = read.openStream(facts);
    const told =
      writer.chunk(chunkOf({ content: 'A' }, 'stop'), head) + writer.tail(undefined, undefined) + writer.end();
    expect(lastOf(parse(told))).toMatchObject({ status: 'completed', usage: null });
  });
});

describe('a response that fails', () => {
  const error = new HubError({ status: 502, code: 'upstream_error', message: 'The upstream provider failed.' });

  it('ends with its error and what was said until then, and is never complete', () => {
    const writer = read.openStream(facts);
    const told = writer.chunk(chunkOf({ content: 'Hel' }), head) + writer.error(error);
    const events = parse(told);
    expect(typesOf(events).slice(-2)).toEqual(['output_text.delta', 'failed']);
    expect(lastOf(events)).toMatchObject({
      status: 'failed',
      error: { code: 'upstream_error', message: 'The upstream provider failed.' },
      output: [{ status: 'incomplete', content: [{ text: 'Hel' }] }],
      usage: null,
    });
  });

  it('is an error event where it had not begun, in both shapes that clients know', () => {
    expect(parse(read.openStream(facts).error(error))).toEqual([
      {
        type: 'error',
        sequence_number: 0,
        code: 'upstream_error',
        message: 'The upstream provider failed.',
        param: null,
        error: { code: 'upstream_error', message: 'The upstream provider failed.', param: null },
      },
    ]);
  });

  it('fails rather than fill the memory without end', () => {
    const writer = read.openStream(facts);
    const piece = chunkOf({ content: 'x'.repeat(1024 * 1024) });
    expect(() => {
      for (let i = 0; i < 17; i++) writer.chunk(piece, head);
    }).toThrow(expect.objectContaining({ kind: 'invalid_response' }));
  });
});

describe('entries of reasoning that come piece by piece', () => {
  it('go back as one', () => {
    const piece = (text: string) => ({
      reasoning_content: text,
      reasoning_details: [{ type: 'reasoning.text', text, format: 'unknown', index: 0 }],
    });
    const events = play([...['Ea', 'sy'].map(piece), { content: 'Four.' }]);
    const response = events.at(-1)?.['response'] as { output: Wire[] };
    const detail = { type: 'reasoning.text', text: 'Easy', format: 'unknown', index: 0 };
    expect(unpackThoughts(response.output[0] ?? {})).toEqual([{ detail }]);
  });
});

describe('a custom call that goes on after a text', () => {
  it('fails, since it has been told as complete', () => {
    const custom = (input: string) => ({
      tool_calls: [{ index: 0, id: 'c', type: 'custom', custom: { name: 'f', input } }],
    });
    expect(() => play([custom('rm '), { content: 'So.' }, custom('-r')])).toThrow('went on with a tool call');
  });
});

it('an answer of large pictures is an answer', () => {
  const image = { type: 'image_url', image_url: { url: `data:image/png;base64,${'A'.repeat(9 * 1024 * 1024)}` } };
  const events = play([{ images: [image] }, { images: [image] }]);
  expect(events.at(-1)).toMatchObject({ type: 'response.completed', response: { status: 'completed' } });
});
