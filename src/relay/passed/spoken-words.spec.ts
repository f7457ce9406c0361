import { describe, expect, it } from '@jest/globals';
import { spokenWords } from './spoken-words.js';

describe('what was said of a transcript', () => {
  const linesOf = (text: string): readonly string[] =>
    spokenWords(text)
      .split('\n')
      .filter((line) => line !== '');

  it('has no numbers and times of subtitles in it', () => {
    const vtt = 'WEBVTT\n\n00:00:00.000 --> 00:00:02.000\nhello\n\n00:00:02.000 --> 00:00:03.000\n42 times\n';
    expect(linesOf(vtt)).toEqual(['hello', '42 times']);
    const srt = '1\r\n00:00:00,000 --> 00:00:02,000\r\nhello\r\n\r\n2\r\n00:00:02,000 --> 00:00:03,000\r\nyou\r\n';
    expect(linesOf(srt)).toEqual(['hello', 'you']);
  });

  it('is all of any other text', () => {
    expect(spokenWords('1\n2\nhello')).toBe('1\n2\nhello');
  });
});
