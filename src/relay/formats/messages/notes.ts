/** What reading one request of the Messages API has to remember. */
export interface Notes {
  /** Members that the canonical request has no words for, by their general names. */
  readonly dropped: Set<string>;
  /** Why only an upstream of this very format can serve the request; the first reason counts. */
  onlyThere: string | undefined;
}

/** Notes a member, or a kind of block, that only Anthropic's own API has. @param path of it, @param word its value, if that says more. */
export function noteOnlyThere(notes: Notes, path: string, word?: unknown): void {
  const what = typeof word === 'string' ? ` (${JSON.stringify(word.slice(0, 64))})` : '';
  notes.onlyThere ??= `"${path}"${what} is possible only with a model that is served by the Anthropic API.`;
}

/** Reports what stands in an object beside the members that are read. @param prefix of the general names. */
export function noteUnread(
  notes: Notes,
  value: Readonly<Record<string, unknown>>,
  read: ReadonlySet<string>,
  prefix: string,
): void {
  for (const name in value) {
    if (read.has(name) || value[name] === undefined || value[name] === null) continue;
    // A hint that stands in many places is reported by its name alone.
    notes.dropped.add(name === 'cache_control' ? name : prefix + name);
  }
}
