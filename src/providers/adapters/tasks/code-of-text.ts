import type { UpstreamFailure } from '../../provider.js';
import { readErrorBody } from '../openai-compatible/read-error-body.js';
import { readTaskAnswer } from './read-task-answer.js';

/** Words of a refusal, and the code that stands for it in the vendor's table of errors. */
export type CodeOfText = readonly [text: RegExp, code: string];

/**
 * The error answer of a vendor that has no codes, with one for what only its text tells, so that a row of its table can be about
 * it. An answer that has none of the words is given back as it is.
 */
export function withCodeOfText(failure: UpstreamFailure, names: readonly CodeOfText[]): UpstreamFailure {
  // What speaks there of moderation or credits is a service that is away, and no reason to refuse.
  if (failure.status >= 500) return failure;
  let value: Readonly<Record<string, unknown>>;
  try {
    value = readTaskAnswer(failure);
  } catch {
    // No JSON object has no text that could be told from a gateway's.
    return failure;
  }
  const { message = '' } = readErrorBody(value);
  const code = names.find(([text]) => text.test(message))?.[1];
  return code === undefined ? failure : { ...failure, body: Buffer.from(JSON.stringify({ ...value, code })) };
}
