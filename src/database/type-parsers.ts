/** Type ids of pg_type that are read in our own way, the same on both drivers. */
const BYTEA = 17;
const INT8 = 20;
const NUMERIC = 1700;
const TIMESTAMPTZ = 1184;

type Parse = (text: string) => unknown;

/** Parsers by type id, from PostgreSQL's text format. */
export const TYPE_PARSERS: Readonly<Record<number, Parse>> = {
  [BYTEA]: (text) => Buffer.from(text.slice(2), 'hex'),
  [INT8]: (text) => text,
  [NUMERIC]: (text) => text,
  // `2026-11-22 18:40:54.629+00`: ISO 8601 wants a T, and minutes in the offset.
  [TIMESTAMPTZ]: (text) => new Date(text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00')),
};
