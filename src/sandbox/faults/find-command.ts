import { SandboxError } from '../sandbox-error.js';
import { isJsonObject } from '../sandbox-request.js';
import { checkDirective, type Directive } from './directive.js';

const MARK = 'FAKE:';

/**
 * Finds the command `FAKE:{…}` in the first user message, the embeddings input, or the image prompt.
 * @returns undefined when there is none. @throws SandboxError when it cannot be read.
 */
export function findCommand(body: Buffer): Directive | undefined {
  if (!body.includes(MARK)) return undefined;
  const text = commandText(body);
  const start = text.indexOf(`${MARK}{`);
  if (start === -1) return undefined;
  const json = text.slice(start + MARK.length, objectEnd(text, start + MARK.length));
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new SandboxError(400, 'The fake command is not JSON.');
  }
  return checkDirective(value);
}

/** The text that may hold a command; a form is searched as a whole. */
function commandText(body: Buffer): string {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    return body.toString('utf8');
  }
  if (!isJsonObject(value)) return '';
  if (Array.isArray(value['messages'])) {
    const first: unknown = value['messages'].find((message) => isJsonObject(message) && message['role'] === 'user');
    return isJsonObject(first) ? textOf(first['content']) : '';
  }
  return textOf(value['input'] ?? value['prompt']);
}

/** A text, or the texts of a list of texts or of message parts. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(textOf).join('\n');
  return isJsonObject(value) && typeof value['text'] === 'string' ? value['text'] : '';
}

/** Index behind the brace that closes the object opened at `start`. */
function objectEnd(text: string, start: number): number {
  let depth = 0;
  let isInString = false;
  for (let i = start; i < text.length; i++) {
    const character = text[i];
    if (isInString) {
      if (character === '\\') i++;
      else if (character === '"') isInString = false;
    } else if (character === '"') isInString = true;
    else if (character === '{') depth++;
    else if (character === '}' && --depth === 0) return i + 1;
  }
  return text.length;
}
