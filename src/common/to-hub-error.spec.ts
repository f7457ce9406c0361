import { NotFoundException } from '@nestjs/common';
import { DatabaseUnavailableError } from '../database/database-error.js';
import { invalidRequest } from './hub-error.js';
import { toHubError } from './to-hub-error.js';

describe('toHubError', () => {
  it('leaves an error alone that has a public face', () => {
    const error = invalidRequest('No.');
    expect(toHubError(error)).toBe(error);
  });

  it('keeps the status of a framework error, not its text', () => {
    const error = toHubError(new NotFoundException('Cannot GET /internal'));
    expect(error).toMatchObject({ status: 404, code: 'not_found', detail: 'Cannot GET /internal' });
    expect(error.message).not.toContain('internal');
  });

  it('makes a database that is away a 503 to try again after, without its address', () => {
    const thrown = new DatabaseUnavailableError(new Error('connect ECONNREFUSED 10.1.2.3:5432'), 'no 10.1.2.3');
    const error = toHubError(thrown);
    expect(error).toMatchObject({ status: 503, code: 'service_unavailable', retryAfterSeconds: 2, cause: thrown });
    expect(error.message).not.toContain('10.1.2.3');
  });

  it('makes anything else a 500 that says nothing', () => {
    for (const thrown of [new Error('secret'), 'secret', undefined]) {
      const error = toHubError(thrown);
      expect(error).toMatchObject({ status: 500, code: 'internal_error', detail: expect.any(String) });
      expect(error.message).not.toContain('secret');
    }
  });
});
