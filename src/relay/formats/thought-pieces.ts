type Wire = Readonly<Record<string, unknown>>;

/** Members of an entry of `reasoning_details` that streams tell piece by piece. */
const TOLD_ON = ['text', 'summary'] as const;

/**
 * Puts pieces of one entry of `reasoning_details` together, as OpenRouter and MiniMax stream them: each delta has the next words under the
 * same `index`, and perhaps a signature at the end.
 * @param before what has come of an entry so far.
 * @returns both as one; undefined where the next one is an entry of its own.
 */
export function joinedThought(before: Wire | undefined, next: Wire): Wire | undefined {
  if (before === undefined || typeof before['signature'] === 'string') return undefined;
  if (before['type'] !== next['type'] || before['index'] !== next['index'] || !isPiece(before)) return undefined;
  const joined: Record<string, unknown> = { ...before };
  for (const [name, value] of Object.entries(next)) if (value !== undefined && value !== null) joined[name] = value;
  for (const name of TOLD_ON) {
    const [told, more] = [before[name], next[name]];
    if (typeof told === 'string') joined[name] = typeof more === 'string' ? told + more : told;
  }
  return joined;
}

/** True for an entry that may be told on: one in words, which nothing has been signed under. */
export function isPiece(detail: Wire): boolean {
  return typeof detail['signature'] !== 'string' && TOLD_ON.some((name) => typeof detail[name] === 'string');
}
