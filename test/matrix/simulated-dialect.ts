import { serveChat } from '../simulators/serve-chat.js';
import {
  type Heard as HeardThere,
  isWire,
  type ModelAnswer,
  type SimulatedChat,
  type Wire,
} from '../simulators/simulated-chat.js';
import type { DialectUpstream, Said, Spoken } from './dialect-upstream.js';

/** A row of the matrix whose vendor is there as a simulated chat. */
export function simulatedDialect(
  row: Pick<DialectUpstream, 'provider' | 'upstreamModel' | 'takesThoughts'>,
  simulated: SimulatedChat,
  /** The cap in a request, and whether earlier thoughts are in it. */
  read: (body: Wire) => { readonly cap: unknown; readonly hasOwnThoughts: boolean },
): DialectUpstream {
  return {
    ...row,
    start: async () => {
      const server = await serveChat(simulated);
      return {
        baseUrl: server.url,
        apiKey: 'key-matrix',
        speak: (spoken) => server.speak(toAnswer(spoken), spoken.breaks),
        heard: () => {
          const body = server.lastBody;
          const heard = simulated.hear(body);
          const { cap, hasOwnThoughts } = read(body);
          return {
            system: heard.flatMap((one) => (one.by === 'system' ? [one.text] : [])).join('\n'),
            said: heard.flatMap(toSaid),
            tools: toolsOf(body),
            cap: typeof cap === 'number' ? cap : undefined,
            isStream: body['stream'] === true,
            hasOwnThoughts,
          };
        },
        close: () => server.close(),
      };
    },
  };
}

function toAnswer({ text = '', thought = '', calls = [], isCut = false, tokens }: Spoken): ModelAnswer {
  const made = calls.map(({ name, input }) => ({ name, arguments: isWire(input) ? input : {} }));
  return { text, thoughts: thought, calls: made, isCut, tokens };
}

function toSaid(heard: HeardThere): readonly Said[] {
  if ('picture' in heard) return [{ by: 'user', picture: `data:image/png;base64,${heard.picture}` }];
  if ('calls' in heard) return [{ by: 'assistant', call: heard.calls, input: heard.with }];
  if (heard.by === 'tool') return [{ by: 'tool', of: heard.for, text: heard.text }];
  return heard.by === 'system' ? [] : [{ by: heard.by, text: heard.text }];
}

/** Both have tools as OpenAI does. */
function toolsOf({ tools }: Wire): readonly string[] {
  return (Array.isArray(tools) ? tools : []).map((tool) => String(tool.function.name));
}
