import { isObject } from '../../../common/is-object.js';
import { parseExactly } from '../../../common/parse-exactly.js';
import { toSafeId } from '../../../providers/adapters/anthropic/safe-id.js';
import type { ChatAnswer } from '../../../providers/canonical/chat.js';
import type { AnswerFacts } from '../chat-format.js';
import { toMessagesUsage } from './messages-usage.js';
import { pictureText } from './picture-text.js';
import { saidOfEnd, stopOf } from './stop-of.js';
import { extraBlock, hiddenBlock, signatureOf, thoughtBlocks } from './thought-blocks.js';

type Wire = Readonly<Record<string, unknown>>;

/** The id of a message: the vendor's, or one made of the request's. */
export function messageId(id: string, requestId: string): string {
  return id.startsWith('msg_') && id !== 'msg_unnamed' ? id : `msg_${requestId.replace(/^req_/, '')}`;
}

/**
 * Writes a whole answer as a message. What an upstream of the same format said goes on as it is, but for the model's public name.
 * @param sequences at which the caller wanted it to stop.
 */
export function toMessage(
  { completion, usage, original }: ChatAnswer,
  publicModel: string,
  facts: AnswerFacts,
  sequences: readonly unknown[] = [],
): Wire {
  const [choice] = completion.choices;
  const message = choice?.message ?? {};
  const content = original === undefined ? contentOf(message) : ownContent(original['content'], message);
  const refusal = textOf(message['refusal']);
  return {
    ...original,
    id: messageId(completion.id, facts.requestId),
    type: 'message',
    role: 'assistant',
    model: publicModel,
    content,
    ...stopOf(
      choice?.finish_reason,
      refusal,
      original === undefined ? saidOfEnd(choice ?? {}) : { original },
      sequences,
    ),
    usage: toMessagesUsage(usage, facts, original?.['usage']),
  };
}

function contentOf(message: Wire): readonly Wire[] {
  const calls = Array.isArray(message['tool_calls']) ? message['tool_calls'].filter(isObject) : [];
  const extra = extraBlock(calls, message['extra_content']);
  const text = textOf(message['content']) + pictureText(message['images']);
  const others = Array.isArray(message['content_blocks']) ? message['content_blocks'].filter(isObject) : [];
  return [
    ...thoughtBlocks(message['reasoning_details'], textOf(message['reasoning_content'])),
    ...(extra === undefined ? [] : [extra]),
    ...(text === '' ? [] : [{ type: 'text', text, citations: null }]),
    ...others,
    ...calls.flatMap((call) => toolUse(call)),
  ];
}

function toolUse({ id, function: called }: Wire): readonly Wire[] {
  if (!isObject(called)) return [];
  const input = inputOf(textOf(called['arguments']));
  return [{ type: 'tool_use', id: toSafeId(textOf(id)), name: called['name'], input }];
}

/** Arguments as an object, with all their digits. What a model wrote that is none is handed over under a name of its own. */
function inputOf(text: string): unknown {
  if (text === '') return {};
  try {
    const input = parseExactly(text);
    if (isObject(input)) return input;
  } catch {
    // Not even JSON, and so told below.
  }
  return { raw_arguments: text };
}

/** Blocks as the upstream gave them, with signatures that name their model. */
function ownContent(content: unknown, { reasoning_details: given }: Wire): readonly unknown[] {
  const details = Array.isArray(given) ? given.filter(isObject) : [];
  let next = 0;
  return (Array.isArray(content) ? content : []).map((block: unknown) => {
    if (!isObject(block)) return block;
    const { type, signature, data } = block;
    const isThought = type === 'thinking' && typeof signature === 'string';
    const isHidden = type === 'redacted_thinking' && typeof data === 'string';
    const detail = isThought || isHidden ? details[next++] : undefined;
    if (detail === undefined) return block;
    return isThought ? { ...block, signature: signatureOf(detail) } : hiddenBlock({ detail });
  });
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
