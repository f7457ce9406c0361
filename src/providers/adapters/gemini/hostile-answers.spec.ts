import fc from 'fast-check';
import { JsonSource } from '../../../common/json-source.js';
import type { ChatStreamItem } from '../../canonical/chat.js';
import { ProviderError } from '../../canonical/provider-error.js';
import type { Target } from '../../provider.js';
import { aggregateChat } from '../openai-compatible/aggregate-chat.js';
import { completionToItems } from '../openai-compatible/completion-to-items.js';
import { gemini } from './gemini.provider.js';

const target: Target = { upstreamModel: 'gemini-3.8-flash', publicModel: 'public-1' };
const chat = {
  source: JsonSource.of({}),
  model: 'x',
  isStream: false,
  includeUsage: false,
  choiceCount: 1,
} as const;

/** Members that readers look at, with anything in them. */
const odd = fc.oneof(
  { weight: 3, arbitrary: fc.jsonValue({ maxDepth: 1 }) },
  fc.constantFrom(null, '', -1, 1e300, Number.NaN, true, [], {}, '__proto__', 'STOP', 'OTHER', 'MAX_TOKENS', 'SAFETY'),
);
const record = (names: readonly string[], member: fc.Arbitrary<unknown>): fc.Arbitrary<Record<string, unknown>> =>
  fc.dictionary(fc.constantFrom(...names, '__proto__', 'x'), member, { maxKeys: names.length });
const blob = fc.oneof(odd, record(['name', 'id', 'args', 'mimeType', 'data'], odd));
const part = fc.oneof(
  odd,
  record(['text', 'thought', 'thoughtSignature', 'functionCall', 'inlineData', 'fileData', 'executableCode'], blob),
);
const parts = fc.oneof(odd, fc.array(part, { maxLength: 3 }));
const logprobs = record(['chosenCandidates', 'topCandidates'], fc.oneof(odd, fc.array(odd)));
const candidate = record(
  ['content', 'finishReason', 'index', 'logprobsResult'],
  fc.oneof(odd, record(['parts', 'role'], parts), logprobs),
);
const error = record(
  ['code', 'message', 'status', 'details'],
  fc.oneof(odd, fc.array(record(['reason', 'retryDelay', 'violations', 'fieldViolations', '@type'], odd))),
);
const answers = fc.oneof(
  odd,
  record(
    ['candidates', 'usageMetadata', 'promptFeedback', 'modelVersion', 'responseId', 'error', 'embeddings'],
    fc.oneof(odd, fc.array(candidate, { maxLength: 3 }), error, record(['promptTokenCount', 'blockReason'], odd)),
  ),
);

/** What a reader gives, or undefined when it refuses in the words of the relay; anything else it throws fails the test. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof ProviderError) return undefined;
    throw error;
  }
}

describe('what Google has never documented', () => {
  it('never breaks the stream reader, nor what is made of its items', () => {
    fc.assert(
      fc.property(fc.array(answers, { maxLength: 4 }), (events) => {
        const reader = gemini.chat!.openStream(target, chat);
        const items: ChatStreamItem[] = events.flatMap((event) => [
          ...reader.push({ name: '', data: JSON.stringify(event) ?? '' }),
        ]);
        for (const item of items) {
          if (item.type !== 'chunk') continue;
          for (const { index, delta, finish_reason } of item.chunk.choices) {
            expect(Number.isSafeInteger(index) && index >= 0).toBe(true);
            expect(delta).toEqual(expect.any(Object));
            expect([null, 'stop', 'length', 'tool_calls', 'content_filter']).toContain(finish_reason);
          }
        }
        attempt(() => aggregateChat(items, target));
      }),
      { numRuns: 1_000 },
    );
  });

  it('never breaks the readers of whole answers, of vectors, pictures, models and errors', () => {
    const source = JsonSource.of({ model: 'x', input: 'a' });
    const request = { source, model: 'x', inputCount: 1, encodingFormat: 'base64' as const };
    const images = { source, model: 'x', count: 1, responseFormat: undefined, isStream: false };
    fc.assert(
      fc.property(answers, fc.constantFrom(200, 400, 403, 429, 500), (value, status) => {
        const body = Buffer.from(JSON.stringify(value) ?? '');
        const answer = attempt(() => gemini.chat!.fromBody(body, target, chat));
        if (answer !== undefined) {
          for (const { index } of answer.completion.choices)
            expect(Number.isSafeInteger(index) && index >= 0).toBe(true);
          aggregateChat(completionToItems(answer), target);
        }
        attempt(() => gemini.embeddings!.fromBody(body, request, target));
        attempt(() => gemini.images!.fromBody(body, images, target));
        attempt(() => gemini.modelList!.fromBody(body));
        expect(gemini.toError({ status, headers: {}, body })).toBeInstanceOf(ProviderError);
      }),
      { numRuns: 1_000 },
    );
  });

  const content = fc.oneof(
    fc.string(),
    fc.constant(null),
    fc.array(
      record(
        ['type', 'text', 'image_url', 'input_audio', 'file'],
        fc.oneof(odd, record(['url', 'detail', 'data', 'format', 'file_data', 'file_id', 'filename'], odd)),
      ).map((value) => ({ ...value })),
      { maxLength: 3 },
    ),
  );
  const call = fc.oneof(
    odd,
    record(['id', 'type', 'function', 'extra_content'], fc.oneof(odd, record(['name', 'arguments', 'google'], blob))),
  );
  const message = fc.record(
    {
      role: fc.constantFrom('system', 'user', 'assistant', 'tool', 'function', 'critic'),
      content,
      tool_calls: fc.oneof(odd, fc.array(call, { maxLength: 2 })),
      tool_call_id: odd,
      function_call: call,
      refusal: odd,
      audio: odd,
      extra_content: blob,
      name: odd,
    },
    { requiredKeys: ['role'] },
  );
  const options = fc.record(
    Object.fromEntries(
      [
        'temperature',
        'n',
        'stop',
        'seed',
        'logprobs',
        'top_logprobs',
        'response_format',
        'reasoning_effort',
        'tools',
        'tool_choice',
        'parallel_tool_calls',
        'modalities',
        'image_config',
        'safety_settings',
        'functions',
        'x',
      ].map((name) => [
        name,
        fc.oneof(
          odd,
          fc.array(call, { maxLength: 2 }),
          record(['type', 'json_schema', 'function', 'allowed_tools', 'schema', 'tools'], blob),
        ),
      ]),
    ),
    { requiredKeys: [] },
  );

  it('never breaks the translation of what a caller sends', () => {
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 4 }), options, (messages, more) => {
        const source = JsonSource.of({ model: 'x', ...more, messages });
        const body = attempt(() => gemini.chat!.toBody({ ...chat, source }, target, {}));
        if (body === undefined) return;
        const sent = JSON.parse(Buffer.from(body.body).toString());
        expect(sent.contents.every(({ parts }: { parts: unknown[] }) => parts.length > 0)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});
