import type { SourceData } from '../source/read-source.js';
import type { PlannedCode } from './import-plan.js';
import type { Notes } from './notes.js';
import type { QuotaRate } from './quota-rate.js';
import { isDeleted, plainText, subjectOf, textOf, toDate, wholeOf } from './row-values.js';

const UNREDEEMED = 1n;
const CODE = /^[0-9a-f]{32}$/i;
const BATCH_CHARS_MAX = 128;

/** Codes that somebody can still redeem. */
export function planCodes(data: SourceData, rate: QuotaRate, notes: Notes): PlannedCode[] {
  const codes: PlannedCode[] = [];
  const seen = new Set<string>();
  for (const row of data.redemptions) {
    if (isDeleted(row) || wholeOf(row, 'status', UNREDEEMED) !== UNREDEEMED) {
      notes.skip('codes that are redeemed, disabled or deleted');
      continue;
    }
    const subject = subjectOf('code', row, 'name');
    // A column of fixed width is filled up with spaces.
    const symbols = textOf(row, 'key').trim().toLowerCase();
    if (!CODE.test(symbols) || seen.has(symbols) || !/^\d{1,18}$/.test(textOf(row, 'id'))) {
      notes.skip('codes that cannot be taken over');
      notes.warn(subject, 'is not of 32 hexadecimal digits, or there twice; it was left out');
      continue;
    }
    seen.add(symbols);
    const amount = rate.toAmount(wholeOf(row, 'quota', 0n), 'the quota', notes, subject);
    if (amount === 0n) {
      notes.skip('codes that are worth nothing');
      continue;
    }
    const seconds = wholeOf(row, 'expired_time', 0n);
    if (seconds === undefined) {
      notes.skip('codes that cannot be taken over');
      notes.warn(subject, 'has an expiry that is no time; it was left out');
      continue;
    }
    codes.push({
      sourceId: textOf(row, 'id'),
      batch: plainText(`${data.product}: ${textOf(row, 'name')}`, BATCH_CHARS_MAX),
      symbols,
      amount,
      // 0 is never there.
      expiresAt: seconds === 0n ? undefined : toDate(seconds),
    });
  }
  return codes;
}
