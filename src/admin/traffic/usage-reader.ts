import { Inject, Injectable } from '@nestjs/common';
import { ADMIN_SQL, type Sql, type SqlSession } from '../../database/sql.js';
import { readUsageSeries, readUsageTotals, type UsageBucket, type UsageScope } from '../../reporting/read-usage.js';
import { readUsageGroups, type UsageGrouping } from '../../reporting/read-usage-groups.js';
import { type RollUpState, readRollUpState } from '../../reporting/roll-up-state.js';
import type { AdminContext } from '../graphql/admin-context.js';
import { SnapshotBatch } from './snapshot-batch.js';
import { boundAccount, checkMoment } from './traffic-scope.js';
import type { UsageFilter } from './usage.input.js';
import { UsageGroup, UsageGroups, UsageSeries, UsageTotals } from './usage.type.js';

const DAY_MS = 86_400_000;

/** Statistics for the admin API. */
@Injectable()
export class UsageReader {
  private readonly batches = new WeakMap<AdminContext, SnapshotBatch>();

  constructor(@Inject(ADMIN_SQL) private readonly sql: Sql) {}

  /**
   * What somebody may see of the usage that is wanted.
   * @throws HubError 403 for a filter by channel without the permission, 404 for the account of others, 400 for a time that is none.
   */
  scopeOf(context: AdminContext, filter: UsageFilter): UsageScope {
    if (filter.channelId != null) context.require('channels:read');
    const to = checkMoment(filter.to, 'filter.to') ?? new Date();
    return {
      accountId: boundAccount(context, 'usage:read', filter.accountId),
      keyId: filter.keyId ?? undefined,
      channelId: filter.channelId ?? undefined,
      model: filter.model ?? undefined,
      userIdentifier: filter.userIdentifier ?? undefined,
      from: checkMoment(filter.from, 'filter.from') ?? new Date(Math.max(0, to.getTime() - DAY_MS)),
      to,
    };
  }

  /** How far the sums reach. */
  stateOf(context: AdminContext): Promise<RollUpState> {
    return this.read(context, readRollUpState);
  }

  /** Sums of all. */
  async totals(context: AdminContext, scope: UsageScope): Promise<UsageTotals> {
    const { from, to, figures } = await this.read(context, (session) => readUsageTotals(session, scope));
    return Object.assign(new UsageTotals(), { from, to, figures });
  }

  /** Sums by time. */
  async series(context: AdminContext, scope: UsageScope, bucket: UsageBucket): Promise<UsageSeries> {
    const { from, to, points } = await this.read(context, (session) => readUsageSeries(session, scope, bucket));
    return Object.assign(new UsageSeries(), { from, to, bucket, points });
  }

  /** Sums by the values of a dimension. @throws HubError 403 for groups or an order that tell more than the fields do. */
  async groups(context: AdminContext, scope: UsageScope, grouping: UsageGrouping): Promise<UsageGroups> {
    const { by, orderBy } = grouping;
    if (by === 'channel') context.require('channels:read');
    if (orderBy === 'purchaseCost' || orderBy === 'margin') context.require('costs:read');
    const answer = await this.read(context, (session) => readUsageGroups(session, scope, grouping));
    const { from, to, other, hasOther, totals } = answer;
    const groups = answer.groups.map((group) => Object.assign(new UsageGroup(), group, { by }));
    return Object.assign(new UsageGroups(), { from, to, by, groups, other, hasOther, totals });
  }

  private read<Result>(context: AdminContext, report: (session: SqlSession) => Promise<Result>): Promise<Result> {
    let batch = this.batches.get(context);
    if (batch === undefined) {
      batch = new SnapshotBatch(this.sql);
      this.batches.set(context, batch);
    }
    return batch.read(report);
  }
}
