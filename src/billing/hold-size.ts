import type { NanoCredits } from '../common/money.js';
import { type BillableUsage, NO_USAGE } from '../pricing/billable-usage.js';
import type { Price, TokenRates } from '../pricing/price.js';
import { tokenRatesIn } from '../pricing/token-rates-of.js';
import { boundedCost } from './bounded-cost.js';
import { imageOutputTokens } from './image-output-tokens.js';
import type { Order } from './order.js';
import { heardTokensMax, spokenTokensMax, writtenTokensMax } from './sound-tokens.js';

/** How much is set aside for a request. */
export interface HoldSize {
  readonly amount: NanoCredits;
  /** The least to begin with. */
  readonly minimum: NanoCredits;
  /** Cap on the output tokens of each choice that must be sent upstream, because the caller gave none. */
  readonly outputTokensCap?: number;
  /** The hold grows while the answer does. */
  readonly isOpenEnded: boolean;
}

/** With less than this many output tokens a stream is not worth beginning. */
const STREAM_TOKENS_MIN = 16;
/** No model writes more; it keeps absurd caps from overflowing. */
const OUTPUT_TOKENS_MAX = 1_000_000_000;
const MS_PER_SECOND = 1000;

/**
 * Bounds what a request may cost, at the dearest of the prices that may apply.
 *
 * With the caller's own cap: prompt and cap, for every choice. A stream without one: the prompt and a slice, which is extended
 * while the stream goes on, so that a small balance can still ask a large model something. A whole answer without one: the
 * operator's default cap, which is sent upstream, unless output is free.
 * @param prices at least one.
 * @param sliceTokens output tokens that a stream holds at a time.
 */
export function holdSize(order: Order, prices: readonly Price[], sliceTokens: number): HoldSize {
  const { multiplierMillionths } = order.payer;
  const bound = (parts: Partial<BillableUsage>): NanoCredits => {
    const usage = { ...NO_USAGE, inputTokens: order.promptTokens, ...parts };
    let dearest = 0n;
    for (const price of prices) {
      // Whoever is asked for a service tier may serve in the usual one, which may be the dearer.
      for (const serviceTier of order.serviceTier === undefined ? [undefined] : [undefined, order.serviceTier]) {
        const cost = boundAt(price, { ...usage, serviceTier }, multiplierMillionths);
        if (cost > dearest) dearest = cost;
      }
    }
    return dearest;
  };
  const { output } = order;
  if (output.kind === 'none') return fixed(bound({}));
  if (output.kind === 'images') {
    const { count, size, quality } = output;
    const outputTokens = count * imageOutputTokens(size, quality);
    return fixed(bound({ images: count, imageSize: size, imageQuality: quality, outputTokens }));
  }
  if (output.kind === 'sound') {
    const { msMax } = output;
    const inputTokens = order.promptTokens + heardTokensMax(msMax);
    // Vendors bill whole seconds, the last one in full.
    const audioMs = Math.ceil(msMax / MS_PER_SECOND) * MS_PER_SECOND;
    return fixed(bound({ audioMs, inputTokens, outputTokens: writtenTokensMax(msMax) }));
  }
  if (output.kind === 'speech') {
    const { characters, speedPercent } = output;
    return fixed(bound({ characters, outputTokens: spokenTokensMax(order.promptTokens, speedPercent) }));
  }
  if (output.kind === 'searches') return fixed(bound({ searches: output.countMax }));
  // A model that is paid by the picture and answers in a conversation makes one in it, as a rule.
  const tokens = (perChoice: number): NanoCredits =>
    bound({ outputTokens: Math.min(perChoice * output.choices, OUTPUT_TOKENS_MAX), images: output.choices });
  if (output.cap !== undefined) return fixed(tokens(output.cap));
  // Where output costs nothing, how much there is of it is the caller's business alone.
  if (tokens(OUTPUT_TOKENS_MAX) === tokens(0)) return fixed(tokens(0));
  if (order.kind !== 'stream') {
    return { ...fixed(tokens(order.outputTokensDefault)), outputTokensCap: order.outputTokensDefault };
  }
  const amount = tokens(sliceTokens);
  const minimum = tokens(Math.min(STREAM_TOKENS_MIN, sliceTokens));
  return { amount, minimum: minimum < amount ? minimum : amount, isOpenEnded: true };
}

function fixed(amount: NanoCredits): HoldSize {
  return { amount, minimum: amount, isOpenEnded: false };
}

/**
 * The most that tokens may cost: a provider may report all of a prompt as written to its cache and all of an answer as
 * reasoning, each of which may have a price of its own.
 */
function boundAt(price: Price, usage: BillableUsage, multiplierMillionths: bigint): NanoCredits {
  const rates = tokenRatesIn(price, usage.serviceTier);
  const cacheWriteTokens = rates.some(isCacheWriteDearer) ? usage.inputTokens : usage.cacheWriteTokens;
  const reasoningTokens = rates.some(isReasoningDearer) ? usage.outputTokens : usage.reasoningTokens;
  return boundedCost(price, { ...usage, cacheWriteTokens, reasoningTokens }, multiplierMillionths);
}

function isCacheWriteDearer(rates: TokenRates): boolean {
  return rates.cacheWrite > rates.input;
}

function isReasoningDearer(rates: TokenRates): boolean {
  return rates.reasoning > rates.output;
}
