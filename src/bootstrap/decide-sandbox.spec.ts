import { decideSandbox } from './decide-sandbox.js';

const NOTHING = { mode: 'auto', isProduction: false, hasDeclaredChannels: false, hasOwnChannels: false } as const;

describe('decideSandbox', () => {
  it.each([
    [{}, true],
    [{ isProduction: true }, false],
    [{ hasDeclaredChannels: true }, false],
    [{ hasOwnChannels: true }, false],
    [{ mode: 'off' }, false],
    [{ mode: 'on', isProduction: true, hasDeclaredChannels: true, hasOwnChannels: true }, true],
  ] as const)('with nothing but %j says %s', (question, expected) => {
    expect(decideSandbox({ ...NOTHING, ...question })).toBe(expected);
  });
});
