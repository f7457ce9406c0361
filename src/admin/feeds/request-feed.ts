import { Inject, Injectable } from '@nestjs/common';
import { ADMIN_SQL, type Sql } from '../../database/sql.js';
import { Feed } from './feed.js';
import type { FinishedRequest } from './feed.types.js';

/** More in one second are left out of the feed; the list of requests has them all. */
const ROWS_MAX = 500;

// By transaction, as the roll-up reads them: in the order of their commits, none missed and none twice.
const SINCE = `
  select replace(e.hold_id::text, '-', '') as "requestId", e.account_id as "accountId", e.key_id as "keyId",
         e.channel_id as "channelId", e.model, e.endpoint, e.user_identifier as "userIdentifier", e.outcome,
         e.error_code as "errorCode", e.input_tokens as "inputTokens", e.output_tokens as "outputTokens",
         e.duration_ms as "durationMs", e.first_token_ms as "firstTokenMs", e.cost, e.created_at as "finishedAt"
    from usage_event e
   where e.tx >= $1::xid8 and e.tx < $2::xid8 and e.is_final
   order by e.tx, e.hold_id limit ${ROWS_MAX}`;

interface Row extends Omit<FinishedRequest, 'inputTokens' | 'outputTokens' | 'durationMs' | 'firstTokenMs' | 'cost'> {
  readonly inputTokens: string | null;
  readonly outputTokens: string | null;
  readonly durationMs: string | null;
  readonly firstTokenMs: string | null;
  readonly cost: string;
}

/** Requests as they end. */
@Injectable()
export class RequestFeed extends Feed<FinishedRequest> {
  private seenTo: string | undefined;

  constructor(@Inject(ADMIN_SQL) private readonly sql: Sql) {
    super();
  }

  protected override forget(): void {
    this.seenTo = undefined;
  }

  protected override async look(): Promise<readonly FinishedRequest[]> {
    const [now] = await this.sql.query<{ xmin: string }>(
      'select pg_snapshot_xmin(pg_current_snapshot())::text as xmin',
    );
    const from = this.seenTo;
    const to = now?.xmin;
    const rows =
      from === undefined || to === undefined || from === to ? [] : await this.sql.query<Row>(SINCE, [from, to]);
    // Only now: what a look that failed has missed comes with the next one.
    this.seenTo = to;
    return rows.map(toRequest);
  }
}

function toRequest(row: Row): FinishedRequest {
  const count = (text: string | null): number | null => (text === null ? null : Number(text));
  return {
    ...row,
    requestId: `req_${row.requestId}`,
    inputTokens: count(row.inputTokens),
    outputTokens: count(row.outputTokens),
    durationMs: count(row.durationMs),
    firstTokenMs: count(row.firstTokenMs),
    cost: BigInt(row.cost),
  };
}
