/**
 * A word of one of the API's enumerations, fit for an error; anything else that stands in its place is not repeated, since it may
 * hold whatever a proxy has put there.
 */
export function vendorWord(value: unknown): string {
  return typeof value === 'string' && /^[A-Z][A-Z_]{0,63}$/.test(value) ? value : 'unknown';
}
