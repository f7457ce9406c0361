import fc from 'fast-check';
import { JsonSource } from '../../../common/json-source.js';
import type { ChatStreamItem } from '../../canonical/chat.js';
import { ProviderError } from '../../canonical/provider-error.js';
import { openai } from '../openai/openai.provider.js';
import { aggregateChat } from './aggregate-chat.js';
import { completionToItems } from './completion-to-items.js';

const target = { upstreamModel: 'up-1', publicModel: 'public-1' };
const NAMES = [
  'choices',
  'delta',
  'message',
  'content',
  'tool_calls',
  'function',
  'arguments',
  'name',
  'index',
  'id',
  'usage',
  'x_groq',
  'error',
  'finish_reason',
  'base_resp',
  'status_code',
  'reasoning_details',
  'thinking',
  'logprobs',
  'audio',
  'data',
  'embedding',
  'detail',
  'loc',
  '__proto__',
];

/** JSON built from the names that the readers look at, with values of every wrong type below them. */
const { value: hostile } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium' },
    fc.constantFrom(null, true, '', 'stop', 'text', 0, -1, 1.5, 1e300),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...NAMES), tie('value'), { maxKeys: 5 }),
  ),
}));
const wrap = (value: unknown): unknown => ({
  choices: [{ index: 0, delta: value, message: value, finish_reason: 'stop' }],
});
const answers = fc.oneof(
  hostile,
  hostile.map(wrap),
  hostile.map((value) => ({ choices: [value] })),
);

/** Runs what may fail only in the words of the contract. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof ProviderError) return undefined;
    throw error;
  }
}

const chat = {
  source: JsonSource.of({}),
  model: 'x',
  isStream: false,
  includeUsage: false,
  choiceCount: 1,
} as const;

describe('answers no one documented', () => {
  it('never break the stream reader, nor what is made of its items', () => {
    fc.assert(
      fc.property(fc.array(answers, { maxLength: 4 }), (events) => {
        const reader = openai.chat?.openStream(target, chat);
        const items: ChatStreamItem[] = events.flatMap((event) => [
          ...(reader?.push({ name: '', data: JSON.stringify(event) }) ?? []),
        ]);
        attempt(() => aggregateChat(items, target));
      }),
      { numRuns: 500 },
    );
  });

  it('are refused as a whole by a ProviderError and nothing else', () => {
    const request = {
      source: JsonSource.of({ input: 'a' }),
      model: 'x',
      inputCount: 1,
      encodingFormat: 'base64',
    } as const;
    const images = {
      source: JsonSource.of({}),
      model: 'x',
      count: 1,
      responseFormat: undefined,
      isStream: false,
    } as const;
    fc.assert(
      fc.property(answers, (value) => {
        const body = Buffer.from(JSON.stringify(value));
        const answer = attempt(() => openai.chat?.fromBody(body, target, chat));
        if (answer !== undefined) aggregateChat(completionToItems(answer), target);
        attempt(() => openai.embeddings?.fromBody(body, request, target));
        attempt(() => openai.images?.fromBody(body, images, target));
        expect(openai.toError({ status: 500, headers: {}, body })).toBeInstanceOf(ProviderError);
      }),
      { numRuns: 500 },
    );
  });
});
