const TEXT_LENGTH_MAX = 1000;
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
  for (const pattern of PATTERNS) clean = clean.replace(pattern, REDACTED);
  clean = clean.replace(/\p{Cc}+/gu, ' ').trim();
  return clean.length > TEXT_LENGTH_MAX ? `${clean.slice(0, TEXT_LENGTH_MAX)}…` : clean;
}
