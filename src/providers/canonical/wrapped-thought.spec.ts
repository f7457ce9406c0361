import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isWrapped, unwrapThought, wrapThought } from './wrapped-thought.js';

describe('a wrapped thought', () => {
  it('is unwrapped as it was, and looks like a word', () => {
    const json = fc.dictionary(fc.string(), fc.jsonValue()).map((value) => JSON.parse(JSON.stringify(value)));
    fc.assert(
      fc.property(json, json, (detail, calls) => {
        const wrapped = wrapThought({ detail, calls });
        expect(wrapped).toMatch(/^hub1\.[\w-]+$/);
        expect(unwrapThought(wrapped)).toEqual({ detail, calls });
      }),
    );
  });

  it.each([
    ["a vendor's own", 'EqQBCkYIBxgCIkAx'],
    ['cut', wrapThought({ detail: { a: 1 } }).slice(0, -4)],
    ['empty', 'hub1.'],
    ['no object', `hub1.${Buffer.from('[1]').toString('base64url')}`],
    ['too deep', `hub1.${Buffer.from(`{"detail":${'['.repeat(100_000)}`).toString('base64url')}`],
    ['no text', undefined],
  ])('that is %s is none', (_name, text) => {
    expect(unwrapThought(text)).toBeUndefined();
    expect(isWrapped(text)).toBe(typeof text === 'string' && text.startsWith('hub1.'));
  });
});
