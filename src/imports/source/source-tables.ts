/**
 * A row of a foreign table, every value as the text its database makes of it. A column that this version of the product does
 * not have is missing.
 */
export type TextRow = Readonly<Record<string, string | null>>;

/** An open foreign database, as of one moment. */
export interface SourceTables {
  /** Names of a table's columns; empty when there is no such table. */
  columnsOf(table: string): Promise<readonly string[]>;
  /**
   * Reads columns that exist, in the order of the first one.
   * @throws ImportError for a table of more than {@link SOURCE_ROWS_MAX} rows.
   */
  read(table: string, columns: readonly string[]): Promise<readonly TextRow[]>;
}

/** The most rows that are read from one table; all of them are held in memory. */
export const SOURCE_ROWS_MAX = 500_000;
