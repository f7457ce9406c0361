import type { NanoCredits } from '../common/money.js';
import { NO_USAGE } from '../pricing/billable-usage.js';
import type { Price } from '../pricing/price.js';
import { boundedCost } from './bounded-cost.js';
import type { Order } from './order.js';
import { givenUsage } from './own-count.js';

type Paid = Pick<Order, 'promptTokens' | 'output' | 'payer'>;

/**
 * What an answer costs that has grown to so many tokens.
 * @param price undefined where there is none, and nothing is charged.
 */
export function costOfDelivered(
  { promptTokens, output, payer }: Paid,
  price: Price | undefined,
  outputTokens: number,
  serviceTier: string | undefined,
): NanoCredits {
  if (price === undefined) return 0n;
  const given = { inputTokens: promptTokens, ...givenUsage(output, promptTokens) };
  return boundedCost(price, { ...NO_USAGE, ...given, outputTokens, serviceTier }, payer.multiplierMillionths);
}

/** The most that it may turn out to cost: until it is complete its upstream may still say that it was served as usual. */
export function boundOfDelivered(
  order: Paid,
  price: Price | undefined,
  outputTokens: number,
  serviceTier: string | undefined,
): NanoCredits {
  const usual = costOfDelivered(order, price, outputTokens, undefined);
  if (serviceTier === undefined) return usual;
  const asked = costOfDelivered(order, price, outputTokens, serviceTier);
  return asked > usual ? asked : usual;
}
