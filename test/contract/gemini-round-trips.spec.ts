import fc from 'fast-check';
import { gemini } from '../../src/providers/adapters/gemini/gemini.provider.js';
import { aggregateChat } from '../../src/providers/adapters/openai-compatible/aggregate-chat.js';
import type { ChatStreamItem } from '../../src/providers/canonical/chat.js';
import type { Target } from '../../src/providers/provider.js';
import { checkGenerate } from '../simulators/gemini/check-generate.js';
import { isJson, type Json, listAt, objectAt, textAt } from '../simulators/gemini/json-fields.js';
import { requestOf } from './request-of.js';
import { asked } from './target.js';

/** What a conversation says, in no vendor's words. */
type Said =
  | { readonly by: 'system' | 'user' | 'model'; readonly text: string }
  | { readonly by: 'user'; readonly type: string; readonly data: string }
  | {
      readonly by: 'model';
      readonly call: string;
      readonly name: string;
      readonly args: unknown;
      readonly signature?: string;
    }
  | { readonly by: 'user'; readonly result: string; readonly name: string; readonly of: string };

const chat = gemini.chat!;
const TOOLS = ['get_weather', 'f', 'a-b', 'look_up'];
const tools = TOOLS.map((name) => ({
  type: 'function',
  function: { name, parameters: { type: 'object', properties: { a: {} } } },
}));

const text = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
  fc.constantFrom(' ', '\n', '{"a":1}', '世界', '👩‍👩‍👧', '\u0000', '```js\n```', '<tool>'),
);
const args = fc.dictionary(fc.string({ maxLength: 6 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 }).map(asJson);
const picture = fc.record({
  type: fc.constantFrom('image/png', 'image/jpeg', 'image/webp'),
  data: fc.uint8Array({ minLength: 1, maxLength: 8 }).map((bytes) => Buffer.from(bytes).toString('base64')),
});

/** A value as JSON keeps it: minus zero becomes zero. */
function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

interface Round {
  readonly texts: readonly string[];
  readonly pictures: readonly { readonly type: string; readonly data: string }[];
  readonly isPlain: boolean;
  readonly answer: string;
  readonly calls: readonly { readonly name: string; readonly args: unknown; readonly result: string }[];
  readonly isReversed: boolean;
}

const round: fc.Arbitrary<Round> = fc.record({
  texts: fc.array(text, { minLength: 1, maxLength: 3 }),
  pictures: fc.array(picture, { maxLength: 2 }),
  isPlain: fc.boolean(),
  answer: fc.oneof(text, fc.constant('')),
  calls: fc.array(fc.record({ name: fc.constantFrom(...TOOLS), args, result: text }), { maxLength: 3 }),
  isReversed: fc.boolean(),
});
const conversation = fc.record({
  system: fc.array(text, { maxLength: 2 }),
  rounds: fc.array(round, { maxLength: 4 }),
  last: text,
});

/** The same conversation in OpenAI's words. */
function toMessages({
  system,
  rounds,
  last,
}: {
  system: readonly string[];
  rounds: readonly Round[];
  last: string;
}): object[] {
  const messages: object[] = system.map((content, i) => ({ role: i === 0 ? 'system' : 'developer', content }));
  for (const [r, { texts, pictures, isPlain, answer, calls, isReversed }] of rounds.entries()) {
    const parts = [
      ...texts.map((text) => ({ type: 'text', text })),
      ...pictures.map(({ type, data }) => ({ type: 'image_url', image_url: { url: `data:${type};base64,${data}` } })),
    ];
    messages.push({ role: 'user', content: isPlain && parts.length === 1 ? texts[0] : parts });
    const ids = calls.map((_, i) => `call_${r}_${i}`);
    const tool_calls = calls.map(({ name, args }, i) => ({
      id: ids[i],
      type: 'function',
      function: { name, arguments: JSON.stringify(args) },
    }));
    messages.push({ role: 'assistant', content: answer, ...(calls.length > 0 && { tool_calls }) });
    const results = calls.map(({ result }, i) => ({ role: 'tool', tool_call_id: ids[i], content: result }));
    messages.push(...(isReversed ? results.reverse() : results));
  }
  messages.push({ role: 'user', content: last });
  return messages;
}

/** What OpenAI's words say. */
function saidByMessages(messages: readonly object[]): Said[] {
  const said: Said[] = [];
  const names = new Map<string, string>();
  for (const message of messages as readonly Json[]) {
    const role = textAt(message, 'role');
    if (role === 'tool') {
      const of = textAt(message, 'tool_call_id');
      said.push({ by: 'user', result: textAt(message, 'content'), name: names.get(of) ?? '', of });
      continue;
    }
    const by = role === 'assistant' ? 'model' : role === 'user' ? 'user' : 'system';
    if (textAt(message, 'content') !== '') said.push({ by, text: textAt(message, 'content') });
    for (const part of listAt(message, 'content')) {
      const [, type = '', data = ''] = /^data:(.*?);base64,(.*)$/.exec(textAt(part['image_url'], 'url')) ?? [];
      if (part['type'] === 'text') said.push({ by, text: textAt(part, 'text') });
      else said.push({ by: 'user', type, data });
    }
    for (const call of listAt(message, 'tool_calls')) {
      const body = objectAt(call, 'function');
      const id = textAt(call, 'id');
      names.set(id, textAt(body, 'name'));
      said.push({ by: 'model', call: id, name: textAt(body, 'name'), args: JSON.parse(textAt(body, 'arguments')) });
    }
  }
  return said;
}

/** What Gemini's words say. */
function saidByBody(body: Json): Said[] {
  const said: Said[] = listAt(body['systemInstruction'], 'parts').map((part) => ({
    by: 'system',
    text: textAt(part, 'text'),
  }));
  for (const content of listAt(body, 'contents')) {
    const by = content['role'] === 'model' ? 'model' : 'user';
    for (const part of listAt(content, 'parts')) {
      const { functionCall: call, functionResponse: result, inlineData: inline } = part;
      if (isJson(call))
        said.push({ by: 'model', call: textAt(call, 'id'), name: textAt(call, 'name'), args: call['args'] });
      else if (isJson(result)) {
        const { response } = result;
        said.push({
          by: 'user',
          result: textAt(response, 'result'),
          name: textAt(result, 'name'),
          of: textAt(result, 'id'),
        });
      } else if (isJson(inline))
        said.push({ by: 'user', type: textAt(inline, 'mimeType'), data: textAt(inline, 'data') });
      else said.push({ by, text: textAt(part, 'text') });
    }
  }
  return said;
}

const target = (upstreamModel: string): Target => ({ upstreamModel, publicModel: 'public-1' });

function translate(messages: readonly object[], model: string): Json {
  const request = requestOf(JSON.stringify({ model: 'public-1', messages, tools }));
  const { body, droppedParams } = chat.toBody(request, target(model), {});
  expect(droppedParams).toEqual([]);
  return JSON.parse(Buffer.from(body).toString());
}

describe('conversations on their way to Gemini and back', () => {
  it.each(['gemini-3.8-flash', 'gemini-2.5-flash'])(
    'say to %s what they said, in the same order, and are taken',
    (model) => {
      fc.assert(
        fc.property(conversation, (said) => {
          const messages = toMessages(said);
          const body = translate(messages, model);
          checkGenerate(body, model, false);
          expect(saidByBody(body)).toEqual(saidByMessages(messages));
        }),
        { numRuns: 500 },
      );
    },
  );

  const answered = fc.record({
    thoughts: fc.array(text, { maxLength: 2 }),
    texts: fc.array(text, { maxLength: 4 }),
    calls: fc.array(fc.record({ name: fc.constantFrom(...TOOLS), args: fc.option(args), id: fc.option(fc.uuid()) }), {
      maxLength: 3,
    }),
    signature: fc.option(fc.base64String({ minLength: 4, maxLength: 12 })),
  });

  /** One event for each part, as the API streams them; the signature is with the first call, or with the end. */
  const eventsOf = ({
    thoughts,
    texts,
    calls,
    signature,
  }: typeof answered extends fc.Arbitrary<infer T> ? T : never): Json[] => {
    const parts: Json[] = [
      ...thoughts.map((text) => ({ text, thought: true })),
      ...texts.map((text) => ({ text })),
      ...calls.map(({ name, args, id }, i) => ({
        functionCall: { name, ...(args !== null && { args }), ...(id !== null && { id }) },
        ...(i === 0 && signature !== null && { thoughtSignature: signature }),
      })),
    ];
    const end = calls.length === 0 && signature !== null ? { text: '', thoughtSignature: signature } : { text: '' };
    const candidates = [...parts, end].map((part, i) => ({
      content: { role: 'model', parts: [part] },
      ...(i === parts.length && { finishReason: 'STOP' }),
      index: 0,
    }));
    const usageMetadata = { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 };
    return candidates.map((candidate) => ({
      candidates: [candidate],
      usageMetadata,
      responseId: 'r1',
      modelVersion: 'gemini-3.8-flash',
    }));
  };

  it('come back as they were said: whole and streamed alike, and again as history with their signatures', () => {
    fc.assert(
      fc.property(answered, (answer) => {
        const route = target('gemini-3.8-flash');
        const events = eventsOf(answer);
        const reader = chat.openStream(route, asked);
        const items: ChatStreamItem[] = events.flatMap((event) => [
          ...reader.push({ name: '', data: JSON.stringify(event) }),
        ]);
        const parts = events.flatMap((event) => listAt(objectAt(listAt(event, 'candidates')[0], 'content'), 'parts'));
        const whole = {
          ...events.at(-1),
          candidates: [{ content: { role: 'model', parts }, finishReason: 'STOP', index: 0 }],
        };
        const { completion } = chat.fromBody(Buffer.from(JSON.stringify(whole)), route, asked);
        const message = completion.choices[0]!.message;
        const streamed = aggregateChat(items, route).completion.choices[0]!;
        // Nothing said is null in one and empty in the other.
        expect({ ...streamed.message, content: streamed.message['content'] ?? '' }).toEqual({
          ...message,
          content: message['content'] ?? '',
        });
        expect(streamed.finish_reason).toBe(completion.choices[0]!.finish_reason);

        const { texts, thoughts, calls, signature } = answer;
        expect(message['content'] ?? '').toBe(texts.join(''));
        expect(message['reasoning_content'] ?? '').toBe(thoughts.join(''));
        const results = listAt(message, 'tool_calls').map(({ id }) => ({
          role: 'tool',
          tool_call_id: id,
          content: 'ok',
        }));
        const next = translate(
          [{ role: 'user', content: 'a' }, message, ...results, { role: 'user', content: 'b' }],
          'gemini-3.8-flash',
        );
        checkShape(next, answer.calls.length);
        const said = saidByBody(next).filter(({ by }) => by === 'model');
        expect(said.flatMap((item) => ('text' in item ? [item.text] : [])).join('')).toBe(texts.join(''));
        expect(said.flatMap((item) => ('call' in item ? [{ name: item.name, args: item.args }] : []))).toEqual(
          calls.map(({ name, args }) => ({ name, args: args ?? {} })),
        );
        const signatures = listAt(next, 'contents').flatMap((content) =>
          listAt(content, 'parts').flatMap(({ thoughtSignature }) =>
            thoughtSignature === undefined ? [] : [thoughtSignature],
          ),
        );
        const lost = calls.length > 0 ? ['skip_thought_signature_validator'] : [];
        expect(signatures).toEqual(signature === null ? lost : [signature]);
      }),
      { numRuns: 500 },
    );
  });
});

/** The answer is one turn of the model's, or none where nothing was said. */
function checkShape(body: Json, callCount: number): void {
  const roles = listAt(body, 'contents').map(({ role }) => role);
  if (callCount > 0) expect(roles).toEqual(['user', 'model', 'user']);
  expect(new Set(roles).size).toBeLessThanOrEqual(2);
}
