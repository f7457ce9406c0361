import { JsonSource } from '../../common/json-source.js';
import { bedrock } from '../adapters/bedrock/bedrock.provider.js';
import { cohere } from '../adapters/cohere/cohere.provider.js';
import type { ChatRequest, SseEvent } from './chat.js';

const SOURCE = JsonSource.of({ model: 'm', messages: [{ role: 'user', content: 'a' }], stop: ['END'] });
const CHAT: ChatRequest = { source: SOURCE, model: 'm', isStream: false, includeUsage: false, choiceCount: 1 };
const MESSAGES: ChatRequest = { ...CHAT, original: { format: 'anthropic', source: SOURCE, headers: {} } };
const TARGET = { upstreamModel: 'up', publicModel: 'm' };

const VENDORS = {
  bedrock: (stopReason: string) => ({
    body: { output: { message: { role: 'assistant', content: [{ text: 'a' }] } }, stopReason },
    event: { name: 'messageStop', data: JSON.stringify({ stopReason }) },
  }),
  cohere: (finish_reason: string) => ({
    body: { id: 'a', message: { role: 'assistant', content: [{ type: 'text', text: 'a' }] }, finish_reason },
    event: { name: 'message-end', data: JSON.stringify({ type: 'message-end', delta: { finish_reason } }) },
  }),
};

function finishesOf(id: keyof typeof VENDORS, reason: string, request: ChatRequest): readonly unknown[] {
  const chat = { bedrock, cohere }[id].chat!;
  const { body, event }: { body: object; event: SseEvent } = VENDORS[id](reason);
  const { completion } = chat.fromBody(Buffer.from(JSON.stringify(body)), TARGET, request);
  const [item] = chat.openStream(TARGET, request).push(event);
  const [told] = item?.type === 'chunk' ? item.chunk.choices : [];
  return [completion.choices[0], told].map((choice) => [choice?.finish_reason, choice?.['original_finish']]);
}

describe('that a model stopped at a sequence', () => {
  it.each([
    ['bedrock', 'stop_sequence', 'end_turn'],
    ['cohere', 'STOP_SEQUENCE', 'COMPLETE'],
  ] as const)('is told callers of the Messages API by %s, and no others', (id, atSequence, atEnd) => {
    const own = ['stop', { stop_reason: 'stop_sequence' }];
    expect(finishesOf(id, atSequence, MESSAGES)).toEqual([own, own]);
    const plain = ['stop', undefined];
    expect(finishesOf(id, atSequence, CHAT)).toEqual([plain, plain]);
    expect(finishesOf(id, atEnd, MESSAGES)).toEqual([plain, plain]);
  });
});
