import { ProviderError } from '../../src/providers/canonical/provider-error.js';
import type { Provider } from '../../src/providers/provider.js';
import { validateEmbeddings } from '../../src/relay/validate-embeddings.js';
import type { Dialect } from './dialect.js';
import { type ErrorCase, type Fixtures, listOf } from './fixtures-of.js';
import { asked, targetOf } from './target.js';

const embedded = validateEmbeddings(Buffer.from('{"model":"public-1","input":"a"}'));

/** Key-shaped texts that vendors may repeat. */
export const SECRETS = ['sk-proj-4f9aKQ2xT7mVb81LwZ', 'Bearer 7f3c9e2a1b8d4f60a5', 'AbCdEf0123456789AbCdEf0123456789'];

export function describeErrors(provider: Provider, { errors }: Fixtures, dialect: Dialect): void {
  it.each(errors)('understands the error $name', (error) => {
    const read = readError(provider, error, dialect);
    const { kind, code, param, retryAfterMs } = error.expect;
    expect(listOf(kind)).toContain(read.kind);
    if (code !== undefined) expect(read.code).toBe(code);
    if (param !== undefined) expect(read.param).toBe(param);
    expect(read.retryAfterMs).toBe(retryAfterMs);
    expect(read.message).not.toBe('');
    expect(read.message).not.toMatch(/<html|\[object Object\]/i);
    expect(readError(provider, error, dialect)).toEqual(read);
  });

  it.each(errors)('repeats no key from the error $name', (error) => {
    const withSecret = (secret: string): unknown => JSON.parse(putIntoTexts(JSON.stringify(error.body), secret));
    for (const secret of SECRETS) {
      const read = readError(provider, { ...error, body: withSecret(secret) }, dialect);
      const key = secret.replace('Bearer ', '');
      expect(JSON.stringify([read.message, read.code, read.param, read.cause])).not.toContain(key);
    }
  });

  it('makes an error of any answer whatever', () => {
    for (const body of [
      '',
      'no',
      '"no"',
      'null',
      '[]',
      '{}',
      '[{"error":{"message":"no"}}]',
      '{"error":null}',
      '{"error":{"message":[1]}}',
      '\u0000\ufffd',
    ]) {
      for (const status of [301, 400, 401, 403, 404, 408, 413, 418, 422, 429, 500, 503, 529]) {
        const error = provider.toError({ status, headers: {}, body: Buffer.from(body) });
        expect(error).toBeInstanceOf(ProviderError);
        expect(error.status).toBe(status);
        expect(error.retryAfterMs).toBeUndefined();
      }
    }
  });
}

/** Reads an error the way the relay does: inside a success by `fromBody`, of embeddings where there is no chat, else by `toError`. */
function readError(provider: Provider, { status, headers, body }: ErrorCase, dialect: Dialect): ProviderError {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  if (status >= 400) return provider.toError({ status, headers, body: bytes });
  try {
    if (provider.chat === undefined) provider.embeddings!.fromBody(bytes, embedded, targetOf(dialect));
    else provider.chat.fromBody(bytes, targetOf(dialect), asked);
  } catch (error) {
    if (error instanceof ProviderError) return error;
    throw error;
  }
  throw new Error('The error was taken for an answer.');
}

/** Puts a secret at the end of every longer text of a JSON body. */
export function putIntoTexts(json: string, secret: string): string {
  return json.replace(/(?<=:\s*"|^")((?:[^"\\]|\\.){8,})"/g, `$1 ${secret}"`);
}
