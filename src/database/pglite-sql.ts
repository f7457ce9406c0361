import type { PGlite, Transaction } from '@electric-sql/pglite';
import { toDatabaseError } from './database-error.js';
import { retryTransaction } from './retry-transaction.js';
import { Sql, type SqlParameter, type SqlSession } from './sql.js';
import { TYPE_PARSERS } from './type-parsers.js';

/** {@link Sql} on the embedded database. Its one connection is shared with the ORM; PGlite itself puts users in line. */
export class PgliteSql extends Sql {
  constructor(private readonly pglite: PGlite) {
    super();
  }

  override query<Row extends object>(text: string, parameters: readonly SqlParameter[] = []): Promise<Row[]> {
    return run(this.pglite, text, parameters);
  }

  override transaction<Result>(work: (session: SqlSession) => Promise<Result>): Promise<Result> {
    return retryTransaction(() =>
      this.pglite.transaction((transaction) =>
        work({ query: (text, parameters = []) => run(transaction, text, parameters) }),
      ),
    );
  }

  /** `timeoutMs` has no meaning here: PGlite cannot interrupt a statement. */
  override snapshot<Result>(work: (session: SqlSession) => Promise<Result>): Promise<Result> {
    const readOnly = <Row extends object>(text: string, parameters: readonly SqlParameter[] = []): Promise<Row[]> =>
      this.pglite.transaction(async (transaction) => {
        await transaction.exec('set transaction isolation level repeatable read, read only');
        return run<Row>(transaction, text, parameters);
      });
    return work({ query: readOnly });
  }

  /** `timeoutMs` has no meaning here either, and there is one connection only. */
  override longTransaction<Result>(work: (session: SqlSession) => Promise<Result>): Promise<Result> {
    return this.transaction(work);
  }
}

async function run<Row extends object>(
  on: PGlite | Transaction,
  text: string,
  parameters: readonly SqlParameter[],
): Promise<Row[]> {
  try {
    const result = await on.query<Row>(text, [...parameters], { parsers: TYPE_PARSERS });
    return result.rows;
  } catch (error) {
    throw toDatabaseError(error);
  }
}
