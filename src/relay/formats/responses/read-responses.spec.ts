import { HubError } from '../../../common/hub-error.js';
import { packThoughts } from './hidden-thoughts.js';
import { readResponses } from './read-responses.js';

type Body = Readonly<Record<string, unknown>>;

function read(body: Body) {
  return readResponses(Buffer.from(JSON.stringify({ model: 'm', input: 'Hi', ...body })));
}

function chatOf(body: Body) {
  const { model: _, ...rest } = read(body).request.source.value;
  return rest;
}

function refusalOf(body: Body): HubError {
  try {
    read(body);
  } catch (error) {
    if (error instanceof HubError) return error;
  }
  throw new Error('It was not refused.');
}

const hi = { role: 'user', content: 'Hi' };
const call = { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{"a":1}' };
const output = { type: 'function_call_output', call_id: 'c1', output: 'ok' };
const madeCall = { id: 'c1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } };
const tool = { type: 'function', name: 'f', parameters: { type: 'object' } };

describe('what is said to a model', () => {
  it.each<[string, Body, readonly unknown[]]>([
    ['a text', { input: 'Hi' }, [hi]],
    ['instructions', { instructions: 'Be brief.' }, [{ role: 'system', content: 'Be brief.' }, hi]],
    ['a message without a type', { input: [hi] }, [hi]],
    ['one text part', { input: [{ role: 'user', content: [{ type: 'input_text', text: 'Hi' }] }] }, [hi]],
    [
      'a developer and a system message',
      { input: [{ role: 'developer', content: 'a' }, { type: 'message', role: 'system', content: 'b' }, hi] },
      [{ role: 'developer', content: 'a' }, { role: 'system', content: 'b' }, hi],
    ],
    [
      'a picture by address',
      { input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'https://a/b.png', detail: 'low' }] }] },
      [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://a/b.png', detail: 'low' } }] }],
    ],
    [
      'a file with its bytes, and one by address',
      {
        input: [
          {
            role: 'user',
            content: [
              { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,AA==' },
              { type: 'input_file', file_url: 'https://a/b.pdf' },
            ],
          },
        ],
      },
      [
        {
          role: 'user',
          content: [
            { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,AA==' } },
            { type: 'file', file: { file_data: 'https://a/b.pdf' } },
          ],
        },
      ],
    ],
    [
      'a call with its output',
      { input: [hi, call, output] },
      [
        hi,
        { role: 'assistant', content: null, tool_calls: [madeCall] },
        { role: 'tool', tool_call_id: 'c1', content: 'ok' },
      ],
    ],
    [
      'a text and the calls after it',
      {
        input: [
          { role: 'assistant', content: [{ type: 'output_text', text: 'Well' }] },
          call,
          { ...call, call_id: 'c2' },
          output,
        ],
      },
      [
        { role: 'assistant', content: 'Well', tool_calls: [madeCall, { ...madeCall, id: 'c2' }] },
        { role: 'tool', tool_call_id: 'c1', content: 'ok' },
      ],
    ],
    [
      'a text after a call, which belongs to it',
      { input: [call, { role: 'assistant', content: 'Well' }, output] },
      [
        { role: 'assistant', content: 'Well', tool_calls: [madeCall] },
        { role: 'tool', tool_call_id: 'c1', content: 'ok' },
      ],
    ],
    [
      'a call without arguments',
      { input: [{ ...call, arguments: '' }, output] },
      [
        { role: 'assistant', content: null, tool_calls: [{ ...madeCall, function: { name: 'f', arguments: '{}' } }] },
        { role: 'tool', tool_call_id: 'c1', content: 'ok' },
      ],
    ],
    [
      'outputs with a picture, which most vendors take of users alone',
      {
        input: [
          call,
          { ...call, call_id: 'c2' },
          {
            ...output,
            output: [
              { type: 'input_image', image_url: 'data:image/png;base64,AA==' },
              { type: 'input_text', text: 'Look.' },
            ],
          },
          { ...output, call_id: 'c2' },
          hi,
        ],
      },
      [
        { role: 'assistant', content: null, tool_calls: [madeCall, { ...madeCall, id: 'c2' }] },
        { role: 'tool', tool_call_id: 'c1', content: 'Look.\n\n(1 attached: see the next message.)' },
        { role: 'tool', tool_call_id: 'c2', content: 'ok' },
        {
          role: 'user',
          content: [
            { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } },
            { type: 'text', text: '(Attached to the result of the tool call c1.)' },
          ],
        },
        hi,
      ],
    ],
    [
      'a refusal',
      { input: [{ role: 'assistant', content: [{ type: 'refusal', refusal: 'No.' }] }, hi] },
      [{ role: 'assistant', content: null, refusal: 'No.' }, hi],
    ],
    [
      'reasoning in plain words, before a text',
      {
        input: [
          { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'Hm' }] },
          { role: 'assistant', content: 'A' },
          hi,
        ],
      },
      [{ role: 'assistant', content: 'A', reasoning_content: 'Hm' }, hi],
    ],
    [
      'what the hub has packed for any vendor, wherever it stands in its turn',
      {
        input: [
          call,
          {
            type: 'reasoning',
            id: 'rs_1',
            summary: [],
            encrypted_content: packThoughts([
              { detail: { format: 'anthropic-claude-v1', model: 'x', signature: 's' } },
              { calls: { c1: { google: { thought_signature: 't' } } } },
              { extra: { google: { thought_signature: 'u' } } },
            ]),
          },
          output,
        ],
      },
      [
        {
          role: 'assistant',
          content: null,
          reasoning_details: [{ format: 'anthropic-claude-v1', model: 'x', signature: 's' }],
          extra_content: { google: { thought_signature: 'u' } },
          tool_calls: [{ ...madeCall, extra_content: { google: { thought_signature: 't' } } }],
        },
        { role: 'tool', tool_call_id: 'c1', content: 'ok' },
      ],
    ],
  ])('%s', (_, body, messages) => {
    expect(chatOf(body)['messages']).toEqual(messages);
    expect(read(body).dropped).toEqual([]);
  });

  it('leaves out hidden reasoning that has been tampered with', () => {
    const input = [
      { type: 'reasoning', summary: [], encrypted_content: 'hub1.bm9uZQ' },
      { role: 'assistant', content: 'A' },
    ];
    expect(chatOf({ input })['messages']).toEqual([{ role: 'assistant', content: 'A' }]);
    expect(read({ input }).dropped).toEqual(['input[].reasoning']);
  });
});

describe('what is asked of a model', () => {
  it('has a cap whose name upstream is for adapters to choose', () => {
    const { request } = read({ input: 'a', max_output_tokens: 99 });
    expect(request).toMatchObject({ outputTokensCap: 99, isCapReworded: true });
  });

  it.each<[string, Body, Body]>([
    ['a cap', { max_output_tokens: 99 }, { max_completion_tokens: 99 }],
    ['an effort', { reasoning: { effort: 'low' } }, { reasoning_effort: 'low' }],
    ['plain text', { text: { format: { type: 'text' }, verbosity: 'low' } }, { verbosity: 'low' }],
    [
      'a schema',
      { text: { format: { type: 'json_schema', name: 'n', schema: { a: 1 }, strict: true } } },
      { response_format: { type: 'json_schema', json_schema: { name: 'n', schema: { a: 1 }, strict: true } } },
    ],
    ['JSON', { text: { format: { type: 'json_object' } } }, { response_format: { type: 'json_object' } }],
    ['probabilities', { top_logprobs: 2 }, { logprobs: true, top_logprobs: 2 }],
    ['probabilities by name', { include: ['message.output_text.logprobs'] }, { logprobs: true }],
    ['reasoning to send back', { include: ['reasoning.encrypted_content'] }, {}],
    ['sampling', { temperature: 0, top_p: 0.5 }, { temperature: 0, top_p: 0.5 }],
    [
      'functions',
      { tools: [tool], tool_choice: { type: 'function', name: 'f' }, parallel_tool_calls: false },
      {
        tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }],
        tool_choice: { type: 'function', function: { name: 'f' } },
        parallel_tool_calls: false,
      },
    ],
    [
      'some of the tools',
      { tools: [tool], tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'f' }] } },
      {
        tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }],
        tool_choice: {
          type: 'allowed_tools',
          allowed_tools: { mode: 'auto', tools: [{ type: 'function', function: { name: 'f' } }] },
        },
      },
    ],
    [
      'a custom tool with a grammar',
      { tools: [{ type: 'custom', name: 'g', format: { type: 'grammar', syntax: 'lark', definition: 'a' } }] },
      {
        tools: [
          {
            type: 'custom',
            custom: { name: 'g', format: { type: 'grammar', grammar: { syntax: 'lark', definition: 'a' } } },
          },
        ],
      },
    ],
    ['choices among no tools', { tools: [], tool_choice: 'auto', parallel_tool_calls: true }, {}],
    [
      'what is the same everywhere',
      { user: 'u', safety_identifier: 's', prompt_cache_key: 'k', service_tier: 'flex' },
      { user: 'u', safety_identifier: 's', prompt_cache_key: 'k', service_tier: 'flex' },
    ],
    [
      'what asks for nothing',
      { store: false, background: false, truncation: 'disabled', previous_response_id: null },
      {},
    ],
    ['a stream', { stream: true, stream_options: { include_obfuscation: false } }, { stream: true }],
  ])('%s', (_, body, members) => {
    const { messages: __, ...rest } = chatOf(body);
    expect(rest).toEqual(members);
    expect(read(body).dropped).toEqual([]);
  });

  it('carries beside it what chat/completions has no member for', () => {
    const { request } = read({ reasoning: { summary: 'auto' }, truncation: 'auto' });
    expect(request.extensions).toEqual({ reasoning_summary: 'auto', truncation: 'auto' });
  });

  it.each<[Body, string]>([
    [{ store: true }, 'store'],
    [{ include: ['file_search_call.results'] }, 'include'],
    [{ max_tool_calls: 3 }, 'max_tool_calls'],
    [{ stop: ['a'] }, 'stop'],
    [{ stream: true, stream_options: { include_obfuscation: true } }, 'stream_options.include_obfuscation'],
    [{ reasoning: { context: 'x' } }, 'reasoning.context'],
    [{ text: { tone: 'x' } }, 'text.tone'],
    [{ tools: [{ ...tool, defer_loading: true }] }, 'tools[].defer_loading'],
    [{ input: [{ role: 'assistant', content: 'A', phase: 'commentary' }] }, 'input[].phase'],
    [
      {
        input: [
          { type: 'reasoning', id: 'rs_1', summary: [] },
          { role: 'assistant', content: 'A' },
        ],
      },
      'input[].reasoning',
    ],
    [{ input: [{ type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm' }] }, hi] }, 'input[].reasoning'],
    [{ input: [hi, { type: 'image_generation_call', id: 'ig_1', result: 'AA==' }] }, 'input[].image_generation_call'],
  ])('reports what it leaves out of %j', (body, name) => {
    expect(read(body).dropped).toEqual([name]);
  });
});

describe('what is refused', () => {
  it.each<[Body, string]>([
    [{ previous_response_id: 'resp_1' }, 'previous_response_id'],
    [{ conversation: 'conv_1' }, 'conversation'],
    [{ background: true }, 'background'],
    [{ input: [{ type: 'item_reference', id: 'msg_1' }] }, 'input[0]'],
  ])('%j, since nothing is kept', (body, param) => {
    expect(refusalOf(body)).toMatchObject({
      status: 400,
      code: 'unsupported_parameter',
      param,
      message: expect.stringContaining('keeps no responses'),
    });
  });

  it.each<[Body, string]>([
    [{ prompt: { id: 'p' } }, 'prompt'],
    [{ tools: [tool, { type: 'web_search' }] }, 'tools[1].type'],
    [{ tools: [{ type: 'mcp', server_url: 'https://a' }] }, 'tools[0].type'],
    [{ tool_choice: { type: 'file_search' } }, 'tool_choice.type'],
    [{ input: [{ type: 'web_search_call', id: 'ws_1' }] }, 'input[0].type'],
    [
      { input: [{ role: 'user', content: [{ type: 'input_image', file_id: 'file_1' }] }] },
      'input[0].content[0].file_id',
    ],
    [
      { input: [{ role: 'user', content: [{ type: 'input_file', file_id: 'file_1' }] }] },
      'input[0].content[0].file_id',
    ],
    [{ input: [{ role: 'user', content: [{ type: 'input_video' }] }] }, 'input[0].content[0].type'],
  ])('%j, which no upstream could be asked for', (body, param) => {
    expect(refusalOf(body)).toMatchObject({ status: 400, code: 'unsupported_parameter', param });
  });

  it.each<[Body, string]>([
    [{ input: undefined }, 'input'],
    [{ input: [] }, 'input'],
    [{ input: 3 }, 'input'],
    [{ input: ['a'] }, 'input[0]'],
    [{ input: [{ content: 'a' }] }, 'input[0].type'],
    [{ input: [{ type: 'message', content: 'a' }] }, 'input[0].role'],
    [{ input: [{ role: 'tool', content: 'a' }] }, 'input[0].role'],
    [{ input: [{ role: 'user' }] }, 'input[0].content'],
    [{ input: [{ role: 'user', content: [{ text: 'a' }] }] }, 'input[0].content[0].type'],
    [{ input: [{ role: 'user', content: [{ type: 'input_text' }] }] }, 'input[0].content[0].text'],
    [{ input: [{ type: 'function_call', name: 'f' }] }, 'input[0].call_id'],
    [{ input: [{ ...output, output: 3 }] }, 'input[0].output'],
    [{ instructions: [hi] }, 'instructions'],
    [{ max_output_tokens: 0 }, 'max_output_tokens'],
    [{ tools: {} }, 'tools'],
    [{ tools: [{ type: 'function' }] }, 'tools[0].name'],
    [{ reasoning: 'high' }, 'reasoning'],
    [{ reasoning: { effort: 3 } }, 'reasoning.effort'],
    [{ reasoning: { summary: 'long' } }, 'reasoning.summary'],
    [{ text: { format: { type: 'xml' } } }, 'text.format.type'],
    [{ text: { format: { type: 'json_schema' } } }, 'text.format.schema'],
    [{ truncation: 'always' }, 'truncation'],
    [{ include: 'all' }, 'include'],
    [{ stream: 'yes' }, 'stream'],
    [{ top_logprobs: 21 }, 'top_logprobs'],
  ])('%j, which is malformed', (body, param) => {
    expect(refusalOf(body)).toMatchObject({ status: 400, param });
  });
});

describe('large numbers', () => {
  it('keep their digits in schemas', () => {
    const schema = '{"type":"integer","maximum":18446744073709551615}';
    const body = `{"model":"m","input":"Hi","tools":[{"type":"function","name":"f","parameters":${schema}}],"text":{"format":{"type":"json_schema","name":"a","schema":${schema}}}}`;
    const { source } = readResponses(Buffer.from(body)).request;
    expect(source.textOf('tools')).toContain(`"parameters":${schema}`);
    expect(source.textOf('response_format')).toContain(`"schema":${schema}`);
  });
});
