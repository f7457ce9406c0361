import type { ImportProduct } from '../product.js';
import type { Fraction } from './fraction.js';

/** What a product takes for the price of output against input where its options say nothing. */
export interface BuiltInCompletion {
  readonly ratio: Fraction;
  /** The product takes this one also when its options say something else. */
  readonly isFixed: boolean;
}

/** The first rule that fits a name counts. */
interface Rule {
  readonly pattern: RegExp;
  readonly ratio: readonly [numerator: bigint, denominator: bigint];
  readonly isFixed?: boolean;
}

const fixed = (pattern: RegExp, numerator: bigint, denominator = 1n): Rule => ({
  pattern,
  ratio: [numerator, denominator],
  isFixed: true,
});
const usual = (pattern: RegExp, numerator: bigint, denominator = 1n): Rule => ({
  pattern,
  ratio: [numerator, denominator],
});

/** https://github.com/songquanpeng/one-api, relay/billing/ratio. */
const ONE_API: readonly Rule[] = [
  usual(/^whisper-1$/, 0n),
  usual(/^deepseek-reasoner$/, 219n, 55n),
  usual(/^gpt-3\.5(-turbo$|.*0125$)/, 3n),
  usual(/^gpt-3\.5.*1106$/, 2n),
  usual(/^gpt-3\.5/, 4n, 3n),
  usual(/^gpt-4o-2024-05-13$/, 3n),
  usual(/^gpt-4o/, 4n),
  usual(/^gpt-4(-turbo|.*preview$)/, 3n),
  usual(/^gpt-4/, 2n),
  usual(/^o1/, 4n),
  usual(/^chatgpt-4o-latest$/, 3n),
  usual(/^claude-3/, 5n),
  usual(/^(claude|mistral|gemini)-/, 3n),
  usual(/^deepseek-/, 2n),
  usual(/^llama2-70b-4096$/, 5n, 4n),
  usual(/^llama3-8b-8192$/, 2n),
  usual(/^llama3-70b-8192$/, 79n, 59n),
  usual(/^command(-light|-nightly|-light-nightly)?$/, 2n),
  usual(/^(command-r|grok-beta)$/, 3n),
  usual(/^command-r-plus$/, 5n),
];

/** https://github.com/QuantumNous/new-api, setting/ratio_setting. */
const NEW_API: readonly Rule[] = [
  usual(/(-all|-gizmo-\*)$/, 2n),
  fixed(/^gpt-4o-2024-05-13$/, 3n),
  usual(/^gpt-4o-mini-tts/, 20n),
  usual(/^gpt-4o/, 4n),
  fixed(/^gpt-5[^.]*$/, 8n),
  fixed(/^gpt-5\.4-nano/, 25n, 4n),
  fixed(/^gpt-5\.4/, 6n),
  usual(/^gpt-5/, 6n),
  fixed(/^gpt-4\.5-preview/, 2n),
  fixed(/^gpt-4(-turbo|-1106$|-1105$)/, 3n),
  // What begins with gpt-3.5 does so with gpt- as well, which is looked at first there.
  usual(/^gpt-/, 2n),
  fixed(/^(o1|o3)/, 4n),
  fixed(/^chatgpt-4o-latest$/, 3n),
  fixed(/claude-(3|(sonnet|opus|haiku)-4)/, 5n),
  fixed(/^mistral-/, 3n),
  fixed(/^gemini-(1\.5|2\.0)/, 4n),
  usual(/^gemini-2\.5-pro/, 8n),
  usual(/^gemini-2\.5-flash-preview.*-nothinking$/, 4n),
  usual(/^gemini-2\.5-flash-preview/, 70n, 3n),
  usual(/^gemini-2\.5-flash-lite/, 4n),
  usual(/^gemini-(2\.5-flash|robotics-er-1\.5)/, 25n, 3n),
  usual(/^gemini-3-pro-image/, 60n),
  usual(/^gemini-3-pro/, 6n),
  usual(/^gemini-/, 4n),
  fixed(/^command-r$/, 3n),
  fixed(/^command-r-plus$/, 5n),
  fixed(/^command-r(-plus)?-08-2024$/, 4n),
  usual(/^command/, 4n),
  fixed(/^ERNIE-(Speed-|Lite-|Character|Functions)/, 2n),
  fixed(/^llama2-70b-4096$/, 5n, 4n),
  fixed(/^llama3-8b-8192$/, 2n),
  fixed(/^llama3-70b-8192$/, 79n, 59n),
];

const RULES = { 'one-api': ONE_API, 'new-api': NEW_API } as const;

/** The price of output against that of input that is built into a product. @param model as callers name it. */
export function builtInCompletion(product: ImportProduct, model: string): BuiltInCompletion {
  const rule = RULES[product].find(({ pattern }) => pattern.test(model));
  const [numerator, denominator] = rule?.ratio ?? [1n, 1n];
  return { ratio: { numerator, denominator }, isFixed: rule?.isFixed ?? false };
}
