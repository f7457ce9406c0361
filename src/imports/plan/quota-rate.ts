import { AMOUNT_MAX } from '../../common/credits.js';
import type { NanoCredits } from '../../common/money.js';
import { ImportError } from '../import-error.js';
import { type Fraction, parseFraction, timesDown } from './fraction.js';
import type { Notes } from './notes.js';

/** Both products: 500000 of their quota are one US dollar. */
const QUOTA_PER_UNIT_DEFAULT = '500000';
const NANO_PER_CREDIT = 1_000_000_000n;

/** How much quota of the product is one credit. */
export class QuotaRate {
  private constructor(readonly perCredit: Fraction) {}

  /**
   * The operator's word, else the option QuotaPerUnit, else 500000.
   * @throws ImportError when it is no number above zero: a wrong guess would make every amount wrong.
   */
  static read(stated: string | undefined, options: ReadonlyMap<string, string>): QuotaRate {
    const text = stated ?? options.get('QuotaPerUnit') ?? QUOTA_PER_UNIT_DEFAULT;
    const rate = parseFraction(text.trim());
    if (rate === undefined || rate.numerator === 0n) {
      const place = stated === undefined ? 'The option QuotaPerUnit of the database' : '--quota-per-unit';
      const hint = stated === undefined ? ' State it with --quota-per-unit.' : '';
      throw new ImportError(`${place} must be a number above 0.${hint}`);
    }
    return new QuotaRate(rate);
  }

  /** What a quota is worth, rounded down to a nano-credit. @param quota from 0. */
  toNano(quota: bigint): NanoCredits {
    const { numerator, denominator } = this.perCredit;
    return timesDown({ numerator: denominator, denominator: numerator }, quota * NANO_PER_CREDIT);
  }

  /**
   * The same for a quota that may be anything.
   * @returns zero, with a warning, for what no account can hold.
   */
  toAmount(quota: bigint | undefined, what: string, notes: Notes, subject: string): NanoCredits {
    if (quota === undefined) {
      notes.warn(subject, `${what} is no whole number; it counts as 0`);
      return 0n;
    }
    if (quota < 0n) {
      notes.warn(subject, `${what} is ${quota}, less than nothing; it counts as 0`);
      return 0n;
    }
    const amount = this.toNano(quota);
    if (amount <= AMOUNT_MAX) return amount;
    notes.warn(subject, `${what} is ${quota}, more than the hub can hold; it counts as 0: give quota by hand`);
    return 0n;
  }
}
