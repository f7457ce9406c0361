const LENGTH_MAX = 256;
// PostgreSQL stores every character but this one.
const NUL = /\0/g;

/**
 * The caller's own name for whom it asks, from the hub's `user_identifier` or OpenAI's `user`, as it can be stored: cut at 256
 * characters, well-formed, '' for none. It is for statistics, so what is odd about it refuses nothing.
 */
export function userIdentifierOf(body: Readonly<Record<string, unknown>>): string {
  const value = body['user_identifier'] ?? body['user'];
  if (typeof value !== 'string') return '';
  return value.slice(0, LENGTH_MAX).replace(NUL, '\ufffd').toWellFormed();
}
