import type { ProviderErrorKind } from './provider-error.js';

/**
 * One line of a vendor's error table, as its adapter reads it. The adapter's errors are made from these rows, the contract suite
 * wants a recorded case for each, and `docs/providers.md` lists them.
 */
export interface ErrorRow {
  /** HTTP status; 200 where the vendor says it inside a success. */
  readonly http: number;
  /** The vendor's code as text; a trailing `*` stands for every code that starts like it, '' for an answer without one. */
  readonly code: string;
  readonly kind: ProviderErrorKind;
  /** The same call may succeed later although nobody changes anything. */
  readonly isRetryable: boolean;
  /**
   * False when a submission that ends like this may have made a task all the same; true when it cannot have. Default true below
   * status 500, false from there on.
   */
  readonly isDefinite?: boolean;
  /** The only call that can end like this; default any. */
  readonly call?: 'submit' | 'status';
  /** What the vendor means by it. */
  readonly note: string;
}

/** Whether a submission that ends like this has made no task for certain. */
export function isRefusal({ isDefinite, http }: ErrorRow): boolean {
  return isDefinite ?? http < 500;
}

/**
 * The row of an answer: the one of its code, where several have it that of its status; else the one of its status without a
 * code.
 * @param code as the vendor wrote it; undefined where it gave none.
 */
export function findErrorRow(rows: readonly ErrorRow[], http: number, code: string | undefined): ErrorRow | undefined {
  const matching = code === undefined ? [] : rows.filter((row) => row.code !== '' && isCodeOf(row, code));
  const exact = matching.filter((row) => row.code === code);
  const candidates = exact.length > 0 ? exact : matching;
  return (
    candidates.find((row) => row.http === http) ??
    candidates[0] ??
    rows.find((row) => row.code === '' && row.http === http)
  );
}

function isCodeOf(row: ErrorRow, code: string): boolean {
  return row.code.endsWith('*') ? code.startsWith(row.code.slice(0, -1)) : row.code === code;
}
