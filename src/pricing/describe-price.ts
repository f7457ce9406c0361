import type { DeclaredPrice, DeclaredRates, DeclaredServiceTier } from '../common/declared-price.js';

const RATE_NAMES: readonly (readonly [keyof DeclaredRates, string])[] = [
  ['inputPerMillion', 'in'],
  ['cachedInputPerMillion', 'cached'],
  ['cacheWritePerMillion', 'cache write'],
  ['outputPerMillion', 'out'],
  ['reasoningPerMillion', 'reasoning'],
];

const OTHERS = [
  ['perAudioSecond', 'second of sound'],
  ['perMillionCharacters', '1M characters'],
  ['perSearch', 'search'],
  ['perRequest', 'request'],
] as const;

/** A price on one line, in credits: `2.5 in, 10 out per 1M tokens; 0.04 per image`. */
export function describePrice(price: DeclaredPrice): string {
  const images = typeof price.perImage === 'string' ? [{ price: price.perImage }] : (price.perImage ?? []);
  const videos =
    typeof price.perVideoSecond === 'string' ? [{ price: price.perVideoSecond }] : (price.perVideoSecond ?? []);
  const parts = [
    ratesText(price),
    ...(price.tiers ?? []).map((tier) => `above ${tier.aboveInputTokens} prompt tokens ${ratesText(tier)}`),
    ...images.map((image) => [image.price, 'per', image.quality, image.size, 'image']),
    ...videos.map((video) => [video.price, 'per second of', video.resolution, 'video', soundText(video.audio)]),
    ...Object.entries(price.serviceTiers ?? {}).map(([name, tier]) => serviceTierText(name, tier)),
    ...OTHERS.map(([key, unit]) => (price[key] === undefined ? '' : `${price[key]} per ${unit}`)),
  ];
  return parts
    .map((part) => (typeof part === 'string' ? part : part.filter((word) => word !== undefined).join(' ')))
    .filter((part) => part !== '')
    .join('; ');
}

function ratesText(rates: DeclaredRates): string {
  const named = RATE_NAMES.flatMap(([key, name]) => (rates[key] === undefined ? [] : [`${rates[key]} ${name}`]));
  return named.length === 0 ? '' : `${named.join(', ')} per 1M tokens`;
}

/** In commas, since semicolons part what adds up. */
function serviceTierText(name: string, { tiers, ...rates }: DeclaredServiceTier): string {
  const long = (tiers ?? []).map((tier) => `above ${tier.aboveInputTokens} prompt tokens ${ratesText(tier)}`);
  return `${name}: ${[ratesText(rates), ...long].filter((text) => text !== '').join(', ')}`;
}

function soundText(hasAudio: boolean | undefined): string | undefined {
  if (hasAudio === undefined) return undefined;
  return hasAudio ? 'with sound' : 'without sound';
}
