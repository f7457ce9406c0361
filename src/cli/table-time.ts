/** A time in UTC to the second, for a table; `-` for none. */
export function tableTime(date: Date | null): string {
  return date === null ? '-' : date.toISOString().slice(0, 19).replace('T', ' ');
}
