import fc from 'fast-check';
import type { PlayedItem } from '../../../../test/simulators/responses-answer.js';
import { responsesEvents, toResponsesAnswer } from '../../../../test/simulators/responses-answer.js';
import { readResponsesRequest, type SeenPart } from '../../../../test/simulators/responses-request.js';
import { validateChat } from '../../../relay/validate-chat.js';
import { aggregateChat } from '../openai-compatible/aggregate-chat.js';
import { openaiResponses } from './openai-responses.provider.js';

// The other side is the simulator's: it reads requests and writes answers with code of its own.

const target = { upstreamModel: 'gpt-6-sol', publicModel: 'public-1' };
const RUNS = { numRuns: 300 };

/** Any text, with what breaks careless code: pictures in letters, halves of them, controls, quotes, line ends. */
const text = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
  fc.constantFrom('世界 👋🏽', '"\\\n\r\n\u2028\u0000', '{"a":', '  leading and trailing  ', '\ud83d', '</html>'),
);
const name = fc.stringMatching(/^[a-zA-Z0-9_-]{1,16}$/);
const json = fc
  .dictionary(fc.string({ maxLength: 8 }), fc.jsonValue({ maxDepth: 2 }))
  .map((value) => JSON.stringify(value));
const image = fc.record({
  url: fc.constantFrom('https://example.com/a.png?x=1&y=2', 'data:image/png;base64,iVBORw0KGgo='),
  detail: fc.constantFrom('low', 'high', 'auto'),
});

interface Turn {
  readonly messages: readonly Record<string, unknown>[];
  readonly means: readonly SeenPart[];
}

let counter = 0;
const user: fc.Arbitrary<Turn> = fc.array(fc.oneof(text, image), { minLength: 1, maxLength: 3 }).map((parts) => ({
  messages: [
    {
      role: 'user',
      content: parts.map((part) =>
        typeof part === 'string' ? { type: 'text', text: part } : { type: 'image_url', image_url: part },
      ),
    },
  ],
  means: parts.map(
    (part): SeenPart =>
      typeof part === 'string' ? { kind: 'text', role: 'user', text: part } : { kind: 'image', ...part },
  ),
}));
const instruction: fc.Arbitrary<Turn> = fc.tuple(fc.constantFrom('system', 'developer'), text).map(([role, said]) => ({
  messages: [{ role, content: said }],
  means: [{ kind: 'text', role: 'developer', text: said }],
}));
const assistant: fc.Arbitrary<Turn> = fc
  .record({
    said: fc.option(text),
    calls: fc.array(fc.record({ name, input: json, result: text, isCustom: fc.boolean() }), { maxLength: 3 }),
  })
  .filter(({ said, calls }) => said !== null || calls.length > 0)
  .map(({ said, calls }) => {
    const ids = calls.map(() => `call_${counter++}`);
    return {
      messages: [
        {
          role: 'assistant',
          content: said,
          ...(calls.length > 0 && {
            tool_calls: calls.map(({ name, input, isCustom }, i) =>
              isCustom
                ? { id: ids[i], type: 'custom', custom: { name, input } }
                : { id: ids[i], type: 'function', function: { name, arguments: input } },
            ),
          }),
        },
        ...calls.map(({ result }, i) => ({ role: 'tool', tool_call_id: ids[i], content: result })),
      ],
      means: [
        ...(said === null ? [] : [{ kind: 'text' as const, role: 'assistant', text: said }]),
        ...calls.map(
          ({ name, input, isCustom }, i): SeenPart => ({
            kind: isCustom ? 'custom_call' : 'call',
            id: ids[i] ?? '',
            name,
            input,
          }),
        ),
        ...calls.map(({ result }, i): SeenPart => ({ kind: 'result', id: ids[i] ?? '', texts: [result] })),
      ],
    };
  });
const conversation = fc
  .tuple(fc.array(instruction, { maxLength: 2 }), fc.array(fc.oneof(user, assistant), { minLength: 1, maxLength: 6 }))
  .map(([before, turns]) => [...before, ...turns]);

const played: fc.Arbitrary<readonly PlayedItem[]> = fc.array(
  fc.oneof(
    fc.record({ type: fc.constant('reasoning' as const), summary: fc.option(text, { nil: undefined }) }),
    fc.record({ type: fc.constant('text' as const), text }),
    fc.record({ type: fc.constant('refusal' as const), text }),
    fc.record({ type: fc.constant('call' as const), name, arguments: json }),
    fc.record({ type: fc.constant('custom_call' as const), name, input: text }),
  ),
  { minLength: 1, maxLength: 5 },
);

/** As the wire carries it: halves of pictures do not survive UTF-8. */
function wired<T>(value: T): T {
  return JSON.parse(Buffer.from(JSON.stringify(value)).toString('utf8'));
}

function toUpstream(messages: readonly Record<string, unknown>[]) {
  const chat = validateChat(Buffer.from(JSON.stringify({ model: 'public-1', messages })));
  const body = openaiResponses.chat?.toBody(chat, target, {});
  return { chat, seen: readResponsesRequest(Buffer.from(body?.body ?? [])), dropped: body?.droppedParams };
}

describe('a conversation on its way to a model and back', () => {
  it('keeps every text, picture, call and result, in their order', () => {
    fc.assert(
      fc.property(conversation, (turns) => {
        const { seen, dropped } = toUpstream(turns.flatMap(({ messages }) => messages));
        expect(seen.parts).toEqual(wired(turns.flatMap(({ means }) => means)));
        expect(dropped).toEqual([]);
      }),
      RUNS,
    );
  });

  it('brings every answer back the same, whole or as a stream, and takes it as the next turn', () => {
    fc.assert(
      fc.property(conversation, played, (turns, output) => {
        const before = turns.flatMap(({ messages }) => messages);
        const { chat, seen } = toUpstream(before);
        const answer = toResponsesAnswer(seen, { output });
        const whole = openaiResponses.chat?.fromBody(Buffer.from(JSON.stringify(answer.response)), target, chat);
        const reader = openaiResponses.chat?.openStream(target, chat);
        const items = [...responsesEvents(answer)].flatMap((event) => [
          ...(reader?.push({ name: event.name ?? '', data: event.data }) ?? []),
        ]);
        const streamed = aggregateChat(items, target);
        const message = whole?.completion.choices[0]?.message ?? {};
        expect(withoutNulls(streamed.completion.choices[0]?.message)).toEqual(withoutNulls(message));
        expect(streamed.usage).toEqual(whole?.usage);
        expect(streamed.completion.choices[0]?.finish_reason).toBe(whole?.completion.choices[0]?.finish_reason);

        const calls = Array.isArray(message['tool_calls']) ? message['tool_calls'] : [];
        const results = calls.map(({ id }) => ({ role: 'tool', tool_call_id: id, content: 'ok' }));
        const next = toUpstream([...before, message, ...results, { role: 'user', content: 'Go on.' }]);
        expect(next.seen.parts.slice(seen.parts.length)).toEqual(meant(output, answer.items));
        expect(next.dropped).toEqual([]);
      }),
      RUNS,
    );
  });
});

function withoutNulls(message: Record<string, unknown> | undefined) {
  return Object.fromEntries(Object.entries(message ?? {}).filter(([, value]) => value !== null && value !== ''));
}

/** What the next turn has to tell of an answer: texts joined, refusals joined, each call, and reasoning before what it led to. */
function meant(output: readonly PlayedItem[], items: readonly Record<string, unknown>[]): unknown[] {
  const texts = output.filter((item) => item.type === 'text').map(({ text }) => text);
  const refusals = output.filter((item) => item.type === 'refusal').map(({ text }) => text);
  const beforeText: unknown[] = [];
  const calls: unknown[] = [];
  const results: unknown[] = [];
  let pending: unknown[] = [];
  for (const item of items) {
    if (item['type'] === 'reasoning') pending.push({ kind: 'reasoning', encrypted: item['encrypted_content'] });
    else if (item['type'] === 'message') beforeText.push(...pending.splice(0));
    else {
      const kind = item['type'] === 'function_call' ? 'call' : 'custom_call';
      const input = item['arguments'] ?? item['input'];
      calls.push(...pending.splice(0), { kind, id: item['call_id'], name: item['name'], input });
      results.push({ kind: 'result', id: item['call_id'], texts: ['ok'] });
    }
  }
  pending = [];
  return wired([
    ...beforeText,
    ...(texts.length === 0 ? [] : [{ kind: 'text', role: 'assistant', text: texts.join('') }]),
    ...(refusals.length === 0 ? [] : [{ kind: 'refusal', text: refusals.join('') }]),
    ...calls,
    ...results,
    { kind: 'text', role: 'user', text: 'Go on.' },
  ]);
}
