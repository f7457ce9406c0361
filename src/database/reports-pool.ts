import { openPool } from './open-pool.js';
import type { PgPool } from './postgres-sql.js';
import type { ReportLimits } from './reports.js';

const CONNECTIONS_MAX = 2;
const STATEMENT_TIMEOUT_MS = 10_000;
/** The client gives up on a server that says nothing, a little after the server would have stopped the statement. */
const QUERY_TIMEOUT_MS = 11_000;

/** The connections of the reports on PostgreSQL. None is made before the first report, and idle ones are closed. */
export function openReportsPool(url: string): ReportLimits & { readonly pool: PgPool } {
  const pool = openPool(url, {
    applicationName: 'ug-ai-hub reports',
    connectionsMax: CONNECTIONS_MAX,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    queryTimeoutMs: QUERY_TIMEOUT_MS,
  });
  return { pool, rowsMax: null, isFull: () => pool.totalCount >= CONNECTIONS_MAX && pool.idleCount === 0 };
}
