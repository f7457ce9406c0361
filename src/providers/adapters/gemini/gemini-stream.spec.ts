import { JsonSource } from '../../../common/json-source.js';
import type { ChatStreamItem } from '../../canonical/chat.js';
import { gemini } from './gemini.provider.js';

const asked = { source: JsonSource.of({}), model: 'x', isStream: true, includeUsage: false, choiceCount: 1 };

function read(model: string, ...events: object[]): ChatStreamItem[] {
  const reader = gemini.chat!.openStream({ upstreamModel: model, publicModel: 'x' }, asked);
  return events.flatMap((event) => [...reader.push({ name: '', data: JSON.stringify(event) })]);
}

const say = (parts: object[], more: object = {}): object => ({
  candidates: [{ content: { parts, role: 'model' }, ...more }],
});
const textOf = (items: readonly ChatStreamItem[]): string =>
  items.map((item) => (item.type === 'chunk' ? (item.chunk.choices[0]?.delta['content'] ?? '') : '')).join('');

describe('a stream of Gemini', () => {
  it('has not ended with a STOP before the first word, as translating proxies send it', () => {
    const stop = say([], { finishReason: 'STOP' });
    const items = read('gemini-3.8-flash', stop, stop, say([{ text: 'Hello' }]), stop, stop);
    expect(textOf(items)).toBe('Hello');
    expect(items.filter((item) => item.type === 'chunk' && item.isFinish)).toHaveLength(1);
    expect(items.some((item) => item.type === 'error')).toBe(false);
  });

  it('says what was consumed before it says that it failed', () => {
    const usageMetadata = { promptTokenCount: 5, thoughtsTokenCount: 7, totalTokenCount: 12 };
    const items = read('gemini-3.8-flash', { ...say([], { finishReason: 'MALFORMED_FUNCTION_CALL' }), usageMetadata });
    expect(items).toMatchObject([
      { type: 'usage', usage: { inputTokens: 5, outputTokens: 7 } },
      { type: 'error', error: { kind: 'invalid_response', code: 'MALFORMED_FUNCTION_CALL' } },
    ]);
  });

  it('names the model that has answered when it is another', () => {
    const usageMetadata = { promptTokenCount: 5 };
    const told = { ...say([{ text: 'a' }]), usageMetadata, modelVersion: 'gemini-3.5-flash-lite' };
    expect(read('gemini-2.5-flash', told).at(-1)).toMatchObject({ servedModel: 'gemini-3.5-flash-lite' });
    expect(read('gemini-3.5-flash-lite', told).at(-1)).not.toHaveProperty('servedModel');
  });

  it('counts the pictures of the whole stream', () => {
    const picture = { inlineData: { mimeType: 'image/png', data: 'AAAA' } };
    const usageMetadata = { promptTokenCount: 5, candidatesTokenCount: 9, totalTokenCount: 14 };
    const draft = { ...picture, thought: true };
    const items = read('gemini-3.1-flash-image', say([draft, picture]), { ...say([picture]), usageMetadata });
    expect(items.at(-1)).toMatchObject({ type: 'usage', usage: { images: 2, outputTokens: 9 } });
  });

  it('gives log probabilities in the form of OpenAI', () => {
    const logprobsResult = {
      chosenCandidates: [{ token: 'é', logProbability: -0.5 }],
      topCandidates: [
        {
          candidates: [
            { token: 'é', logProbability: -0.5 },
            { token: 'e', logProbability: -2 },
          ],
        },
      ],
    };
    const [item] = read('gemini-2.0-flash', say([{ text: 'é' }], { logprobsResult }));
    const e = { token: 'é', logprob: -0.5, bytes: [195, 169] };
    expect(item).toMatchObject({
      chunk: {
        choices: [{ logprobs: { content: [{ ...e, top_logprobs: [e, { token: 'e', logprob: -2, bytes: [101] }] }] } }],
      },
    });
  });
});
