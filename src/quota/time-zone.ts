/**
 * Whether this is a name of a time zone, such as `Europe/Berlin` or `UTC`. A name only: PostgreSQL reads an offset such as +01:00
 * the other way round.
 */
export function isTimeZoneName(text: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+\-/]{0,63}$/.test(text)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return true;
  } catch {
    return false;
  }
}
