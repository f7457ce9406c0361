import type { ModelCapabilities } from '../channels/model-routing.js';

const FEATURES = [
  'tools',
  'vision',
  'audioInput',
  'fileInput',
  'jsonSchema',
  'reasoning',
  'choices',
] as const satisfies readonly (keyof ModelCapabilities)[];

/**
 * What a model can that several upstreams serve: what one of them can, since requests are sent to one that can. It is said to be unable
 * only when all are known to be, and to end only when all do, on the last of their days.
 */
export function joinCapabilities(all: readonly ModelCapabilities[]): ModelCapabilities {
  const [first] = all;
  if (first === undefined || all.length === 1) return first ?? {};
  const sizes = all.map(({ imageSizes }) => imageSizes).filter((list) => list !== undefined);
  const ends = all.map(({ retiresOn }) => retiresOn).filter((day) => day !== undefined);
  return {
    ...largest('contextTokens', all),
    ...largest('outputTokensMax', all),
    ...Object.fromEntries(
      FEATURES.map((name) => [name, oneCan(all.map((each) => each[name]))] as const).filter(isKnown),
    ),
    ...(sizes.length === all.length && { imageSizes: [...new Set(sizes.flat())] }),
    ...(ends.length === all.length && { retiresOn: ends.toSorted().at(-1) }),
  };
}

function largest(name: 'contextTokens' | 'outputTokensMax', all: readonly ModelCapabilities[]): ModelCapabilities {
  const counts = all.map((each) => each[name]).filter((count) => count !== undefined);
  return counts.length === 0 ? {} : { [name]: Math.max(...counts) };
}

function oneCan(answers: readonly (boolean | undefined)[]): boolean | undefined {
  if (answers.includes(true)) return true;
  return answers.includes(undefined) ? undefined : false;
}

function isKnown(entry: readonly [string, boolean | undefined]): boolean {
  return entry[1] !== undefined;
}
