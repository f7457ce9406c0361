import { describe, expect, it } from '@jest/globals';
import { HubError } from '../../../common/hub-error.js';
import { wrapThought } from '../../../providers/canonical/wrapped-thought.js';
import { type ReadMessages, readMessages } from './read-messages.js';

type Wire = Readonly<Record<string, unknown>>;

const base = { model: 'm', max_tokens: 100, messages: [{ role: 'user', content: 'Hello' }] };

function read(more: Wire = {}): ReadMessages {
  return readMessages(Buffer.from(JSON.stringify({ ...base, ...more })));
}

/** The canonical body. */
function canonical(more: Wire): Wire {
  return read(more).request.source.value;
}

/** The canonical messages of blocks of one user turn. */
function ofUser(...content: readonly unknown[]): unknown {
  return canonical({ messages: [{ role: 'user', content }] })['messages'];
}

function ofAssistant(...content: readonly unknown[]): unknown {
  return canonical({ messages: [{ role: 'assistant', content }] })['messages'];
}

describe('readMessages', () => {
  it('reads what chat/completions calls the same, and keeps the body itself', () => {
    const { request, wording } = read({ stream: true, temperature: 0.5 });
    expect(request).toMatchObject({
      model: 'm',
      isStream: true,
      outputTokensCap: 100,
      isCapReworded: true,
      choiceCount: 1,
    });
    expect(request.source.value).toEqual({ ...base, stream: true, temperature: 0.5 });
    expect(request.original).toMatchObject({ format: 'anthropic', onlyThere: undefined });
    expect(request.original?.source.value).toEqual({ ...base, stream: true, temperature: 0.5 });
    expect(wording.dropped).toEqual([]);
  });

  it.each<[string, Wire, Wire]>([
    ['a system text', { system: 'S' }, { messages: [{ role: 'system', content: 'S' }, base.messages[0]] }],
    [
      'system blocks as one text',
      {
        system: [
          { type: 'text', text: 'A' },
          { type: 'text', text: 'B' },
        ],
      },
      { messages: [{ role: 'system', content: 'A\n\nB' }, base.messages[0]] },
    ],
    ['stop sequences', { stop_sequences: ['a', 'b'] }, { stop: ['a', 'b'] }],
    ['top_p and top_k', { top_p: 0.9, top_k: 5 }, { top_p: 0.9, top_k: 5 }],
    ['a short user id', { metadata: { user_id: 'u' } }, { user: 'u', user_identifier: 'u' }],
    ['the standard tier', { service_tier: 'standard_only' }, { service_tier: 'default' }],
    ['any tier', { service_tier: 'auto' }, { service_tier: 'auto' }],
    ['thinking that is off', { thinking: { type: 'disabled' } }, { reasoning_effort: 'none' }],
    ['a small budget', { thinking: { type: 'enabled', budget_tokens: 1024 } }, { reasoning_effort: 'low' }],
    ['a budget', { thinking: { type: 'enabled', budget_tokens: 8000 } }, { reasoning_effort: 'medium' }],
    ['a large budget', { thinking: { type: 'enabled', budget_tokens: 31_999 } }, { reasoning_effort: 'high' }],
    ['an effort', { output_config: { effort: 'low' } }, { reasoning_effort: 'low' }],
    ['the greatest effort', { output_config: { effort: 'max' } }, { reasoning_effort: 'xhigh' }],
    [
      'an effort beside a budget',
      { output_config: { effort: 'low' }, thinking: { type: 'enabled', budget_tokens: 20_000 } },
      { reasoning_effort: 'low' },
    ],
    [
      'a schema',
      { output_config: { format: { type: 'json_schema', schema: { type: 'object' } } } },
      {
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'answer', schema: { type: 'object' }, strict: true },
        },
      },
    ],
  ])('reads %s', (_name, given, expected) => {
    expect(canonical(given)).toMatchObject(expected);
  });

  it('says nothing of thinking that is as the model sees fit', () => {
    expect(canonical({ thinking: { type: 'adaptive' } })).not.toHaveProperty('reasoning_effort');
  });

  it('tells other vendors a long user id by its digest, and the books the whole of it', () => {
    const id = 'user_'.padEnd(150, 'x');
    const { user, user_identifier } = canonical({ metadata: { user_id: id } });
    expect(user).toMatch(/^[0-9a-f]{64}$/);
    expect(user_identifier).toBe(id);
  });

  it.each<[string, Wire, unknown, unknown]>([
    ['auto', { type: 'auto' }, 'auto', undefined],
    ['any', { type: 'any' }, 'required', undefined],
    ['none', { type: 'none' }, 'none', undefined],
    ['a tool', { type: 'tool', name: 'f' }, { type: 'function', function: { name: 'f' } }, undefined],
    ['one at a time', { type: 'auto', disable_parallel_tool_use: true }, 'auto', false],
  ])('reads tools and the choice of %s', (_name, tool_choice, choice, parallel) => {
    const tools = [{ name: 'f', description: 'F', input_schema: { type: 'object' }, strict: true }];
    expect(canonical({ tools, tool_choice })).toMatchObject({
      tools: [
        {
          type: 'function',
          function: { name: 'f', description: 'F', parameters: { type: 'object' }, strict: true },
        },
      ],
      tool_choice: choice,
      ...(parallel !== undefined && { parallel_tool_calls: parallel }),
    });
  });
});

it.each(['constructor', '__proto__'])('readMessages hands on the effort %s as a word', (effort) => {
  expect(read({ output_config: { effort } }).request.source.value['reasoning_effort']).toBe(effort);
});

describe('readMessages of user blocks', () => {
  const picture = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } };
  const shown = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } };
  const pdf = { type: 'base64', media_type: 'application/pdf', data: 'AAAA' };

  it.each<[string, unknown[], unknown[]]>([
    ['pictures', [picture, { type: 'text', text: 'a' }], [shown, { type: 'text', text: 'a' }]],
    [
      'a picture by its address',
      [{ type: 'image', source: { type: 'url', url: 'https://a/b' } }],
      [{ type: 'image_url', image_url: { url: 'https://a/b' } }],
    ],
    [
      'a PDF with title and context',
      [{ type: 'document', source: pdf, title: 'Report', context: 'Of 2026.' }],
      [
        { type: 'text', text: 'Of 2026.' },
        { type: 'file', file: { filename: 'Report.pdf', file_data: 'data:application/pdf;base64,AAAA' } },
      ],
    ],
    [
      'a PDF by its address',
      [{ type: 'document', source: { type: 'url', url: 'https://a/b.pdf' } }],
      [{ type: 'file', file: { filename: 'document.pdf', file_data: 'https://a/b.pdf' } }],
    ],
    [
      'a document of blocks',
      [{ type: 'document', title: 'T', source: { type: 'content', content: [{ type: 'text', text: 'a' }, picture] } }],
      [{ type: 'text', text: 'T' }, { type: 'text', text: 'a' }, shown],
    ],
  ])('reads %s', (_name, blocks, parts) => {
    expect(ofUser(...blocks)).toEqual([{ role: 'user', content: parts }]);
  });

  it('tells a document of text and a search result as text, which every model reads', () => {
    const text = { type: 'document', title: 'T', source: { type: 'text', media_type: 'text/plain', data: 'abc' } };
    expect(ofUser(text)).toEqual([{ role: 'user', content: 'T\n\nabc' }]);
    const content = [{ type: 'text', text: 'found' }];
    expect(ofUser({ type: 'search_result', source: 'https://a', title: 'T', content })).toEqual([
      { role: 'user', content: 'T\nhttps://a\n\nfound' },
    ]);
  });

  it('puts results first, as messages of their own', () => {
    expect(
      ofUser(
        { type: 'text', text: 'Go on.' },
        { type: 'tool_result', tool_use_id: 'a', content: 'A' },
        {
          type: 'tool_result',
          tool_use_id: 'b',
          content: [
            { type: 'text', text: 'B' },
            { type: 'text', text: 'C' },
          ],
        },
        { type: 'tool_result', tool_use_id: 'c' },
      ),
    ).toEqual([
      { role: 'tool', tool_call_id: 'a', content: 'A' },
      { role: 'tool', tool_call_id: 'b', content: 'B\n\nC' },
      { role: 'tool', tool_call_id: 'c', content: '' },
      { role: 'user', content: 'Go on.' },
    ]);
  });

  it('shows pictures of a result after it, and says that a result is an error', () => {
    expect(
      ofUser({
        type: 'tool_result',
        tool_use_id: 'a',
        is_error: true,
        content: [{ type: 'text', text: 'No.' }, picture],
      }),
    ).toEqual([
      { role: 'tool', tool_call_id: 'a', content: 'Error: No.\n\n(1 attached: see the next message.)' },
      { role: 'user', content: [{ type: 'text', text: 'Attached to the result of the tool call a:' }, shown] },
    ]);
  });
});

describe('readMessages of assistant blocks', () => {
  it('reads texts, calls and thoughts', () => {
    const detail = { type: 'reasoning.text', format: 'f', model: 'm', signature: 's' };
    const hidden = { type: 'reasoning.encrypted', format: 'f', model: 'm', data: 'd' };
    expect(
      ofAssistant(
        { type: 'thinking', thinking: 'Hm.', signature: wrapThought({ detail }) },
        { type: 'redacted_thinking', data: wrapThought({ detail: hidden }) },
        { type: 'redacted_thinking', data: wrapThought({ calls: { c: { google: 1 } } }) },
        { type: 'text', text: 'I look.', citations: null },
        { type: 'tool_use', id: 'c', name: 'look', input: { a: 1 }, caller: { type: 'direct' } },
      ),
    ).toEqual([
      {
        role: 'assistant',
        content: 'I look.',
        reasoning_content: 'Hm.',
        reasoning_details: [{ ...detail, text: 'Hm.' }, hidden],
        tool_calls: [
          { id: 'c', type: 'function', function: { name: 'look', arguments: '{"a":1}' }, extra_content: { google: 1 } },
        ],
      },
    ]);
  });

  it("tells other vendors only the text of a thought that bears its vendor's own signature", () => {
    expect(ofAssistant({ type: 'thinking', thinking: 'Hm.', signature: 'EqQB' }, { type: 'text', text: 'a' })).toEqual([
      { role: 'assistant', content: 'a', reasoning_content: 'Hm.' },
    ]);
  });

  it('keeps every digit of what a tool was called with', () => {
    const body = `{"model":"m","max_tokens":1,"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{"n":12345678901234567890}}]}]}`;
    expect(readMessages(Buffer.from(body)).request.source.value['messages']).toMatchObject([
      { tool_calls: [{ function: { arguments: '{"n":12345678901234567890}' } }] },
    ]);
  });
});

describe('readMessages of what only Anthropic has', () => {
  it.each<[string, Wire, string]>([
    ['a server tool', { tools: [{ type: 'web_search_20250305', name: 'web_search' }] }, '"tools[0].type" ("web_search'],
    ['a client tool of its own', { tools: [{ type: 'bash_20250124', name: 'bash' }] }, '"tools[0].type" ("bash_'],
    ['MCP servers', { mcp_servers: [{ type: 'url', url: 'https://a', name: 'a' }] }, '"mcp_servers"'],
    ['a container', { container: 'c' }, '"container"'],
    [
      'an uploaded file',
      { messages: [{ role: 'user', content: [{ type: 'document', source: { type: 'file', file_id: 'f' } }] }] },
      '"messages[0].content[0].source.type" ("file")',
    ],
    [
      'what a server tool has done',
      { messages: [{ role: 'assistant', content: [{ type: 'server_tool_use', id: 'a', name: 'b', input: {} }] }] },
      '"messages[0].content[0].type" ("server_tool_use")',
    ],
  ])('notes %s by name, so that only such an upstream is asked', (_name, more, reason) => {
    expect(read(more).request.original?.onlyThere).toContain(reason);
  });

  it('reports what other upstreams are not told', () => {
    const cache_control = { type: 'ephemeral' };
    const { wording } = read({
      system: [{ type: 'text', text: 'a', cache_control }],
      tools: [{ name: 'f', input_schema: { type: 'object' }, cache_control, input_examples: [{}] }],
      messages: [
        {
          role: 'user',
          content: [{ type: 'document', source: { type: 'text', data: 'a' }, citations: { enabled: true } }],
        },
      ],
      context_management: { edits: [] },
      output_config: { effort: 'low', task_budget: { total: 1 } },
    });
    expect([...wording.dropped].sort()).toEqual([
      'cache_control',
      'context_management',
      'messages[].content[].citations',
      'output_config.task_budget',
      'tools[].input_examples',
    ]);
  });
});

describe('readMessages of a body that is wrong', () => {
  it.each<[string, Wire, string]>([
    ['no cap', { max_tokens: undefined }, 'max_tokens'],
    ['no messages', { messages: undefined }, 'messages'],
    ['an empty list', { messages: [] }, 'messages'],
    ['a role of nobody', { messages: [{ role: 'robot', content: 'a' }] }, 'messages[0].role'],
    ['no content', { messages: [{ role: 'user' }] }, 'messages[0].content'],
    ['a block without a type', { messages: [{ role: 'user', content: [{}] }] }, 'messages[0].content[0].type'],
    [
      'a text that is none',
      { messages: [{ role: 'user', content: [{ type: 'text', text: 1 }] }] },
      'messages[0].content[0].text',
    ],
    [
      'a picture without a source',
      { messages: [{ role: 'user', content: [{ type: 'image' }] }] },
      'messages[0].content[0].source',
    ],
    [
      'a result of nothing',
      { messages: [{ role: 'user', content: [{ type: 'tool_result' }] }] },
      'messages[0].content[0].tool_use_id',
    ],
    ['a system of numbers', { system: 7 }, 'system'],
    ['a tier by the name of what every object has', { service_tier: 'toString' }, 'service_tier'],
    ['a tool without a schema', { tools: [{ name: 'f' }] }, 'tools[0].input_schema'],
    ['a tool without a name', { tools: [{ input_schema: {} }] }, 'tools[0].name'],
    [
      'an unknown choice',
      { tools: [{ name: 'f', input_schema: {} }], tool_choice: { type: 'some' } },
      'tool_choice.type',
    ],
    ['thinking of no kind', { thinking: { type: 'hard' } }, 'thinking.type'],
    ['thinking without a budget', { thinking: { type: 'enabled' } }, 'thinking.budget_tokens'],
    ['stops that are none', { stop_sequences: 'a' }, 'stop_sequences'],
    ['an unknown tier', { service_tier: 'flex' }, 'service_tier'],
    ['a temperature in words', { temperature: 'warm' }, 'temperature'],
    ['a user id that is a number', { metadata: { user_id: 1 } }, 'metadata.user_id'],
  ])('refuses %s, and names the field', (_name, more, param) => {
    const refused = (): unknown => read(more);
    expect(refused).toThrow(HubError);
    expect(refused).toThrow(expect.objectContaining({ status: 400, param }));
  });
});

describe('the wording of a request', () => {
  it('names what was sent for what the canonical request calls otherwise', () => {
    const { toOwn } = read({
      system: 'S',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'a', content: 'A' },
            { type: 'text', text: 'b' },
            { type: 'image', source: { type: 'url', url: 'https://a' } },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'a' },
            { type: 'tool_use', id: 'i', name: 'f', input: {} },
          ],
        },
      ],
    }).wording;
    const names: readonly (readonly [string, string])[] = [
      ['messages[0].content', 'system.content'],
      ['messages[1].tool_call_id', 'messages[0].content[0].tool_use_id'],
      ['messages[2].content[1].image_url.url', 'messages[0].content[2].source'],
      ['messages[3].tool_calls[0].function.arguments', 'messages[1].content[1].input'],
      ['stop', 'stop_sequences'],
      ['user', 'metadata.user_id'],
      ['reasoning_effort', 'thinking'],
      ['response_format', 'output_config.format'],
      ['tools[3].function.parameters', 'tools[3].input_schema'],
      ['tools[].function.strict', 'tools[].strict'],
      ['parallel_tool_calls', 'tool_choice.disable_parallel_tool_use'],
      ['temperature', 'temperature'],
      ['messages[99].content', 'messages[99].content'],
    ];
    expect(names.map(([name]) => [name, toOwn(name)])).toEqual(names);
  });
});
