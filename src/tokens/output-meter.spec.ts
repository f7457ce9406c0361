import fc from 'fast-check';
import { countTokens as countCl100k } from 'gpt-tokenizer/encoding/cl100k_base';
import { countTokens as countO200k } from 'gpt-tokenizer/encoding/o200k_base';
import { SAMPLE_TEXTS } from '../../test/support/sample-texts.js';
import { OutputMeter } from './output-meter.js';

const LANGUAGES = Object.entries(SAMPLE_TEXTS);

/** Pushes a text in pieces of these lengths, over and over. */
function pushAll(meter: OutputMeter, text: string, lengths: readonly number[]): void {
  for (let start = 0, i = 0; start < text.length; i++) {
    const end = start + (lengths[i % lengths.length] ?? 1);
    meter.push(text.slice(start, end));
    start = end;
  }
}

describe('OutputMeter', () => {
  it.each(LANGUAGES)('gives for %s, however it is cut, what the reference tokenizer gives', (_language, text) => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 }), (lengths) => {
        const meter = new OutputMeter('gpt-4o');
        pushAll(meter, text, lengths);
        expect(meter.finish()).toBe(countO200k(text));
      }),
      { numRuns: 20 },
    );
  });

  it.each(LANGUAGES)('is as exact for a long text (%s), of which it keeps little', (_language, text) => {
    const long = `${text}\n\n`.repeat(Math.ceil(40_000 / text.length));
    for (const [model, reference] of [
      ['gpt-4o', countO200k],
      ['gpt-4', countCl100k],
    ] as const) {
      const meter = new OutputMeter(model);
      pushAll(meter, long, [3, 5, 2, 7]);
      expect(meter.finish()).toBe(reference(long));
      expect((meter as unknown as { pending: string }).pending.length).toBeLessThanOrEqual(8 * 1024);
    }
  });

  it.each(LANGUAGES)('estimates %s on the way, within 25 % and never falling', (_language, text) => {
    const long = `${text}\n`.repeat(20);
    const meter = new OutputMeter('gpt-4o');
    let before = 0;
    for (let start = 0; start < long.length; start += 4) {
      meter.push(long.slice(start, start + 4));
      expect(meter.tokens).toBeGreaterThanOrEqual(before);
      before = meter.tokens;
      // At some places, once there is enough to judge by.
      if (start % 400 === 0 && start > 0) {
        const exact = countO200k(long.slice(0, start + 4));
        expect(Math.abs(meter.tokens - exact)).toBeLessThan(0.25 * exact + 8);
      }
    }
  });

  it('counts from the first character, and nothing for nothing', () => {
    const meter = new OutputMeter('gpt-4o');
    meter.push('');
    expect([meter.tokens, meter.finish()]).toEqual([0, 0]);
    meter.push('H');
    expect([meter.tokens, meter.finish()]).toEqual([1, 1]);
  });

  it('applies the factor of the family once, to the whole', () => {
    const meter = new OutputMeter('claude-opus-5-5');
    pushAll(meter, SAMPLE_TEXTS.english, [4]);
    expect(meter.finish()).toBe(Math.ceil(countO200k(SAMPLE_TEXTS.english) * 1.25));
  });

  it('takes a run without boundaries, and a giant piece, without holding them', () => {
    const run = new OutputMeter('gpt-4o');
    for (let i = 0; i < 1000; i++) run.push('q'.repeat(50));
    expect(run.finish()).toBeGreaterThanOrEqual(countO200k('q'.repeat(800)) * 62);
    expect((run as unknown as { pending: string }).pending.length).toBeLessThanOrEqual(8 * 1024);

    const giant = new OutputMeter('gpt-4o');
    const text = `${SAMPLE_TEXTS.english}\n`.repeat(100);
    giant.push('Before. ');
    giant.push(text);
    giant.push(' After.');
    expect(Math.abs(giant.finish() / countO200k(text) - 1)).toBeLessThan(0.05);
    expect(giant.tokens).toBeGreaterThanOrEqual(giant.finish() - 2);
  });
});
