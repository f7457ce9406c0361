// @ts-check

const SUB_BUCKET_BITS = 6;
const SUB_BUCKETS = 1 << SUB_BUCKET_BITS;
/** Largest value told apart: 2^31 microseconds, about 36 minutes. */
const VALUE_MAX = 2 ** 31 - 1;
const BUCKETS = SUB_BUCKETS * (31 - SUB_BUCKET_BITS + 1);

/**
 * Counts of microsecond values in logarithmic buckets: exact below 128 us, within 0.8 % above. Constant memory and no
 * allocation per value, so recording does not disturb what is measured.
 */
export class Histogram {
  #counts = new Float64Array(BUCKETS);
  count = 0;
  maxUs = 0;

  /** @param {number} valueUs */
  record(valueUs) {
    const value = Math.min(Math.max(Math.round(valueUs), 0), VALUE_MAX);
    const shift = Math.max(0, 31 - Math.clz32(value) - SUB_BUCKET_BITS);
    const bucket = shift * SUB_BUCKETS + (value >>> shift);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.count += 1;
    if (value > this.maxUs) this.maxUs = value;
  }

  /**
   * @param {number} quantile between 0 and 1
   * @returns {number | null} microseconds, the middle of the bucket; null when nothing was recorded
   */
  quantileUs(quantile) {
    if (this.count === 0) return null;
    const rank = Math.max(1, Math.ceil(quantile * this.count));
    let seen = 0;
    for (let index = 0; index < BUCKETS; index += 1) {
      seen += this.#counts[index] ?? 0;
      if (seen >= rank) return middleOf(index);
    }
    return this.maxUs;
  }

  /** @returns {import('./types.mjs').Quantiles} milliseconds */
  summaryMs() {
    const ms = (/** @type {number | null} */ us) => (us === null ? null : us / 1e3);
    return {
      p50: ms(this.quantileUs(0.5)),
      p90: ms(this.quantileUs(0.9)),
      p99: ms(this.quantileUs(0.99)),
      max: this.count === 0 ? null : this.maxUs / 1e3,
    };
  }
}

/** @param {number} index */
function middleOf(index) {
  const shift = Math.max(0, Math.floor(index / SUB_BUCKETS) - 1);
  const low = (index - shift * SUB_BUCKETS) * 2 ** shift;
  return low + (2 ** shift - 1) / 2;
}
