/** The database did not answer, or cannot right now. Callers answer 503: the request was not at fault and may be repeated. */
export class DatabaseUnavailableError extends Error {
  override readonly name = 'DatabaseUnavailableError';

  constructor(cause: unknown, message = 'The database is not available') {
    super(message, { cause });
  }
}

/** SQLSTATE of an error the server sent, or undefined when it did not come from the server. */
export function sqlState(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code) ? error.code : undefined;
}

/**
 * Connection trouble (08), wrong credentials (28), no such database (3D), no room (53), shutdown or a cancelled statement
 * (57), and a standby that cannot write (25006): states of the server, not of the statement.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const UNAVAILABLE = /^(08...|28...|3D...|53...|57...|25006)$/;

/** What a driver threw, with trouble of the database itself turned into {@link DatabaseUnavailableError}. */
export function toDatabaseError(error: unknown): unknown {
  const state = sqlState(error);
  // A driver error without a state never reached a working server: refused, timed out or cut off.
  return state === undefined || UNAVAILABLE.test(state) ? new DatabaseUnavailableError(error) : error;
}

/** SQLSTATE of a statement that ran into `statement_timeout`. */
const QUERY_CANCELED = '57014';

/** The server stopped a statement because it took longer than its connection allows. */
export function isStatementTimeout(error: unknown): boolean {
  return error instanceof DatabaseUnavailableError && sqlState(error.cause) === QUERY_CANCELED;
}

/** The transaction lost against another one and may simply be run again: serialisation failure or deadlock. */
export function isRetryable(error: unknown): boolean {
  const state = sqlState(error);
  return state === '40001' || state === '40P01';
}

/** Another moment may do: the database is away, the transaction lost against another, or a row was held for too long (55P03). */
export function isPassing(error: unknown): boolean {
  return error instanceof DatabaseUnavailableError || isRetryable(error) || sqlState(error) === '55P03';
}

/** A unique or exclusion constraint refused the row; `constraint` narrows it to one by name. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  if (sqlState(error) !== '23505') return false;
  return (
    constraint === undefined || (error instanceof Error && 'constraint' in error && error.constraint === constraint)
  );
}
