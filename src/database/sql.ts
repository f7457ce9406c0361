/** A value bound to `$1`, `$2`, …; JSON goes in as text (`JSON.stringify`), so that arrays of it are not taken for SQL arrays. */
export type SqlParameter =
  | string
  | number
  | bigint
  | boolean
  | Date
  | Uint8Array
  | null
  | readonly (string | bigint | null)[];

/** Runs single statements. */
export interface SqlSession {
  /**
   * Runs one statement and returns its rows; a write that must know what it did says `returning`.
   *
   * Both drivers give the same JavaScript values: bigint (int8) and numeric as decimal `string`, timestamptz as `Date`,
   * bytea as `Buffer`, json and jsonb parsed, arrays as arrays of these, other integers as `number`.
   *
   * @throws DatabaseUnavailableError when the database is away; other driver errors as they are, with their SQLSTATE in `code`.
   */
  query<Row extends object>(text: string, parameters?: readonly SqlParameter[]): Promise<Row[]>;
}

/**
 * Plain SQL on the application's database, PostgreSQL or embedded: what hot paths and transactions use. Also the injection
 * token.
 */
export abstract class Sql implements SqlSession {
  abstract query<Row extends object>(text: string, parameters?: readonly SqlParameter[]): Promise<Row[]>;

  /**
   * Runs `work` in one transaction: committed when it resolves, rolled back when it throws. A deadlock or serialisation
   * failure runs the whole of it again, a few times at most, so `work` must have no other effects than its statements.
   *
   * The embedded database has a single connection: everything else waits until `work` is done. Await nothing in it but SQL
   * of the session it is given.
   */
  abstract transaction<Result>(work: (session: SqlSession) => Promise<Result>): Promise<Result>;

  /**
   * Lends `work` a session for reports that may take long: read-only, on a connection of its own, so that they neither wait
   * for the application's connections nor hold one, and without the time limit of a serving statement.
   *
   * On PostgreSQL all statements see the same moment (repeatable read). The embedded database has one connection, which
   * requests need in between: there each statement sees a moment of its own.
   */
  abstract snapshot<Result>(
    work: (session: SqlSession) => Promise<Result>,
    options: { readonly timeoutMs: number },
  ): Promise<Result>;

  /**
   * Runs `work` in one transaction that may take long and writes: on a connection of its own, with this limit per statement in
   * place of a serving statement's. On PostgreSQL all its statements see the same moment (repeatable read). It is not run again
   * after a failure.
   */
  abstract longTransaction<Result>(
    work: (session: SqlSession) => Promise<Result>,
    options: { readonly timeoutMs: number },
  ): Promise<Result>;
}

/** Injection token of the {@link Sql} that the ledger alone uses. */
export const LEDGER_SQL = Symbol('LedgerSql');

/**
 * Injection token of the {@link Sql} of the admin API: connections of its own with a statement timeout, so that no list or report
 * takes one from the relay. On the embedded database it is the application's.
 */
export const ADMIN_SQL = Symbol('AdminSql');
