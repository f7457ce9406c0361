import type { DeclaredPrice } from '../../../common/declared-price.js';
import { invalidRequest } from '../../../common/hub-error.js';
import { checkPrice } from '../../../pricing/check-price.js';
import type { PriceInput } from './price.input.js';

/**
 * A price of the schema as it is stored.
 *
 * @param param where it stands in the input.
 * @throws HubError 400 `price_invalid` naming the field, such as `price.tiers[0].inputPerMillion`, and all that is wrong.
 */
export function toDeclaredPrice(input: PriceInput, param: string): DeclaredPrice {
  const { perImage, perVideoSecond, tiers, ...rates } = input;
  const price = {
    ...withoutNulls(rates),
    ...(perImage != null && { perImage: toAmountOrList(perImage) }),
    ...(perVideoSecond != null && { perVideoSecond: toAmountOrList(perVideoSecond) }),
    ...(tiers != null && tiers.length > 0 && { tiers: tiers.map(withoutNulls) }),
  };
  const problems = checkPrice(price).map(({ path, text }) => ({
    place: [param, ...path].map(toStep).join('').slice(1),
    text,
  }));
  const [first] = problems;
  if (first === undefined) return price as DeclaredPrice;
  throw invalidRequest(
    problems.map(({ place, text }) => `"${place}" ${text}.`).join(' '),
    first.place,
    'price_invalid',
  );
}

/** One price for everything is stored as such, which is how people write it elsewhere. */
function toAmountOrList<Entry extends { price: string }>(entries: readonly Entry[]) {
  const list = entries.map(withoutNulls);
  const [only] = list;
  return list.length === 1 && only !== undefined && Object.keys(only).length === 1 ? only.price : list;
}

function withoutNulls<Fields extends object>(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value != null)) as Fields;
}

function toStep(step: string | number): string {
  return typeof step === 'number' ? `[${step}]` : `.${step}`;
}
