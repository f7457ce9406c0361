import fc from 'fast-check';
import { aggregateChat } from '../../src/providers/adapters/openai-compatible/aggregate-chat.js';
import { completionToItems } from '../../src/providers/adapters/openai-compatible/completion-to-items.js';
import type { ChatStreamItem } from '../../src/providers/canonical/chat.js';
import { ProviderError } from '../../src/providers/canonical/provider-error.js';
import type { Provider } from '../../src/providers/provider.js';
import { FRAMINGS } from '../../src/providers/transport/stream-framings.js';
import { VENDORS } from '../../src/providers/vendors.js';
import { validateEmbeddings } from '../../src/relay/validate-embeddings.js';
import { fixturesOf } from './fixtures-of.js';
import { asked, target } from './target.js';

/** Vendors whose documents say little; others have suites of their own beside their adapters. */
const IDS = ['azure-openai', 'cohere', 'jina', 'ollama-native', 'voyage'];
const RUNS = 300;
const LINE_BYTES_MAX = 1024 * 1024;
const FINISH_REASONS = [null, 'stop', 'length', 'tool_calls', 'content_filter', 'function_call'];

const odd = fc.oneof(
  { weight: 2, arbitrary: fc.jsonValue({ maxDepth: 1 }) },
  fc.constantFrom(null, '', -1, 0.5, 1e300, true, [], {}, [null], [[]], '__proto__', 'ERROR', 'load', 'length'),
);

/** Every place in a value, the value itself first. */
function placesIn(value: unknown, place: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [place];
  const steps = Array.isArray(value) ? value.keys() : Object.keys(value);
  return [place, ...[...steps].flatMap((step) => placesIn(Reflect.get(value, step), [...place, step]))];
}

/** A copy with another value at a place. */
function put(value: unknown, [step, ...rest]: readonly (string | number)[], other: unknown): unknown {
  if (step === undefined) return other;
  const copy: object = Array.isArray(value) ? [...value] : { ...(value as object) };
  Reflect.set(copy, step, put(Reflect.get(copy, step), rest, other));
  return copy;
}

/** A recording with up to three values that its vendor has never sent. */
const oddly = (value: unknown): fc.Arbitrary<unknown> =>
  fc
    .array(fc.tuple(fc.constantFrom(...placesIn(value)), odd), { minLength: 1, maxLength: 3 })
    .map((changes) => changes.reduce<unknown>((changed, [place, other]) => tryPut(changed, place, other), value));

function tryPut(value: unknown, place: readonly (string | number)[], other: unknown): unknown {
  // An earlier change may have taken the place away.
  const isThere = placesIn(value).some((one) => one.join('\n') === place.join('\n'));
  return isThere ? put(value, place, other) : value;
}

/** What a reader gives, or undefined when it refuses in the words of the relay; anything else it throws fails the test. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof ProviderError) return undefined;
    throw error;
  }
}

function expectItems(items: readonly ChatStreamItem[]): void {
  for (const item of items) {
    if (item.type !== 'chunk') continue;
    for (const { index, delta, finish_reason } of item.chunk.choices) {
      expect(Number.isSafeInteger(index) && index >= 0).toBe(true);
      expect(delta).toEqual(expect.any(Object));
      expect(FINISH_REASONS).toContain(finish_reason);
    }
  }
  attempt(() => aggregateChat(items, target));
}

describe.each(IDS)('what %s has never sent', (id) => {
  const provider: Provider = VENDORS.find((vendor) => vendor.id === id)!;
  const { files } = fixturesOf(id);
  const framing = FRAMINGS[provider.chat?.framing ?? 'sse'];
  const streams = files.filter(({ name }) => !name.endsWith('.json'));
  const wholes = files.filter(({ name }) => name.endsWith('.json'));

  it('breaks no reader of whole answers', () => {
    const bodies = fc.constantFrom(...wholes).chain(({ bytes }) => oddly(JSON.parse(bytes.toString('utf8'))));
    const embedding = validateEmbeddings(
      Buffer.from('{"model":"public-1","input":["a","b"],"encoding_format":"base64"}'),
    );
    const ranking = {
      source: embedding.source,
      model: 'm',
      query: 'q',
      documents: ['a', 'b', 'c'],
      returnDocuments: false,
    };
    fc.assert(
      fc.property(bodies, (value) => {
        const bytes = Buffer.from(JSON.stringify(value));
        const answer = attempt(() => provider.chat?.fromBody(bytes, target, asked));
        if (answer !== undefined) {
          expect(JSON.parse(Buffer.from(answer.bytes).toString())).toMatchObject({ object: 'chat.completion' });
          expectItems(completionToItems(answer));
        }
        attempt(() => provider.embeddings?.fromBody(bytes, embedding, target));
        attempt(() => provider.rerank?.fromBody(bytes, ranking, target));
        for (const status of [400, 429, 500])
          expect(provider.toError({ status, headers: {}, body: bytes })).toBeInstanceOf(ProviderError);
      }),
      { numRuns: RUNS },
    );
  });

  if (provider.chat !== undefined)
    it('breaks no reader of streams', () => {
      const recorded = streams.map(({ bytes }) => {
        const reader = framing.open(LINE_BYTES_MAX);
        return [...reader.push(bytes), ...reader.end()];
      });
      const events = fc.constantFrom(...recorded).chain((all) =>
        fc.tuple(
          ...all.map(({ name, data }) =>
            fc
              .oneof(
                { weight: 3, arbitrary: fc.constant(data) },
                {
                  weight: 1,
                  arbitrary: data.startsWith('{')
                    ? oddly(JSON.parse(data)).map((value) => JSON.stringify(value))
                    : odd.map((value) => JSON.stringify(value)),
                },
              )
              .map((text) => ({ name, data: text })),
          ),
        ),
      );
      fc.assert(
        fc.property(events, (all) => {
          const reader = provider.chat!.openStream(target, asked);
          expectItems(all.flatMap((event) => [...reader.push(event)]));
        }),
        { numRuns: RUNS },
      );
    });
});
