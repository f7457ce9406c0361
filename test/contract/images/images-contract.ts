import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ImageTaskRequest } from '../../../src/providers/canonical/image-task.js';
import type { RecordedAnswer, TaskFixtures } from '../video/video-contract.js';

/** The recordings of pictures as tasks: `test/fixtures/<id>/image-tasks`, in the same files as those of videos. */
export type ImageTaskFixtures = TaskFixtures<ImageTaskRequest>;

/** `requests.json`: what a caller asks of images/generations, and what is sent. */
export interface ImagesRequestCase {
  readonly name: string;
  readonly model: string;
  /** Members of the caller's body besides `model` and `prompt`. */
  readonly asked: Readonly<Record<string, unknown>>;
  /** Where it goes, below the base URL. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The JSON body; of a multipart form its fields, files as `{"contentType": …, "base64": …}`. */
  readonly body: unknown;
  /** Options that are left out, and reported; default none. */
  readonly dropped?: readonly string[];
}

/** `answers.json`: an answer, and the pictures and the usage read from it. */
export interface ImagesAnswerCase {
  readonly name: string;
  readonly model: string;
  readonly asked?: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  readonly expect: { readonly data: unknown; readonly usage: unknown };
}

/** `refused.json`: what a caller asks and a model cannot do. */
export interface ImagesRefusedCase {
  readonly name: string;
  readonly model: string;
  readonly asked: Readonly<Record<string, unknown>>;
  readonly param: string;
}

/** `errors.json`: an error answer and what it means, written from the vendor's documents and not from the adapter. */
export interface ImagesErrorCase extends RecordedAnswer {
  readonly name: string;
  readonly expect: { readonly kind: string; readonly code?: string; readonly retryAfterMs?: number };
}

/** The recordings of pictures that are made at once: `test/fixtures/<id>/images`. */
export interface ImagesFixtures {
  readonly requests: readonly ImagesRequestCase[];
  readonly answers: readonly ImagesAnswerCase[];
  readonly refused: readonly ImagesRefusedCase[];
  readonly errors: readonly ImagesErrorCase[];
}

/** Reads them; a file that is not there is an empty list. */
export function imagesFixturesOf(id: string): ImagesFixtures {
  const read = (name: string) => {
    const file = join(import.meta.dirname, '..', '..', 'fixtures', id, 'images', `${name}.json`);
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
  };
  return { requests: read('requests'), answers: read('answers'), refused: read('refused'), errors: read('errors') };
}
