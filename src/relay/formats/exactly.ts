import { isObject } from '../../common/is-object.js';
import { JSON_DEPTH_MAX, type JsonSource } from '../../common/json-source.js';
import { parseExactly } from '../../common/parse-exactly.js';

type Wire = Readonly<Record<string, unknown>>;

/** The body with all digits of its numbers where something that is written again, such as a schema, would lose some. */
export function exactly({ bytes, value }: JsonSource, isWrittenAgain: (body: Wire) => readonly unknown[]): Wire {
  if (!isWrittenAgain(value).some((member) => losesDigits(member, 0))) return value;
  const exact = parseExactly(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
  return isObject(exact) ? exact : value;
}

/** True when there is a whole number that a double does not hold. Bodies nest no deeper than {@link JSON_DEPTH_MAX}. */
function losesDigits(value: unknown, depth: number): boolean {
  if (typeof value === 'number') return Number.isInteger(value) && !Number.isSafeInteger(value);
  if (typeof value !== 'object' || value === null || depth > JSON_DEPTH_MAX) return false;
  for (const member of Object.values(value)) if (losesDigits(member, depth + 1)) return true;
  return false;
}
