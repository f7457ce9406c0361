import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Resume } from '../attempt.js';
import { MismatchError, openSplicer, prefillOf } from './splicer.js';

const RETELL: Resume = { mode: 'retell' };
/** What a caller sees of a text that comes in pieces, after `sent`. */
function splice(sent: string, resume: Resume, pieces: readonly string[]): string {
  const splicer = openSplicer(sent, resume);
  return pieces.map((piece) => splicer.push(piece)).join('') + splicer.end();
}
function prefillFor(sent: string): Resume {
  return { mode: 'prefill', prefill: prefillOf(sent)! };
}

/** Text with everything that is awkward to cut: pairs, marks, white space. */
const texts = fc.string({
  unit: fc.constantFrom('a', 'b', ' ', '\n', 'é', '你', '🌍', '👩‍👩‍👧', 'e\u0301'),
  maxLength: 60,
});
/** A text cut anywhere, between the halves of a pair too. */
function cut(text: string, places: readonly number[]): string[] {
  const at = [...new Set(places.map((place) => place % (text.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((start, i) => text.slice(start, at[i] ?? text.length));
}
const places = fc.array(fc.nat(), { maxLength: 8 });

describe('a text that is told again', () => {
  it('gives only what follows what was sent, wherever the two are cut', () => {
    fc.assert(
      fc.property(texts, fc.nat(), places, (text, length, at) => {
        const sent = text.slice(0, length % (text.length + 1));
        expect(splice(sent, RETELL, cut(text, at))).toBe(text.slice(sent.length));
      }),
    );
  });

  it('is refused with its first difference, before anything of it is given', () => {
    fc.assert(
      fc.property(texts, texts, places, (sent, other, at) => {
        fc.pre(!other.startsWith(sent) && (!sent.startsWith(other) || sent.slice(other.length).trim() !== ''));
        expect(() => splice(sent, RETELL, cut(other, at))).toThrow(MismatchError);
      }),
    );
  });

  it('may leave out white space at the very end of what was sent, and nothing else', () => {
    expect(splice('done. \n', RETELL, ['done.'])).toBe('');
    expect(() => splice('done. x', RETELL, ['done.'])).toThrow(MismatchError);
  });

  it('is all new where no text was sent', () => {
    expect(splice('', RETELL, ['new'])).toBe('new');
  });
});

describe('the beginning that a model is given', () => {
  it('has no white space and no half of a character at its end', () => {
    expect(prefillOf('One two \n')).toBe('One two');
    expect(prefillOf('One \ud83c')).toBe('One');
    expect(prefillOf('One\u3000')).toBe('One');
  });

  it('is not there when that leaves nothing, or what cannot be sent as it is', () => {
    expect(prefillOf(' \n')).toBeUndefined();
    expect(prefillOf('a \udc00 b')).toBeUndefined();
  });
});

describe('a text that goes on from a beginning', () => {
  it('brings back what was left out of that, and is given from there on, wherever it is cut', () => {
    fc.assert(
      fc.property(texts, fc.nat(), places, (text, length, at) => {
        const sent = text.slice(0, length % (text.length + 1));
        const prefill = prefillOf(sent);
        fc.pre(prefill !== undefined);
        const rest = text.slice(prefill!.length);
        // What begins like the answer itself could be either; that is the next test.
        fc.pre(rest === '' || rest[0] !== sent[0]);
        expect(sent + splice(sent, { mode: 'prefill', prefill: prefill! }, cut(rest, at))).toBe(
          rest.trim() === '' && text.length < sent.length ? sent : text,
        );
      }),
    );
  });

  it('is refused when the white space does not come back', () => {
    expect(() => splice('One two ', prefillFor('One two '), ['three'])).toThrow(MismatchError);
    expect(splice('One two ', prefillFor('One two '), [' ', 'three'])).toBe('three');
  });

  it('may end where the beginning ended', () => {
    expect(splice('All said. ', prefillFor('All said. '), [])).toBe('');
  });

  it('gives the other half of a character that was cut', () => {
    const sent = 'Hello \ud83c';
    expect(splice(sent, prefillFor(sent), [' \ud83c\udf0d', '!'])).toBe('\udf0d!');
  });

  it('is seen when it repeats the beginning, as some vendors do', () => {
    fc.assert(
      fc.property(texts, texts, places, (sent, more, at) => {
        fc.pre(prefillOf(sent) !== undefined && sent.length >= 8);
        // What is the same again and again is the next test.
        fc.pre(`${sent}${sent}`.indexOf(sent, 1) === sent.length);
        const splicer = openSplicer(sent, prefillFor(sent));
        const given = cut(sent + more, at).map((piece) => splicer.push(piece));
        expect(given.join('') + splicer.end()).toBe(more);
        expect(splicer.isEcho).toBe(true);
      }),
    );
  });

  it.each<[string, string, readonly string[]]>([
    ['the first digit of a number', '1', ['10', '.']],
    ['a short word', 'ha', ['ha', 'ha']],
    ['a dotted line', '--------------------', ['----', '----------------', '\n']],
    ['a syllable again and again', '哈哈哈哈哈哈哈哈', ['哈哈哈哈哈哈哈哈哈']],
  ])('is refused where nobody can tell a repetition from a continuation: %s', (_name, sent, pieces) => {
    expect(() => splice(sent, prefillFor(sent), pieces)).toThrow(MismatchError);
  });

  it('is refused when it begins anew and then differs', () => {
    const sent = 'The quick brown fox jumps over the lazy dog';
    expect(() => splice(sent, prefillFor(sent), ['The quick brown fox jumps', ' on a table'])).toThrow(MismatchError);
    expect(() => splice(sent, prefillFor(sent), ['The quick brown fox jumps'])).toThrow(MismatchError);
  });

  it('may begin like the answer by chance', () => {
    const sent = 'The quick brown fox jumps over the lazy dog';
    expect(splice(sent, prefillFor(sent), ['The', ' end'])).toBe('The end');
  });
});
