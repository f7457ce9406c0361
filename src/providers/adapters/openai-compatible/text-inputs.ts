import { unsupported } from './refusals.js';

/**
 * The texts of an embeddings request, in a list.
 * @throws ProviderError `unsupported_option` with param `input` for token numbers.
 */
export function textInputs(input: unknown): readonly string[] {
  const inputs: readonly unknown[] = Array.isArray(input) ? input : [input];
  return inputs.map((text) => {
    if (typeof text === 'string') return text;
    throw unsupported(
      'input',
      'This model takes text only; send "input" as a string or a list of strings instead of token numbers.',
    );
  });
}
