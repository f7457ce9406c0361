import { JsonSource } from '../../../src/common/json-source.js';
import type { EmbeddingsAnswer, EmbeddingsRequest } from '../../../src/providers/canonical/embeddings.js';
import type { Provider, Target, UpstreamBody } from '../../../src/providers/provider.js';
import { resolvePath } from '../../../src/providers/resolve-path.js';
import { mergeEmbeddings, splitEmbeddings } from '../../../src/relay/embeddings-batches.js';
import { validateEmbeddings } from '../../../src/relay/validate-embeddings.js';
import { deepFreeze } from '../deep-freeze.js';
import type { Expected, GoldenRequest } from '../fixtures-of.js';

/** What an embeddings contract is kept by. */
export interface EmbeddingsFixtures {
  /** Recorded answers of the provider, or of OpenAI for one that has its format and no recording. */
  readonly answers: readonly { readonly name: string; readonly bytes: Buffer; readonly expected: Expected }[];
  /** Golden requests; a provider without any passes the caller's bytes on. */
  readonly requests: readonly GoldenRequest[];
}

/** Odd spacing, escapes and number spellings: all of it has to arrive as it was sent. */
const PLAIN = '{ "model" :"public-1",\n\t"input":[ "h\\u00e9llo 世界", "a" ] , "weight": 1E0 }';
/** More are refused before any provider is asked. */
const INPUTS_MAX = 2048;
/** Members that hold what was consumed, in one format or another. */
const USAGE_MEMBERS = ['usage', 'usageMetadata', 'meta', 'prompt_eval_count', 'statistics'];
const NOT_ANSWERS = ['', '<!doctype html><html></html>', '{"data":[{"embed', '[]', '"text"', '{}', '{"data":[]}'];

type Answer = { readonly data: readonly { readonly index: number; readonly embedding: number[] | string }[] };

/** The promises that every provider of embeddings keeps, whether it chats or not. */
export function describeEmbeddings(provider: Provider, { answers, requests }: EmbeddingsFixtures): void {
  const operation = provider.embeddings!;
  const target = (upstreamModel = 'vendor/model-1'): Target => ({ upstreamModel, publicModel: 'public-1' });
  const sentBy = ({ body }: UpstreamBody): Record<string, unknown> => JSON.parse(Buffer.from(body).toString());
  const readAs = (bytes: Buffer, vectors: number, encodingFormat: 'float' | 'base64' = 'float'): EmbeddingsAnswer =>
    operation.fromBody(bytes, requestOf({ input: texts(vectors), encoding_format: encodingFormat }), target());

  if (requests.length === 0)
    it('changes nothing of a request but the model name', () => {
      const body = operation.toBody(validateEmbeddings(Buffer.from(PLAIN)), target());
      expect(Buffer.from(body.body).toString()).toBe(PLAIN.replace('"public-1"', '"vendor/model-1"'));
      expect(body).toMatchObject({ droppedParams: [], isStream: false });
    });
  else
    it.each(requests)('translates $name', ({ asked, upstreamModel, expect: expected }) => {
      const translate = (): UpstreamBody => operation.toBody(requestOf(asked), target(upstreamModel));
      if (expected.refused !== undefined) {
        const { kind = 'unsupported_option', ...rest } = expected.refused;
        expect(translate).toThrow(expect.objectContaining({ ...rest, kind }));
        return;
      }
      const body = translate();
      expect(sentBy(body)).toEqual(expected.body);
      expect(body.droppedParams).toEqual(expected.droppedParams ?? []);
      expect(body.isStream).toBe(false);
      if (expected.path !== undefined) {
        const context = { target: target(upstreamModel), basePath: '' };
        expect(resolvePath(body.path ?? operation.path, context, false)).toBe(expected.path);
      }
      expect(translate()).toEqual(body);
    });

  it('sends, names or refuses every option, and never drops one in silence', () => {
    const without = sentBy(operation.toBody(requestOf({ input: 'a' }), target()));
    const options = {
      dimensions: 256,
      user: 'u',
      input_type: 'query',
      task: 'text-matching',
      an_option_of_tomorrow: 1,
    };
    for (const [name, value] of Object.entries(options)) {
      const body = operation.toBody(requestOf({ input: 'a', [name]: value }), target());
      if (body.droppedParams.includes(name)) expect([name, sentBy(body)]).toEqual([name, without]);
      else expect([name, sentBy(body)]).not.toEqual([name, without]);
    }
  });

  it('takes token numbers as they are, or refuses them by name', () => {
    for (const input of [
      [1, 2],
      [[1, 2], [3]],
    ]) {
      try {
        expect(sentBy(operation.toBody(requestOf({ input }), target()))).toMatchObject({ input });
      } catch (error) {
        expect(error).toMatchObject({ kind: 'unsupported_option', param: 'input' });
      }
    }
  });

  it('carries no more texts at once than it says, each once and in order', () => {
    const count = Math.min((operation.inputsMax ?? 9) + 1, INPUTS_MAX);
    const batches = splitEmbeddings(requestOf({ input: texts(count) }), operation.inputsMax);
    expect(batches).toHaveLength(count > (operation.inputsMax ?? count) ? 2 : 1);
    const sent = batches.map((batch) => {
      const found =
        Buffer.from(operation.toBody(batch, target()).body)
          .toString()
          .match(/text-\d+/g) ?? [];
      expect(found.length).toBeLessThanOrEqual(operation.inputsMax ?? count);
      return found;
    });
    expect(sent.flat()).toEqual(texts(count));
  });

  it.each(answers)('gives $name as numbers and packed, as asked', ({ bytes, expected }) => {
    const vectors = expected.vectors!;
    const before = Buffer.from(bytes);
    for (const encodingFormat of ['float', 'base64'] as const) {
      const answer = readAs(bytes, vectors.length, encodingFormat);
      const body: Answer & Record<string, unknown> = JSON.parse(Buffer.from(answer.bytes).toString());
      expect(body).toMatchObject({ object: 'list', model: 'public-1' });
      expect(body.data.map(({ index }) => index)).toEqual(vectors.map((_, i) => i));
      const isPacked = encodingFormat === 'base64';
      expect(body.data.map(({ embedding }) => typeof embedding === 'string')).toEqual(vectors.map(() => isPacked));
      expect(body.data.map(({ embedding }) => unpacked(embedding))).toEqual(vectors);
      const { usage } = expected;
      if (usage !== undefined) expect(answer.usage ?? null).toEqual(usage);
      if (answer.usage?.inputTokens !== undefined)
        expect(body['usage']).toMatchObject({
          prompt_tokens: answer.usage.inputTokens,
          total_tokens: expect.any(Number),
        });
      expect(readAs(bytes, vectors.length, encodingFormat)).toEqual(answer);
    }
    expect(bytes.equals(before)).toBe(true);
  });

  it.each(answers)('says nothing of usage when $name has none', ({ bytes, expected }) => {
    // Some count by text, deep in the answer.
    const body: unknown = JSON.parse(bytes.toString('utf8'), (name, value: unknown) =>
      USAGE_MEMBERS.includes(name) ? undefined : value,
    );
    const answer = readAs(Buffer.from(JSON.stringify(body)), expected.vectors!.length);
    expect(answer.usage).toBeUndefined();
    expect(JSON.parse(Buffer.from(answer.bytes).toString())).not.toHaveProperty('usage');
  });

  it.each(answers)('puts the answers to parts of a request together from $name', ({ bytes, expected }) => {
    const vectors = expected.vectors!;
    const part = readAs(bytes, vectors.length);
    const whole = mergeEmbeddings([part, part]);
    const { data }: Answer = JSON.parse(Buffer.from(whole.bytes).toString());
    expect(data.map(({ index, embedding }) => [index, embedding])).toEqual(
      [...vectors, ...vectors].map((vector, i) => [i, vector]),
    );
    const tokens = part.usage?.inputTokens;
    expect(whole.usage).toEqual(tokens === undefined ? undefined : { inputTokens: 2 * tokens });
  });

  it.each(answers)('refuses $name where it has more or fewer vectors than there were texts', ({ bytes, expected }) => {
    for (const wrong of [-1, 1]) {
      const count = expected.vectors!.length + wrong;
      if (count > 0) expect(() => readAs(bytes, count)).toThrow(expect.objectContaining({ kind: 'invalid_response' }));
    }
  });

  it('refuses what is not an answer', () => {
    for (const body of NOT_ANSWERS)
      expect(() => readAs(Buffer.from(body), 1)).toThrow(expect.objectContaining({ kind: 'invalid_response' }));
  });
}

function texts(count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `text-${i}`);
}

/** A request as the relay hands it over, frozen, so that a translator that changes it fails loudly. */
function requestOf(asked: Readonly<Record<string, unknown>>): EmbeddingsRequest {
  const request = validateEmbeddings(JsonSource.of({ model: 'public-1', ...asked }).bytes);
  deepFreeze(request.source.value);
  return request;
}

function unpacked(embedding: number[] | string): readonly number[] {
  if (typeof embedding !== 'string') return embedding;
  return [...new Float32Array(Uint8Array.from(Buffer.from(embedding, 'base64')).buffer)];
}
