import { readTaskAnswer } from './read-task-answer.js';

const read = (text: string) => readTaskAnswer({ status: 200, headers: {}, body: Buffer.from(text) });

describe("an answer of a vendor's task API", () => {
  it('keeps every digit of a large number, as text, and leaves the others numbers', () => {
    expect(read('{"id":9223372036854775807,"small":42,"part":0.1,"huge":1e300,"neg":-9007199254740993}')).toEqual({
      id: '9223372036854775807',
      small: 42,
      part: 0.1,
      huge: 1e300,
      neg: '-9007199254740993',
    });
  });

  it.each(['', 'no', 'null', '[]', '7', '{"a":', '<html>'])('is refused when it is no JSON object: %s', (text) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ kind: 'invalid_response' }));
  });

  it('is not quoted where it is refused', () => {
    expect(() => read('secret-word')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('secret') }),
    );
  });
});
