/**
 * Words for the usual way of being served, which is what a price itself is for: of OpenAI, Anthropic, Gemini, Groq. With `auto` the vendor
 * chooses, as it does where nothing is asked for, and says in its answer what it has chosen.
 */
const PLAIN: ReadonlySet<string> = new Set(['auto', 'default', 'standard', 'standard_only', 'on_demand']);

/** Whether a word for a service tier means the usual one. */
export function isPlainTier(word: string): boolean {
  return PLAIN.has(word);
}

/**
 * The service tier that a request asks for, letter for letter.
 * @param value of `service_tier`.
 * @returns undefined for none or the usual one; for what is no word at all one that no price has.
 */
export function askedTier(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') return '';
  return PLAIN.has(value) ? undefined : value;
}

/**
 * The service tier that an answer names; vendors of enumerations write it in capitals.
 * @returns undefined when it names none, `default` for the usual one by whatever word.
 */
export function servedTier(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined;
  const word = value.toLowerCase();
  return PLAIN.has(word) ? 'default' : word;
}
