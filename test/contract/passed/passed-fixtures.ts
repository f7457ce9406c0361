import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ErrorCase, GoldenRequest } from '../fixtures-of.js';

const ROOT = join(import.meta.dirname, '../../fixtures');

/** Operations that pass through, by the names of their recordings. */
export type PassedOperation = 'completions' | 'moderations' | 'transcriptions' | 'speech' | 'rerank';

/** A caller's request; of an upload its text fields. `body` is what is sent, of an upload the fields. */
export interface PassedGolden extends GoldenRequest {
  /** Of uploads; default `transcribe`. */
  readonly task?: 'transcribe' | 'translate';
}

/** One recorded whole answer. */
export interface PassedAnswer {
  readonly name: string;
  /** Members of the caller's body, where reading depends on them. */
  readonly asked?: Readonly<Record<string, unknown>>;
  readonly contentType: string;
  /** Text as it came, or JSON. */
  readonly body: unknown;
  readonly expect: {
    readonly texts?: readonly string[];
    readonly text?: string;
    readonly finishReasons?: readonly string[];
    readonly flagged?: readonly boolean[];
    readonly usage: Readonly<Record<string, number>> | null;
  };
}

/** One recorded stream. */
export interface PassedStream {
  readonly name: string;
  readonly bytes: Buffer;
  readonly asked?: Readonly<Record<string, unknown>>;
  readonly expect: {
    /** By choice. */
    readonly texts?: readonly string[];
    /** Pieces of sound, base64, with `|` between them. */
    readonly sound?: string;
    /** By choice, in the words of the hub's own readers. */
    readonly finished: readonly string[];
    readonly usage: Readonly<Record<string, number>> | null;
    readonly error?: { readonly kind: string | readonly string[] };
  };
}

/** The recordings of one operation of one provider. */
export interface PassedFixtures {
  readonly requests: readonly PassedGolden[];
  readonly answers: readonly PassedAnswer[];
  readonly streams: readonly PassedStream[];
  readonly errors: readonly ErrorCase[];
}

/** Reads `passed/<operation>.json` of a provider; one that has none speaks plain OpenAI and uses OpenAI's. */
export function passedFixturesOf(id: string, operation: PassedOperation): PassedFixtures {
  const name = `${operation}.json`;
  const own = join(ROOT, id, 'passed');
  const folder = existsSync(join(own, name)) ? own : join(ROOT, 'openai/passed');
  if (!existsSync(join(folder, name))) return { requests: [], answers: [], streams: [], errors: [] };
  const {
    requests = [],
    answers = [],
    streams = [],
    errors = [],
  } = JSON.parse(readFileSync(join(folder, name), 'utf8'));
  return {
    requests,
    answers,
    errors,
    streams: streams.map(({ file, ...stream }: { readonly file: string }) => ({
      ...stream,
      name: file,
      bytes: readFileSync(join(folder, file)),
    })),
  };
}

/** A recorded body as it came over the wire. */
export function bytesOf(body: unknown): Buffer {
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}
