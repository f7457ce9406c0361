import type { Directive } from '../../src/sandbox/faults/directive.js';
import { BLOCKED, EMPTY, EMPTY_STREAM, INVALID, NO_PREFILL, TOO_LONG } from './bodies.js';
import type { Dialect, Rule } from './upstreams.js';

/** What the caller asks for. */
export type Form = 'stream' | 'whole';

/** The answer of every upstream that does not fail; only a complete one has it all. */
export const TEXT = 'Rain fell on the old town, and nobody minded: 雨が降る, said the cook. 🍲 Then it stopped.';
/** Tokens that upstreams report. */
export const USED = { in: 7, out: 11 } as const;
/** A good answer. */
export const GOOD: Directive = { text: TEXT, ...USED };
/** No content for this long, where an upstream is slow. Longer than the hub's patience while another candidate is left. */
const SLOW_MS = 20_000;
/** Words that are out when an answer breaks. */
const BROKEN_AFTER = 4;
const RETRY_AFTER_SECONDS = 1;

/**
 * What becomes of a request whose first upstream has a fault, where a second one is sound:
 * - `elsewhere`: the second one answers, as if nothing had been;
 * - `resumed`: the second one goes on with the answer that the first one began;
 * - `complete`: the first one's answer is complete for all that;
 * - `refused`: the truthful refusal of the first one, which nobody else is asked about;
 * - `fallback`: refused as well, but a fallback model may help.
 */
export type Fate = 'elsewhere' | 'resumed' | 'complete' | 'refused' | 'fallback';

/** One fault of the first upstream. */
export interface Fault {
  readonly name: string;
  /** What becomes of a request, by its form; a form that is left out does not know the fault. */
  readonly fate: Readonly<Partial<Record<Form, Fate>>>;
  /** Where the fault is not one of the upstream's answers: nobody listens, or connections are reset. */
  readonly wire?: 'refused' | 'reset';
  /** What the first upstream does. */
  rule(dialect: Dialect): Rule;
  /** What the second one does besides answering well. */
  secondRule?(dialect: Dialect): Rule;
  /** Status and code of the refusal where nobody can help. */
  readonly told: RegExp;
  /** When nothing more comes. The last candidate is as patient as the settings allow: no cell where nobody else is left. */
  readonly slow?: 'before content' | 'after content';
}

const always =
  (directive: Directive): (() => Rule) =>
  () =>
  () =>
    directive;

const never = always({});

/** All faults of the issue; `flapping` is in a suite of its own. */
export const FAULTS: readonly Fault[] = [
  {
    name: 'refused',
    fate: { stream: 'elsewhere', whole: 'elsewhere' },
    wire: 'refused',
    rule: never,
    told: /^502 upstream_unreachable$/,
  },
  {
    name: 'reset before headers',
    fate: { stream: 'elsewhere', whole: 'elsewhere' },
    wire: 'reset',
    rule: never,
    told: /^502 upstream_unreachable$/,
  },
  {
    name: 'no answer',
    fate: { stream: 'elsewhere', whole: 'elsewhere' },
    rule: always({ stall_headers: true }),
    told: /^504 upstream_timeout$/,
    slow: 'before content',
  },
  {
    name: 'slow first token',
    fate: { stream: 'elsewhere', whole: 'elsewhere' },
    rule:
      () =>
      ({ isStream }) => ({ ...GOOD, ...(isStream ? { first_token_ms: SLOW_MS } : { delay_ms: SLOW_MS }) }),
    told: /^504 upstream_timeout$/,
    slow: 'before content',
  },
  {
    name: '429 with Retry-After',
    fate: { stream: 'elsewhere', whole: 'elsewhere' },
    rule: always({ retry_after: RETRY_AFTER_SECONDS }),
    told: /^429 rate_limit_exceeded$/,
  },
  {
    name: '429 without Retry-After',
    fate: { stream: 'elsewhere', whole: 'elsewhere' },
    rule: always({ status: 429 }),
    told: /^429 rate_limit_exceeded$/,
  },
  {
    name: '500 once',
    fate: { stream: 'elsewhere', whole: 'elsewhere' },
    rule:
      () =>
      ({ number }) =>
        number === 0 ? { status: 500 } : GOOD,
    told: /^502 upstream_error$/,
  },
  {
    name: '503 for long',
    fate: { stream: 'elsewhere', whole: 'elsewhere' },
    rule: always({ status: 503 }),
    told: /^503 upstream_overloaded$/,
  },
  {
    name: 'cut mid-answer, by a reset',
    fate: { stream: 'resumed', whole: 'elsewhere' },
    rule: always({ ...GOOD, cut_after: BROKEN_AFTER, cut: 'rst' }),
    told: /^502 upstream_incomplete$/,
  },
  {
    name: 'cut mid-answer, by a tidy end',
    fate: { stream: 'resumed', whole: 'elsewhere' },
    rule: always({ ...GOOD, cut_after: BROKEN_AFTER, cut: 'fin' }),
    told: /^502 upstream_incomplete$/,
  },
  {
    name: 'stall mid-answer',
    fate: { stream: 'resumed', whole: 'elsewhere' },
    rule: always({ ...GOOD, stall_after: BROKEN_AFTER }),
    told: /^504 upstream_timeout$/,
    slow: 'after content',
  },
  {
    name: 'broken event',
    fate: { stream: 'complete' },
    rule: always({ ...GOOD, bad_event_after: BROKEN_AFTER }),
    told: /^200/,
  },
  {
    name: 'error event mid-answer',
    fate: { stream: 'resumed' },
    rule: always({ ...GOOD, error_after: BROKEN_AFTER }),
    told: /^502 upstream_error$/,
  },
  {
    name: 'error event first',
    fate: { stream: 'elsewhere' },
    rule: always({ error_first: true }),
    told: /^50[23] upstream_(?:error|overloaded)$/,
  },
  {
    name: 'missing [DONE]',
    fate: { stream: 'complete' },
    rule: always({ ...GOOD, no_done: true }),
    told: /^200/,
  },
  {
    name: 'no finish and no [DONE]',
    fate: { stream: 'resumed' },
    rule: always({ ...GOOD, no_done: true, no_finish: true }),
    told: /^502 upstream_incomplete$/,
  },
  {
    name: 'context length',
    fate: { stream: 'fallback', whole: 'fallback' },
    rule: (dialect) => () => ({ status: 400, body: { ...TOO_LONG[dialect] } }),
    told: /^400 context_length_exceeded$/,
  },
  {
    name: 'content filter',
    fate: { stream: 'refused', whole: 'refused' },
    rule:
      (dialect) =>
      ({ isStream }) =>
        blocked(dialect, isStream),
    told: /^400 content_policy_violation$/,
  },
  {
    name: 'invalid request',
    fate: { stream: 'refused', whole: 'refused' },
    rule: (dialect) => () => ({ status: 400, body: { ...INVALID[dialect] } }),
    told: /^400 (?:invalid_request(?:_error)?|INVALID_ARGUMENT)$/,
  },
  {
    name: 'cut mid-answer, and the beginning refused',
    fate: { stream: 'resumed' },
    rule: always({ ...GOOD, cut_after: BROKEN_AFTER }),
    secondRule:
      (dialect) =>
      ({ body }) =>
        isPrefilled(dialect, body) ? { status: 400, body: { ...NO_PREFILL[dialect] } } : GOOD,
    told: /^502 upstream_incomplete$/,
  },
  {
    name: 'HTML body',
    fate: { stream: 'elsewhere', whole: 'elsewhere' },
    rule: always({ html: true }),
    told: /^502 upstream_invalid_response$/,
  },
  {
    name: 'HTML body of a 502',
    fate: { stream: 'elsewhere', whole: 'elsewhere' },
    rule: always({ html: true, status: 502 }),
    told: /^502 upstream_error$/,
  },
  {
    name: 'empty choices',
    fate: { stream: 'elsewhere', whole: 'elsewhere' },
    rule:
      (dialect) =>
      ({ isStream }) =>
        isStream
          ? { status: 200, body: EMPTY_STREAM[dialect], content_type: 'text/event-stream' }
          : { status: 200, body: { ...EMPTY[dialect] } },
    told: /^502 upstream_(?:invalid_response|incomplete)$/,
  },
];

/** Gemini blocks a prompt in an answer of its own, not with a status. */
function blocked(dialect: Dialect, isStream: boolean): Directive {
  const body = BLOCKED[dialect];
  if (dialect !== 'gemini') return { status: 400, body: { ...body } };
  if (!isStream) return { status: 200, body: { ...body } };
  return { status: 200, body: `data: ${JSON.stringify(body)}\r\n\r\n`, content_type: 'text/event-stream' };
}

/** The conversation ends with the beginning of an answer. */
function isPrefilled(dialect: Dialect, body: Readonly<Record<string, unknown>>): boolean {
  const turns = body[dialect === 'gemini' ? 'contents' : 'messages'];
  const last: unknown = Array.isArray(turns) ? turns.at(-1) : undefined;
  return typeof last === 'object' && last !== null && 'role' in last && last.role !== 'user';
}
