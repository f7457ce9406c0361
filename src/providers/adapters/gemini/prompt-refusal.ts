import { ProviderError } from '../../canonical/provider-error.js';
import { isObject, isText, type WireObject } from '../openai-compatible/wire.js';
import { vendorWord } from './vendor-word.js';

/**
 * The refusal of a prompt: an answer without candidates that says why it was blocked.
 * @returns undefined when it says no such thing.
 */
export function promptRefusal(value: Readonly<WireObject>): ProviderError | undefined {
  const feedback = value['promptFeedback'];
  const reason = isObject(feedback) ? feedback['blockReason'] : undefined;
  if (!isText(reason)) return undefined;
  return new ProviderError({
    kind: 'content_refused',
    message: `The upstream refused the prompt, with block reason ${vendorWord(reason)}.`,
    code: 'content_policy_violation',
  });
}
