import type { DeclaredPrice, DeclaredRates, DeclaredServiceTier, DeclaredTier } from '../common/declared-price.js';
import type { NanoCredits } from '../common/money.js';
import { checkPrice } from './check-price.js';
import { parseCredits } from './parse-credits.js';
import type { ImageRate, Price, PriceTier, TokenPrice, TokenRates, VideoRate } from './price.js';

/** A stored or declared price is none; the message lists what is wrong with it. */
export class InvalidPriceError extends Error {
  override readonly name = 'InvalidPriceError';
}

/**
 * Makes a price ready to reckon with.
 *
 * @param declared checked here, because it may come from a database that a newer hub has written to.
 * @throws InvalidPriceError when it is no price, or names something that this version does not know.
 */
export function parsePrice(declared: DeclaredPrice): Price {
  const problems = checkPrice(declared);
  if (problems.length > 0) {
    throw new InvalidPriceError(problems.map(({ path, text }) => `${['price', ...path].join('.')} ${text}`).join('; '));
  }
  const own = toTokenPrice(declared, declared.tiers);
  const serviceTiers = Object.entries(declared.serviceTiers ?? {}).map(
    ([name, tier]) => [name, toServiceTier(declared, own, tier)] as const,
  );
  return Object.freeze({
    ...own,
    serviceTiers: new Map(serviceTiers),
    perRequest: toAmount(declared.perRequest),
    perAudioSecond: toAmount(declared.perAudioSecond),
    perMillionCharacters: toAmount(declared.perMillionCharacters),
    perSearch: toAmount(declared.perSearch),
    images: Object.freeze(toImages(declared.perImage)),
    videos: Object.freeze(toVideos(declared.perVideoSecond)),
  });
}

function toTokenPrice(declared: DeclaredRates, declaredTiers: readonly DeclaredTier[] | undefined): TokenPrice {
  const tiers = (declaredTiers ?? []).map(({ aboveInputTokens, ...rates }) =>
    Object.freeze({ aboveInputTokens, rates: toRates({ ...declared, ...rates }) }),
  );
  return Object.freeze({
    rates: toRates(declared),
    tiers: Object.freeze(tiers.sort((a, b) => b.aboveInputTokens - a.aboveInputTokens)),
  });
}

/**
 * The rates of a service tier, the price's own where it names none. Nobody has said what a long prompt costs in one without `tiers`: it
 * costs neither less than a long prompt otherwise nor less than a short one there.
 */
function toServiceTier(declared: DeclaredPrice, own: TokenPrice, { tiers, ...rates }: DeclaredServiceTier): TokenPrice {
  const named = toTokenPrice({ ...declared, ...rates }, tiers);
  if (tiers !== undefined) return named;
  const toTier = (tier: PriceTier): PriceTier =>
    Object.freeze({ aboveInputTokens: tier.aboveInputTokens, rates: dearer(tier.rates, named.rates) });
  return Object.freeze({ rates: named.rates, tiers: Object.freeze(own.tiers.map(toTier)) });
}

function dearer(a: TokenRates, b: TokenRates): TokenRates {
  const max = (name: keyof TokenRates): NanoCredits => (a[name] > b[name] ? a[name] : b[name]);
  return Object.freeze({
    input: max('input'),
    cachedInput: max('cachedInput'),
    cacheWrite: max('cacheWrite'),
    output: max('output'),
    reasoning: max('reasoning'),
  });
}

function toRates(declared: DeclaredRates): TokenRates {
  const { inputPerMillion: input, outputPerMillion: output } = declared;
  return Object.freeze({
    input: toAmount(input),
    cachedInput: toAmount(declared.cachedInputPerMillion ?? input),
    cacheWrite: toAmount(declared.cacheWritePerMillion ?? input),
    output: toAmount(output),
    reasoning: toAmount(declared.reasoningPerMillion ?? output),
  });
}

/** What is not named costs nothing. */
function toAmount(text: string | undefined): NanoCredits {
  return text === undefined ? 0n : parseCredits(text);
}

function toImages(declared: DeclaredPrice['perImage']): ImageRate[] {
  if (declared === undefined) return [];
  if (typeof declared === 'string') return [Object.freeze({ price: parseCredits(declared) })];
  const rates = declared.map(({ size, quality, price }) =>
    Object.freeze({ size: fold(size), quality: fold(quality), price: parseCredits(price) }),
  );
  return rates.sort((a, b) => rank(b.size, b.quality) - rank(a.size, a.quality));
}

function toVideos(declared: DeclaredPrice['perVideoSecond']): VideoRate[] {
  if (declared === undefined) return [];
  if (typeof declared === 'string') return [Object.freeze({ price: parseCredits(declared) })];
  const rates = declared.map(({ resolution, audio, price }) =>
    Object.freeze({ resolution: fold(resolution), hasAudio: audio, price: parseCredits(price) }),
  );
  return rates.sort((a, b) => rank(b.resolution, b.hasAudio) - rank(a.resolution, a.hasAudio));
}

/** Both named, the first, the second, none. */
function rank(first: unknown, second: unknown): number {
  return (first === undefined ? 0 : 2) + (second === undefined ? 0 : 1);
}

function fold(text: string | undefined): string | undefined {
  return text?.trim().toLowerCase();
}
