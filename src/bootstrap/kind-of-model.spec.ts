import { kindOfModel } from './kind-of-model.js';

describe('what a model is for, by its name', () => {
  it.each([
    ['gpt-4o', 'chat'],
    ['wanda-7b', 'chat'],
    ['kling-v2-6', 'video'],
    ['doubao-seedance-2-0', 'video'],
    ['wan2.7-t2v', 'video'],
    ['MiniMax-Hailuo-2.3', 'video'],
    ['MiniMax-H3', 'video'],
    ['MiniMax-M3', 'chat'],
    ['dall-e-3', 'other'],
    ['text-embedding-3-small', 'other'],
    ['voyage-4', 'other'],
  ])('%s: %s', (name, kind) => {
    expect(kindOfModel(name)).toBe(kind);
  });
});
