import { imageTokens } from './image-tokens.js';

const square = { width: 1024, height: 1024 };

describe('imageTokens', () => {
  it.each([
    ['gpt-4o', square, false, 765],
    ['gpt-4o', { width: 4096, height: 2048 }, false, 85 + 3 * 2 * 170],
    ['gpt-4o', { width: 200, height: 100 }, false, 85 + 170],
    ['gpt-4o', square, true, 85],
    ['gpt-4o-mini', square, false, 2833 + 4 * 5667],
    ['gpt-5', square, false, 70 + 4 * 140],
    ['o1', square, false, 75 + 4 * 150],
    ['gpt-4.1-mini', square, false, Math.ceil(1024 * 1.62)],
    ['gpt-4.1-mini', { width: 4000, height: 3000 }, false, Math.ceil(1536 * 1.62)],
    ['gpt-5.2', square, false, 1229],
    ['gpt-6-sol', { width: 4032, height: 3024 }, false, Math.ceil(126 * 95 * 1.2)],
    ['claude-3-5-sonnet', square, false, Math.ceil((1024 * 1024) / 750)],
    ['claude-3-5-sonnet', { width: 8000, height: 8000 }, false, 1600],
    ['claude-haiku-4-5', { width: 8000, height: 8000 }, false, 1660],
    ['claude-opus-4-7', { width: 8000, height: 8000 }, false, 4800],
    ['gemini-2.5-pro', { width: 384, height: 384 }, false, 258],
    ['gemini-2.5-pro', square, false, 4 * 258],
    ['gemini-3.8-flash', square, false, 1120],
    ['deepseek-flash', { width: 4000, height: 4000 }, false, 1024],
    ['qwen3-vl', square, false, 765],
  ])('counts for %s a picture of %j (low: %s) as %i', (model, size, isLow, tokens) => {
    expect(imageTokens(model, size, isLow)).toBe(tokens);
  });

  it('takes a picture of unknown size for a square of 1024 pixels', () => {
    for (const model of ['gpt-4o', 'gpt-5.2', 'claude-3', 'gemini-2.5-pro', 'unheard-of']) {
      expect(imageTokens(model, undefined, false)).toBe(imageTokens(model, square, false));
    }
  });
});
