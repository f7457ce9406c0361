import { isObject } from '../../../common/is-object.js';

/** Tells our entries from those that other gateways and vendors put into the same list. */
const FORMAT = 'anthropic-claude-v1';

/**
 * A thought as callers get it and hand it back, one entry of `reasoning_details` of an assistant message. Its signature holds for the
 * model that thought it and no other, so that is written beside it.
 */
export interface ReasoningDetail {
  readonly type: 'reasoning.text' | 'reasoning.encrypted';
  readonly format: string;
  readonly model: string;
  readonly text?: string;
  readonly signature?: string;
  readonly data?: string;
}

/** A shown thought, or one that only its signature tells ('' as text). */
export function thoughtDetail(model: string, text: string, signature: string): ReasoningDetail {
  return { type: 'reasoning.text', format: FORMAT, model, text, signature };
}

/** A thought that the vendor keeps to itself. */
export function redactedDetail(model: string, data: string): ReasoningDetail {
  return { type: 'reasoning.encrypted', format: FORMAT, model, data };
}

/**
 * The thoughts of an assistant message as blocks, JSON texts. Those of another model, or without a signature, are left out: the
 * vendor refuses a signature that is not its model's own.
 */
export function toThoughtBlocks(details: unknown, model: string): string[] {
  if (!Array.isArray(details)) return [];
  return details.flatMap((detail: unknown) => {
    if (!isObject(detail) || detail['format'] !== FORMAT || detail['model'] !== model) return [];
    const { type, text, signature, data } = detail;
    if (type === 'reasoning.encrypted' && typeof data === 'string')
      return [`{"type":"redacted_thinking","data":${JSON.stringify(data)}}`];
    if (typeof text !== 'string' || typeof signature !== 'string' || signature === '') return [];
    return [`{"type":"thinking","thinking":${JSON.stringify(text)},"signature":${JSON.stringify(signature)}}`];
  });
}

/** True for a block that {@link toThoughtBlocks} has made. */
export function isThoughtBlock(block: string): boolean {
  return block.startsWith('{"type":"thinking"') || block.startsWith('{"type":"redacted_thinking"');
}
