import fc from 'fast-check';
import { ChatAggregate } from '../../src/providers/adapters/openai-compatible/aggregate-chat.js';
import type { ChatCompletion } from '../../src/providers/canonical/chat.js';
import { FRAMINGS } from '../../src/providers/transport/stream-framings.js';
import { VENDORS } from '../../src/providers/vendors.js';
import { validateChat } from '../../src/relay/validate-chat.js';
import { cohereChat } from '../simulators/cohere/cohere-chat.js';
import { ollamaChat } from '../simulators/ollama-native/ollama-chat.js';
import type { Heard, ModelAnswer, SimulatedChat, Wire } from '../simulators/simulated-chat.js';

const RUNS = 150;
const LINE_BYTES_MAX = 1024 * 1024;
const target = { upstreamModel: 'model-1', publicModel: 'public-1' };
const tools = ['look', 'add'].map((name) => ({ type: 'function', function: { name, parameters: { type: 'object' } } }));

/** A piece of a conversation: the messages a caller sends, and what a model hears of them. */
interface Piece {
  readonly messages: readonly Wire[];
  readonly heard: readonly Heard[];
}

const texts = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }),
  fc.constantFrom(' \n', 'Grüße 世界 👋🏽', '"}]}', '\u2028', '__proto__', 'data: {"a":1}\n\n'),
);
const inputs = fc.dictionary(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 5 }).filter((key) => key !== '__proto__'),
  fc.oneof(fc.string({ maxLength: 5 }), fc.integer(), fc.boolean(), fc.constant(null)),
  { maxKeys: 3 },
);
const names = fc.constantFrom('look', 'add');

const system: fc.Arbitrary<Piece> = fc
  .tuple(fc.constantFrom('system', 'developer'), texts)
  .map(([role, text]) => ({ messages: [{ role, content: text }], heard: [{ by: 'system', text }] }));

const user: fc.Arbitrary<Piece> = texts.map((text) => ({
  messages: [{ role: 'user', content: text }],
  heard: [{ by: 'user', text }],
}));

const picture: fc.Arbitrary<Piece> = fc
  .tuple(texts, fc.uint8Array({ minLength: 1, maxLength: 20 }))
  .map(([text, bytes]) => {
    const base64 = Buffer.from(bytes).toString('base64');
    const part = { type: 'image_url', image_url: { url: `data:image/png;base64,${base64}` } };
    return {
      messages: [{ role: 'user', content: [{ type: 'text', text }, part] }],
      heard: [
        { by: 'user', text },
        { by: 'user', picture: base64 },
      ],
    };
  });

const answer: fc.Arbitrary<Piece> = texts.map((text) => ({
  messages: [{ role: 'assistant', content: text }],
  heard: [{ by: 'assistant', text }],
}));

const calls: fc.Arbitrary<Piece> = fc
  .tuple(fc.option(texts), fc.array(fc.tuple(names, inputs, texts), { minLength: 1, maxLength: 3 }), fc.nat())
  .map(([text, made, number]) => {
    const idOf = (i: number): string => `call_${number}_${i}`;
    const tool_calls = made.map(([name, given], i) => ({
      id: idOf(i),
      type: 'function',
      function: { name, arguments: JSON.stringify(given) },
    }));
    return {
      messages: [
        { role: 'assistant', content: text, tool_calls },
        ...made.map(([, , result], i) => ({ role: 'tool', tool_call_id: idOf(i), content: result })),
      ],
      heard: [
        ...(text === null ? [] : [{ by: 'assistant', text } as const]),
        ...made.map(([name, given]): Heard => ({ by: 'assistant', calls: name, with: given })),
        ...made.map(([name, , result]): Heard => ({ by: 'tool', text: result, for: name })),
      ],
    };
  });

const conversations = fc
  .tuple(user, fc.array(fc.oneof(system, user, picture, answer, calls), { maxLength: 6 }), user)
  .map(([first, others, last]) => [first, ...others, last]);

const tokens = { input: 5, output: 7 };
const perhaps = fc.oneof(fc.constant(''), texts);
const answers: fc.Arbitrary<ModelAnswer> = fc.oneof(
  fc.record({
    text: texts,
    thoughts: perhaps,
    calls: fc.constant([]),
    isCut: fc.boolean(),
    tokens: fc.constant(tokens),
  }),
  fc.record({
    text: perhaps,
    thoughts: perhaps,
    calls: fc.array(fc.record({ name: names, arguments: inputs }), { minLength: 1, maxLength: 3 }),
    isCut: fc.constant(false),
    tokens: fc.constant(tokens),
  }),
);

describe.each<[string, SimulatedChat]>([
  ['cohere', cohereChat],
  ['ollama-native', ollamaChat],
])('%s', (id, simulated) => {
  const chat = VENDORS.find((vendor) => vendor.id === id)!.chat!;
  const asked = validateChat(Buffer.from('{"model":"public-1","messages":[{"role":"user","content":"a"}]}'));

  it('sends conversations that the vendor takes, and that say the same there', () => {
    fc.assert(
      fc.property(conversations, fc.boolean(), (pieces, isStream) => {
        const messages = pieces.flatMap((piece) => piece.messages);
        const body = { model: 'public-1', messages, tools, stream: isStream, max_tokens: 9, temperature: 1, top_p: 1 };
        const sent = chat.toBody(validateChat(Buffer.from(JSON.stringify(body))), target, {});
        const heard = simulated.hear(JSON.parse(Buffer.from(sent.body).toString()));
        expect(heard).toEqual(pieces.flatMap((piece) => piece.heard));
        expect(sent.droppedParams).toEqual([]);
      }),
      { numRuns: RUNS },
    );
  });

  it('gives callers the same answer whole and as a stream', () => {
    fc.assert(
      fc.property(answers, (given) => {
        const whole = chat.fromBody(Buffer.from(simulated.whole(given)), target, asked);
        expect(meaningOf(whole.completion)).toEqual(expectedOf(given));
        expect(whole.usage).toEqual({ inputTokens: tokens.input, outputTokens: tokens.output });
        const events = FRAMINGS[simulated.framing].open(LINE_BYTES_MAX);
        const reader = chat.openStream(target, asked);
        const aggregate = new ChatAggregate('public-1', 1);
        for (const event of [...events.push(Buffer.from(simulated.stream(given))), ...events.end()])
          for (const item of reader.push(event)) aggregate.push(item);
        const streamed = aggregate.end();
        expect(meaningOf(streamed.completion)).toEqual(expectedOf(given));
        expect(streamed.usage).toEqual(whole.usage);
      }),
      { numRuns: RUNS },
    );
  });
});

/** An answer in the words of {@link ModelAnswer}. */
function meaningOf({ choices }: ChatCompletion): Wire {
  const { message, finish_reason } = choices[0]!;
  const { content, reasoning_content: thoughts, tool_calls: made } = message;
  const ids: unknown[] = Array.isArray(made) ? made.map(({ id }) => id) : [];
  expect(new Set(ids.map(String)).size).toBe(ids.length);
  expect(ids).not.toContain('');
  return {
    text: content ?? '',
    thoughts: thoughts ?? '',
    calls: Array.isArray(made)
      ? made.map(({ function: body }) => ({ name: body.name, arguments: JSON.parse(body.arguments) }))
      : [],
    finish_reason,
  };
}

function expectedOf({ isCut, tokens: _, ...said }: ModelAnswer): Wire {
  return { ...said, finish_reason: isCut ? 'length' : said.calls.length > 0 ? 'tool_calls' : 'stop' };
}
