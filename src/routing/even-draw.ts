/** The part of one that spreads best: multiples of it, without their whole numbers, keep apart evenly at every length. */
const GOLDEN_PART = (Math.sqrt(5) - 1) / 2;

/**
 * What stands for chance where the same requests are to be routed again with the same result: as evenly spread as can be, so that
 * shares by weight come out after few requests already.
 *
 * @param index which request, from 0.
 * @returns in [0, 1).
 */
export function evenDraw(index: number): number {
  return (0.5 + index * GOLDEN_PART) % 1;
}
