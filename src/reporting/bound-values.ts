import type { SqlParameter } from '../database/sql.js';

/** The values of a statement that is put together from parts: each gets its place when it is written. */
export class BoundValues {
  private readonly bound: SqlParameter[] = [];

  /** @returns `$1`, `$2`, …, for the text of the statement; the same value twice gets two places. */
  add(value: SqlParameter): string {
    this.bound.push(value);
    return `$${this.bound.length}`;
  }

  /** In the order of their places. */
  get all(): readonly SqlParameter[] {
    return this.bound;
  }
}
