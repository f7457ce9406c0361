import { type Fraction, timesUp } from './fraction.js';
import type { PlannedAccount, PlannedChannel, PlannedGroup } from './import-plan.js';
import type { Notes } from './notes.js';

const MILLION = 1_000_000n;
/** The most that a group of the hub may multiply prices by. */
const MULTIPLIER_MILLIONTHS_MAX = 1000n * MILLION;

/**
 * The groups that imported users are in: the option GroupRatio is the factor on every price, and the channels of a group are
 * what its members may use.
 */
export function planGroups(
  accounts: readonly PlannedAccount[],
  channels: readonly PlannedChannel[],
  ratios: ReadonlyMap<string, Fraction> | undefined,
  notes: Notes,
): PlannedGroup[] {
  const all = new Set(channels.flatMap((channel) => [...channel.models.keys()]));
  return [...new Set(accounts.map(({ group }) => group))].sort().map((name) => {
    const own = new Set(
      channels.filter(({ groups }) => groups.includes(name)).flatMap(({ models }) => [...models.keys()]),
    );
    const isRestricted = own.size < all.size;
    if (isRestricted) {
      notes.warn(`group "${name}"`, `may use ${own.size} of the ${all.size} models, those of its channels there`);
    }
    return {
      name,
      multiplierMillionths: toMillionths(name, ratios?.get(name), notes),
      models: isRestricted ? [...own].sort() : undefined,
    };
  });
}

/** A group without a ratio counts as 1 in both products. */
function toMillionths(name: string, ratio: Fraction | undefined, notes: Notes): bigint {
  if (ratio === undefined) {
    if (name !== 'default') notes.warn(`group "${name}"`, 'has no ratio in the option GroupRatio; 1 was taken');
    return MILLION;
  }
  const millionths = timesUp(ratio, MILLION);
  if (millionths * ratio.denominator !== ratio.numerator * MILLION) {
    notes.warn(`group "${name}"`, `has a ratio with more than six decimals; it was rounded up`);
  }
  if (millionths > MULTIPLIER_MILLIONTHS_MAX) {
    notes.warn(`group "${name}"`, 'has a ratio above 1000; 1000 was taken');
    return MULTIPLIER_MILLIONTHS_MAX;
  }
  return millionths;
}
