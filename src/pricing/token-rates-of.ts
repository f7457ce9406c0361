import type { Price, TokenPrice, TokenRates } from './price.js';

/** All rates of tokens that a price has: of short and long prompts, in every service tier. */
export function tokenRatesOf(price: Price): readonly TokenRates[] {
  return [price, ...price.serviceTiers.values()].flatMap(ratesOf);
}

/** Those of one service tier. @param serviceTier one that the price does not have, or undefined: the price's own. */
export function tokenRatesIn(price: Price, serviceTier: string | undefined): readonly TokenRates[] {
  return ratesOf(tokenPriceIn(price, serviceTier));
}

/** What tokens cost in a service tier. @param serviceTier one that the price does not have, or undefined: the price's own. */
export function tokenPriceIn(price: Price, serviceTier: string | undefined): TokenPrice {
  return (serviceTier !== undefined && price.serviceTiers.get(serviceTier)) || price;
}

function ratesOf({ rates, tiers }: TokenPrice): TokenRates[] {
  return [rates, ...tiers.map((tier) => tier.rates)];
}
