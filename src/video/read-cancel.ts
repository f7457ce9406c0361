import type { FastifyRequest } from 'fastify';
import { parseSource } from '../common/body-fields.js';
import { readBody } from '../common/read-body.js';
import { requireJson } from '../common/require-json.js';
import { refuseUnknown } from './job-fields.js';

const FIELDS: ReadonlySet<string> = new Set(['jobId']);
/** An id and nothing else. */
const BODY_BYTES_MAX = 16 * 1024;

/**
 * Reads the body `{"jobId": "job_…"}`.
 * @returns what stands there, which may be no id.
 * @throws HubError 400, 413, 415.
 */
export async function readCancel(request: FastifyRequest): Promise<unknown> {
  requireJson(request);
  const source = parseSource(await readBody(request.raw, BODY_BYTES_MAX), FIELDS);
  refuseUnknown(source, FIELDS);
  return source.value['jobId'];
}
