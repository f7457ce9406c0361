import { isCredits } from './parse-credits.js';
import { isPlainTier } from './service-tier.js';

/** What is wrong with a price, and where in it. */
export interface PriceProblem {
  /** Steps from the price to the value at fault. */
  readonly path: readonly (string | number)[];
  /** Follows the place, such as `must be a list`. */
  readonly text: string;
}

type Path = PriceProblem['path'];
type Fields = Readonly<Record<string, unknown>>;
type Check = (value: unknown, path: Path) => readonly PriceProblem[];

const NAME_CHARS_MAX = 64;
const LIST_ITEMS_MAX = 256;
const SERVICE_TIERS_MAX = 16;
/** As vendors write them; anything else could be no word of a request. */
const SERVICE_TIER_NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/;
const AMOUNT_RULE = 'must be a decimal number in quotes such as "2.5", with at most nine digits on each side';

const amount: Check = (value, path) => (isCredits(value) ? [] : [{ path, text: AMOUNT_RULE }]);
const name: Check = (value, path) =>
  typeof value === 'string' && value.trim() !== '' && value.length <= NAME_CHARS_MAX && isPlain(value)
    ? []
    : [{ path, text: `must be a text of 1 to ${NAME_CHARS_MAX} characters, none of them control characters` }];
const flag: Check = (value, path) => (typeof value === 'boolean' ? [] : [{ path, text: 'must be true or false' }]);
const count: Check = (value, path) =>
  Number.isSafeInteger(value) && Number(value) >= 1 ? [] : [{ path, text: 'must be a whole number of at least 1' }];

const RATES: Readonly<Record<string, Check>> = {
  inputPerMillion: amount,
  outputPerMillion: amount,
  cachedInputPerMillion: amount,
  cacheWritePerMillion: amount,
  reasoningPerMillion: amount,
};
const TIER = { aboveInputTokens: count, ...RATES };
const SERVICE_TIER: Readonly<Record<string, Check>> = { ...RATES, tiers: checkTiers };
const PRICE: Readonly<Record<string, Check>> = {
  ...RATES,
  perRequest: amount,
  perImage: amountOrList({ size: name, quality: name }),
  perVideoSecond: amountOrList({ resolution: name, audio: flag }),
  perAudioSecond: amount,
  perMillionCharacters: amount,
  perSearch: amount,
  tiers: checkTiers,
  serviceTiers: checkServiceTiers,
};

/** Everything that is wrong with a value that should be a {@link DeclaredPrice}; empty when it is one. */
export function checkPrice(value: unknown): readonly PriceProblem[] {
  if (isFields(value) && Object.keys(value).every((key) => key === 'serviceTiers')) {
    return [{ path: [], text: 'must name at least one rate; "0" is free' }];
  }
  return checkFields(value, [], PRICE, []);
}

function checkFields(value: unknown, path: Path, known: Readonly<Record<string, Check>>, required: readonly string[]) {
  if (!isFields(value)) return [{ path, text: 'must be a mapping' }];
  const problems: PriceProblem[] = [];
  for (const [key, item] of Object.entries(value)) {
    const check = Object.hasOwn(known, key) ? known[key] : undefined;
    if (check === undefined) problems.push({ path: [...path, key], text: 'is not known' });
    else if (item !== undefined) problems.push(...check(item, [...path, key]));
  }
  for (const key of required) if (value[key] === undefined) problems.push({ path, text: `needs \`${key}\`` });
  return problems;
}

/** One amount, or entries told apart by `features`, of which one is for everything else and none is there twice. */
function amountOrList(features: Readonly<Record<string, Check>>): Check {
  const names = Object.keys(features);
  return (value, path) => {
    if (!Array.isArray(value)) return amount(value, path);
    const problems = checkList(value, path, (item, place) =>
      checkFields(item, place, { ...features, price: amount }, ['price']),
    );
    if (problems.length > 0) return problems;
    const seen = new Set<string>();
    for (const [index, item] of value.entries()) {
      const key = JSON.stringify(names.map((feature) => fold((item as Fields)[feature])));
      if (seen.has(key)) problems.push({ path: [...path, index], text: 'says the same as an entry before it' });
      seen.add(key);
    }
    if (!seen.has(JSON.stringify(names.map(() => null)))) {
      problems.push({ path, text: `needs an entry without ${names.join(' and ')}, for everything else` });
    }
    return problems;
  };
}

function checkTiers(value: unknown, path: Path): readonly PriceProblem[] {
  if (!Array.isArray(value)) return [{ path, text: 'must be a list' }];
  const problems = checkList(value, path, (item, place) => {
    const found = checkFields(item, place, TIER, ['aboveInputTokens']);
    const isEmpty = found.length === 0 && Object.keys(item as Fields).length < 2;
    return isEmpty ? [{ path: place, text: 'must name at least one rate' }] : found;
  });
  if (problems.length > 0) return problems;
  const seen = new Set<unknown>();
  for (const [index, { aboveInputTokens }] of (value as readonly { aboveInputTokens: number }[]).entries()) {
    if (seen.has(aboveInputTokens)) {
      problems.push({ path: [...path, index, 'aboveInputTokens'], text: 'says the same as a tier before it' });
    }
    seen.add(aboveInputTokens);
  }
  return problems;
}

function checkServiceTiers(value: unknown, path: Path): readonly PriceProblem[] {
  if (!isFields(value)) return [{ path, text: 'must be a mapping of service tiers' }];
  const names = Object.keys(value);
  if (names.length === 0 || names.length > SERVICE_TIERS_MAX) {
    return [{ path, text: `must have 1 to ${SERVICE_TIERS_MAX} entries` }];
  }
  return names.flatMap((key) => {
    const place = [...path, key];
    if (!SERVICE_TIER_NAME.test(key)) {
      return [{ path: place, text: 'must be a name of small letters, digits, "_" and "-", 64 at most' }];
    }
    if (isPlainTier(key)) return [{ path: place, text: 'is what the price itself is for' }];
    const tier = value[key];
    const isEmpty = isFields(tier) && Object.keys(tier).length === 0;
    return isEmpty
      ? [{ path: place, text: 'must name at least one rate' }]
      : checkFields(tier, place, SERVICE_TIER, []);
  });
}

function checkList(list: readonly unknown[], path: Path, check: Check): PriceProblem[] {
  if (list.length === 0 || list.length > LIST_ITEMS_MAX) {
    return [{ path, text: `must have 1 to ${LIST_ITEMS_MAX} entries` }];
  }
  return list.flatMap((item, index) => check(item, [...path, index]));
}

/** Names are compared without regard to case; what is left out is null. */
function fold(value: unknown): unknown {
  return typeof value === 'string' ? value.trim().toLowerCase() : (value ?? null);
}

/** Others the database cannot store, or nobody sees. */
function isPlain(text: string): boolean {
  return !/\p{Cc}/u.test(text) && text.isWellFormed();
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
