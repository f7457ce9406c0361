import { ProviderError } from '../../../src/providers/canonical/provider-error.js';
import type { ImagesOperation, Provider, UpstreamBody } from '../../../src/providers/provider.js';
import { resolvePath } from '../../../src/providers/resolve-path.js';
import { putIntoTexts, SECRETS } from '../describe-errors.js';
import { outcomeOf, targetOf } from '../video/video-request.js';
import { imagesRequestOf } from './image-request.js';
import { type ImagesErrorCase, type ImagesFixtures, imagesFixturesOf } from './images-contract.js';
import { readForm } from './read-form.js';

const NO_ANSWERS = ['', 'no', 'null', '[]', '{}', '{"data":[]}', '{"data":null}', '<html>busy</html>', '{"data":[{'];
const ANY_BODIES = ['', 'no', '"no"', 'null', '[]', '{}', '{"error":null}', '{"errors":{}}', '\u0000\ufffd'];
const ANY_STATUSES = [301, 400, 401, 403, 404, 408, 413, 418, 422, 429, 500, 503, 529];

/**
 * The promises that every provider keeps whose pictures come in the answer.
 * @param models every model that its documents name, as the upstream knows it.
 */
export function describeImages(provider: Provider, models: readonly string[]): void {
  const { images } = provider;
  if (images === undefined) throw new Error(`${provider.id} makes no pictures at once.`);
  const fixtures = imagesFixturesOf(provider.id);
  describe(`pictures of ${provider.id}`, () => {
    describeImageRequests(images, fixtures, models);
    describeImageAnswers(images, fixtures, models);
    describeImageErrors(provider, images, fixtures, models);
  });
}

function describeImageRequests(
  images: ImagesOperation,
  { requests, refused }: ImagesFixtures,
  models: readonly string[],
): void {
  it.each(requests)(
    'sends what is asked: $model, $name',
    async ({ model, asked, path, headers, body, dropped = [] }) => {
      const send = () => images.toBody(imagesRequestOf(asked), targetOf(model));
      const sent = send();
      const target = targetOf(model);
      expect(resolvePath(sent.path ?? images.path, { target, basePath: '' }, sent.isStream)).toBe(path);
      expect(sent.headers).toEqual(headers);
      expect(await readBody(sent)).toEqual(body);
      expect(sent.droppedParams).toEqual(dropped);
      expect(send()).toEqual(sent);
    },
  );

  it('has a recorded request for every model, and for every option that jobs may have', () => {
    const recorded = requests.map(({ model }) => model);
    expect(models.filter((model) => !recorded.includes(model))).toEqual([]);
    const asked = new Set(requests.flatMap(({ asked: members }) => Object.keys(members)));
    expect((images.options ?? []).filter((name) => !asked.has(name))).toEqual([]);
  });

  it.each(refused)('refuses by its name what it cannot do: $model, $name', ({ model, asked, param }) => {
    const send = () => outcomeOf(() => images.toBody(imagesRequestOf(asked), targetOf(model)));
    expect(send()).toMatchObject({ error: { kind: 'unsupported_option', param } });
    expect(send()).toEqual(send());
  });

  it.each(models)('leaves nothing out in silence: %s', async (model) => {
    const asked = { ...requests.find((one) => one.model === model)?.asked, frobnicate: 'very-much' };
    const sent = outcomeOf(() => images.toBody(imagesRequestOf(asked), targetOf(model)));
    if ('error' in sent) expect(sent.error).toMatchObject({ kind: 'unsupported_option', param: 'frobnicate' });
    else if (sent.value.droppedParams.length > 0) expect(sent.value.droppedParams).toEqual(['frobnicate']);
    else expect(await readBody(sent.value)).toMatchObject({ frobnicate: 'very-much' });
  });
}

function describeImageAnswers(images: ImagesOperation, { answers }: ImagesFixtures, models: readonly string[]): void {
  it.each(answers)('understands the answer: $model, $name', ({ model, asked = {}, body, expect: expected }) => {
    const read = () => images.fromBody(bytesOf(body), imagesRequestOf(asked), targetOf(model));
    const { body: answer, usage } = read();
    expect({ data: answer.data, usage }).toEqual(expected);
    expect(read()).toEqual(read());
  });

  it.each(models)('takes nothing for pictures that is none: %s', (model) => {
    for (const body of NO_ANSWERS) {
      const read = outcomeOf(() => images.fromBody(bytesOf(body), imagesRequestOf({}), targetOf(model)));
      expect([body, read]).toEqual([body, { error: expect.any(ProviderError) }]);
      expect([body, read]).toMatchObject([body, { error: { kind: 'invalid_response' } }]);
    }
  });
}

function describeImageErrors(
  provider: Provider,
  images: ImagesOperation,
  { errors }: ImagesFixtures,
  models: readonly string[],
): void {
  const readEverywhere = (error: ImagesErrorCase): readonly ProviderError[] => {
    if (error.status >= 400) {
      return [provider.toError({ status: error.status, headers: error.headers ?? {}, body: bytesOf(error.body) })];
    }
    return models.map((model) => {
      const read = outcomeOf(() => images.fromBody(bytesOf(error.body), imagesRequestOf({}), targetOf(model)));
      if ('error' in read && read.error instanceof ProviderError) return read.error;
      throw new Error(`"${error.name}" was not taken for an error: ${JSON.stringify(read)}`);
    });
  };

  it.each(errors)('understands the error $name', (error) => {
    const { kind, code, retryAfterMs } = error.expect;
    for (const read of readEverywhere(error)) {
      expect(read).toMatchObject({ kind });
      if (code !== undefined) expect(read.code).toBe(code);
      expect(read.retryAfterMs).toBe(retryAfterMs);
      expect(read.message).not.toMatch(/^$|<html|\[object Object\]/i);
    }
    expect(readEverywhere(error)).toEqual(readEverywhere(error));
  });

  it.each(errors)('repeats no key from the error $name', (error) => {
    for (const secret of SECRETS) {
      const body: unknown = JSON.parse(putIntoTexts(JSON.stringify(error.body), secret));
      for (const read of readEverywhere({ ...error, body })) {
        const shown = JSON.stringify([read.message, read.code, read.param, read.cause]);
        expect(shown).not.toContain(secret.replace('Bearer ', ''));
      }
    }
  });

  it('makes an error of any answer whatever', () => {
    for (const body of ANY_BODIES) {
      for (const status of ANY_STATUSES) {
        const error = provider.toError({ status, headers: {}, body: Buffer.from(body) });
        expect(error).toBeInstanceOf(ProviderError);
        expect(error.status).toBe(status);
      }
    }
  });
}

async function readBody({ body, contentType }: UpstreamBody): Promise<unknown> {
  if (contentType?.startsWith('multipart/form-data') === true) return await readForm(body, contentType);
  return JSON.parse(Buffer.from(body).toString());
}

function bytesOf(body: unknown): Buffer {
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}
