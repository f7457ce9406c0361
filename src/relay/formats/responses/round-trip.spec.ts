import fc from 'fast-check';
import {
  encryptedFor,
  type PlayedItem,
  responsesEvents,
  toResponsesAnswer,
} from '../../../../test/simulators/responses-answer.js';
import { readResponsesRequest, type SeenPart } from '../../../../test/simulators/responses-request.js';
import { openaiResponses } from '../../../providers/adapters/openai-responses/openai-responses.provider.js';
import type { ChatStreamItem } from '../../../providers/canonical/chat.js';
import { RESPONSES } from './responses.format.js';

// One end of both ways is the simulator's, which reads requests and writes answers with code of its own.

const MODEL = 'gpt-6-sol';
const target = { upstreamModel: MODEL, publicModel: 'public-1' };
const facts = { requestId: 'req_0123456789abcdef0123456789abcdef', promptTokens: 1, outputTokens: () => 1 };
const RUNS = { numRuns: 300 };

type Item = Record<string, unknown>;

const text = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
  fc.constantFrom('世界 👋🏽', '"\\\n\r\n\u2028\u0000', '{"a":', '  leading and trailing  ', '\ud83d'),
);
const name = fc.stringMatching(/^[a-zA-Z0-9_-]{1,16}$/);
const json = fc
  .dictionary(fc.string({ maxLength: 8 }), fc.jsonValue({ maxDepth: 2 }))
  .map((value) => JSON.stringify(value));
let counter = 0;

const part = fc.oneof(
  text.map((value) => ({ type: 'input_text', text: value })),
  fc.constantFrom('low', 'high', 'auto').map((detail) => ({
    type: 'input_image',
    image_url: 'https://example.com/a.png?x=1&y=2',
    detail,
  })),
  text.map((filename) => ({ type: 'input_file', filename, file_data: 'data:application/pdf;base64,JVBERi0=' })),
);
const reasoning = fc.option(text, { nil: undefined }).map((summary) => {
  const mark = `m${counter++}`;
  return {
    type: 'reasoning',
    id: `rs_${mark}`,
    summary: summary === undefined ? [] : [{ type: 'summary_text', text: summary }],
    encrypted_content: encryptedFor(MODEL, mark),
  };
});
const thoughts = fc.array(reasoning, { maxLength: 2 });
const user = fc
  .oneof(text, fc.array(part, { minLength: 1, maxLength: 3 }))
  .map((content): Item[] => [{ role: 'user', content }]);
const instruction = text.map((content): Item[] => [{ type: 'message', role: 'developer', content }]);
const spoken = fc
  .tuple(thoughts, fc.array(text, { minLength: 1, maxLength: 2 }), fc.boolean())
  .map(([before, texts, isRefusal]): Item[] => [
    ...before,
    {
      type: 'message',
      id: 'msg_1',
      status: 'completed',
      role: 'assistant',
      content: isRefusal
        ? [{ type: 'refusal', refusal: texts.join('') }]
        : texts.map((value) => ({ type: 'output_text', text: value, annotations: [] })),
    },
  ]);
const calls = fc
  .array(
    fc.record({
      before: thoughts,
      name,
      input: json,
      output: fc.oneof(text, fc.tuple(text, text)),
      isCustom: fc.boolean(),
    }),
    {
      minLength: 1,
      maxLength: 3,
    },
  )
  .map((made): Item[] => {
    const named = made.map((call) => ({ ...call, call_id: `call_${counter++}` }));
    return [
      ...named.flatMap(({ before, call_id, name, input, isCustom }) => [
        ...before,
        isCustom
          ? { type: 'custom_tool_call', call_id, name, input }
          : { type: 'function_call', id: `fc_${call_id}`, call_id, name, arguments: input },
      ]),
      ...named.map(({ call_id, output, isCustom }) => ({
        type: isCustom ? 'custom_tool_call_output' : 'function_call_output',
        call_id,
        output: typeof output === 'string' ? output : output.map((value) => ({ type: 'input_text', text: value })),
      })),
    ];
  });
const conversation = fc
  .array(
    fc.oneof(
      user,
      instruction,
      spoken,
      calls,
      fc.tuple(spoken, calls).map((both) => both.flat()),
    ),
    {
      minLength: 1,
      maxLength: 6,
    },
  )
  .map((turns) => turns.flat());

const tool = fc.oneof(
  fc.record({ type: fc.constant('function'), name, description: text, strict: fc.boolean() }).map((definition) => ({
    ...definition,
    parameters: { type: 'object', properties: {} },
  })),
  fc.record({
    type: fc.constant('custom'),
    name,
    format: fc.constant({ type: 'grammar', syntax: 'lark', definition: 'a' }),
  }),
);
const options = fc.record(
  {
    instructions: text,
    max_output_tokens: fc.integer({ min: 16, max: 1_000_000 }),
    tools: fc.uniqueArray(tool, { minLength: 1, maxLength: 3, selector: (value) => value.name }),
    parallel_tool_calls: fc.boolean(),
    reasoning: fc.record(
      { effort: fc.constantFrom('low', 'high'), summary: fc.constantFrom('auto', 'detailed') },
      { requiredKeys: ['effort'] },
    ),
    text: fc.record({
      verbosity: fc.constantFrom('low', 'high'),
      format: fc.constantFrom(
        { type: 'json_schema', name: 'place', schema: { type: 'object' }, strict: true },
        { type: 'json_schema', name: 'place', schema: { type: 'object' }, strict: false, description: 'A place.' },
        { type: 'json_object' },
      ),
    }),
    user: text,
    safety_identifier: text,
    prompt_cache_key: text,
    service_tier: fc.constantFrom('auto', 'flex', 'priority'),
    truncation: fc.constant('auto'),
    stream: fc.constant(true),
  },
  { requiredKeys: [] },
);

const played: fc.Arbitrary<readonly PlayedItem[]> = fc
  .array(
    fc.oneof(
      fc.record({ type: fc.constant('reasoning' as const), summary: fc.option(text, { nil: undefined }) }),
      fc.record({ type: fc.constant('text' as const), text }),
      fc.record({ type: fc.constant('refusal' as const), text }),
      fc.record({ type: fc.constant('call' as const), name, arguments: json }),
      fc.record({ type: fc.constant('custom_call' as const), name, input: text }),
    ),
    { minLength: 1, maxLength: 5 },
  )
  .filter((items) => items.some(({ type }) => type !== 'reasoning'));

function toBytes(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function relay(body: Item) {
  const read = RESPONSES.read(toBytes(body));
  const sent = openaiResponses.chat?.toBody(read.request, target, {});
  return {
    read,
    dropped: [...(read.wording?.dropped ?? []), ...(sent?.droppedParams ?? [])],
    seen: readResponsesRequest(Buffer.from(sent?.body ?? [])),
  };
}

/** What a body asks for besides the conversation. */
function wishes({ body, tools }: ReturnType<typeof readResponsesRequest>) {
  const {
    input: _,
    instructions: __,
    tools: ___,
    store: ____,
    include: _____,
    model: ______,
    metadata: _______,
    ...rest
  } = body;
  return { ...rest, parallel_tool_calls: tools.length === 0 ? undefined : body['parallel_tool_calls'], tools };
}

describe('a request of /responses on its way to /responses', () => {
  it('keeps its conversation, with all reasoning, and everything it asks for', () => {
    fc.assert(
      fc.property(conversation, options, (input, asked) => {
        const body = { model: MODEL, input, ...asked };
        const { seen, dropped } = relay(body);
        const direct = readResponsesRequest(toBytes(body));
        expect(seen.parts).toEqual(direct.parts);
        expect(wishes(seen)).toEqual(wishes(direct));
        expect(dropped).toEqual([]);
      }),
      RUNS,
    );
  });

  it('brings every answer back as it was said, whole or as a stream, and takes it as the next turn', () => {
    fc.assert(
      fc.property(conversation, played, (input, output) => {
        const body = { model: MODEL, input };
        const { read, seen } = relay(body);
        const answer = toResponsesAnswer(seen, { output });
        const whole = openaiResponses.chat?.fromBody(toBytes(answer.response), target, read.request);
        if (whole === undefined) throw new Error('The provider has no chat.');
        const response = JSON.parse(Buffer.from(read.toWhole(whole, facts)).toString());
        const last = streamed(read, answer);
        expect(last.type).toBe('response.completed');
        expect(last.response.usage).toEqual(response.usage);
        expect(response.usage).toEqual(answer.response['usage']);
        expect(said(last.response.output)).toEqual(said(response.output));
        expect(said(response.output)).toEqual(said(wired(answer.items)));

        const direct = readResponsesRequest(toBytes(next(body, withFollowers(wired(answer.items)))));
        for (const items of [response.output, last.response.output]) {
          const again = relay(next(body, items));
          expect(told(again.seen.parts)).toEqual(told(direct.parts));
          expect(again.dropped).toEqual([]);
        }
      }),
      RUNS,
    );
  });
});

function wired<T>(value: T): T {
  return JSON.parse(Buffer.from(JSON.stringify(value)).toString('utf8'));
}

function next(body: Item, output: readonly Item[]): Item {
  const results = output.flatMap(({ type, call_id }) =>
    type === 'function_call' || type === 'custom_tool_call' ? [{ type: `${type}_output`, call_id, output: 'ok' }] : [],
  );
  const before = Array.isArray(body['input']) ? body['input'] : [];
  return { ...body, input: [...before, ...output, ...results, { role: 'user', content: 'Go on.' }] };
}

/** OpenAI refuses reasoning that leads to nothing. */
function withFollowers(output: readonly Item[]): readonly Item[] {
  return output.filter((_, i) => output.slice(i).some(({ type }) => type !== 'reasoning'));
}

/** Texts joined, refusals joined, calls in their order: what one message of chat/completions can hold. */
function said(items: readonly Item[]) {
  const contents = items.flatMap(({ content }) => (Array.isArray(content) ? (content as Item[]) : []));
  return {
    text: contents.map((part) => part['text'] ?? '').join(''),
    refusal: contents.map((part) => part['refusal'] ?? '').join(''),
    calls: items.flatMap(({ type, call_id, name, arguments: args, input }) =>
      type === 'function_call' || type === 'custom_tool_call' ? [{ type, call_id, name, args, input }] : [],
    ),
    thoughts: items
      .flatMap(({ summary }) => (Array.isArray(summary) ? summary.map((part: Item) => String(part['text'])) : []))
      .join('\n\n'),
  };
}

/** The same of what a model is told: several texts of one answer may have become one. */
function told(parts: readonly SeenPart[]) {
  const all = (kind: SeenPart['kind']) => parts.filter((part) => part.kind === kind);
  return {
    text: parts.map((part) => (part.kind === 'text' ? part.text : '')).join(''),
    refusal: parts.map((part) => (part.kind === 'refusal' ? part.text : '')).join(''),
    // Each is before what it led to, and chat/completions has texts before calls.
    reasoning: all('reasoning')
      .map((part) => JSON.stringify(part))
      .sort(),
    calls: parts.filter(({ kind }) => kind === 'call' || kind === 'custom_call' || kind === 'result'),
    media: [...all('image'), ...all('file')],
  };
}

function streamed(read: ReturnType<typeof RESPONSES.read>, answer: ReturnType<typeof toResponsesAnswer>) {
  const reader = openaiResponses.chat?.openStream(target, read.request);
  const writer = read.openStream(facts);
  const items = [...responsesEvents(answer)].flatMap((event): readonly ChatStreamItem[] => [
    ...(reader?.push({ name: event.name ?? '', data: event.data }) ?? []),
  ]);
  const head = { id: 'chatcmpl-1', created: 1 };
  let written = '';
  let usage: Extract<ChatStreamItem, { type: 'usage' }>['usage'] | undefined;
  for (const item of items) {
    if (item.type === 'chunk') written += writer.chunk(item.chunk, head);
    if (item.type === 'usage') usage = item.usage;
  }
  written += writer.tail(usage, undefined) + writer.end();
  const data = written.trim().split('\n\n').at(-1)?.split('\ndata: ')[1];
  return JSON.parse(Buffer.from(data ?? '').toString('utf8'));
}
