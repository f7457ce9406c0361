import type { ChatAnswer } from '../providers/canonical/chat.js';
import { datedAnswer, datedPictures } from './dated-answer.js';

const NOW_MS = 1_800_000_000_999;

function answerOf(created: number): ChatAnswer {
  const completion = { id: 'a', object: 'chat.completion' as const, created, model: 'm', choices: [], x: 1 };
  return { bytes: Buffer.from(JSON.stringify(completion)), completion, usage: { inputTokens: 1 }, servedModel: 'b' };
}

describe('the time of an answer', () => {
  it('is the present where the vendor names none, in the bytes as well', () => {
    const dated = datedAnswer(answerOf(0), NOW_MS);
    const { completion } = answerOf(1_800_000_000);
    expect(dated).toMatchObject({ completion, usage: { inputTokens: 1 }, servedModel: 'b' });
    expect(JSON.parse(Buffer.from(dated.bytes).toString())).toEqual(completion);
    expect(datedPictures({ body: { created: 0, data: [], x: 1 }, usage: undefined }, NOW_MS)).toEqual({
      body: { created: 1_800_000_000, data: [], x: 1 },
      usage: undefined,
    });
  });

  it("is the vendor's own otherwise, and not a byte changes", () => {
    const answer = answerOf(1_767_000_000);
    expect(datedAnswer(answer, NOW_MS)).toBe(answer);
    const pictures = { body: { created: 1, data: [] }, usage: undefined };
    expect(datedPictures(pictures, NOW_MS)).toBe(pictures);
  });
});
