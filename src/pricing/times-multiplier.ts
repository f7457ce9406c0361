import type { NanoCredits } from '../common/money.js';
import { MULTIPLIER_ONE } from './cost-of.js';

/** A rate as an account group pays it, up to whole nano-credits, to be shown; a bill is exact and rounded once. */
export function timesMultiplier(rate: NanoCredits, multiplierMillionths: bigint): NanoCredits {
  return (rate * multiplierMillionths + MULTIPLIER_ONE - 1n) / MULTIPLIER_ONE;
}
