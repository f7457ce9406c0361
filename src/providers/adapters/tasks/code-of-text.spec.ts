import { withCodeOfText } from './code-of-text.js';

const failure = (text: string, status = 400) => ({ status, headers: {}, body: Buffer.from(text) });
const codeIn = (text: string): unknown =>
  JSON.parse(Buffer.from(withCodeOfText(failure(text), [[/credits/i, 'insufficient_credits']]).body).toString()).code;

describe('an error of a vendor without codes', () => {
  it('gets one for what its text tells', () => {
    expect(codeIn('{"error":"Not enough credits."}')).toBe('insufficient_credits');
    expect(codeIn('{"detail":"Insufficient Credits"}')).toBe('insufficient_credits');
  });

  it.each(['{"error":"no"}', '', 'credits', '["credits"]', '<html>credits'])('stays as it is: %s', (text) => {
    const given = failure(text);
    expect(withCodeOfText(given, [[/credits/i, 'insufficient_credits']])).toBe(given);
  });

  it('stays as it is where it is a fault of the service, which has no such reason', () => {
    const given = failure('{"detail":"The service for credits is away."}', 503);
    expect(withCodeOfText(given, [[/credits/i, 'insufficient_credits']])).toBe(given);
  });
});
