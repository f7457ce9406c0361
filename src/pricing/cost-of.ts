import type { NanoCredits } from '../common/money.js';
import type { BillableUsage } from './billable-usage.js';
import type { ImageRate, Price, TokenRates, VideoRate } from './price.js';
import { tokenPriceIn } from './token-rates-of.js';

/** A factor of 1, in millionths. */
export const MULTIPLIER_ONE = 1_000_000n;

/** What an amount column of the database can hold. */
const COST_MAX = 2n ** 63n - 1n;

/** The sum is kept in millionths of a nano-credit, the unit in which a price per million counts single tokens. */
const MILLION = 1_000_000n;
const MS_PER_SECOND = 1000n;

/** The cost is more than any account could hold: the counts, the price or the multiplier cannot be meant. */
export class CostOutOfRangeError extends RangeError {
  override readonly name = 'CostOutOfRangeError';
}

/**
 * What a request costs. One request by itself costs its share too: the price per request is always part of it.
 *
 * The sum is exact and rounded once, up, at its end. A part that is larger than its whole (more cached tokens than tokens)
 * counts as the whole, so no token is charged twice.
 *
 * @param multiplierMillionths factor of the account group; 1000000 is 1.
 * @throws RangeError for a count that is no safe integer of at least 0, CostOutOfRangeError for a cost above 2^63-1.
 */
export function costOf(price: Price, usage: BillableUsage, multiplierMillionths: bigint): NanoCredits {
  if (multiplierMillionths < 0n) throw new RangeError('A multiplier must not be negative');
  const millionths =
    tokenCost(ratesOf(price, usage), usage) +
    count(usage.images, 'images') * imageRate(price.images, usage) * MILLION +
    count(usage.videoMs, 'videoMs') * videoRate(price.videos, usage) * (MILLION / MS_PER_SECOND) +
    count(usage.audioMs, 'audioMs') * price.perAudioSecond * (MILLION / MS_PER_SECOND) +
    // A price for a million of them: the product is in millionths already.
    count(usage.characters, 'characters') * price.perMillionCharacters +
    count(usage.searches, 'searches') * price.perSearch * MILLION +
    price.perRequest * MILLION;
  const cost = divideUp(millionths * multiplierMillionths, MILLION * MULTIPLIER_ONE);
  if (cost > COST_MAX) throw new CostOutOfRangeError('The cost is more than an account can hold');
  return cost;
}

function tokenCost(rates: TokenRates, usage: BillableUsage): bigint {
  const input = count(usage.inputTokens, 'inputTokens');
  const output = count(usage.outputTokens, 'outputTokens');
  const cached = lesser(count(usage.cachedInputTokens, 'cachedInputTokens'), input);
  const written = lesser(count(usage.cacheWriteTokens, 'cacheWriteTokens'), input - cached);
  const reasoning = lesser(count(usage.reasoningTokens, 'reasoningTokens'), output);
  return (
    (input - cached - written) * rates.input +
    cached * rates.cachedInput +
    written * rates.cacheWrite +
    (output - reasoning) * rates.output +
    reasoning * rates.reasoning
  );
}

/** The service tier decides first, then the length of the prompt within it. */
function ratesOf(price: Price, { inputTokens, serviceTier }: BillableUsage): TokenRates {
  const { tiers, rates } = tokenPriceIn(price, serviceTier);
  return tiers.find((tier) => inputTokens > tier.aboveInputTokens)?.rates ?? rates;
}

function imageRate(rates: readonly ImageRate[], usage: BillableUsage): NanoCredits {
  const size = fold(usage.imageSize);
  const quality = fold(usage.imageQuality);
  const match = rates.find((rate) => fits(rate.size, size) && fits(rate.quality, quality));
  return match?.price ?? 0n;
}

function videoRate(rates: readonly VideoRate[], usage: BillableUsage): NanoCredits {
  const resolution = fold(usage.videoResolution);
  const match = rates.find((rate) => fits(rate.resolution, resolution) && fits(rate.hasAudio, usage.hasAudio));
  return match?.price ?? 0n;
}

function fits<Value>(wanted: Value | undefined, actual: Value | undefined): boolean {
  return wanted === undefined || wanted === actual;
}

function fold(text: string | undefined): string | undefined {
  return text?.trim().toLowerCase();
}

function count(value: number, name: string): bigint {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${name} is no count: ${value}`);
  return BigInt(value);
}

function lesser(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

/** Rounds up; both are not negative. */
function divideUp(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}
