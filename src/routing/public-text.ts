const TEXT_LENGTH_MAX = 1000;
/** So much of a text is looked at: what the patterns take out makes room for more, and they take longer than a long text is long. */
const READ_LENGTH_MAX = 2 * TEXT_LENGTH_MAX;
const REDACTED = '[redacted]';

// In this order: a URL may contain a key, a host is what is left of a URL without a scheme.
const PATTERNS: readonly RegExp[] = [
  /\b[a-z][a-z0-9+.-]*:\/\/[^\s"'<>)\]]+/gi,
  /\bbearer\s+[\w.~+/=-]+/gi,
  /\b(?:sk|pk|rk|ak|key|api|token|gsk|xai|fw|pplx|nvapi|hf|r8|org|proj|acct|user)[-_][\w-]{8,}/gi,
  /\beyJ[\w-]{10,}\.[\w-]+\.[\w-]*/g,
  /\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g,
  /\b(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?\b/g,
  /\b(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:com|net|org|io|ai|dev|cn|co|cloud|app|internal|local|xyz|us|eu|cc|so|sh|tech|example|test|invalid)\b(?::\d{1,5})?/gi,
  /\b(?=[\w-]*\d)(?=[\w-]*[a-z])[\w-]{32,}\b/gi,
];

/**
 * Makes an upstream's text fit to be shown: without URLs, hosts, addresses, credentials and account ids, without
 * control characters, and not endless.
 * @param secrets exact texts to take out first, such as the channel's credential.
 */
export function toPublicText(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) {
    if (secret.length >= 4) clean = clean.split(secret).join(REDACTED);
  }
  clean = beginningOf(clean);
  for (const pattern of PATTERNS) clean = clean.replace(pattern, REDACTED);
  clean = clean.replace(/\p{Cc}+/gu, ' ').trim();
  return clean.length > TEXT_LENGTH_MAX ? `${clean.slice(0, TEXT_LENGTH_MAX)}…` : clean;
}

/** Cut between two words where there are any: no pattern knows half of a key. */
function beginningOf(text: string): string {
  if (text.length <= READ_LENGTH_MAX) return text;
  const space = text.lastIndexOf(' ', READ_LENGTH_MAX);
  return text.slice(0, space > TEXT_LENGTH_MAX ? space : READ_LENGTH_MAX);
}
