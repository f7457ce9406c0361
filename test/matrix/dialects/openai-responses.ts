import { startResponsesSimulator } from '../../simulators/responses.js';
import type { PlayedItem, ResponsesPlay } from '../../simulators/responses-answer.js';
import type { SeenPart } from '../../simulators/responses-request.js';
import type { DialectUpstream, Said, Spoken } from '../dialect-upstream.js';

/** OpenAI's /responses. */
export const UPSTREAM: DialectUpstream = {
  provider: 'openai-responses',
  upstreamModel: 'gpt-6-sol',
  takesThoughts: true,
  start: async () => {
    const simulator = await startResponsesSimulator();
    return {
      baseUrl: simulator.url,
      apiKey: 'sk-matrix',
      speak: (spoken) => {
        simulator.script(spoken.breaks === true ? { text: spoken.text, cut_after: 1 } : undefined);
        simulator.play(toPlay(spoken));
      },
      heard: () => {
        const seen = simulator.seen.at(-1);
        if (seen === undefined) throw new Error('Nothing was asked.');
        const { parts, tools, body, isStream } = seen;
        const names = new Map(parts.flatMap((part) => (part.kind === 'call' ? [[part.id, part.name] as const] : [])));
        const instructions = parts.flatMap((part) =>
          part.kind === 'text' && ['developer', 'system'].includes(part.role) ? [part.text] : [],
        );
        return {
          system: instructions.join('\n'),
          said: parts.flatMap((part) => toSaid(part, names)),
          tools: tools.map(({ name }) => String(name)),
          cap: body['max_output_tokens'] as number | undefined,
          isStream,
          // Of another model it would have been refused.
          hasOwnThoughts: parts.some(({ kind }) => kind === 'reasoning'),
        };
      },
      close: () => simulator.close(),
    };
  },
};

function toPlay({ text, thought, calls = [], tokens: { input, output }, isCut }: Spoken): ResponsesPlay {
  const items: PlayedItem[] = [
    ...(thought === undefined ? [] : [{ type: 'reasoning' as const, summary: thought }]),
    ...(text === undefined ? [] : [{ type: 'text' as const, text }]),
    ...calls.map(({ id, name, input: args }) => ({
      type: 'call' as const,
      name,
      arguments: JSON.stringify(args),
      callId: id,
    })),
  ];
  return {
    output: items,
    end: isCut === true ? 'max_output_tokens' : 'completed',
    usage: { input_tokens: input, output_tokens: output, total_tokens: input + output },
  };
}

function toSaid(part: SeenPart, names: ReadonlyMap<string, string>): readonly Said[] {
  switch (part.kind) {
    case 'text':
      return part.role === 'user' || part.role === 'assistant' ? [{ by: part.role, text: part.text }] : [];
    case 'image':
      return [{ by: 'user', picture: part.url }];
    case 'call':
      return [{ by: 'assistant', call: part.name, input: JSON.parse(part.input) }];
    case 'result':
      return [{ by: 'tool', of: names.get(part.id) ?? '', text: part.texts.join('') }];
    default:
      return [];
  }
}
