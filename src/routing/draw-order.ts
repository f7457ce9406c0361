import type { Candidate } from './candidate.js';

/** The share of one candidate: credentials of a channel divide what the channel has. */
export function shareOf({ weight, credentialCount }: Candidate): number {
  return weight / credentialCount;
}

/**
 * Puts candidates in the order of one request: tiers by priority, and inside a tier a draw by weight without repetition.
 * A candidate of weight 0 comes after all others of its tier.
 *
 * @param candidates one of each channel, sorted by priority, highest first.
 * @param random uniform in [0, 1).
 */
export function drawOrder(candidates: readonly Candidate[], random: () => number): readonly Candidate[] {
  if (candidates.length < 2) return candidates;
  const order: Candidate[] = [];
  for (let start = 0; start < candidates.length; ) {
    const priority = candidates[start]?.priority;
    let end = start + 1;
    while (end < candidates.length && candidates[end]?.priority === priority) end++;
    const rest = candidates.slice(start, end);
    while (rest.length > 0) order.push(...rest.splice(drawIndex(rest, weightOf, random), 1));
    start = end;
  }
  return order;
}

/**
 * Draws one of a list by weight; when all weigh nothing, each is as likely.
 *
 * @param items at least one.
 * @param random uniform in [0, 1).
 * @returns its index.
 */
export function drawIndex<Item>(items: readonly Item[], weigh: (item: Item) => number, random: () => number): number {
  if (items.length === 1) return 0;
  let total = 0;
  for (const item of items) total += weigh(item);
  let point = random() * total;
  for (let i = 0; i < items.length; i++) {
    point -= weigh(items[i] as Item);
    if (point < 0) return i;
  }
  return Math.floor(random() * items.length);
}

function weightOf({ weight }: Candidate): number {
  return weight;
}
