import { createHash } from 'node:crypto';
import { isObject, isText, type WireObject } from '../openai-compatible/wire.js';
import { withSignature } from './thought-signature.js';

/** As many candidates as the API gives at most. */
const CANDIDATES_MAX = 128;

/** The number of a candidate: its own, or its place in the list. */
export function indexOf(candidate: Readonly<WireObject>, position: number): number {
  const index = candidate['index'];
  const isSound = typeof index === 'number' && Number.isInteger(index) && index >= 0 && index < CANDIDATES_MAX;
  return isSound ? index : position;
}

/** What a list of parts says. */
export interface ReadParts {
  text: string;
  thoughts: string;
  /** In OpenAI's shape, without an index. */
  calls: WireObject[] | undefined;
  /** As other vendors give them beside a text: `{type: "image_url", image_url: {url}}`. */
  images: WireObject[] | undefined;
  /** Of the text, not of a call. */
  signature: string | undefined;
}

/**
 * Reads the parts of a candidate. Drafts of pictures are thoughts, and not shown.
 * @param callsBefore how many calls the candidate has made in earlier chunks; ids that are not given are made from it.
 * @param seed tells answers apart, so that ids made here are unlike those of other answers.
 */
export function readParts(parts: unknown, model: string, seed: string, callsBefore: number): ReadParts {
  const read: ReadParts = { text: '', thoughts: '', calls: undefined, images: undefined, signature: undefined };
  if (!Array.isArray(parts)) return read;
  for (const part of parts as readonly unknown[]) {
    if (!isObject(part)) continue;
    const { text, functionCall, inlineData } = part;
    if (isObject(functionCall)) {
      read.calls ??= [];
      read.calls.push(toCall(functionCall, part['thoughtSignature'], model, seed, callsBefore + read.calls.length));
      continue;
    }
    if (part['thought'] === true) {
      if (typeof text === 'string') read.thoughts += text;
      continue;
    }
    if (typeof text === 'string') read.text += text;
    else if (isObject(inlineData) && isText(inlineData['data'])) {
      read.images ??= [];
      read.images.push(toImage(inlineData));
    }
    if (isText(part['thoughtSignature'])) read.signature = part['thoughtSignature'];
  }
  return read;
}

function toCall(call: WireObject, signature: unknown, model: string, seed: string, number: number): WireObject {
  const { id, name, args } = call;
  const extra_content = withSignature(signature, model);
  return {
    id: isText(id) ? id : callId(seed, number),
    type: 'function',
    function: { name: isText(name) ? name : '', arguments: isObject(args) ? JSON.stringify(args) : '{}' },
    ...(extra_content !== undefined && { extra_content }),
  };
}

function toImage({ mimeType, data }: WireObject): WireObject {
  const type = isText(mimeType) ? mimeType : 'image/png';
  return { type: 'image_url', image_url: { url: `data:${type};base64,${String(data)}` } };
}

/** An id for a call that has none: always the same for the same answer, so that reading it again changes nothing. */
function callId(seed: string, number: number): string {
  return `call_${createHash('sha256').update(`${seed} ${number}`).digest('hex').slice(0, 24)}`;
}
