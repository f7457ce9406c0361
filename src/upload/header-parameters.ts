const PARAMETER = /\s*;\s*(?:([\w!#$%&'*+.^`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*)))?\s*/y;

/**
 * Reads the parameters of a header value such as `form-data; name="a"; filename="b"` (RFC 9110, section 5.6.6), without
 * undoing escapes. Names are in lower case.
 * @returns undefined when they cannot be read, or one is given twice: whoever reads them next might take the other one.
 */
export function readParameters(header: string): ReadonlyMap<string, string> | undefined {
  const parameters = new Map<string, string>();
  let at = header.indexOf(';');
  while (at !== -1 && at < header.length) {
    PARAMETER.lastIndex = at;
    const match = PARAMETER.exec(header);
    if (match === null) return undefined;
    const name = match[1]?.toLowerCase();
    if (name !== undefined) {
      if (parameters.has(name)) return undefined;
      parameters.set(name, match[2] ?? match[3] ?? '');
    }
    at = PARAMETER.lastIndex;
  }
  return parameters;
}
