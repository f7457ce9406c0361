/**
 * True for a URL to which a path can be added and that holds no credential: without user, query or fragment, even empty
 * ones.
 */
export function isPlainUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { username, password } = new URL(text);
  return username === '' && password === '' && !/[?#]/.test(text);
}

/** True for a base URL that was copied together with the path of an operation, which the hub adds itself. */
export function hasOperation(url: string): boolean {
  return /\/(?:chat\/completions|v1\/messages|v1\/responses)\/?$/.test(url);
}
