import { aggregateChat } from '../openai-compatible/aggregate-chat.js';
import { fromCohereBody } from './cohere-answer.js';
import { CohereChatStream } from './cohere-stream.js';

const target = { upstreamModel: 'command-a-03-2025', publicModel: 'public-1' };
const citations = [
  { start: 0, end: 5, text: 'Hello', sources: [{ type: 'document', id: 'a' }] },
  { start: 6, end: 11, text: 'there', sources: [{ type: 'tool', id: 'b' }] },
];
const event = (type: string, message: unknown) => ({ name: type, data: JSON.stringify({ type, delta: { message } }) });

describe('citations of Cohere', () => {
  it('stand beside the text, whole and streamed alike, and under no name that other vendors have', () => {
    const content = [{ type: 'text', text: 'Hello there' }];
    const body = { id: 'a', message: { role: 'assistant', content, citations }, finish_reason: 'COMPLETE' };
    const whole = fromCohereBody(Buffer.from(JSON.stringify(body)), target).completion.choices[0]?.message;
    const reader = new CohereChatStream();
    const events = [
      event('content-delta', { content: { text: 'Hello there' } }),
      ...citations.map((citation) => event('citation-start', { citations: citation })),
      { name: 'message-end', data: '{"type":"message-end","delta":{"finish_reason":"COMPLETE"}}' },
    ];
    const items = events.flatMap((one) => [...reader.push(one)]);
    const streamed = aggregateChat(items, target).completion.choices[0]?.message;
    expect(whole).toEqual({ role: 'assistant', content: 'Hello there', cohere_citations: citations });
    expect(streamed).toEqual(whole);
  });
});
