import type { FastifyRequest } from 'fastify';
import { HubError } from '../common/hub-error.js';

/**
 * Refuses a body that does not call itself JSON.
 * @throws HubError 415.
 */
export function requireJson(request: FastifyRequest): void {
  const type = request.headers['content-type'];
  if (type !== undefined && /^application\/json\s*(?:;|$)/i.test(type)) return;
  throw new HubError({
    status: 415,
    code: 'unsupported_media_type',
    message: 'Send the request body as JSON, with the header "Content-Type: application/json".',
    shouldRetry: false,
    headers: { connection: 'close' },
  });
}
