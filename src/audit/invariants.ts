import { BALANCE_INVARIANTS } from './balance-invariants.js';
import { HOLD_INVARIANTS } from './hold-invariants.js';
import type { Invariant } from './invariant.js';
import { JOB_INVARIANTS } from './job-invariants.js';
import { RECORD_INVARIANTS } from './record-invariants.js';

/** Every invariant of the books, by number. */
export const INVARIANTS: readonly Invariant[] = [
  ...BALANCE_INVARIANTS,
  ...HOLD_INVARIANTS,
  ...JOB_INVARIANTS,
  ...RECORD_INVARIANTS,
].toSorted((one, other) => Number(one.id.slice(1)) - Number(other.id.slice(1)));
