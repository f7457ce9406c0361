import { SentAnswer } from './sent-answer.js';

function sent(...deltas: Record<string, unknown>[]): SentAnswer {
  const answer = new SentAnswer();
  for (const delta of deltas) answer.note({ index: 0, delta, finish_reason: null });
  return answer;
}

describe('what a client has been sent', () => {
  it('can be gone on with while it is text, whatever was thought and however that is signed', () => {
    const answer = sent(
      { role: 'assistant', content: '' },
      { reasoning_content: 'hm', thinking_blocks: [{ signature: 'a' }] },
      { content: 'Hello', extra_content: { google: { thought_signature: 'a' } } },
      { content: ' you', reasoning_details: [{}], refusal: null, tool_calls: [] },
    );
    expect([answer.text, answer.isContinuable]).toEqual(['Hello you', true]);
  });

  it.each([
    { tool_calls: [{ index: 0 }] },
    { refusal: 'no' },
    { audio: { data: 'a' } },
    { images: [{}] },
    { of_tomorrow: 1 },
  ])('cannot after %j', (delta) => {
    expect(sent({ content: 'a' }, delta).isContinuable).toBe(false);
  });

  it('cannot after a finish', () => {
    const answer = sent({ content: 'a' });
    answer.note({ index: 0, delta: {}, finish_reason: 'stop' });
    expect(answer.isContinuable).toBe(false);
  });
});
