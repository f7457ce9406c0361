import type { DeclaredPrice } from '../../../common/declared-price.js';
import { invalidRequest } from '../../../common/hub-error.js';
import { checkPrice } from '../../../pricing/check-price.js';
import type { PriceInput, ServiceTierPriceInput } from './price.input.js';

/**
 * A price of the schema as it is stored.
 *
 * @param param where it stands in the input.
 * @throws HubError 400 `price_invalid` naming the field, such as `price.tiers[0].inputPerMillion`, and all that is wrong.
 */
export function toDeclaredPrice(input: PriceInput, param: string): DeclaredPrice {
  const { perImage, perVideoSecond, tiers, serviceTiers, ...rates } = input;
  checkNames(serviceTiers ?? [], param);
  const price = {
    ...withoutNulls(rates),
    ...(perImage != null && { perImage: toAmountOrList(perImage) }),
    ...(perVideoSecond != null && { perVideoSecond: toAmountOrList(perVideoSecond) }),
    ...(tiers != null && tiers.length > 0 && { tiers: tiers.map(withoutNulls) }),
    ...(serviceTiers != null && serviceTiers.length > 0 && { serviceTiers: toServiceTiers(serviceTiers) }),
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

/** In a mapping the second of two would take the place of the first. */
function checkNames(tiers: readonly ServiceTierPriceInput[], param: string): void {
  const names = tiers.map(({ name }) => name);
  const index = names.findIndex((name, i) => names.indexOf(name) < i);
  if (index === -1) return;
  const place = `${param}.serviceTiers[${index}].name`;
  throw invalidRequest(`"${place}" says the same as a service tier before it.`, place, 'price_invalid');
}

function toServiceTiers(tiers: readonly ServiceTierPriceInput[]) {
  return Object.fromEntries(
    tiers.map(({ name, tiers: long, ...rates }) => [
      name,
      { ...withoutNulls(rates), ...(long != null && long.length > 0 && { tiers: long.map(withoutNulls) }) },
    ]),
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
