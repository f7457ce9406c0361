import type { Target, UpstreamBody } from '../../../src/providers/provider.js';
import { resolvePath } from '../../../src/providers/resolve-path.js';
import type { OperationPath } from '../../../src/providers/translated.js';
import type { PassedGolden } from './passed-fixtures.js';

/** How an operation with a JSON body is asked. */
export interface BodySubject {
  readonly path: OperationPath;
  /** Translates a caller's body without its model, validated as the relay does. */
  translate(asked: Readonly<Record<string, unknown>>, target: Target): UpstreamBody;
  /** The same for bytes with odd spacing, escapes and number spellings. */
  readonly passed: { readonly text: string; translate(bytes: Buffer, target: Target): UpstreamBody };
  /** The least that can be asked, and options of which none may be dropped in silence. */
  readonly least: Readonly<Record<string, unknown>>;
  readonly options: Readonly<Record<string, unknown>>;
}

export const targetOf = (upstreamModel = 'vendor/model-1'): Target => ({ upstreamModel, publicModel: 'public-1' });

/** The promises of requests with a JSON body. */
export function describeBodyRequests(requests: readonly PassedGolden[], subject: BodySubject): void {
  const { path, passed, least, options } = subject;
  const sentBy = ({ body }: UpstreamBody): Record<string, unknown> => JSON.parse(Buffer.from(body).toString());

  it('has golden requests', () => expect(requests.length).toBeGreaterThan(0));

  it.each(requests)('translates $name', ({ asked, upstreamModel, expect: expected }) => {
    const target = targetOf(upstreamModel);
    const translate = (): UpstreamBody => subject.translate(asked, target);
    if (expected.refused !== undefined) {
      expect(translate).toThrow(expect.objectContaining({ kind: 'unsupported_option', ...expected.refused }));
      return;
    }
    const body = translate();
    expect(sentBy(body)).toEqual(expected.body);
    expect(body.droppedParams).toEqual(expected.droppedParams ?? []);
    expect(body.isStream).toBe(expected.isStream ?? false);
    if (expected.path !== undefined)
      expect(resolvePath(body.path ?? path, { target, basePath: '' }, body.isStream)).toBe(expected.path);
    expect(translate()).toEqual(body);
  });

  it('changes nothing of a request but the model name', () => {
    const body = passed.translate(Buffer.from(passed.text), targetOf());
    expect(Buffer.from(body.body).toString()).toBe(passed.text.replace('"public-1"', '"vendor/model-1"'));
    expect(body.droppedParams).toEqual([]);
  });

  it('sends, names or refuses every option, and never drops one in silence', () => {
    const without = sentBy(subject.translate(least, targetOf()));
    for (const [name, value] of Object.entries(options)) {
      try {
        const body = subject.translate({ ...least, [name]: value }, targetOf());
        if (body.droppedParams.includes(name)) expect([name, sentBy(body)]).toEqual([name, without]);
        else expect([name, sentBy(body)[name]]).toEqual([name, value]);
      } catch (error) {
        expect(error).toMatchObject({ kind: 'unsupported_option', param: name });
      }
    }
  });
}
