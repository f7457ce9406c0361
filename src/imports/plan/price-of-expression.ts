import { formatCredits } from '../../common/credits.js';
import type { DeclaredPrice, DeclaredRates, DeclaredTier } from '../../common/declared-price.js';
import { type Fraction, parseFraction, timesUp } from './fraction.js';

const NANO_PER_CREDIT = 1_000_000_000n;
/** Counts of tokens: of a prompt, an answer, read from a cache, written to one, written to one for an hour. */
const VARIABLE = /^(?:p|c|cr|cc|cc1h)$/;
const TIER = /^tier\(",([^()]*|fixed\([^()]*\))\)$/;
const CONDITION = /^len(<=?)(\d{1,15})\?(tier\(",(?:[^()?:]*|fixed\([^()]*\))\)):(.+)$/;

/** US dollars a million tokens, by variable. */
type Rates = ReadonlyMap<string, Fraction>;

interface Leaf {
  readonly aboveInputTokens: number;
  readonly rates: Rates;
}

/** A price that was an expression, and what of it is not exact. */
export interface ExpressedPrice {
  readonly price: DeclaredPrice;
  readonly inexact?: string;
}

/**
 * Reads an expression of new-api that says a price: `tier("base", p * 2.5 + c * 15 + cr * 0.25)`, several of these by the length of the
 * prompt (`len <= 200000 ? … : …`), or `tier("request", fixed(0.01))`, times `image_count` for pictures. What is not counted by a
 * variable of its own costs as the rest of the prompt, here as there.
 * https://github.com/QuantumNous/new-api, pkg/billingexpr/expr.md
 *
 * @returns undefined for one that says more than a price can.
 */
export function priceOfExpression(expression: string): ExpressedPrice | undefined {
  // Names of tiers are for people; with them gone a space, a colon or a bracket is one of the expression.
  const text = expression.replace(/"[^"]*"|\s+/g, (part) => (part.startsWith('"') ? '"' : '')).replace(/^v1:/, '');
  const [, fixed, count] = /^tier\(",fixed\(([^()]*)\)\)(\*image_count)?$/.exec(text) ?? [];
  if (fixed !== undefined) {
    const amount = parseFraction(fixed);
    if (amount === undefined) return undefined;
    return { price: count === undefined ? { perRequest: format(amount) } : { perImage: format(amount) } };
  }
  const leaves = leavesOf(text);
  return leaves === undefined ? undefined : priceOf(leaves);
}

/** The tiers from the shortest prompt to the longest. */
function leavesOf(text: string): readonly Leaf[] | undefined {
  const leaves: Leaf[] = [];
  let rest = text;
  let aboveInputTokens = 0;
  for (let found = CONDITION.exec(rest); found !== null; found = CONDITION.exec(rest)) {
    const [, sign, bound = '', tier = '', behind = ''] = found;
    const rates = ratesOf(tier);
    const next = sign === '<=' ? Number(bound) : Number(bound) - 1;
    if (rates === undefined || next <= aboveInputTokens) return undefined;
    leaves.push({ aboveInputTokens, rates });
    aboveInputTokens = next;
    rest = behind;
  }
  const rates = ratesOf(rest);
  return rates === undefined ? undefined : [...leaves, { aboveInputTokens, rates }];
}

function ratesOf(tier: string): Rates | undefined {
  const sum = TIER.exec(tier)?.[1];
  if (sum === undefined) return undefined;
  const rates = new Map<string, Fraction>();
  for (const term of sum.split('+')) {
    const parts = term.split('*');
    const variable = parts.find((part) => VARIABLE.test(part));
    const amount = parts.find((part) => part !== variable);
    const rate = amount === undefined ? undefined : parseFraction(amount);
    if (parts.length !== 2 || variable === undefined || rate === undefined || rates.has(variable)) return undefined;
    rates.set(variable, rate);
  }
  return rates;
}

function priceOf([first, ...more]: readonly Leaf[]): ExpressedPrice | undefined {
  if (first === undefined) return undefined;
  const has = (variable: string) => [first, ...more].some(({ rates }) => rates.has(variable));
  const declare = ({ rates }: Leaf): DeclaredRates => {
    const rate = (variable: string) => format(rates.get(variable) ?? { numerator: 0n, denominator: 1n });
    const orPrompt = (variable: string) => rate(rates.has(variable) ? variable : 'p');
    return {
      inputPerMillion: rate('p'),
      outputPerMillion: rate('c'),
      ...(has('cr') && { cachedInputPerMillion: orPrompt('cr') }),
      ...(has('cc') && { cacheWritePerMillion: orPrompt('cc') }),
    };
  };
  const tiers = more.map((leaf): DeclaredTier => ({ aboveInputTokens: leaf.aboveInputTokens, ...declare(leaf) }));
  return {
    price: { ...declare(first), ...(tiers.length > 0 && { tiers }) },
    ...(has('cc1h') && {
      inexact: 'has a price of its own for caches of an hour, which was not taken: they cost as others',
    }),
  };
}

function format(dollars: Fraction): string {
  return formatCredits(timesUp(dollars, NANO_PER_CREDIT));
}
