import { startBedrockSimulator } from '../../simulators/bedrock/bedrock.js';
import type { Wire } from '../../simulators/bedrock/check-converse.js';
import type { DialectUpstream, Said } from '../dialect-upstream.js';

const API_KEY = 'bedrock-api-key-of-the-matrix';

/** Bedrock's Converse. */
export const UPSTREAM: DialectUpstream = {
  provider: 'bedrock',
  upstreamModel: 'us.anthropic.claude-sonnet-4-6',
  takesThoughts: true,
  start: async () => {
    const simulator = await startBedrockSimulator({ apiKey: API_KEY });
    return {
      baseUrl: simulator.url,
      apiKey: API_KEY,
      speak: ({ text = '', thought, calls, tokens, isCut, breaks }) => {
        const { input: inputTokens, output: outputTokens } = tokens;
        simulator.script({
          text,
          thought,
          calls: calls?.map(({ id, name, input }) => ({ toolUseId: id, name, input: Object(input) })),
          usage: { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens },
          ...(isCut === true && { stopReason: 'max_tokens' }),
          ...(breaks === true && { exception: 'modelStreamErrorException' }),
        });
      },
      heard: () => {
        const request = simulator.requests.at(-1);
        const body = (request?.body ?? {}) as Converse;
        const blocks = (body.messages ?? []).flatMap(({ role, content }) => content.map((block) => ({ role, block })));
        const names = new Map(
          blocks.flatMap(({ block: { toolUse } }) => (toolUse ? [[toolUse.toolUseId, toolUse.name]] : [])),
        );
        return {
          system: (body.system ?? []).map(({ text }) => text).join('\n'),
          said: blocks.flatMap(({ role, block }) => toSaid(role, block, names)),
          tools: (body.toolConfig?.tools ?? []).map(({ toolSpec }) => toolSpec.name),
          cap: body.inferenceConfig?.maxTokens,
          isStream: request?.url.endsWith('-stream') === true,
          hasOwnThoughts: blocks.some(({ block }) => block.reasoningContent?.reasoningText.signature === 'EqQB'),
        };
      },
      close: () => simulator.close(),
    };
  },
};

/** A block, which has one of these. */
interface Block {
  readonly text?: string;
  readonly image?: { readonly format: string; readonly source: { readonly bytes: string } };
  readonly toolUse?: { readonly toolUseId: string; readonly name: string; readonly input: unknown };
  readonly toolResult?: { readonly toolUseId: string; readonly content: readonly Block[] };
  readonly reasoningContent?: { readonly reasoningText: Wire };
}

interface Converse {
  readonly messages?: readonly { readonly role: 'user' | 'assistant'; readonly content: readonly Block[] }[];
  readonly system?: readonly { readonly text: string }[];
  readonly toolConfig?: { readonly tools: readonly { readonly toolSpec: { readonly name: string } }[] };
  readonly inferenceConfig?: { readonly maxTokens?: number };
}

function toSaid(role: 'user' | 'assistant', block: Block, names: ReadonlyMap<string, string>): readonly Said[] {
  const { text, image, toolUse, toolResult } = block;
  if (image !== undefined) return [{ by: 'user', picture: `data:image/${image.format};base64,${image.source.bytes}` }];
  if (toolUse !== undefined) return [{ by: 'assistant', call: toolUse.name, input: toolUse.input }];
  if (toolResult !== undefined) {
    const told = toolResult.content.map((one) => one.text ?? '').join('');
    return [{ by: 'tool', of: names.get(toolResult.toolUseId) ?? '', text: told }];
  }
  return text === undefined ? [] : [{ by: role, text }];
}
