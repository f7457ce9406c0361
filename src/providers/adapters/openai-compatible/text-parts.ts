import { unsupported } from './refusals.js';
import { isObject } from './wire.js';

/** The text of a text part, or of a refusal; undefined for parts of other kinds. */
export function textOfPart(part: unknown): string | undefined {
  if (typeof part === 'string') return part;
  if (!isObject(part)) return undefined;
  const { type, text, refusal } = part;
  if (type === 'refusal' && typeof refusal === 'string') return refusal;
  return (type === 'text' || type === undefined) && typeof text === 'string' ? text : undefined;
}

/**
 * A message's content as one text, parts joined by line ends; '' when there is none.
 * @param path of the content in the caller's body, such as `messages[0].content`.
 * @throws ProviderError `unsupported_option` that names a part of another kind.
 */
export function joinedText(content: unknown, path: string): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  const texts = content.map((part: unknown, i) => {
    const text = textOfPart(part);
    if (text === undefined) throw unsupported(`${path}[${i}]`, 'Only parts of type "text" are possible here.');
    return text;
  });
  return texts.filter((text) => text !== '').join('\n');
}
