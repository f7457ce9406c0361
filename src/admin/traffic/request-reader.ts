import { Inject, Injectable } from '@nestjs/common';
import { ADMIN_SQL, type Sql } from '../../database/sql.js';
import { LIST_PAGE_MAX } from '../../reporting/list-page.js';
import { listRequests } from '../../reporting/list-requests.js';
import { type AttemptRow, readAttempts } from '../../reporting/list-usage-events.js';
import type { AdminContext } from '../graphql/admin-context.js';
import { notFound } from '../graphql/graphql.errors.js';
import { type Request, toRequest } from './request.type.js';
import { toHoldId } from './traffic-scope.js';
import { toUsageEvent, type UsageEvent } from './usage-event.type.js';

/** Digits of a request id that are its time in milliseconds (RFC 9562, UUID version 7). */
const TIME_DIGITS = 12;
/** Pages of one millisecond that are looked through: a hub cannot begin as many requests in it. */
const PAGES_MAX = 20;

/** Single requests and their attempts. */
@Injectable()
export class RequestReader {
  constructor(@Inject(ADMIN_SQL) private readonly sql: Sql) {}

  /**
   * One request, found in the list by the time in its id.
   * @param accountId bounds what is found; null does not.
   * @throws HubError 404 when there is none, or it is somebody else's.
   */
  async get(accountId: string | null, requestId: string): Promise<Request> {
    const id = toHoldId(requestId);
    if (id !== undefined) {
      const beganMs = Number.parseInt(id.slice(0, TIME_DIGITS), 16);
      const filter = { accountId: accountId ?? undefined, from: new Date(beganMs), to: new Date(beganMs + 1) };
      let after: string | undefined;
      for (let page = 0; page < PAGES_MAX; page++) {
        const { rows, next } = await listRequests(this.sql, filter, { first: LIST_PAGE_MAX, after });
        const found = rows.find(({ row }) => row.id === id);
        if (found !== undefined) return toRequest(found.row);
        if (next === undefined) break;
        after = next;
      }
    }
    throw notFound('request', requestId.slice(0, 64));
  }

  /** The attempts of a request, those of all requests of a list in one statement. */
  async attemptsOf(context: AdminContext, { id }: Request): Promise<UsageEvent[]> {
    const rows = await context.loaders.load(readAttempts, toHoldId(id) ?? '', (ids) => this.readMany(ids));
    return (rows ?? []).map((row) => toUsageEvent(row, context.may('costs:read')));
  }

  private async readMany(ids: readonly string[]): Promise<Map<string, AttemptRow[]>> {
    const attempts = await readAttempts(this.sql, ids);
    return new Map(ids.map((id, at) => [id, attempts[at] ?? []]));
  }
}
