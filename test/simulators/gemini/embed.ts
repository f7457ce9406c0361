import { createHash } from 'node:crypto';
import { invalidArgument } from './google-error.js';
import { type Json, listAt, objectAt, textAt } from './json-fields.js';

const DIMENSIONS = 3_072;
const REQUESTS_MAX = 100;

/** Answers batchEmbedContents. @throws GoogleError. */
export function embed(body: Json, model: string): Json {
  const requests = listAt(body, 'requests');
  if (requests.length === 0) throw invalidArgument('* BatchEmbedContentsRequest.requests: requests is not specified');
  if (requests.length > REQUESTS_MAX)
    throw invalidArgument(`* BatchEmbedContentsRequest.requests: at most ${REQUESTS_MAX} requests can be in one batch`);
  return { embeddings: requests.map((request) => ({ values: vectorOf(request, model) })) };
}

function vectorOf(request: Json, model: string): readonly number[] {
  for (const name of Object.keys(request)) {
    if (!['model', 'content', 'taskType', 'title', 'outputDimensionality'].includes(name))
      throw invalidArgument(`Invalid JSON payload received. Unknown name "${name}": Cannot find field.`);
  }
  if (request['model'] !== `models/${model}`)
    throw invalidArgument('* BatchEmbedContentsRequest.requests[0].model: model must be the one of the path.');
  const text = listAt(objectAt(request, 'content'), 'parts')
    .map((part) => textAt(part, 'text'))
    .join('');
  if (text === '') throw invalidArgument('content is empty');
  const dimensions = Number(request['outputDimensionality'] ?? DIMENSIONS);
  if (!(dimensions >= 1 && dimensions <= DIMENSIONS)) throw invalidArgument('output_dimensionality is out of range.');
  return valuesOf(text, dimensions);
}

/** The same text gives the same vector; numbers are written in a few digits. */
export function valuesOf(text: string, dimensions: number): readonly number[] {
  const seed = createHash('sha256').update(text).digest();
  return Array.from({ length: dimensions }, (_, i) => ((seed[i % seed.length] ?? 0) - 128) / 1_024);
}
