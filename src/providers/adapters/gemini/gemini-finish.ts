import { ProviderError } from '../../canonical/provider-error.js';
import type { FinishReason } from '../openai-compatible/finish-reason.js';
import { vendorWord } from './vendor-word.js';

/** What has been said when a candidate ends. */
export interface Said {
  /** Text, pictures or calls; thoughts do not count. */
  readonly hasAnswer: boolean;
  readonly hasCalls: boolean;
}

const HELD_BACK: ReadonlySet<string> = new Set([
  'SAFETY',
  'RECITATION',
  'LANGUAGE',
  'BLOCKLIST',
  'PROHIBITED_CONTENT',
  'SPII',
  'MODEL_ARMOR',
  'IMAGE_SAFETY',
  'IMAGE_PROHIBITED_CONTENT',
  'IMAGE_RECITATION',
]);

/** True for a reason that says that a policy of content has ended the answer. */
export function isHeldBack(reason: unknown): boolean {
  return typeof reason === 'string' && HELD_BACK.has(reason);
}

/**
 * Why a candidate ended, as OpenAI has it. `STOP` is said of a function call too. What is no end a model would choose (a malformed
 * call, `OTHER`, a word nobody has documented) is a failure as long as nothing has been said, and an end afterwards.
 * https://ai.google.dev/api/generate-content#FinishReason
 * @returns undefined when the candidate goes on.
 */
export function readGeminiFinish(reason: unknown, said: Said): FinishReason | ProviderError | undefined {
  if (typeof reason !== 'string' || reason === '' || reason === 'FINISH_REASON_UNSPECIFIED') return undefined;
  if (reason === 'MAX_TOKENS') return 'length';
  if (HELD_BACK.has(reason)) return 'content_filter';
  if (said.hasCalls) return 'tool_calls';
  if (reason === 'STOP' || said.hasAnswer) return 'stop';
  return new ProviderError({
    kind: 'invalid_response',
    message: `The upstream ended without an answer, with finish reason ${vendorWord(reason)}.`,
    code: vendorWord(reason),
  });
}
