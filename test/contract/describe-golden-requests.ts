import type { Provider, UpstreamBody } from '../../src/providers/provider.js';
import { resolvePath } from '../../src/providers/resolve-path.js';
import type { Dialect } from './dialect.js';
import type { Fixtures } from './fixtures-of.js';
import { requestOf } from './request-of.js';
import { targetOf } from './target.js';

/** The requests of `requests.json`: what each becomes, or which field is refused. */
export function describeGoldenRequests(provider: Provider, { requests }: Fixtures, dialect: Dialect): void {
  const chat = provider.chat!;

  it('has golden requests', () => expect(requests.length).toBeGreaterThan(0));

  it.each(requests)('translates $name', ({ asked, upstreamModel, options = {}, expect: expected }) => {
    const target = targetOf(dialect, { upstreamModel });
    const request = requestOf(JSON.stringify({ model: target.publicModel, ...asked }));
    const translate = (): UpstreamBody => chat.toBody(request, target, options);
    if (expected.refused !== undefined) {
      const { kind = 'unsupported_option', ...rest } = expected.refused;
      expect(translate).toThrow(expect.objectContaining({ ...rest, kind }));
      return;
    }
    const body = translate();
    expect(JSON.parse(Buffer.from(body.body).toString())).toEqual(expected.body);
    expect(body.droppedParams).toEqual(expected.droppedParams ?? []);
    expect(body.isStream).toBe(expected.isStream ?? request.isStream);
    expect(body.headers).toEqual(expected.headers);
    if (expected.path !== undefined)
      expect(resolvePath(body.path ?? chat.path, { target, basePath: '' }, body.isStream)).toBe(expected.path);
    expect(translate()).toEqual(body);
  });
}
