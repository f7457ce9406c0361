import { isObject } from '../../../src/common/is-object.js';
import { JsonSource } from '../../../src/common/json-source.js';
import type { RerankRequest } from '../../../src/providers/canonical/rerank.js';
import type { Provider, Target, UpstreamBody } from '../../../src/providers/provider.js';
import { resolvePath } from '../../../src/providers/resolve-path.js';
import { deepFreeze } from '../deep-freeze.js';
import type { Expected, GoldenRequest } from '../fixtures-of.js';

/** What a contract of reranking is kept by. */
export interface RerankFixtures {
  /** Recorded answers to three documents, of the provider or of one that has the same format. */
  readonly answers: readonly { readonly name: string; readonly bytes: Buffer; readonly expected: Expected }[];
  /** Golden requests; a provider without any passes the caller's bytes on. */
  readonly requests: readonly GoldenRequest[];
}

const PLAIN = '{ "model" :"public-1",\n\t"query":"h\\u00e9llo","documents":[ "a", "世界" ] , "top_n": 1E0 }';
const DOCUMENTS = ['a', 'b', 'c'];
const NOT_ANSWERS = ['', '<!doctype html><html></html>', '{"results":[{"ind', '[]', '"text"', '{}', '{"results":1}'];
/** What is wrong with the first result, in each answer. */
const BROKEN: readonly (readonly [what: string, members: Readonly<Record<string, unknown>>])[] = [
  ['of a document that there is not', { index: 3 }],
  ['of a place that is none', { index: -1 }],
  ['of a document that has one already', { index: 0 }],
  ['without a score', { relevance_score: null }],
  ['with a score in words', { relevance_score: 'high' }],
];

/** The promises that every provider of reranking keeps. */
export function describeRerank(provider: Provider, { answers, requests }: RerankFixtures): void {
  const operation = provider.rerank!;
  const target = (upstreamModel = 'vendor/model-1'): Target => ({ upstreamModel, publicModel: 'public-1' });
  const sentBy = ({ body }: UpstreamBody): Record<string, unknown> => JSON.parse(Buffer.from(body).toString());
  const asked = requestOf({ query: 'q', documents: DOCUMENTS });

  if (requests.length === 0)
    it('changes nothing of a request but the model name', () => {
      const body = operation.toBody(toRequest(JsonSource.parse(Buffer.from(PLAIN))), target());
      expect(Buffer.from(body.body).toString()).toBe(PLAIN.replace('"public-1"', '"vendor/model-1"'));
      expect(body).toMatchObject({ droppedParams: [], isStream: false });
    });
  else
    it.each(requests)('translates $name', ({ asked: members, upstreamModel, expect: expected }) => {
      const translate = (): UpstreamBody => operation.toBody(requestOf(members), target(upstreamModel));
      const body = translate();
      expect(sentBy(body)).toEqual(expected.body);
      expect(body.droppedParams).toEqual(expected.droppedParams ?? []);
      const context = { target: target(upstreamModel), basePath: '' };
      if (expected.path !== undefined)
        expect(resolvePath(body.path ?? operation.path, context, false)).toBe(expected.path);
      expect(translate()).toEqual(body);
    });

  it('sends or names every option, and never drops one in silence', () => {
    const without = sentBy(operation.toBody(asked, target()));
    for (const [name, value] of Object.entries({ top_n: 1, an_option_of_tomorrow: 1 })) {
      const body = operation.toBody(requestOf({ query: 'q', documents: DOCUMENTS, [name]: value }), target());
      if (body.droppedParams.includes(name)) expect([name, sentBy(body)]).toEqual([name, without]);
      else expect([name, sentBy(body)]).not.toEqual([name, without]);
    }
  });

  it.each(answers)('reads $name, the most relevant first', ({ bytes, expected }) => {
    const before = Buffer.from(bytes);
    const answer = operation.fromBody(bytes, asked, target());
    expect(answer.results.map(({ index, relevance_score }) => [index, relevance_score])).toEqual(expected.ranking);
    expect(answer.usage ?? null).toEqual(expected.usage);
    expect(operation.fromBody(bytes, asked, target())).toEqual(answer);
    expect(bytes.equals(before)).toBe(true);
  });

  it.each(answers)('says nothing of usage when $name has none', ({ bytes }) => {
    const body: Record<string, unknown> = JSON.parse(bytes.toString('utf8'));
    delete body['usage'];
    delete body['meta'];
    expect(operation.fromBody(Buffer.from(JSON.stringify(body)), asked, target()).usage).toBeUndefined();
  });

  it.each(BROKEN)('refuses an answer with a result %s', (_what, members) => {
    for (const { bytes } of answers) {
      const body: Record<string, unknown> = JSON.parse(bytes.toString('utf8'));
      const name = Array.isArray(body['results']) ? 'results' : 'data';
      const results = body[name];
      if (!Array.isArray(results)) throw new Error('The recording has no results.');
      const changed = { ...body, [name]: [{ ...results[0], ...members }, ...results.slice(1)] };
      expect(() => operation.fromBody(Buffer.from(JSON.stringify(changed)), asked, target())).toThrow(
        expect.objectContaining({ kind: 'invalid_response' }),
      );
    }
  });

  it('refuses what is not an answer', () => {
    for (const body of NOT_ANSWERS)
      expect(() => operation.fromBody(Buffer.from(body), asked, target())).toThrow(
        expect.objectContaining({ kind: 'invalid_response' }),
      );
  });
}

function requestOf(members: Readonly<Record<string, unknown>>): RerankRequest {
  const source = JsonSource.of({ model: 'public-1', ...members });
  deepFreeze(source.value);
  return toRequest(source);
}

/** A request as the relay hands it over. */
function toRequest(source: JsonSource): RerankRequest {
  const { query, documents, top_n: topN, return_documents: returnDocuments } = source.value;
  const list: readonly unknown[] = Array.isArray(documents) ? documents : [];
  return {
    source,
    model: 'public-1',
    query: String(query),
    documents: list.map((document) => String(isObject(document) ? document['text'] : document)),
    ...(typeof topN === 'number' && { topN }),
    returnDocuments: returnDocuments === true,
  };
}
