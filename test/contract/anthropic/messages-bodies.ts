import fc from 'fast-check';

type Wire = Readonly<Record<string, unknown>>;

/** A text that says something. */
export const text = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).filter((one) => /\S/.test(one)),
  fc.constantFrom('Grüße 世界 👋🏽', '"}]}', 'a\u2028\u0000', '__proto__', '{"type":"text"}', '12345678901234567890'),
);
const cached = fc.constantFrom(
  {},
  { cache_control: { type: 'ephemeral' } },
  { cache_control: { type: 'ephemeral', ttl: '5m' } },
);
const data = fc.uint8Array({ minLength: 1, maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('base64'));
const textBlock = fc.tuple(text, cached).map(([said, more]) => ({ type: 'text', text: said, ...more }));
const imageBlock = fc.tuple(data, cached).map(([bytes, more]) => ({
  type: 'image',
  source: { type: 'base64', media_type: 'image/png', data: bytes },
  ...more,
}));
const documentBlock = fc.record(
  {
    type: fc.constant('document'),
    source: fc.oneof(
      data.map((bytes) => ({ type: 'base64', media_type: 'application/pdf', data: bytes })),
      text.map((said) => ({ type: 'text', media_type: 'text/plain', data: said })),
    ),
    title: text,
    context: text,
    citations: fc.constant({ enabled: true }),
  },
  { requiredKeys: ['type', 'source'] },
);
/** What a tool is called with. */
export const input = fc
  .dictionary(fc.string({ maxLength: 6 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 })
  .map((value): Wire => JSON.parse(JSON.stringify(value)));
/** The name of one of {@link tools}. */
export const name = fc.constantFrom('look', 'add');
const isError = fc.constantFrom({}, { is_error: true }, { is_error: false });

/** A turn of the user, and one of the assistant whose calls the next turn answers. */
const round = fc.record({
  user: fc.array(fc.oneof(textBlock, imageBlock, documentBlock), { minLength: 1, maxLength: 3 }),
  said: textBlock,
  calls: fc.array(
    fc.record({
      name,
      input,
      result: fc.oneof(text, fc.array(fc.oneof(textBlock, imageBlock), { minLength: 1, maxLength: 2 })),
      isError,
    }),
    { maxLength: 3 },
  ),
});

let serial = 0;
const messages = fc.array(round, { minLength: 1, maxLength: 3 }).map((rounds) => {
  const turns: Wire[] = [];
  let results: Wire[] = [];
  for (const { user, said, calls } of rounds) {
    const ids = calls.map(() => `toolu_${++serial}`);
    turns.push({ role: 'user', content: [...results, ...user] });
    turns.push({
      role: 'assistant',
      content: [
        said,
        ...calls.map((call, i) => ({ type: 'tool_use', id: ids[i], name: call.name, input: call.input })),
      ],
    });
    results = calls.map((call, i) => ({
      type: 'tool_result',
      tool_use_id: ids[i],
      content: call.result,
      ...call.isError,
    }));
  }
  turns.push({ role: 'user', content: [...results, { type: 'text', text: 'And now?' }] });
  return turns;
});

/** Tools, as this vendor has them. */
export const tools = ['look', 'add'].map((tool) => ({
  name: tool,
  description: tool,
  input_schema: { type: 'object' },
}));
/** A body of the Messages API: everything that this vendor takes and other vendors have words for. */
export const body = fc
  .record(
    {
      model: fc.constant('public-1'),
      max_tokens: fc.integer({ min: 2000, max: 60_000 }),
      messages,
      tools: fc.constant(tools),
      system: fc.oneof(text, fc.array(textBlock, { minLength: 1, maxLength: 2 })),
      stream: fc.boolean(),
      temperature: fc.constantFrom(0, 0.5, 1),
      stop_sequences: fc.array(text, { minLength: 1, maxLength: 2 }),
      metadata: fc.record({ user_id: text }),
      tool_choice: fc.constantFrom(
        { type: 'auto' },
        { type: 'any', disable_parallel_tool_use: true },
        { type: 'tool', name: 'look' },
        { type: 'none' },
      ),
      service_tier: fc.constantFrom('auto', 'standard_only'),
    },
    { requiredKeys: ['model', 'max_tokens', 'messages', 'tools'] },
  )
  // The vendor takes four breakpoints.
  .filter((asked) => (JSON.stringify(asked).match(/cache_control/g)?.length ?? 0) <= 4);
