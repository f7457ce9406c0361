import { Inject } from '@nestjs/common';
import { Args, Context, Query, Resolver } from '@nestjs/graphql';
import { invalidRequest } from '../../common/hub-error.js';
import { ADMIN_SQL, type Sql } from '../../database/sql.js';
import { type EntriesFilter, listEntries } from '../../reporting/list-entries.js';
import { listHolds } from '../../reporting/list-requests.js';
import type { AdminContext } from '../graphql/admin-context.js';
import { Allow } from '../graphql/allow.decorator.js';
import type { Page } from '../graphql/connection.js';
import { LedgerEntriesArgs, type LedgerEntriesFilter } from './ledger.input.js';
import { Hold, HoldConnection, LedgerEntry, LedgerEntryConnection, toHold, toLedgerEntry } from './ledger.type.js';
import { RequestsArgs } from './request.input.js';
import { toRequestsFilter } from './traffic-filter.js';
import { toConnection, toListPage } from './traffic-page.js';
import { boundAccount, checkMoment, toHoldId } from './traffic-scope.js';

/** What was posted and what is set aside. */
@Resolver()
export class LedgerResolver {
  constructor(@Inject(ADMIN_SQL) private readonly sql: Sql) {}

  @Query(() => LedgerEntryConnection, {
    description: 'What was posted in the ledger. Members see what was posted on the own account.',
  })
  @Allow('ledger:read')
  async ledgerEntries(@Args() args: LedgerEntriesArgs, @Context() context: AdminContext): Promise<Page<LedgerEntry>> {
    const filter = toEntriesFilter(context, args.filter ?? {});
    return toConnection(args, await listEntries(this.sql, filter, toListPage(args, args.orderBy)), toLedgerEntry);
  }

  @Query(() => HoldConnection, {
    description: 'Money that is or was set aside for requests. Members see that of the own account.',
  })
  @Allow('ledger:read')
  async holds(@Args() args: RequestsArgs, @Context() context: AdminContext): Promise<Page<Hold>> {
    const filter = toRequestsFilter(context, 'ledger:read', args.filter);
    return toConnection(args, await listHolds(this.sql, filter, toListPage(args, args.orderBy)), toHold);
  }
}

function toEntriesFilter(context: AdminContext, filter: LedgerEntriesFilter): EntriesFilter {
  return {
    kind: filter.kind ?? undefined,
    accountId: boundAccount(context, 'ledger:read', filter.accountId),
    ref: refOf(filter),
    from: checkMoment(filter.from, 'filter.from'),
    to: checkMoment(filter.to, 'filter.to'),
  };
}

/** Entries of a request are posted for its hold, a UUID with dashes. */
function refOf({ ref, requestId }: LedgerEntriesFilter): string | undefined {
  if (requestId == null) return ref ?? undefined;
  if (ref != null) throw invalidRequest('Give either "ref" or "requestId", not both.', 'filter.ref');
  const holdId = toHoldId(requestId);
  if (holdId === undefined) {
    throw invalidRequest('"requestId" must be req_ and 32 hex digits.', 'filter.requestId');
  }
  return holdId.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
