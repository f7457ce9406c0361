import { Client, types } from 'pg';
import { DatabaseUnavailableError, toDatabaseError } from './database-error.js';
import { retryTransaction } from './retry-transaction.js';
import { Sql, type SqlParameter, type SqlSession } from './sql.js';
import { TYPE_PARSERS } from './type-parsers.js';

/** Time to a connection of its own, for a report. */
const CONNECTION_TIMEOUT_MS = 3_000;
/** The server stops a statement first, with an error that says so; the client gives up on a server that says nothing. */
const ANSWER_MS = 5_000;

/** The parts of `pg` that are used here. */
interface TypeParsers {
  getTypeParser(oid: number, format?: 'text' | 'binary'): (text: string) => unknown;
}

interface Statement {
  readonly text: string;
  readonly values: readonly SqlParameter[];
  readonly types: TypeParsers;
}

interface PgSession {
  query(statement: Statement | string): Promise<{ rows: object[] }>;
}

interface PgClient extends PgSession {
  /** `true` destroys the connection instead of pooling it. */
  release(isBroken?: boolean): void;
}

/** `pg.Pool`. */
export interface PgPool {
  /** Connections there are, and those that wait for work. */
  readonly totalCount: number;
  readonly idleCount: number;
  /** Statements that wait for a connection. */
  readonly waitingCount: number;
  /** True once `end` was called, which may happen once only. */
  readonly ending: boolean;
  connect(): Promise<PgClient>;
  end(): Promise<void>;
}

/** {@link Sql} on PostgreSQL, through a pool. */
export class PostgresSql extends Sql {
  private readonly types: TypeParsers;

  /** @param url the database of the pool, for connections outside of it. */
  constructor(
    private readonly pool: PgPool,
    private readonly url: string,
  ) {
    super();
    this.types = {
      getTypeParser: (oid, format) => {
        const parse = format === 'binary' ? undefined : TYPE_PARSERS[oid];
        return parse ?? types.getTypeParser(oid, format);
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

  override snapshot<Result>(
    work: (session: SqlSession) => Promise<Result>,
    { timeoutMs }: { readonly timeoutMs: number },
  ): Promise<Result> {
    return this.alone(work, timeoutMs, 'begin transaction isolation level repeatable read, read only');
  }

  override longTransaction<Result>(
    work: (session: SqlSession) => Promise<Result>,
    { timeoutMs }: { readonly timeoutMs: number },
  ): Promise<Result> {
    return this.alone(work, timeoutMs, 'begin transaction isolation level repeatable read');
  }

  /** A transaction on a connection of its own. */
  private async alone<Result>(
    work: (session: SqlSession) => Promise<Result>,
    timeoutMs: number,
    begin: string,
  ): Promise<Result> {
    const client = new Client({
      connectionString: this.url,
      application_name: 'ug-ai-hub reports',
      connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
      statement_timeout: timeoutMs,
      query_timeout: timeoutMs + ANSWER_MS,
    });
    // Without a listener a connection that breaks between two statements would end the process; the next one throws.
    client.on('error', () => undefined);
    try {
      await client.connect().catch((error: unknown) => {
        throw toDatabaseError(error);
      });
      await this.command(client, begin);
      const result = await work({ query: (text, parameters = []) => this.run(client, text, parameters) });
      await this.command(client, 'commit');
      return result;
    } finally {
      // After a failure nothing has been committed: ending the connection is as good as a rollback.
      await client.end().catch(() => undefined);
    }
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
    on: PgSession,
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

  private async command(client: PgSession, text: string): Promise<void> {
    try {
      await client.query(text);
    } catch (error) {
      throw toDatabaseError(error);
    }
  }
}
