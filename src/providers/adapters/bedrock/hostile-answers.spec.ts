import fc from 'fast-check';
import { JsonSource } from '../../../common/json-source.js';
import type { ChatStreamItem } from '../../canonical/chat.js';
import { ProviderError } from '../../canonical/provider-error.js';
import { aggregateChat } from '../openai-compatible/aggregate-chat.js';
import { toBedrockError } from './bedrock-errors.js';
import { fromConverseBody } from './converse-answer.js';
import { toConverseBody } from './converse-request.js';
import { ConverseStream } from './converse-stream.js';

const target = { upstreamModel: 'us.anthropic.claude-haiku-4-5-20251001-v1:0', publicModel: 'public-1' };
const NAMES = [
  'output',
  'message',
  'content',
  'role',
  'text',
  'toolUse',
  'toolUseId',
  'toolResult',
  'name',
  'input',
  'reasoningContent',
  'reasoningText',
  'redactedContent',
  'signature',
  'contentBlockIndex',
  'start',
  'delta',
  'stopReason',
  'usage',
  'inputTokens',
  'outputTokens',
  'cacheReadInputTokens',
  '__type',
  'Message',
  '__proto__',
];
const WORDS = ['assistant', 'end_turn', 'tool_use', 'malformed_tool_use', 'a#ThrottlingException', 'text'];
const EVENTS = [
  'messageStart',
  'contentBlockStart',
  'contentBlockDelta',
  'contentBlockStop',
  'messageStop',
  'metadata',
  'throttlingException',
  'modelStreamErrorException',
  'InternalFailure',
  'eventOfTomorrow',
  '',
];

/** JSON built from the names and words that the readers look at, in every wrong place. */
const { value: hostile } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium' },
    fc.constantFrom<unknown>(null, true, '', 0, -1, 1.5, 1e300, ...WORDS),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...NAMES), tie('value'), { maxKeys: 5 }),
  ),
}));
const event = fc.record({
  name: fc.constantFrom(...EVENTS),
  data: fc.oneof(
    hostile.map((value) => JSON.stringify(value)),
    fc.constantFrom('', '{', 'null', '[]'),
  ),
});

function orError<T>(read: () => T): T | ProviderError {
  try {
    return read();
  } catch (error) {
    if (error instanceof ProviderError) return error;
    throw error;
  }
}

describe('an upstream that says anything whatever', () => {
  it('gives answers that can be sent, or errors of its own', () => {
    fc.assert(
      fc.property(hostile, (content) => {
        const body = { output: { message: { content: [content] } }, stopReason: 'end_turn', usage: content };
        for (const value of [content, body]) {
          const read = orError(() => fromConverseBody(Buffer.from(JSON.stringify(value)), target));
          if (read instanceof ProviderError) continue;
          expect(JSON.parse(Buffer.from(read.bytes).toString())).toEqual(JSON.parse(JSON.stringify(read.completion)));
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('gives streams of chunks, usage and errors, and nothing after an error', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 12 }), (events) => {
        const reader = new ConverseStream(target);
        const items: ChatStreamItem[] = events.flatMap((one) => [...reader.push(one)]);
        const failed = items.findIndex(({ type }) => type === 'error');
        if (failed !== -1) expect(failed).toBe(items.length - 1);
        for (const item of items) {
          if (item.type !== 'chunk') continue;
          const [choice] = item.chunk.choices;
          expect(choice).toMatchObject({ index: 0, delta: expect.any(Object) });
        }
        orError(() => aggregateChat(items, target));
      }),
      { numRuns: 2_000 },
    );
  });

  it('gives errors with a text, whatever their shape', () => {
    fc.assert(
      fc.property(hostile, fc.constantFrom(400, 403, 404, 424, 429, 500, 503), hostile, (body, status, type) => {
        const headers: Record<string, string> = typeof type === 'string' ? { 'x-amzn-errortype': type } : {};
        const error = toBedrockError({ status, headers, body: Buffer.from(JSON.stringify(body)) });
        expect(error.status).toBe(status);
        expect(error.message).not.toBe('');
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('a caller who asks for anything whatever', () => {
  const message = fc.dictionary(
    fc.constantFrom('role', 'content', 'tool_calls', 'tool_call_id', 'reasoning_details', 'cache_control'),
    fc.oneof(fc.constantFrom<unknown>('user', 'assistant', 'tool', 'system', 'a'), hostile),
    { maxKeys: 4 },
  );

  it('is translated into JSON, or refused by name', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 4 }), hostile, (messages, tools) => {
        const source = JsonSource.of({ model: 'public-1', messages, tools: [tools], tool_choice: tools });
        const request = { source, model: 'public-1', isStream: false, includeUsage: false, choiceCount: 1 };
        const body = orError(() => toConverseBody(request, target, {}));
        if (body instanceof ProviderError) expect(body.param).toBeDefined();
        else expect(JSON.parse(Buffer.from(body.body).toString())).toMatchObject({ messages: expect.any(Array) });
      }),
      { numRuns: 2_000 },
    );
  });
});
