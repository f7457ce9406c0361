import { readdirSync, readFileSync } from 'node:fs';
import type { DeclaredPrice } from '../../common/declared-price.js';

const FOLDER = new URL('.', import.meta.url);

/** What the catalogue knows of a model's price. */
export interface PriceSuggestion {
  /** US dollars, taken for credits. */
  readonly price: DeclaredPrice;
  /** Where it was read. */
  readonly source: string;
  /** When, as `2026-11`. */
  readonly asOf: string;
  readonly note?: string;
}

/** One price of the files beside this one. */
export interface CatalogueEntry extends PriceSuggestion {
  /** Names that have this price. */
  readonly models: readonly string[];
  /** Only what this provider serves costs this: a model with open weights has a price at each of its hosts. */
  readonly provider?: string;
}

/** Every entry of the catalogue, file by file. */
export const CATALOGUE: readonly CatalogueEntry[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.json'))
  .sort()
  .flatMap((file) => JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as CatalogueEntry[]);

/** Entries by name in lower case; those of one provider under its id, the others under none. */
const BY_NAME = new Map(
  CATALOGUE.flatMap((entry) => entry.models.map((name) => [keyOf(name, entry.provider), entry] as const)),
);

/**
 * The vendor's list price of a model, to start from. It is advice: it is used by itself only for channels that a provider
 * key in the environment makes, and never where anybody else has stated a price.
 *
 * @param model a name as an upstream knows it; a vendor's name before a slash is looked past (`openai/gpt-6-sol`).
 * @param provider id of the provider that serves it.
 */
export function suggestPrice(model: string, provider?: string): PriceSuggestion | undefined {
  for (const name of [model, model.slice(model.lastIndexOf('/') + 1)]) {
    const entry = BY_NAME.get(keyOf(name, provider)) ?? BY_NAME.get(keyOf(name, undefined));
    if (entry !== undefined) return entry;
  }
  return undefined;
}

function keyOf(name: string, provider: string | undefined): string {
  return `${provider ?? ''} ${name.toLowerCase()}`;
}
