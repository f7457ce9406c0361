import fc from 'fast-check';
import { JsonSource } from '../../../common/json-source.js';
import type { ChatStreamItem } from '../../canonical/chat.js';
import { ProviderError } from '../../canonical/provider-error.js';
import { aggregateChat } from '../openai-compatible/aggregate-chat.js';
import { completionToItems } from '../openai-compatible/completion-to-items.js';
import { toAnthropicBody } from './chat-request.js';
import { fromAnthropicBody } from './chat-response.js';
import { AnthropicChatStream } from './chat-stream.js';
import { toAnthropicError } from './errors.js';

const target = { upstreamModel: 'claude-3-haiku', publicModel: 'public-1' };
const NAMES = [
  'type',
  'index',
  'message',
  'content',
  'content_block',
  'delta',
  'usage',
  'text',
  'thinking',
  'signature',
  'data',
  'partial_json',
  'id',
  'name',
  'input',
  'stop_reason',
  'stop_details',
  'explanation',
  'error',
  'input_tokens',
  'output_tokens',
  'cache_creation',
  '__proto__',
];
const WORDS = [
  'message_start',
  'content_block_start',
  'content_block_delta',
  'content_block_stop',
  'message_delta',
  'message_stop',
  'text',
  'thinking',
  'redacted_thinking',
  'tool_use',
  'text_delta',
  'input_json_delta',
  'signature_delta',
  'end_turn',
  'json',
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
const events = fc.array(
  fc.oneof(
    hostile,
    fc.tuple(fc.constantFrom(...WORDS), hostile, hostile, hostile).map(([type, a, b, c]) => ({
      type,
      index: 0,
      message: a,
      content_block: b,
      delta: c,
      usage: a,
    })),
  ),
  { maxLength: 6 },
);
const asked = {
  source: JsonSource.of({ response_format: { type: 'json_schema', json_schema: { name: 'json', schema: {} } } }),
  model: 'x',
  isStream: false,
  includeUsage: false,
  choiceCount: 1,
};

/** Runs what may fail only in the words of the contract. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof ProviderError) return undefined;
    throw error;
  }
}

describe('what no one documented', () => {
  it('never breaks the stream reader, nor what is made of its items', () => {
    fc.assert(
      fc.property(events, (all) => {
        const reader = new AnthropicChatStream(target, asked);
        const items: ChatStreamItem[] = all.flatMap((event) => [
          ...reader.push({ name: '', data: JSON.stringify(event) }),
        ]);
        attempt(() => aggregateChat(items, target));
      }),
      { numRuns: 1_000 },
    );
  });

  it('is refused as a whole by a ProviderError and nothing else', () => {
    const wholes = fc.oneof(
      hostile,
      fc.array(hostile, { maxLength: 3 }).map((content) => ({ type: 'message', content, usage: { output_tokens: 1 } })),
    );
    fc.assert(
      fc.property(wholes, (value) => {
        const body = Buffer.from(JSON.stringify(value));
        const answer = attempt(() => fromAnthropicBody(body, target, asked));
        if (answer !== undefined) aggregateChat(completionToItems(answer), target);
        expect(toAnthropicError({ status: 500, headers: {}, body })).toBeInstanceOf(ProviderError);
      }),
      { numRuns: 1_000 },
    );
  });

  it('becomes a body of JSON, or is refused by a ProviderError, when a caller asks it', () => {
    const names = ['role', 'content', 'tool_calls', 'function', 'arguments', 'image_url', 'url', 'file', 'file_data'];
    const more = [
      'reasoning_details',
      'cache_control',
      'tool_call_id',
      'type',
      'text',
      'name',
      'parameters',
      '__proto__',
    ];
    const words = [
      'user',
      'assistant',
      'tool',
      'text',
      'image_url',
      'file',
      'function',
      'data:image/png;base64,',
      '{}',
    ];
    const { value: odd } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'medium' },
        fc.constantFrom<unknown>(null, true, '', 0, -1, 'none', 'high', ...words),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...names, ...more), tie('value'), { maxKeys: 5 }),
      ),
    }));
    const options = fc.dictionary(
      fc.constantFrom('tools', 'tool_choice', 'response_format', 'reasoning_effort', 'stop', 'temperature', 'thinking'),
      odd,
      { maxKeys: 3 },
    );
    const roles = fc.constantFrom('user', 'assistant', 'tool', 'system', 'function');
    const messages = fc.array(
      fc.tuple(roles, odd, odd, odd).map(([role, content, tool_calls, reasoning_details]) => {
        return { role, content, tool_calls, reasoning_details, tool_call_id: 'a', function_call: tool_calls };
      }),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(messages, options, fc.constantFrom('claude-opus-5-5', 'claude-3-haiku'), (list, extra, model) => {
        const source = JsonSource.of({ ...extra, model: 'x', messages: list });
        const body = attempt(() => toAnthropicBody({ ...asked, source }, { ...target, upstreamModel: model }, {}));
        if (body !== undefined) JSON.parse(Buffer.from(body.body).toString());
      }),
      { numRuns: 1_000 },
    );
  });
});
