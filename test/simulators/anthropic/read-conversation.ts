import type { Wire } from './check-fields.js';
import type { CheckedRequest } from './check-request.js';

/** One thing that was said, in words that belong to no vendor. */
export type Said =
  | { readonly by: 'system' | 'user' | 'assistant'; readonly text: string }
  | { readonly by: 'user'; readonly picture: string }
  | { readonly by: 'user'; readonly file: string }
  | { readonly by: 'assistant'; readonly thought: string; readonly signature: string }
  | { readonly by: 'assistant'; readonly call: string; readonly name: string; readonly input: unknown }
  | { readonly by: 'tool'; readonly call: string; readonly text: string };

/** Reads a request as the model would, for comparison with what a caller meant; shares nothing with the adapter. */
export function readConversation({ body, turns }: CheckedRequest): readonly Said[] {
  const system = listOf(body['system']).map((block): Said => ({ by: 'system', text: String(block['text']) }));
  return [...system, ...turns.flatMap((turn) => listOf(turn['content']).map((block) => readBlock(turn, block)))];
}

function readBlock({ role }: Wire, block: Wire): Said {
  const by = role as 'user' | 'assistant';
  switch (block['type']) {
    case 'text':
      return { by, text: String(block['text']) };
    case 'image':
      return { by: 'user', picture: readSource(block['source'] as Wire) };
    case 'document':
      return { by: 'user', file: readSource(block['source'] as Wire) };
    case 'thinking':
      return { by: 'assistant', thought: String(block['thinking']), signature: String(block['signature']) };
    case 'redacted_thinking':
      return { by: 'assistant', thought: '(kept back)', signature: String(block['data']) };
    case 'tool_use':
      return { by: 'assistant', call: String(block['id']), name: String(block['name']), input: block['input'] };
    case 'tool_result':
      return { by: 'tool', call: String(block['tool_use_id']), text: textOf(block['content']) };
    default:
      throw new Error(`A block of the type ${String(block['type'])}.`);
  }
}

function readSource(source: Wire): string {
  return source['type'] === 'url' ? String(source['url']) : `data:${source['media_type']};base64,${source['data']}`;
}

function textOf(content: unknown): string {
  return listOf(content)
    .map((block) => String(block['text']))
    .join('');
}

function listOf(content: unknown): readonly Wire[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return Array.isArray(content) ? content : [];
}
