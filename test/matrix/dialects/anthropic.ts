import { startAnthropicSimulator } from '../../simulators/anthropic/anthropic.js';
import { checkRequest } from '../../simulators/anthropic/check-request.js';
import { type Said as Block, readConversation } from '../../simulators/anthropic/read-conversation.js';
import type { DialectUpstream, Said } from '../dialect-upstream.js';

/** Anthropic's Messages. */
export const UPSTREAM: DialectUpstream = {
  provider: 'anthropic',
  upstreamModel: 'claude-sonnet-4-6',
  takesThoughts: true,
  start: async () => {
    const simulator = await startAnthropicSimulator();
    return {
      baseUrl: simulator.url,
      apiKey: 'sk-ant-matrix',
      speak: ({ text = '', thought, calls, tokens, isCut, breaks }) =>
        simulator.script({
          text,
          thought,
          calls: calls?.map(({ id, name, input }) => ({ id, name, input: Object(input) })),
          in: tokens.input,
          out: tokens.output,
          ...(isCut === true && { stop_reason: 'max_tokens' }),
          ...(breaks === true && { error_after: 1 }),
        }),
      heard: () => {
        const body = JSON.parse(simulator.requests.at(-1)?.body.toString() ?? '{}');
        const blocks = readConversation(checkRequest(body, 'any'));
        const names = new Map(blocks.flatMap((block) => ('name' in block ? [[block.call, block.name] as const] : [])));
        return {
          system: blocks.flatMap((block) => (block.by === 'system' ? [block.text] : [])).join('\n'),
          said: blocks.flatMap((block) => toSaid(block, names)),
          tools: ((body.tools ?? []) as { name: string }[]).map(({ name }) => name),
          cap: body.max_tokens,
          isStream: body.stream === true,
          // With a signature that is not the model's own it would have been refused.
          hasOwnThoughts: blocks.some((block) => 'signature' in block),
        };
      },
      close: () => simulator.close(),
    };
  },
};

function toSaid(block: Block, names: ReadonlyMap<string, string>): readonly Said[] {
  if ('thought' in block || block.by === 'system') return [];
  if ('picture' in block) return [{ by: 'user', picture: block.picture }];
  if (block.by === 'tool') return [{ by: 'tool', of: names.get(block.call) ?? '', text: block.text }];
  if ('name' in block) return [{ by: 'assistant', call: block.name, input: block.input }];
  return 'text' in block ? [{ by: block.by, text: block.text }] : [];
}
