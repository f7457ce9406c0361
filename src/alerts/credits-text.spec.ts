import { creditsText } from './credits-text.js';

it.each([
  [0n, '0'],
  [1n, '0.000000001'],
  [1_500_000_000n, '1.5'],
  [20_000_000_000n, '20'],
  [-12_500_000_001n, '-12.500000001'],
  [9_223_372_036_854_775_807n, '9223372036.854775807'],
])('%i nano-credits are %s credits', (nanoCredits, text) => {
  expect(creditsText(nanoCredits)).toBe(text);
});
