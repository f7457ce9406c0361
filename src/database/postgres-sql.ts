import { DatabaseUnavailableError, toDatabaseError } from './database-error.js';
import { retryTransaction } from './retry-transaction.js';
import { Sql, type SqlParameter, type SqlSession } from './sql.js';
import { TYPE_PARSERS } from './type-parsers.js';

/** The parts of `pg` that are used here; the package brings no types of its own. */
interface TypeParsers {
  getTypeParser(oid: number, format?: string): (text: string) => unknown;
}

interface Statement {
  readonly text: string;
  readonly values: readonly SqlParameter[];
  readonly types: TypeParsers;
}

interface PgClient {
  query(statement: Statement | string): Promise<{ rows: object[] }>;
  /** `true` destroys the connection instead of pooling it. */
  release(isBroken?: boolean): void;
}

/** `pg.Pool`. */
export interface PgPool {
  readonly options: { readonly types: TypeParsers };
  /** True once `end` was called, which may happen once only. */
  readonly ending: boolean;
  connect(): Promise<PgClient>;
  end(): Promise<void>;
}

/** {@link Sql} on PostgreSQL, through a pool. */
export class PostgresSql extends Sql {
  private readonly types: TypeParsers;

  constructor(private readonly pool: PgPool) {
    super();
    this.types = {
      getTypeParser: (oid, format) => {
        const parse = format === 'binary' ? undefined : TYPE_PARSERS[oid];
        return parse ?? pool.options.types.getTypeParser(oid, format);
      },
    };
  }

  override async query<Row extends object>(text: string, parameters: readonly SqlParameter[] = []): Promise<Row[]> {
    const client = await this.connect();
    let isBroken = false;
    try {
      return await this.run(client, text, parameters);
    } catch (error) {
      // A connection that has timed out looks healthy and never answers again. One whose statement the server refused is fine.
      isBroken = error instanceof DatabaseUnavailableError;
      throw error;
    } finally {
      client.release(isBroken);
    }
  }

  override transaction<Result>(work: (session: SqlSession) => Promise<Result>): Promise<Result> {
    return retryTransaction(() => this.once(work));
  }

  private async once<Result>(work: (session: SqlSession) => Promise<Result>): Promise<Result> {
    const client = await this.connect();
    let isBroken = true;
    try {
      await this.command(client, 'begin');
      const result = await work({ query: (text, parameters = []) => this.run(client, text, parameters) });
      await this.command(client, 'commit');
      isBroken = false;
      return result;
    } catch (error) {
      // A connection that cannot even roll back has timed out or is gone; it must not be used again.
      isBroken = await client.query('rollback').then(
        () => false,
        () => true,
      );
      throw error;
    } finally {
      client.release(isBroken);
    }
  }

  private async connect(): Promise<PgClient> {
    try {
      return await this.pool.connect();
    } catch (error) {
      throw toDatabaseError(error);
    }
  }

  private async run<Row extends object>(
    on: PgClient,
    text: string,
    parameters: readonly SqlParameter[],
  ): Promise<Row[]> {
    try {
      const result = await on.query({ text, values: parameters, types: this.types });
      return result.rows as Row[];
    } catch (error) {
      throw toDatabaseError(error);
    }
  }

  private async command(client: PgClient, text: string): Promise<void> {
    try {
      await client.query(text);
    } catch (error) {
      throw toDatabaseError(error);
    }
  }
}
