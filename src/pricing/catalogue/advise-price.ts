import { MODEL_CONFIGS } from 'llm-zoo';
import { type PriceSuggestion, suggestPrice } from './suggest-price.js';

type PackageModel = (typeof MODEL_CONFIGS)[string];

/** Version of the package, as package.json pins it, and the month of its release. */
export const PRICE_PACKAGE = { source: 'llm-zoo 1.37.0', asOf: '2026-09' } as const;

/** What the package calls the makers of models that are providers here. */
const MAKERS: Readonly<Record<string, string>> = {
  openai: 'openai',
  anthropic: 'anthropic',
  gemini: 'google',
  deepseek: 'deepseek',
  xai: 'xai',
  moonshot: 'moonshot',
  dashscope: 'dashscope',
  minimax: 'minimax',
  zhipu: 'glm',
};

/** More digits would be noise of the package's floating point. */
const DECIMALS = 6;

/**
 * A price to show an operator who asks for one: that of the catalogue, else what a public package says the maker charges. Nothing takes
 * the latter by itself; it is rougher (no tiers, no price of cache writes), and newer models are in it sooner.
 *
 * @param provider id of the provider that serves the model; one that is not its maker has prices of its own. Undefined for whoever it is.
 */
export function advisePrice(model: string, provider?: string): PriceSuggestion | undefined {
  return suggestPrice(model, provider) ?? packagePrice(model, provider);
}

function packagePrice(model: string, provider: string | undefined): PriceSuggestion | undefined {
  const maker = provider === undefined ? undefined : MAKERS[provider];
  if (provider !== undefined && maker === undefined) return undefined;
  const name = model.slice(model.lastIndexOf('/') + 1).toLowerCase();
  const entry = Object.values(MODEL_CONFIGS).find(
    (each) => (maker === undefined || each.provider === maker) && isPriced(each) && isNamed(each, name),
  );
  return entry === undefined ? undefined : toSuggestion(entry);
}

/** Whether the entry is about what the model's maker charges for it by the token and in the usual way. */
function isPriced({ retired, openRouterOnly, baseUrl, serviceTier, inputPrice, outputPrice }: PackageModel): boolean {
  const isUsual = retired !== true && !openRouterOnly && baseUrl === undefined && serviceTier === undefined;
  return isUsual && inputPrice > 0 && outputPrice > 0;
}

function isNamed({ fullName, shortName }: PackageModel, name: string): boolean {
  return fullName.toLowerCase() === name || shortName.toLowerCase() === name;
}

function toSuggestion({ inputPrice, outputPrice, capabilities }: PackageModel): PriceSuggestion {
  const { cacheDiscountFactor, supportsPromptCaching, supportsAutoPromptCaching } = capabilities;
  const hasCache = (supportsPromptCaching || supportsAutoPromptCaching) && cacheDiscountFactor < 1;
  return {
    price: {
      inputPerMillion: toDecimal(inputPrice),
      ...(hasCache && { cachedInputPerMillion: toDecimal(inputPrice * cacheDiscountFactor) }),
      outputPerMillion: toDecimal(outputPrice),
    },
    ...PRICE_PACKAGE,
    note: 'Read from a public package: compare it with the price page of the vendor.',
  };
}

function toDecimal(dollars: number): string {
  return dollars.toFixed(DECIMALS).replace(/\.?0+$/, '');
}
