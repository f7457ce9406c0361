import type { Catalog } from '../channels/catalog.types.js';
import { advisePrice, PRICE_PACKAGE } from '../pricing/catalogue/advise-price.js';
import type { PriceSuggestion } from '../pricing/catalogue/suggest-price.js';

/** More would push the rest of the banner off the screen. */
const MODELS_NAMED_MAX = 20;

/** A model that some channel serves without anybody having said what it costs. */
interface Unpriced {
  readonly model: string;
  readonly suggestion?: PriceSuggestion;
}

/** Tells the operator which models cannot be used for lack of a price, with the lines to paste where one is suggested. */
export function priceNotes(catalog: Catalog): readonly string[] {
  const unpriced = findUnpriced(catalog);
  if (unpriced.length === 0) return [];
  const shown = unpriced.slice(0, MODELS_NAMED_MAX);
  const names = shown.map(({ model }) => model).join(', ');
  const more = unpriced.length > shown.length ? ` and ${unpriced.length - shown.length} more` : '';
  const suggested = shown.filter(({ suggestion }) => suggestion !== undefined);
  return [
    `Without a price, and refused (503 model_not_priced) until they have one: ${names}${more}.`,
    'Set one with "npm run hub -- price:set MODEL ..." or in HUB_CONFIG.',
    ...(suggested.length === 0 ? [] : ['List prices of the vendors, to paste into HUB_CONFIG:', 'models:']),
    ...suggested.flatMap(({ model, suggestion }) => (suggestion === undefined ? [] : toLine(model, suggestion))),
  ];
}

function findUnpriced({ channels, models, prices }: Catalog): readonly Unpriced[] {
  const found = new Map<string, Unpriced>();
  for (const channel of channels) {
    for (const [model, upstream] of channel.models) {
      if (!models.has(model) || prices.selling(model, channel.id) !== undefined) continue;
      if (found.get(model)?.suggestion !== undefined) continue;
      // The upstream's name first: a public one such as gpt-4 may stand for any model.
      const suggestion = advisePrice(upstream, channel.provider) ?? advisePrice(model, channel.provider);
      found.set(model, { model, suggestion });
    }
  }
  return [...found.values()].sort((a, b) => (a.model < b.model ? -1 : 1));
}

/** A rough price says so, where it is pasted. */
function toLine(model: string, { price, source, asOf, note }: PriceSuggestion): string {
  const line = `  - { id: ${JSON.stringify(model)}, price: ${flowYaml(price)} }`;
  return source === PRICE_PACKAGE.source ? `${line} # ${source}, ${asOf}. ${note}` : line;
}

/** JSON is YAML; keys without quotes and a space after each sign are how people write it. */
function flowYaml(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flowYaml).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{ ${Object.entries(value)
      .map(([key, item]) => `${key}: ${flowYaml(item)}`)
      .join(', ')} }`;
  }
  return JSON.stringify(value);
}
