declare global {
  interface JSON {
    // In every engine since 2025, and not yet in the compiler's library: https://github.com/tc39/proposal-json-parse-with-source
    rawJSON(text: string): unknown;
  }
}

/** So many digits in a row may be more than a double holds. */
const MANY_DIGITS = /\d{16}/;

/**
 * Parses JSON that will be written again, so that no digit of a large whole number is lost on the way: such a number becomes an object
 * that `JSON.stringify` writes as it was.
 * @throws SyntaxError.
 */
export function parseExactly(text: string): unknown {
  if (!MANY_DIGITS.test(text)) return JSON.parse(text);
  // The third argument is not in the compiler's library either, so that it has to be optional here.
  return JSON.parse(text, (_key: string, value: unknown, context?: { readonly source?: string }) => {
    const source = context?.source;
    const isLost = typeof value === 'number' && !Number.isSafeInteger(value);
    return isLost && source !== undefined && /^-?\d+$/.test(source) ? JSON.rawJSON(source) : value;
  });
}
