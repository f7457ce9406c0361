/**
 * True for a URL to which a path can be added and that holds no credential: without user, query or fragment, even empty
 * ones.
 */
export function isPlainUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { username, password } = new URL(text);
  return username === '' && password === '' && !/[?#]/.test(text);
}
