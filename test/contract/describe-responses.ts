import type { Provider } from '../../src/providers/provider.js';
import type { Dialect } from './dialect.js';
import { expectSummary } from './expect-summary.js';
import type { Expected, Fixtures } from './fixtures-of.js';
import { listOf } from './fixtures-of.js';
import { summaryOf } from './summary.js';
import { asked, askedFor, targetOf } from './target.js';

const FINISH_REASONS = ['stop', 'length', 'tool_calls', 'content_filter', 'function_call'];

export function describeResponses(provider: Provider, { files, finishReasons }: Fixtures, dialect: Dialect): void {
  const target = targetOf(dialect);
  const isChat = ({ vectors, ranking }: Expected): boolean => vectors === undefined && ranking === undefined;
  const wholes = files.filter(({ name, expected }) => name.endsWith('.json') && isChat(expected));

  it.each(wholes)('reads $name', ({ bytes, expected }) => {
    const before = Buffer.from(bytes);
    const target = targetOf(dialect, expected);
    const request = askedFor(expected);
    const answer = provider.chat!.fromBody(bytes, target, request);
    expectSummary(summaryOf(answer.completion, answer.usage), expected);
    expect(JSON.parse(Buffer.from(answer.bytes).toString())).toEqual(JSON.parse(JSON.stringify(answer.completion)));
    expect(answer.completion).toMatchObject({ object: 'chat.completion', model: target.publicModel });
    expect(provider.chat!.fromBody(bytes, target, request)).toEqual(answer);
    expect(bytes.equals(before)).toBe(true);
  });

  if (finishReasons.length > 0)
    it.each(finishReasons)('gives finish reason %s its OpenAI name', (reason, meaning) => {
      const body = Buffer.from(JSON.stringify(dialect.answerOf(reason)));
      const read = (): string => {
        try {
          return provider.chat!.fromBody(body, target, asked).completion.choices[0]!.finish_reason;
        } catch {
          return 'error';
        }
      };
      const reader = provider.chat!.openStream(target, asked);
      const items = dialect.eventsOf(reason).flatMap((event) => reader.push(event));
      const end = items.find((item) => item.type === 'error' || (item.type === 'chunk' && item.isFinish));
      const streamed = end?.type === 'chunk' ? end.chunk.choices[0]!.finish_reason : end?.type;
      expect(listOf(meaning)).toContain(read());
      expect(listOf(meaning)).toContain(streamed);
      expect([...FINISH_REASONS, 'error']).toContain(streamed);
    });

  it('refuses what is not an answer', () => {
    const bodies = [
      '',
      '<!doctype html><html></html>',
      '{"choices":[{"index":0,"mess',
      '[]',
      '"text"',
      '{}',
      ...dialect.notAnswers,
    ];
    for (const body of bodies) {
      expect(() => provider.chat!.fromBody(Buffer.from(body), target, asked)).toThrow(
        expect.objectContaining({ kind: 'invalid_response' }),
      );
    }
  });

  it('skips blank lines ahead of an answer', () => {
    for (const { bytes, expected } of wholes) {
      const padded = Buffer.concat([Buffer.from('\n\n\r\n '), bytes]);
      const answer = provider.chat!.fromBody(padded, targetOf(dialect, expected), askedFor(expected));
      expectSummary(summaryOf(answer.completion, answer.usage), expected);
    }
  });
}
