import { startFakeUpstream } from '../../support/fake-upstream.js';
import type { DialectUpstream, Heard, Said, Spoken } from '../dialect-upstream.js';

type Wire = Record<string, unknown>;
type Message = Wire & { role: string; tool_calls?: { id: string; function: { name: string; arguments: string } }[] };

const ID = 'c14c80c3-18eb-4519-9460-6c92edd8cfb4';

/** Cohere's own chat. What it thought is not given back to it. */
export const UPSTREAM: DialectUpstream = {
  provider: 'cohere',
  upstreamModel: 'command-a-03-2025',
  takesThoughts: false,
  start: async () => {
    const fake = await startFakeUpstream();
    return {
      baseUrl: fake.url.replace(/\/v1$/, ''),
      apiKey: 'co-matrix',
      speak: (spoken) =>
        fake.script(({ body }) =>
          JSON.parse(body.toString()).stream === true
            ? { status: 200, content_type: 'text/event-stream', body: streamOf(spoken) }
            : { status: 200, content_type: 'application/json', body: JSON.stringify(wholeOf(spoken)) },
        ),
      heard: () => read(JSON.parse(fake.requests.at(-1)?.body.toString() ?? '{}')),
      close: () => fake.close(),
    };
  },
};

function endOf({ calls, isCut, tokens: { input, output } }: Spoken): Wire {
  const tokens = { input_tokens: input, output_tokens: output };
  const finish_reason = isCut === true ? 'MAX_TOKENS' : calls === undefined ? 'COMPLETE' : 'TOOL_CALL';
  return { finish_reason, usage: { billed_units: tokens, tokens } };
}

function callsOf({ calls = [] }: Spoken) {
  return calls.map(({ id, name, input }) => ({
    id,
    type: 'function',
    function: { name, arguments: JSON.stringify(input) },
  }));
}

/** What it thinks before calls is its plan for them, beside the content. */
function contentOf({ text, thought, calls }: Spoken): readonly Wire[] {
  return [
    ...(thought === undefined || calls !== undefined ? [] : [{ type: 'thinking', thinking: thought }]),
    ...(text === undefined ? [] : [{ type: 'text', text }]),
  ];
}

function wholeOf(spoken: Spoken): Wire {
  const { thought, calls } = spoken;
  const content = contentOf(spoken);
  const message = {
    role: 'assistant',
    ...(content.length > 0 && { content }),
    ...(calls !== undefined && { ...(thought !== undefined && { tool_plan: thought }), tool_calls: callsOf(spoken) }),
  };
  return { id: ID, message, ...endOf(spoken) };
}

function streamOf(spoken: Spoken): string {
  const { thought, calls, breaks } = spoken;
  const event = (type: string, members: Wire) => `event: ${type}\ndata: ${JSON.stringify({ type, ...members })}\n\n`;
  const message = (type: string, index: number, value: Wire) => event(type, { index, delta: { message: value } });
  const words = (told: string) => told.match(/\s*\S+/g) ?? [];
  const blocks = contentOf(spoken).flatMap(({ type, ...block }, index) => {
    const [[key, told] = ['', '']] = Object.entries(block);
    const pieces = breaks === true ? words(String(told)).slice(0, 1) : words(String(told));
    return [
      message('content-start', index, { content: { type, [key]: '' } }),
      ...pieces.map((piece) => message('content-delta', index, { content: { [key]: piece } })),
      ...(breaks === true ? [] : [event('content-end', { index })]),
    ];
  });
  const plan =
    calls === undefined
      ? []
      : words(thought ?? '').map((word) => event('tool-plan-delta', { delta: { message: { tool_plan: word } } }));
  const told = callsOf(spoken).flatMap((call, index) => {
    const { name, arguments: args } = call.function;
    const pieces = [args.slice(0, 3), args.slice(3)];
    return [
      message('tool-call-start', index, { tool_calls: { ...call, function: { name, arguments: '' } } }),
      ...pieces.map((piece) => message('tool-call-delta', index, { tool_calls: { function: { arguments: piece } } })),
      event('tool-call-end', { index }),
    ];
  });
  const start = { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] };
  const end = breaks === true ? { finish_reason: 'ERROR', error: 'internal server error' } : endOf(spoken);
  return [
    event('message-start', { id: ID, delta: { message: start } }),
    ...blocks,
    ...plan,
    ...told,
    event('message-end', { delta: end }),
  ].join('');
}

function read(body: Wire): Heard {
  const messages = (body['messages'] ?? []) as Message[];
  const names = new Map(
    messages.flatMap(({ tool_calls = [] }) => tool_calls.map((call) => [call.id, call.function.name])),
  );
  const tools = (body['tools'] ?? []) as { function: { name: string } }[];
  return {
    system: messages.flatMap(({ role, content }) => (role === 'system' ? [String(content)] : [])).join('\n'),
    said: messages.flatMap((message) => readMessage(message, names)),
    tools: tools.map((tool) => tool.function.name),
    cap: body['max_tokens'] as number | undefined,
    isStream: body['stream'] === true,
    hasOwnThoughts: false,
  };
}

function readMessage(
  { role, content, tool_plan, tool_call_id, tool_calls = [] }: Message,
  names: ReadonlyMap<string, string>,
): readonly Said[] {
  if (role === 'system') return [];
  if (role === 'tool') return [{ by: 'tool', of: names.get(String(tool_call_id)) ?? '', text: String(content) }];
  const by = role as 'user' | 'assistant';
  const text = content ?? tool_plan;
  const parts = Array.isArray(text) ? (text as Wire[]) : text === undefined ? [] : [{ type: 'text', text }];
  return [
    ...parts.map(
      (part): Said =>
        part['type'] === 'image_url'
          ? { by: 'user', picture: (part['image_url'] as { url: string }).url }
          : { by, text: String(part['text']) },
    ),
    ...tool_calls.map(
      (call): Said => ({ by: 'assistant', call: call.function.name, input: JSON.parse(call.function.arguments) }),
    ),
  ];
}
