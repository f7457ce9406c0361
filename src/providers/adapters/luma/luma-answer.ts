import type { ErrorRow } from '../../canonical/error-row.js';
import type { ProviderError } from '../../canonical/provider-error.js';
import type { TaskAnswer, TaskRef, TaskState } from '../../canonical/video.js';
import type { UpstreamFailure } from '../../provider.js';
import { isText, type WireObject } from '../openai-compatible/wire.js';
import { type CodeOfText, withCodeOfText } from '../tasks/code-of-text.js';
import { readTaskAnswer, unreadable } from '../tasks/read-task-answer.js';
import { textOf404 } from '../tasks/text-of-404.js';
import { toTaskError } from '../tasks/to-task-error.js';

/** Luma's errors are a status and a text, `{"detail": "..."}`; some are told by the text alone. */
const CODES: readonly CodeOfText[] = [
  [/insufficient (?:credits?|balance|funds)|(?:not|n't) (?:have )?enough credits/i, 'insufficient_credits'],
  [/moderat|content (?:guideline|polic)/i, 'content_moderated'],
];

/** What a generation is that Luma does not know any more. */
export const LUMA_GONE: TaskState = {
  state: 'failed',
  kind: 'expired',
  message: 'Luma does not know the generation any more.',
};

/** Why a generation failed, where Luma does not say it. */
export const NO_REASON = 'Luma gives no reason.';

/** Reads an error answer of either API by its table. Never throws. */
export function toLumaError(failure: UpstreamFailure, rows: readonly ErrorRow[]): ProviderError {
  return toTaskError(withCodeOfText(failure, CODES), rows);
}

/** The JSON object of a success, which has status 200 or 201. @throws ProviderError for a refusal and for what cannot be read. */
export function readLumaAnswer(answer: TaskAnswer, rows: readonly ErrorRow[]): WireObject {
  if (answer.status < 200 || answer.status > 299) throw toLumaError(answer, rows);
  return readTaskAnswer(answer);
}

/** The reference of a new generation. */
export function readLumaRef(answer: TaskAnswer, rows: readonly ErrorRow[]): TaskRef {
  const { id } = readLumaAnswer(answer, rows);
  if (!isText(id)) throw unreadable('Luma accepted the generation and did not name it.');
  return { id };
}

/** Where a generation is found. */
export function lumaPathOf({ id }: TaskRef): string {
  return `/generations/${encodeURIComponent(String(id))}`;
}

/** True when Luma itself says that there is no such generation; of a wrong path it says only `Not Found`. */
export function isNoSuchGeneration(answer: TaskAnswer): boolean {
  return /generation/i.test(textOf404(answer, 'detail') ?? '');
}
