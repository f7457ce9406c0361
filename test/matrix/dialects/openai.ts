import { startFakeUpstream } from '../../support/fake-upstream.js';
import type { DialectUpstream, Heard, Said, Spoken } from '../dialect-upstream.js';

type Wire = Record<string, unknown>;
type Message = Wire & {
  role: string;
  content?: unknown;
  tool_calls?: { id: string; function: Record<string, string> }[];
};

const head = { id: 'chatcmpl-matrix', created: 1_767_000_000, model: 'gpt-4o-2024-08-06' };

/** chat/completions, as OpenAI and most others have it. */
export const UPSTREAM: DialectUpstream = {
  provider: 'openai',
  upstreamModel: 'gpt-4o',
  takesThoughts: false,
  start: async () => {
    const fake = await startFakeUpstream();
    return {
      baseUrl: fake.url,
      apiKey: 'sk-matrix',
      speak: (spoken) =>
        fake.script(({ path, body }) => {
          if (!path.endsWith('/chat/completions')) return undefined;
          return JSON.parse(body.toString()).stream === true
            ? { status: 200, content_type: 'text/event-stream', body: streamOf(spoken) }
            : { status: 200, content_type: 'application/json', body: JSON.stringify(wholeOf(spoken)) };
        }),
      heard: () => read(JSON.parse(fake.requests.at(-1)?.body.toString() ?? '{}')),
      close: () => fake.close(),
    };
  },
};

function usageOf({ tokens: { input, output } }: Spoken): Wire {
  return { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
}

function finishOf({ calls, isCut }: Spoken): string {
  return isCut === true ? 'length' : calls === undefined ? 'stop' : 'tool_calls';
}

function callsOf({ calls = [] }: Spoken) {
  return calls.map(({ id, name, input }) => ({
    id,
    type: 'function',
    function: { name, arguments: JSON.stringify(input) },
  }));
}

function wholeOf(spoken: Spoken): Wire {
  const calls = callsOf(spoken);
  const message = {
    role: 'assistant',
    content: spoken.text ?? null,
    refusal: null,
    annotations: [],
    ...(spoken.thought !== undefined && { reasoning_content: spoken.thought }),
    ...(calls.length > 0 && { tool_calls: calls }),
  };
  const choices = [{ index: 0, message, logprobs: null, finish_reason: finishOf(spoken) }];
  return { ...head, object: 'chat.completion', choices, usage: usageOf(spoken) };
}

function streamOf(spoken: Spoken): string {
  const event = (members: Wire) =>
    `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', ...members })}\n\n`;
  const chunk = (delta: Wire, finish_reason: string | null = null) =>
    event({ choices: [{ index: 0, delta, finish_reason }], usage: null });
  const words = (member: string, text = '') => (text.match(/\s*\S+/g) ?? []).map((word) => chunk({ [member]: word }));
  if (spoken.breaks === true) {
    const error = { message: 'The server had an error.', type: 'server_error', code: null, param: null };
    const [first = ''] = words('content', spoken.text);
    return `${chunk({ role: 'assistant', content: '' })}${first}data: ${JSON.stringify({ error })}\n\n`;
  }
  return [
    chunk({ role: 'assistant', content: '', refusal: null }),
    ...words('reasoning_content', spoken.thought),
    ...words('content', spoken.text),
    ...callsOf(spoken).flatMap((call, index) => {
      const { name, arguments: args } = call.function;
      return [
        chunk({ tool_calls: [{ ...call, index, function: { name, arguments: '' } }] }),
        ...[args.slice(0, 3), args.slice(3)].map((piece) =>
          chunk({ tool_calls: [{ index, function: { arguments: piece } }] }),
        ),
      ];
    }),
    chunk({}, finishOf(spoken)),
    event({ choices: [], usage: usageOf(spoken) }),
    'data: [DONE]\n\n',
  ].join('');
}

function read(body: Wire): Heard {
  const messages = (body['messages'] ?? []) as Message[];
  const names = new Map(
    messages.flatMap(({ tool_calls = [] }) => tool_calls.map((call) => [call.id, call.function['name'] ?? ''])),
  );
  const isInstruction = ({ role }: Message) => role === 'system' || role === 'developer';
  const tools = (body['tools'] ?? []) as { function: { name: string } }[];
  return {
    system: messages.filter(isInstruction).flatMap(textsOf).join('\n'),
    said: messages.filter((message) => !isInstruction(message)).flatMap((message) => readMessage(message, names)),
    tools: tools.map((tool) => tool.function.name),
    cap: (body['max_completion_tokens'] ?? body['max_tokens']) as number | undefined,
    isStream: body['stream'] === true,
    hasOwnThoughts: false,
  };
}

function readMessage(message: Message, names: ReadonlyMap<string, string>): readonly Said[] {
  const { role, content, tool_calls = [] } = message;
  if (role === 'tool')
    return [{ by: 'tool', of: names.get(String(message['tool_call_id'])) ?? '', text: textsOf(message).join('') }];
  const by = role as 'user' | 'assistant';
  const parts = typeof content === 'string' ? [{ type: 'text', text: content }] : ((content ?? []) as Wire[]);
  // An empty text beside calls says nothing.
  const given = parts.filter((part) => part['text'] !== '');
  return [
    ...given.map((part): Said => {
      if (part['type'] === 'image_url') return { by: 'user', picture: (part['image_url'] as { url: string }).url };
      return { by, text: String(part['text']) };
    }),
    ...tool_calls.map(
      (call): Said => ({
        by: 'assistant',
        call: call.function['name'] ?? '',
        input: JSON.parse(call.function['arguments'] ?? ''),
      }),
    ),
  ];
}

function textsOf({ content }: Message): string[] {
  return typeof content === 'string' ? [content] : ((content ?? []) as { text: string }[]).map(({ text }) => text);
}
