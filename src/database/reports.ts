import { DatabaseUnavailableError, isStatementTimeout, sqlState } from './database-error.js';
import type { Sql, SqlSession } from './sql.js';

/** A report took longer than reports may take, or others were using all connections that reports have. */
export class ReportTimeoutError extends Error {
  override readonly name = 'ReportTimeoutError';

  constructor(cause: unknown) {
    super('The report took too long', { cause });
  }
}

/** What differs between the databases that reports run on. */
export interface ReportLimits {
  /** Most rows that one report may read, or null where its time is limited instead. */
  readonly rowsMax: number | null;
  /** True while every connection of the reports is in use. */
  readonly isFull: () => boolean;
}

/**
 * Long reads that must not slow down the relay. On PostgreSQL they have two connections of their own and ten seconds; the
 * embedded database has one connection on the event loop, so a report there reads at most {@link Reports.rowsMax} rows.
 */
export class Reports {
  constructor(
    private readonly sql: Sql,
    private readonly limits: ReportLimits,
  ) {}

  /** Most rows that one report may read; null means any number. As a bound of `limit` it works as it is. */
  get rowsMax(): number | null {
    return this.limits.rowsMax;
  }

  /**
   * Runs reads that all see one moment of the database. Await nothing in it but SQL of the session it is given.
   *
   * @throws ReportTimeoutError when it takes too long; DatabaseUnavailableError when the database is away.
   */
  async snapshot<Result>(work: (session: SqlSession) => Promise<Result>): Promise<Result> {
    try {
      return await this.sql.transaction(async (session) => {
        await session.query('set transaction isolation level repeatable read, read only');
        return await work(session);
      });
    } catch (error) {
      throw this.isTooSlow(error) ? new ReportTimeoutError(error) : error;
    }
  }

  private isTooSlow(error: unknown): boolean {
    if (isStatementTimeout(error)) return true;
    if (!(error instanceof DatabaseUnavailableError)) return false;
    return sqlState(error.cause) === undefined && this.limits.isFull();
  }
}
