import { Inject } from '@nestjs/common';
import { Args, Context, ID, Mutation, Query, Resolver } from '@nestjs/graphql';
import type { AdminContext } from '../graphql/admin-context.js';
import { Allow } from '../graphql/allow.decorator.js';
import { readPage, toPage } from '../graphql/connection.js';
import { Alert, AlertConnection, AlertsArgs } from './alert.type.js';
import { AlertBook } from './alert-book.js';

/** Cursors of alert lists. */
const CURSOR = [/^\d{1,18}$/];

/** Alerts. */
@Resolver(() => Alert)
export class AlertsResolver {
  constructor(@Inject(AlertBook) private readonly book: AlertBook) {}

  @Query(() => AlertConnection, { description: 'What operators should know, newest first.' })
  @Allow('alerts:read')
  async alerts(@Args() args: AlertsArgs): Promise<AlertConnection> {
    const page = readPage(args, CURSOR);
    const rows = await this.book.list(page, args.filter ?? {});
    return toPage(
      page,
      rows,
      ({ id }) => [id],
      (alert) => alert,
    );
  }

  @Mutation(() => Alert, { description: 'Says that somebody sees to an alert.' })
  @Allow('alerts:write')
  acknowledgeAlert(
    @Args('id', { type: () => ID, description: 'The alert.' }) id: string,
    @Context() context: AdminContext,
  ): Promise<Alert> {
    return this.book.acknowledge(context, id);
  }
}
