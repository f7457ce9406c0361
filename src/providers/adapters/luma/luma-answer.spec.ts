import { DREAM_MACHINE_ERRORS } from '../luma-dream-machine/dream-machine-video.js';
import { toLumaError } from './luma-answer.js';

describe('an error of Luma, which only its text tells', () => {
  const kindOf = (status: number, detail: string) =>
    toLumaError({ status, headers: {}, body: Buffer.from(JSON.stringify({ detail })) }, DREAM_MACHINE_ERRORS).kind;

  it.each([
    ['out_of_money', 400, 'Insufficient credits'],
    ['out_of_money', 400, 'You do not have enough credits'],
    // Words of a caller's prompt must not put a channel to rest.
    ['invalid_request', 400, 'A prompt must not name a credit card.'],
    ['rate_limited', 429, 'Too many requests for your credit plan.'],
    // The caller is not to blame, and another channel may do it.
    ['overloaded', 503, 'The moderation service is away.'],
  ])('is %s: %i %s', (kind, status, text) => {
    expect(kindOf(status, text)).toBe(kind);
  });
});
