const MASK = '***';
/** Names of fields whose values are never written down, whoever put them into a snapshot. */
const SECRET_NAME =
  /(secret|password|credential|authorization|cookie|recovery|^token$|tokenHash|^key$|keyHash|^code$|^codes$|hash$)/i;
/** What our own secrets look like, wherever they stand. */
const SECRET_TEXT = /(sk_live_|hub_ses_|hub_pat_|whsec_|sk-|REDEEM-)[0-9A-Za-z_-]+/g;
/** Long texts, such as the description of a model, are of interest only in part. */
const TEXT_CHARS_MAX = 2000;

/**
 * A snapshot as the JSON that the audit log keeps: big numbers as strings, dates in ISO form, secrets masked. The last four
 * characters of a secret (`last4`) stay.
 */
export function toSnapshotJson(snapshot: unknown): string | null {
  if (snapshot === undefined || snapshot === null) return null;
  return JSON.stringify(clean(snapshot, ''));
}

function clean(value: unknown, name: string): unknown {
  if (value === null || value === undefined) return null;
  if (SECRET_NAME.test(name)) return MASK;
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'string') return cleanText(value);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return MASK;
  if (Array.isArray(value)) return value.map((each) => clean(each, ''));
  if (value instanceof Map || value instanceof Set) return clean(Object.fromEntries(value.entries()), name);
  if (typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, clean(each, key)]));
  }
  return value;
}

/** The database keeps no NUL; a lone surrogate would be stored as another character and no longer fit its hash. */
function cleanText(text: string): string {
  const short = text.length > TEXT_CHARS_MAX ? `${text.slice(0, TEXT_CHARS_MAX)}...` : text;
  return short.replaceAll('\0', '\uFFFD').toWellFormed().replace(SECRET_TEXT, `$1${MASK}`);
}
