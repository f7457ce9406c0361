import { HubError } from '../../common/hub-error.js';
import type { Sql, SqlSession } from '../../database/sql.js';
import { operationTooLarge, reportTooSlow } from '../graphql/graphql.errors.js';

/** Most reports of one request: a page of statistics shows a few. */
const REPORTS_MAX = 12;
/** Once they have taken so long, those that are left are not begun: one request must not hold a connection for minutes. */
const REPORTS_MS_MAX = 5_000;

/** Reads something in the session it is given, with nothing but SQL of it awaited. */
type Report<Result> = (session: SqlSession) => Promise<Result>;

interface Waiting {
  readonly run: (session: SqlSession, isInTime: boolean) => Promise<void>;
  readonly settle: () => void;
  readonly fail: (error: unknown) => void;
}

/**
 * The reports of one request, which all see one moment of the database: figures in different fields of an answer then fit
 * together. Those that are asked for in one turn of the event loop share a transaction, one connection and one snapshot.
 */
export class SnapshotBatch {
  private waiting: Waiting[] = [];
  private asked = 0;

  /** @param nowMs a clock that only goes forward. */
  constructor(
    private readonly sql: Sql,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /**
   * Runs a report with the others.
   *
   * @throws HubError what the report throws, which does not disturb the others; 400 when a request has too many; 503 when those
   * before it took too long.
   */
  read<Result>(report: Report<Result>): Promise<Result> {
    if (++this.asked > REPORTS_MAX) {
      throw operationTooLarge(
        `One request may ask for at most ${REPORTS_MAX} figures of usage. Ask for the others in another.`,
      );
    }
    return new Promise<Result>((resolve, reject) => {
      let settle: () => void;
      // May run again, when the transaction does; what counts is the run that was committed.
      const run: Waiting['run'] = async (session, isInTime) => {
        try {
          if (!isInTime) throw reportTooSlow();
          const result = await report(session);
          settle = () => resolve(result);
        } catch (error) {
          // A refusal leaves the transaction as it was; anything else ends it for all.
          if (!(error instanceof HubError)) throw error;
          settle = () => reject(error);
        }
      };
      this.waiting.push({ run, settle: () => settle(), fail: reject });
      if (this.waiting.length === 1) setImmediate(() => void this.flush());
    });
  }

  private async flush(): Promise<void> {
    const reports = this.waiting.splice(0);
    try {
      await this.sql.transaction(async (session) => {
        const endMs = this.nowMs() + REPORTS_MS_MAX;
        await session.query('set transaction isolation level repeatable read, read only');
        for (const { run } of reports) await run(session, this.nowMs() <= endMs);
      });
    } catch (error) {
      for (const { fail } of reports) fail(error);
      return;
    }
    for (const { settle } of reports) settle();
  }
}
