import { ProviderError } from '../../../src/providers/canonical/provider-error.js';
import type { Provider } from '../../../src/providers/provider.js';
import { putIntoTexts, SECRETS } from '../describe-errors.js';
import { type ErrorCase, listOf } from '../fixtures-of.js';
import { bytesOf } from './passed-fixtures.js';

/**
 * The error rows of an operation.
 * @param readWhole reads an answer of status 200 as the relay does; it throws what a failure inside a success is.
 */
export function describePassedErrors(
  provider: Provider,
  errors: readonly ErrorCase[],
  readWhole: (body: Buffer) => unknown,
): void {
  const read = ({ status, headers }: ErrorCase, body: unknown): ProviderError => {
    const bytes = bytesOf(body);
    if (status >= 400) return provider.toError({ status, headers, body: bytes });
    try {
      readWhole(bytes);
    } catch (error) {
      if (error instanceof ProviderError) return error;
      throw error;
    }
    throw new Error('The error was taken for an answer.');
  };

  it.each(errors)('understands the error: $name', (error) => {
    const found = read(error, error.body);
    const { kind, code, param, retryAfterMs } = error.expect;
    expect(listOf(kind)).toContain(found.kind);
    if (code !== undefined) expect(found.code).toBe(code);
    if (param !== undefined) expect(found.param).toBe(param);
    expect(found.retryAfterMs).toBe(retryAfterMs);
    expect(found.message).not.toBe('');
    expect(read(error, error.body)).toEqual(found);
  });

  it.each(errors)('repeats no key from the error: $name', (error) => {
    for (const secret of SECRETS) {
      const found = read(error, JSON.parse(putIntoTexts(JSON.stringify(error.body), secret)));
      const told = JSON.stringify([found.message, found.code, found.param, found.cause]);
      expect(told).not.toContain(secret.replace('Bearer ', ''));
    }
  });
}
