import { Migration } from '@mikro-orm/migrations';

/** The sums of `usage_event`, as every roll-up keeps them. */
const SUMS = [
  ...['requests', 'attempts', 'errors', 'estimated', 'input_tokens', 'cached_input_tokens', 'cache_write_tokens'],
  ...['output_tokens', 'reasoning_tokens', 'images', 'video_ms', 'duration_ms', 'cost', 'loss', 'purchase_cost'],
];
const SUM_COLUMNS = SUMS.map((name) => `${name} bigint not null default 0`).join(', ');
const SUM_NAMES = SUMS.join(', ');
const SUMMED = SUMS.map((name) => `sum(${name})`).join(', ');

/** Sums by the day and by single dimensions, so that dashboards need not read hours; and indexes for the lists of operators. */
export class Migration20261126210000_statistics extends Migration {
  override up(): void {
    this.rollUps();
    this.fill();
    this.lists();
  }

  private rollUps(): void {
    // Days of UTC. usage_day is usage_hour without end users, usage_user_day has only these.
    this.addSql(`create table usage_day (
      account_id bigint not null,
      day timestamptz not null,
      key_id bigint not null,
      model text not null,
      channel_id bigint not null,
      ${SUM_COLUMNS},
      primary key (account_id, day, key_id, model, channel_id)
    )`);
    this.addSql(`create index usage_day_day_idx on usage_day (day)`);
    this.addSql(`create table usage_user_day (
      account_id bigint not null,
      day timestamptz not null,
      user_identifier text not null,
      ${SUM_COLUMNS},
      primary key (account_id, user_identifier, day)
    )`);
    // The users of a day, greatest first: what a list of the greatest of many days begins with.
    this.addSql(`create index usage_user_day_cost_idx on usage_user_day (day, cost desc)`);
    this.addSql(`create index usage_user_day_requests_idx on usage_user_day (day, requests desc)`);
    // For the users of one account, whose rows lie anywhere: these are read from the index alone.
    this.addSql(`create index usage_user_day_account_idx on usage_user_day (account_id, day)
      include (user_identifier, cost, requests)`);
    // One row per value of one dimension in an hour or day. account_id 0 is the sum of all accounts. A route is the pair
    // "channel id:model", an ending "endpoint:outcome". Values are text; ids that were null are "0".
    this.addSql(`create table usage_slice (
      span text not null check (span in ('hour', 'day')),
      dimension text not null,
      account_id bigint not null,
      at timestamptz not null,
      value text not null,
      ${SUM_COLUMNS},
      primary key (span, dimension, account_id, at, value)
    ) with (fillfactor = 80)`);
    // A hub of the version before moves only the first watermark and knows nothing of these tables, so they have their own.
    this.addSql(`alter table usage_rollup_state add column statistics_watermark xid8 not null default '0'::xid8`);
  }

  /** From what there is: the hours, and for what hours do not say, the events that they were made from. */
  private fill(): void {
    this.addSql(`insert into usage_day (account_id, day, key_id, model, channel_id, ${SUM_NAMES})
      select account_id, date_trunc('day', hour, 'UTC'), key_id, model, channel_id, ${SUMMED}
        from usage_hour group by 1, 2, 3, 4, 5`);
    this.addSql(`insert into usage_user_day (account_id, day, user_identifier, ${SUM_NAMES})
      select account_id, date_trunc('day', hour, 'UTC'), user_identifier, ${SUMMED} from usage_hour group by 1, 2, 3`);
    for (const [dimension, value] of [
      ['total', `''`],
      ['model', 'model'],
      ['channel', 'channel_id::text'],
      ['route', `channel_id || ':' || model`],
      ['account', 'account_id::text'],
      ['key', 'key_id::text'],
    ]) {
      this.addSql(`insert into usage_slice (span, dimension, account_id, at, value, ${SUM_NAMES})
        select 'hour', '${dimension}', 0, hour, ${value}, ${SUMMED} from usage_hour group by 4, 5`);
    }
    this.addSql(`insert into usage_slice (span, dimension, account_id, at, value, ${SUM_NAMES})
      select 'day', dimension, 0, date_trunc('day', at, 'UTC'), value, ${SUMMED}
        from usage_slice where span = 'hour' group by 2, 4, 5`);
    this.fillFromEvents();
    this.addSql(`update usage_rollup_state set statistics_watermark = watermark`);
  }

  private fillFromEvents(): void {
    const counted = [
      ...['sum(is_final::int)', 'count(*)', `sum((is_final and outcome not in ('done', 'overrun'))::int)`],
      ...['sum((is_final and estimated)::int)', ...SUMS.slice(4).map((name) => `sum(coalesce(${name}, 0))`)],
    ].join(', ');
    const events = 'from usage_event where tx < (select watermark from usage_rollup_state)';
    this.addSql(`insert into usage_slice (span, dimension, account_id, at, value, ${SUM_NAMES})
      select 'hour', 'ending', 0, date_trunc('hour', created_at, 'UTC'), endpoint || ':' || outcome, ${counted} ${events} group by 4, 5`);
    this.addSql(`insert into usage_slice (span, dimension, account_id, at, value, ${SUM_NAMES})
      select 'day', 'ending', account_id, date_trunc('day', created_at, 'UTC'), endpoint || ':' || outcome, ${counted} ${events} group by 3, 4, 5`);
    this.addSql(`insert into usage_slice (span, dimension, account_id, at, value, ${SUM_NAMES})
      select 'day', dimension, 0, at, value, ${SUMMED} from usage_slice where span = 'day' and dimension = 'ending' group by 2, 4, 5`);
  }

  /** Each serves one filter of a list in the order of request ids, which is the order of time. */
  private lists(): void {
    // Whoever settles or sweeps locks holds first. Taken in another order than theirs, the locks of the three tables could wait
    // for each other while hubs of the version before work on.
    this.addSql(`lock table hold in share mode`);
    // In one direction, unlike the one that it replaces: bounds of account and id together then lead into it.
    this.addSql(`create index usage_event_account_id_idx on usage_event (account_id, hold_id)`);
    this.addSql(`create index usage_event_key_idx on usage_event (key_id, hold_id) where key_id is not null`);
    this.addSql(
      `create index usage_event_channel_idx on usage_event (channel_id, hold_id) where channel_id is not null`,
    );
    this.addSql(`create index usage_event_model_idx on usage_event (model, hold_id)`);
    this.addSql(`create index usage_event_outcome_idx on usage_event (outcome, hold_id) where outcome <> 'done'`);
    // As much of an identifier as statistics tell apart: an index has no room for more.
    this.addSql(`create index usage_event_user_idx on usage_event (account_id, left(user_identifier, 256), hold_id)
      where user_identifier <> ''`);
    this.addSql(`create index hold_open_idx on hold (id) where state = 'open'`);
    // Settlements are nearly all of the entries, and found without an index.
    this.addSql(`create index entry_kind_idx on entry (kind, id) where kind <> 'settle'`);
    this.addSql(`create index entry_debit_kind_idx on entry (debit_id, kind, id) where kind <> 'settle'`);
    this.addSql(`create index entry_credit_kind_idx on entry (credit_id, kind, id) where kind <> 'settle'`);
    // Last: from here on nobody can read usage events, and making the indexes takes minutes where there are many.
    this.addSql(`drop index usage_event_account_idx`);
  }
}
