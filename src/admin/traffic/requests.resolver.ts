import { Inject } from '@nestjs/common';
import { Args, Context, ID, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { ADMIN_SQL, type Sql } from '../../database/sql.js';
import { listRequests } from '../../reporting/list-requests.js';
import { listUsageEvents } from '../../reporting/list-usage-events.js';
import type { AdminContext } from '../graphql/admin-context.js';
import { Allow } from '../graphql/allow.decorator.js';
import type { Page } from '../graphql/connection.js';
import { RequestsArgs, UsageEventsArgs } from './request.input.js';
import { Request, RequestConnection, toRequest } from './request.type.js';
import { RequestReader } from './request-reader.js';
import { toRequestsFilter, toUsageEventsFilter } from './traffic-filter.js';
import { toConnection, toListPage } from './traffic-page.js';
import { toUsageEvent, UsageEvent, UsageEventConnection } from './usage-event.type.js';

/** Requests, and the attempts at upstreams that were made for them. */
@Resolver(() => Request)
export class RequestsResolver {
  constructor(
    @Inject(ADMIN_SQL) private readonly sql: Sql,
    @Inject(RequestReader) private readonly reader: RequestReader,
  ) {}

  @Query(() => RequestConnection, {
    description: 'Requests, those that go on included. Members see those of the own account.',
  })
  @Allow('usage:read')
  async requests(@Args() args: RequestsArgs, @Context() context: AdminContext): Promise<Page<Request>> {
    const filter = toRequestsFilter(context, 'usage:read', args.filter);
    return toConnection(args, await listRequests(this.sql, filter, toListPage(args, args.orderBy)), toRequest);
  }

  @Query(() => Request, { description: 'One request.' })
  @Allow('usage:read')
  request(
    @Args('id', { type: () => ID, description: 'The x-request-id of its answer.' }) id: string,
    @Context() context: AdminContext,
  ): Promise<Request> {
    return this.reader.get(context.scope('usage:read'), id);
  }

  @ResolveField(() => [UsageEvent], {
    description: 'What was tried for it at upstreams, the first attempt first; none while it goes on.',
  })
  @Allow('usage:read')
  attempts(@Parent() request: Request, @Context() context: AdminContext): Promise<UsageEvent[]> {
    return this.reader.attemptsOf(context, request);
  }

  @Query(() => UsageEventConnection, {
    description: 'Attempts at upstreams one by one, with what each used. Members see those of the own account.',
  })
  @Allow('usage:read')
  async usageEvents(@Args() args: UsageEventsArgs, @Context() context: AdminContext): Promise<Page<UsageEvent>> {
    const filter = toUsageEventsFilter(context, args.filter);
    const answer = await listUsageEvents(this.sql, filter, toListPage(args, args.orderBy));
    return toConnection(args, answer, (row) => toUsageEvent(row, context.may('costs:read')));
  }
}
