import fc from 'fast-check';
import { JsonSource } from '../../../common/json-source.js';
import type { ChatRequest } from '../../canonical/chat.js';
import { ProviderError } from '../../canonical/provider-error.js';
import { ChatAggregate } from '../openai-compatible/aggregate-chat.js';
import { openaiResponses } from './openai-responses.provider.js';

const target = { upstreamModel: 'gpt-6-sol', publicModel: 'p' };
const RUNS = { numRuns: 2000 };

const odd = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom(null, [], {}, '', 'a', -1, 1e300));
const types = fc.constantFrom(
  'response.created',
  'response.output_item.added',
  'response.output_item.done',
  'response.output_text.delta',
  'response.output_text.done',
  'response.refusal.delta',
  'response.reasoning_text.delta',
  'response.reasoning_summary_text.delta',
  'response.function_call_arguments.delta',
  'response.function_call_arguments.done',
  'response.custom_tool_call_input.done',
  'response.completed',
  'response.incomplete',
  'response.failed',
  'error',
);
const members = [
  'id',
  'call_id',
  'name',
  'arguments',
  'input',
  'content',
  'summary',
  'encrypted_content',
  'text',
  'refusal',
  'role',
  'usage',
  'error',
  'incomplete_details',
  'created_at',
];
const holder = fc.dictionary(fc.constantFrom(...members), odd);
const item = fc.oneof(
  odd,
  fc
    .tuple(fc.constantFrom('message', 'function_call', 'custom_tool_call', 'reasoning', 'other'), holder)
    .map(([type, rest]) => ({ ...rest, type })),
);
const response = fc
  .tuple(
    holder,
    fc.oneof(odd, fc.array(item, { maxLength: 3 })),
    fc.constantFrom('completed', 'incomplete', 'failed', 'x', 1),
  )
  .map(([rest, output, status]) => ({ ...rest, output, status }));
const event = fc
  .tuple(types, holder, item, fc.oneof(odd, response), odd, odd)
  .map(([type, rest, item, response, output_index, delta]) => ({ ...rest, type, item, response, output_index, delta }));

function asked(body: Record<string, unknown>): ChatRequest {
  return { source: JsonSource.of(body), model: 'p', isStream: false, includeUsage: false, choiceCount: 1 };
}

/** What is no ProviderError is a defect. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof ProviderError) return undefined;
    throw error;
  }
}

describe('answers no one documented', () => {
  it('never break the stream reader, nor what is made of its items', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 6 }), (events) => {
        const reader = openaiResponses.chat?.openStream(target, asked({}));
        const items = events.flatMap((value) => [...(reader?.push({ name: '', data: JSON.stringify(value) }) ?? [])]);
        attempt(() => {
          const aggregate = new ChatAggregate('p', 1);
          for (const each of items) aggregate.push(each);
          return aggregate.end();
        });
      }),
      RUNS,
    );
  });

  it('are refused as what they are when they are no answers', () => {
    fc.assert(
      fc.property(fc.oneof(odd, response), (value) => {
        attempt(() => openaiResponses.chat?.fromBody(Buffer.from(JSON.stringify(value)), target, asked({})));
      }),
      RUNS,
    );
  });

  it('never break the translation of a request, whatever the messages are made of', () => {
    const message = fc
      .tuple(fc.constantFrom('user', 'assistant', 'tool', 'system', 'x', 1), odd, odd, odd, odd)
      .map(([role, content, tool_calls, reasoning_details, refusal]) => ({
        role,
        content,
        tool_calls,
        reasoning_details,
        refusal,
      }));
    fc.assert(
      fc.property(
        fc.array(fc.oneof(odd, message), { maxLength: 4 }),
        odd,
        odd,
        odd,
        (messages, tools, choice, format) => {
          const body = { messages, tools, tool_choice: choice, response_format: format };
          attempt(() => openaiResponses.chat?.toBody(asked(body), target, {}));
        },
      ),
      RUNS,
    );
  });
});
