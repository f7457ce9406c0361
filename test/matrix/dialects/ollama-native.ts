import { ollamaChat } from '../../simulators/ollama-native/ollama-chat.js';
import type { Heard, ModelAnswer, Wire } from '../../simulators/simulated-chat.js';
import { startFakeUpstream } from '../../support/fake-upstream.js';
import type { DialectUpstream, Said, Spoken } from '../dialect-upstream.js';

/** Ollama's own api/chat, in lines of JSON. What it thought is not given back to it. */
export const UPSTREAM: DialectUpstream = {
  provider: 'ollama-native',
  upstreamModel: 'qwen3:8b',
  takesThoughts: false,
  start: async () => {
    const fake = await startFakeUpstream();
    return {
      baseUrl: fake.url.replace(/\/v1$/, ''),
      apiKey: 'unused',
      speak: (spoken) =>
        fake.script(({ body }) =>
          JSON.parse(body.toString()).stream === true
            ? { status: 200, content_type: 'application/x-ndjson', body: streamOf(spoken) }
            : {
                status: 200,
                content_type: 'application/json',
                body: counted(ollamaChat.whole(toAnswer(spoken)), spoken),
              },
        ),
      heard: () => {
        const body: Wire = JSON.parse(fake.requests.at(-1)?.body.toString() ?? '{}');
        const heard = ollamaChat.hear(body);
        const tools = (body['tools'] ?? []) as { function: { name: string } }[];
        return {
          system: heard.flatMap((one) => (one.by === 'system' ? [one.text] : [])).join('\n'),
          said: heard.flatMap(toSaid),
          tools: tools.map((tool) => tool.function.name),
          cap: (body['options'] as Wire | undefined)?.['num_predict'] as number | undefined,
          isStream: body['stream'] === true,
          hasOwnThoughts: false,
        };
      },
      close: () => fake.close(),
    };
  },
};

function toAnswer({ text = '', thought = '', calls = [], isCut = false }: Spoken): ModelAnswer {
  return {
    text,
    thoughts: thought,
    calls: calls.map(({ name, input }) => ({ name, arguments: Object(input) })),
    isCut,
  };
}

/** The counts in place of the simulator's own. */
function counted(answer: string, { tokens: { input, output } }: Spoken): string {
  return answer
    .replace(/"prompt_eval_count":\d+/, `"prompt_eval_count":${input}`)
    .replace(/"eval_count":\d+/, `"eval_count":${output}`);
}

function streamOf(spoken: Spoken): string {
  const stream = counted(ollamaChat.stream(toAnswer(spoken)), spoken);
  if (spoken.breaks !== true) return stream;
  return `${stream.split('\n').slice(0, 2).join('\n')}\n{"error":"an error was encountered while running the model"}\n`;
}

function toSaid(one: Heard): readonly Said[] {
  if (one.by === 'system') return [];
  if ('picture' in one) return [{ by: 'user', picture: `data:image/png;base64,${one.picture}` }];
  if (one.by === 'tool') return [{ by: 'tool', of: one.for, text: one.text }];
  return ['calls' in one ? { by: 'assistant', call: one.calls, input: one.with } : { by: one.by, text: one.text }];
}
