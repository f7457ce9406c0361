import { isObject, isText, type WireObject } from '../openai-compatible/wire.js';

/**
 * Taken in place of a signature that was lost on its way, or that another model gave.
 * https://ai.google.dev/gemini-api/docs/thought-signatures
 */
export const LOST_SIGNATURE = 'skip_thought_signature_validator';

/**
 * The extension field of a tool call, or of a message, that carries a thought signature to the client and back. Google's own
 * endpoint in OpenAI's format has the same `extra_content.google.thought_signature`; `model` is the hub's, since a signature is
 * worth something only to the model that gave it.
 */
export function withSignature(signature: unknown, model: string): WireObject | undefined {
  return isText(signature) ? { google: { thought_signature: signature, model } } : undefined;
}

/** The signature that a tool call or a message carries for this model; undefined when there is none, or it is another's. */
export function signatureFor(holder: Readonly<WireObject>, model: string): string | undefined {
  const extra = holder['extra_content'];
  const google = isObject(extra) ? extra['google'] : undefined;
  if (!isObject(google)) return undefined;
  const { thought_signature: signature, model: giver } = google;
  return isText(signature) && (giver === undefined || giver === model) ? signature : undefined;
}
