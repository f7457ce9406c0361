import { SandboxError } from '../sandbox-error.js';
import { isJsonObject } from '../sandbox-request.js';
import { VIDEO_ENDS, type VideoEnd } from '../video/video-id.js';

/**
 * What the fake upstream does wrong, in the words of its JSON command. All parts are optional and combine.
 * Counts of tokens refer to content or tool-call chunks; the role chunk is sent before them. On an answer that is not a
 * stream, `stall_after` and `cut_after` act in the middle of the body.
 */
export interface Directive {
  /** Prompt tokens to report. */
  readonly in?: number;
  /** Completion tokens to report. */
  readonly out?: number;
  /** `none` leaves usage out; an object is sent as it is. */
  readonly usage?: 'none' | Readonly<Record<string, unknown>>;
  /** The service tier to report; `none` leaves it out. */
  readonly tier?: string;
  /** The assistant's text. */
  readonly text?: string;
  /** Number of one-word tokens to answer with. */
  readonly tokens?: number;
  /** Number of pictures to deliver, whatever was asked for. */
  readonly images?: number;

  /** Wait before the headers. */
  readonly delay_ms?: number;
  /** How long a video takes, in milliseconds. */
  readonly video_ms?: number;
  /** How a video ends: `content` is blocked by moderation, `error` fails otherwise. Default: finished. */
  readonly video_end?: VideoEnd;
  /** Wait between the headers and the first event. */
  readonly first_token_ms?: number;
  /** Wait before each token. */
  readonly token_ms?: number;
  /** Never answer. */
  readonly stall_headers?: boolean;
  /** Stop for ever after so many tokens. */
  readonly stall_after?: number;
  /** Break the connection after so many tokens. */
  readonly cut_after?: number;
  /** How to break it: `end` closes the body tidily, `fin` closes the socket, `rst` (default) resets it. Alone: before `[DONE]`. */
  readonly cut?: 'end' | 'fin' | 'rst';
  /** Close the socket without an answer when the next request arrives on it. */
  readonly reuse_reset?: boolean;

  /** Answer with this status. `{{authorization}}` in the body becomes the request's own header. */
  readonly status?: number;
  /**
   * Body for `status`; an object is sent as JSON, a text as HTML (or as `content_type`, which makes `status: 200` play
   * a recorded body). Default: OpenAI's error envelope.
   */
  readonly body?: string | Readonly<Record<string, unknown>> | readonly unknown[];
  /** More response headers. */
  readonly headers?: Readonly<Record<string, string>>;
  /** `Retry-After` in seconds, or as given; alone it means status 429. */
  readonly retry_after?: number | string;
  /** Answer with this status as soon as the headers are in, before the body is read. Only from a script. */
  readonly early_status?: number;
  /** Answer 302 with this location. */
  readonly redirect?: string;
  /** Content type instead of the right one. */
  readonly content_type?: string;
  /** Send so many extra headers. */
  readonly header_count?: number;
  /** Send one extra header of so many bytes. */
  readonly header_bytes?: number;

  /** `{"error":…}` as the first event, or as the body of a 200. */
  readonly error_first?: boolean;
  /** An error event after so many tokens, then the end without `[DONE]`. */
  readonly error_after?: number;
  /** The role chunk, then an error event. */
  readonly role_only_then_error?: boolean;
  /** The error object these send. */
  readonly error?: Readonly<Record<string, unknown>> | string;
  /** One event of broken JSON after so many tokens; the others follow. */
  readonly bad_event_after?: number;
  readonly no_done?: boolean;
  readonly no_finish?: boolean;
  readonly double_done?: boolean;
  readonly garbage_after_done?: boolean;
  /** Tokens for ever. */
  readonly endless?: boolean;
  /** One line of so many bytes before the first event. */
  readonly giant_line?: number;

  /** Line ends of a stream. */
  readonly line_ending?: 'lf' | 'cr' | 'crlf' | 'mixed';
  readonly bom?: boolean;
  /** A comment before each event. */
  readonly comments?: boolean;
  /** `event:`, `id:` and `retry:` lines. */
  readonly named_events?: boolean;
  /** The JSON of an event over several `data:` lines. */
  readonly multi_data?: boolean;
  /** The last event lacks the blank line that ends it. */
  readonly no_last_blank?: boolean;
  /** Write in pieces of so many bytes, which cuts characters and line ends. */
  readonly split?: number;

  /** Half an object. */
  readonly bad_json?: boolean;
  /** A page of a proxy. */
  readonly html?: boolean;
  /** A body of no bytes. */
  readonly empty?: boolean;
  /** 204. */
  readonly no_content?: boolean;
  /** A good JSON answer of so many bytes. */
  readonly body_bytes?: number;
  /** Empty lines before the JSON, as some vendors send while they are busy. */
  readonly blank_lines?: number;
  /** Compress, although nobody asked. */
  readonly gzip?: boolean;
  readonly br?: boolean;
  /** A small gzip body that unpacks to so many bytes. */
  readonly gzip_bomb?: number;
  /** Name gzip so many times in `Content-Encoding`. */
  readonly encodings?: number;
  /** Answer a stream request with JSON. */
  readonly stream_as_json?: boolean;
  /** Answer a JSON request with a stream. */
  readonly json_as_stream?: boolean;
}

type ValueKind = 'number' | 'boolean' | 'text' | 'object' | 'any' | readonly string[];

const KEYS: Readonly<Record<keyof Directive, ValueKind>> = {
  in: 'number',
  out: 'number',
  usage: 'any',
  tier: 'text',
  text: 'text',
  tokens: 'number',
  images: 'number',
  delay_ms: 'number',
  video_ms: 'number',
  video_end: VIDEO_ENDS,
  first_token_ms: 'number',
  token_ms: 'number',
  stall_headers: 'boolean',
  stall_after: 'number',
  cut_after: 'number',
  cut: ['end', 'fin', 'rst'],
  reuse_reset: 'boolean',
  status: 'number',
  body: 'any',
  headers: 'object',
  retry_after: 'any',
  early_status: 'number',
  redirect: 'text',
  content_type: 'text',
  header_count: 'number',
  header_bytes: 'number',
  error_first: 'boolean',
  error_after: 'number',
  role_only_then_error: 'boolean',
  error: 'any',
  bad_event_after: 'number',
  no_done: 'boolean',
  no_finish: 'boolean',
  double_done: 'boolean',
  garbage_after_done: 'boolean',
  endless: 'boolean',
  giant_line: 'number',
  line_ending: ['lf', 'cr', 'crlf', 'mixed'],
  bom: 'boolean',
  comments: 'boolean',
  named_events: 'boolean',
  multi_data: 'boolean',
  no_last_blank: 'boolean',
  split: 'number',
  bad_json: 'boolean',
  html: 'boolean',
  empty: 'boolean',
  no_content: 'boolean',
  body_bytes: 'number',
  blank_lines: 'number',
  gzip: 'boolean',
  br: 'boolean',
  gzip_bomb: 'number',
  encodings: 'number',
  stream_as_json: 'boolean',
  json_as_stream: 'boolean',
};

/** Checks a directive. @throws SandboxError for a key or value it does not know, so that a typing error fails the test. */
export function checkDirective(value: unknown): Directive {
  if (!isJsonObject(value)) throw new SandboxError(400, 'A fake directive must be an object.');
  for (const [key, item] of Object.entries(value)) {
    if (!isDirectiveKey(key)) throw new SandboxError(400, `Unknown fake directive '${key}'.`);
    if (item !== undefined && !matches(item, KEYS[key])) {
      throw new SandboxError(400, `The fake directive '${key}' has a value of the wrong kind.`);
    }
  }
  return value;
}

function isDirectiveKey(key: string): key is keyof Directive {
  return Object.hasOwn(KEYS, key);
}

function matches(value: unknown, kind: ValueKind): boolean {
  switch (kind) {
    case 'any':
      return true;
    case 'text':
      return typeof value === 'string';
    case 'object':
      return isJsonObject(value);
    case 'number':
    case 'boolean':
      return typeof value === kind;
    default:
      return kind.some((choice) => choice === value);
  }
}
