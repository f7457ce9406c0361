import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChatOptions } from '../../src/providers/provider.js';
import { toFrames } from '../support/aws-frames.js';

const ROOT = join(import.meta.dirname, '..', 'fixtures');

/** Names in a folder that are no recordings of answers. */
const MEANINGS: ReadonlySet<string> = new Set([
  'expect.json',
  'errors.json',
  'requests.json',
  'embeddings-requests.json',
  'rerank-requests.json',
  'video',
  'images',
  'image-tasks',
  'passed',
]);

/** One of the kinds, or a list where the reference leaves the choice open. */
type OneOrMore<T> = T | readonly T[];

/** What a recorded body or stream means. `null` is "nothing of this"; a list names what is acceptable. */
export interface Expected {
  readonly text?: OneOrMore<string | null>;
  readonly reasoning?: OneOrMore<string | null>;
  readonly finishReason?: OneOrMore<string>;
  readonly usage?: Readonly<Record<string, number>> | null;
  readonly toolCalls?: readonly { readonly id: string; readonly name: string; readonly arguments: string }[];
  readonly error?: { readonly kind: OneOrMore<string>; readonly code?: string };
  readonly vectors?: readonly (readonly number[])[];
  /** Places of documents and their scores, the most relevant first. */
  readonly ranking?: readonly (readonly [index: number, score: number])[];
  /** Members of the caller's body, where reading depends on them. */
  readonly asked?: Readonly<Record<string, unknown>>;
  /** Default: that of the dialect. */
  readonly upstreamModel?: string;
}

/** A caller's request, and what becomes of it. */
export interface GoldenRequest {
  readonly name: string;
  /** The caller's body without its model. */
  readonly asked: Readonly<Record<string, unknown>>;
  readonly upstreamModel?: string;
  readonly options?: ChatOptions;
  readonly expect: {
    readonly body?: unknown;
    /** Default: none. */
    readonly droppedParams?: readonly string[];
    /** Default: as asked. */
    readonly isStream?: boolean;
    readonly headers?: Readonly<Record<string, string>>;
    readonly path?: string;
    /** The error instead of all that; its kind is `unsupported_option` when none is named. */
    readonly refused?: { readonly param?: string; readonly kind?: string };
  };
}

/** One recorded error answer and what it means. */
export interface ErrorCase {
  readonly name: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Text as it came, or JSON. */
  readonly body: unknown;
  readonly expect: {
    readonly kind: OneOrMore<string>;
    readonly code?: string;
    readonly param?: string;
    readonly retryAfterMs?: number;
  };
}

/** The recorded bodies of one provider. */
export interface Fixtures {
  /** File name, bytes and meaning of every recording that has one. */
  readonly files: readonly { readonly name: string; readonly bytes: Buffer; readonly expected: Expected }[];
  readonly errors: readonly ErrorCase[];
  /** Golden requests of a format that is not passed through. */
  readonly requests: readonly GoldenRequest[];
  /** Vendor finish reason to OpenAI's, or to `error`. */
  readonly finishReasons: readonly (readonly [reason: string, meaning: OneOrMore<string>])[];
}

/** Reads the recordings of a provider; a provider that has none of its own speaks plain OpenAI and uses those. */
export function fixturesOf(id: string): Fixtures {
  const folder = existsSync(join(ROOT, id, 'expect.json')) ? join(ROOT, id) : join(ROOT, 'openai');
  const expect = JSON.parse(readFileSync(join(folder, 'expect.json'), 'utf8'));
  const files: Record<string, Expected> = expect.files;
  for (const name of readdirSync(folder)) {
    const isMeaning = MEANINGS.has(name) || name.endsWith('.md');
    if (!isMeaning && files[name] === undefined) throw new Error(`${id}: ${name} has no entry in expect.json.`);
  }
  return {
    files: Object.entries(files).map(([name, expected]) => ({
      name,
      bytes: bytesOf(join(folder, name)),
      expected,
    })),
    errors: JSON.parse(readFileSync(join(folder, 'errors.json'), 'utf8')),
    requests: goldenRequestsOf(id, 'requests.json'),
    finishReasons: Object.entries(expect.finishReasons ?? {}),
  };
}

/** Golden requests of a provider, from a file in its folder; none when it has no such file. */
export function goldenRequestsOf(id: string, name: string): readonly GoldenRequest[] {
  const file = join(ROOT, id, name);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
}

/** A recording as it came over the wire; frames of AWS are binary, and written down as a JSON list. */
function bytesOf(file: string): Buffer {
  return file.endsWith('.aws') ? toFrames(readFileSync(file, 'utf8')) : readFileSync(file);
}

/** The acceptable values as a list. */
export function listOf<T>(value: OneOrMore<T>): readonly T[] {
  return Array.isArray(value) ? value : [value as T];
}
