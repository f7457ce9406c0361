/** What may come from anybody in a filter, cursor or id: none of it may be taken for anything but text. */
export const HOSTILE_TEXTS: readonly string[] = [
  `'; drop table usage_event; --`,
  `1' or '1'='1`,
  '%'.repeat(1_000),
  '\\%_',
  '{"$gt": ""}',
  '../../etc/passwd',
  '\0',
  'a\0b',
  '\u{d800}',
  'x'.repeat(10_240),
  '-1',
  '0',
  '9'.repeat(18),
  '9'.repeat(40),
  '',
];

/** What no error may tell: that there is SQL, or what it is. */
export const SQL_TRACES = /syntax|select |usage_event|sqlstate|byte sequence|invalid input/i;
