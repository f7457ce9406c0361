import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { anthropic } from '../../../src/providers/adapters/anthropic/anthropic.provider.js';
import { ChatAggregate } from '../../../src/providers/adapters/openai-compatible/aggregate-chat.js';
import type { ChatCompletion } from '../../../src/providers/canonical/chat.js';
import { validateChat } from '../../../src/relay/validate-chat.js';
import type { AnthropicDirective } from '../../simulators/anthropic/anthropic-directive.js';
import { type CheckedRequest, checkRequest } from '../../simulators/anthropic/check-request.js';
import { makeMessage } from '../../simulators/anthropic/make-message.js';
import { messageEvents } from '../../simulators/anthropic/message-events.js';
import { readConversation, type Said } from '../../simulators/anthropic/read-conversation.js';

const RUNS = 100;
const chat = anthropic.chat!;
const tools = ['look', 'add'].map((name) => ({ type: 'function', function: { name, parameters: { type: 'object' } } }));

type Message = Readonly<Record<string, unknown>>;

/** A piece of a conversation: the messages a caller sends, and what they say. */
interface Piece {
  readonly messages: readonly Message[];
  readonly said: readonly Said[];
}

const texts = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 10 }),
  fc.constantFrom(' \n', 'Grüße 世界 👋🏽', '"}]}', '\u2028\u0000', '__proto__', '{"type":"text"}'),
);
const isSaid = (text: string): boolean => /\S/.test(text);
const says = (by: 'system' | 'user' | 'assistant', text: string): Said[] => (isSaid(text) ? [{ by, text }] : []);

const system: fc.Arbitrary<Piece> = fc
  .tuple(fc.constantFrom('system', 'developer'), texts)
  .map(([role, text]) => ({ messages: [{ role, content: text }], said: says('system', text) }));

const part = fc.oneof(
  texts.map((text) => ({ part: { type: 'text', text }, said: says('user', text) })),
  fc
    .tuple(fc.constantFrom('image/png', 'image/webp'), fc.uint8Array({ minLength: 1, maxLength: 20 }))
    .map(([type, bytes]) => `data:${type};base64,${Buffer.from(bytes).toString('base64')}`)
    .chain((data) => fc.constantFrom(data, 'https://a.example/%E4%BD%A0.png?a=1&b="'))
    .map((url) => ({
      part: { type: 'image_url', image_url: { url } },
      said: [{ by: 'user', picture: url } as const],
    })),
  fc.uint8Array({ minLength: 1, maxLength: 20 }).map((bytes) => {
    const url = `data:application/pdf;base64,${Buffer.from(bytes).toString('base64')}`;
    return { part: { type: 'file', file: { file_data: url } }, said: [{ by: 'user', file: url } as const] };
  }),
);
const user: fc.Arbitrary<Piece> = fc.oneof(
  texts.map((text) => ({ messages: [{ role: 'user', content: text }], said: says('user', text) })),
  fc.array(part, { maxLength: 4 }).map((parts) => ({
    messages: [{ role: 'user', content: parts.map((each) => each.part) }],
    said: parts.flatMap((each) => each.said),
  })),
);

const inputs = fc.dictionary(fc.string({ unit: 'grapheme', maxLength: 5 }), fc.jsonValue({ maxDepth: 2 }), {
  maxKeys: 3,
});
const ids = fc.uniqueArray(fc.stringMatching(/^[a-zA-Z0-9_-]{1,12}$/), { minLength: 1, maxLength: 3 });
const callOf = fc.record({ name: fc.constantFrom('look', 'add'), input: inputs, result: texts });

/** An assistant turn that calls tools, and their results in any order. */
const calls: fc.Arbitrary<Piece> = fc
  .tuple(fc.option(texts, { nil: null }), ids, fc.array(callOf, { minLength: 3, maxLength: 3 }), fc.boolean())
  .map(([text, callIds, bodies, isReversed]) => {
    const made = callIds.map((id, i) => ({ id, ...bodies[i]! }));
    const results = isReversed ? made.toReversed() : made;
    const toCall = ({ id, name, input }: (typeof made)[number]) => ({
      id,
      type: 'function',
      function: { name, arguments: JSON.stringify(input) },
    });
    return {
      messages: [
        { role: 'assistant', content: text, tool_calls: made.map(toCall) },
        ...results.map(({ id, result }) => ({ role: 'tool', tool_call_id: id, content: result })),
      ],
      said: [
        ...says('assistant', text ?? ''),
        ...made.map(({ id, name, input }) => ({ by: 'assistant', call: id, name, input: plain(input) }) as const),
        ...results.map(({ id, result }) => ({ by: 'tool', call: id, text: result }) as const),
      ],
    };
  });

const answer: fc.Arbitrary<Piece> = texts.map((text) => ({
  messages: [{ role: 'assistant', content: text }],
  said: says('assistant', text),
}));

const conversations = fc
  .tuple(fc.array(fc.oneof(system, user, answer, calls), { maxLength: 8 }), texts.filter(isSaid))
  .map(([pieces, last]) => [
    ...pieces,
    { messages: [{ role: 'user', content: last }], said: [{ by: 'user', text: last } as const] },
  ]);

/** As JSON would have it: no -0, no undefined. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

function translate(model: string, members: object): CheckedRequest {
  const request = validateChat(Buffer.from(JSON.stringify({ model: 'public-1', tools, ...members })));
  const { body, headers } = chat.toBody(request, { upstreamModel: model, publicModel: 'public-1' }, {});
  // Refuses whatever the real API would.
  return checkRequest(JSON.parse(Buffer.from(body).toString()), headers?.['anthropic-beta']);
}

describe('a conversation on its way to Anthropic', () => {
  it('keeps every text, picture, file, call and result, and their order', () => {
    fc.assert(
      fc.property(conversations, fc.constantFrom('claude-opus-5-5', 'claude-sonnet-4-5'), (pieces, model) => {
        const said = pieces.flatMap((piece) => piece.said);
        const read = readConversation(translate(model, { messages: pieces.flatMap((piece) => piece.messages) }));
        expect(read).toEqual([
          ...said.filter(({ by }) => by === 'system'),
          ...said.filter(({ by }) => by !== 'system'),
        ]);
      }),
      { numRuns: RUNS },
    );
  });

  it('keeps the digits of numbers that no double holds', () => {
    const text = '{"id": 9007199254740993, "price": 1.10}';
    const call = { id: 'c', type: 'function', function: { name: 'look', arguments: text } };
    const messages = [
      { role: 'user', content: 'a' },
      { role: 'assistant', tool_calls: [call] },
      { role: 'tool', tool_call_id: 'c', content: 'r' },
    ];
    const request = validateChat(Buffer.from(JSON.stringify({ model: 'public-1', messages })));
    const { body } = chat.toBody(request, { upstreamModel: 'claude-opus-5-5', publicModel: 'public-1' }, {});
    expect(Buffer.from(body).toString()).toContain(`"input":${text}`);
  });
});

const answers: fc.Arbitrary<AnthropicDirective> = fc.record(
  {
    thought: fc.oneof(fc.constant(''), texts),
    redacted_thought: fc.boolean(),
    text: texts,
    calls: fc.tuple(ids, fc.array(callOf, { minLength: 3, maxLength: 3 })).map(([callIds, bodies]) =>
      callIds.map((id, i) => ({
        id,
        name: bodies[i]!.name,
        input: plain(bodies[i]!.input) as Record<string, unknown>,
      })),
    ),
    unknown_events: fc.boolean(),
    duplicate_start: fc.boolean(),
  },
  { requiredKeys: ['text', 'calls'] },
);

/** Reads an answer the way the relay does, whole or as a stream. */
function readAnswer(asked: CheckedRequest, directive: AnthropicDirective, isStream: boolean): ChatCompletion {
  const target = { upstreamModel: asked.model.id, publicModel: 'public-1' };
  const request = validateChat(Buffer.from('{"model":"public-1","messages":[{"role":"user","content":"a"}]}'));
  const message = makeMessage(asked, directive);
  if (!isStream) return chat.fromBody(Buffer.from(JSON.stringify(message)), target, request).completion;
  const reader = chat.openStream(target, request);
  const aggregate = new ChatAggregate('public-1', 1);
  for (const { name, data } of messageEvents(message, directive)) {
    for (const item of reader.push({ name: name ?? '', data })) aggregate.push(item);
  }
  return aggregate.end().completion;
}

describe('an answer of Anthropic, handed back as history', () => {
  const first = { role: 'user', content: 'Begin.' };

  it.each(['claude-opus-5-5', 'claude-sonnet-4-5'])('is what %s said, thoughts and signatures included', (model) => {
    fc.assert(
      fc.property(answers, fc.boolean(), (directive, isStream) => {
        const asked = translate(model, { messages: [first] });
        const message = makeMessage(asked, directive);
        const completion = readAnswer(asked, directive, isStream);
        const results = (directive.calls ?? []).map(({ id }) => ({ role: 'tool', tool_call_id: id, content: 'r' }));
        const history = [first, completion.choices[0]!.message, ...results];
        const next = translate(model, { messages: [...history, { role: 'user', content: 'Go on.' }] });
        const told = readConversation({ ...asked, body: {}, turns: [{ role: 'assistant', content: message.content }] });
        const said = told.filter((each) => !('text' in each) || isSaid(each.text));
        // A turn of nothing but thoughts is no turn.
        const wanted = said.every((each) => 'thought' in each) ? [] : said;
        expect(readConversation(next).filter(({ by }) => by === 'assistant')).toEqual(wanted);
      }),
      { numRuns: RUNS },
    );
  });

  it('is the same whole and as a stream', () => {
    fc.assert(
      fc.property(answers, (directive) => {
        const asked = translate('claude-opus-5-5', { messages: [first] });
        const [whole, streamed] = [false, true].map((isStream) => readAnswer(asked, directive, isStream).choices[0]!);
        expect(plain(streamed!.message)).toEqual({ ...(plain(whole!.message) as object), refusal: undefined });
        expect(streamed!.finish_reason).toBe(whole!.finish_reason);
      }),
      { numRuns: RUNS },
    );
  });

  it('is not refused when the caller has shortened its history', () => {
    const asked = translate('claude-opus-5-5', { messages: [{ role: 'system', content: 'Long.' }, first] });
    const { message } = readAnswer(asked, { text: 'a' }, true).choices[0]!;
    const rest = [first, message, { role: 'user', content: 'b' }];
    expect(readConversation(translate('claude-opus-5-5', { messages: rest }))).toHaveLength(4);
    // Without thinking the thoughts stay at home.
    const plain = translate('claude-haiku-5-5', { messages: rest, reasoning_effort: 'none' });
    expect(readConversation(plain)).toHaveLength(3);
  });

  it('goes to another model without its thoughts', () => {
    const asked = translate('claude-opus-5-5', { messages: [first] });
    const { message } = readAnswer(asked, { text: 'a', thought: 'hm', redacted_thought: true }, true).choices[0]!;
    const next = translate('claude-sonnet-5-5', { messages: [first, message, { role: 'user', content: 'b' }] });
    expect(readConversation(next)).toEqual([
      { by: 'user', text: 'Begin.' },
      { by: 'assistant', text: 'a' },
      { by: 'user', text: 'b' },
    ]);
  });
});
