import { JsonSource, JsonSourceError } from '../../../common/json-source.js';
import { ProviderError } from '../../canonical/provider-error.js';
import { isHtml } from './errors.js';
import type { BodyEdits } from './vendor.js';
import { isObject, type WireObject } from './wire.js';

/** A JSON object read from an upstream: its value, and how to change its top-level members. */
export interface ParsedAnswer {
  readonly value: WireObject;
  splice(edits: BodyEdits): Uint8Array;
}

/**
 * Parses an upstream body, without the blank lines DeepSeek sends ahead while it waits.
 * @throws ProviderError `invalid_response` when it is not a JSON object.
 */
export function parseAnswer(body: Uint8Array): ParsedAnswer {
  const bytes = trimStart(body);
  try {
    const source = JsonSource.parse(bytes);
    return { value: source.value, splice: (edits) => source.splice(edits) };
  } catch (error) {
    if (!(error instanceof JsonSourceError)) throw error;
    return parsePlainly(bytes, error);
  }
}

/** An honest answer may have more members than a request is allowed (log probabilities); then it is written anew. */
function parsePlainly(bytes: Uint8Array, cause: JsonSourceError): ParsedAnswer {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  if (isHtml(text)) throw invalid('The upstream answered with a web page instead of JSON.', cause);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid('The upstream answer is not valid JSON.', cause);
  }
  if (!isObject(value)) throw invalid('The upstream answer is not a JSON object.', cause);
  const answer = value;
  const splice = (edits: BodyEdits): Uint8Array => {
    const edited: WireObject = { ...answer };
    for (const [name, json] of Object.entries(edits)) {
      if (json === undefined) delete edited[name];
      else edited[name] = JSON.parse(json);
    }
    return Buffer.from(JSON.stringify(edited));
  };
  return { value: answer, splice };
}

/** An answer that cannot be given to the caller. */
export function invalid(message: string, cause?: unknown): ProviderError {
  return new ProviderError({ kind: 'invalid_response', message, cause });
}

function trimStart(body: Uint8Array): Uint8Array {
  let start = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0;
  while (start < body.length && (body[start] ?? 0) <= 0x20) start++;
  return body.subarray(start);
}
