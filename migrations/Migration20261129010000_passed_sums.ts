import { Migration } from '@mikro-orm/migrations';

/** What sums of `usage_event` have besides those of `Migration20261126210000_statistics`. */
const SUMS = ['audio_ms', 'characters', 'searches'];
const SUM_COLUMNS = SUMS.map((name) => `add column ${name} bigint not null default 0`).join(', ');

/**
 * Sums of sound, characters and searches, in every table of sums.
 *
 * The plan, for a database of 10 million events on which hubs are at work, and for the embedded one alike:
 *
 * 1. Here only columns with a constant default are added, which no row is rewritten for: each table is locked for as long as reports
 *    that are reading it take to end, ten seconds at most, and no table that requests are booked in is touched.
 * 2. What events say is not added here. The new sums have a watermark of their own, `passed_watermark`, which begins before all events;
 *    the roll-up takes it from there to the others in steps of 1,000 events, a short transaction each, beside its usual work. A step reads,
 *    and writes only what has one of the three, so that 10 million events of which none has any take some minutes in the background.
 *    Meanwhile statistics say that they are not complete, and the reports of an account read what is missing from its events.
 * 3. A hub of the version before moves only the two other watermarks. What it summed up is added by the next step of this
 *    version, as in 2. When it empties the sums (`usage:rebuild`), these are lost with the others: `usage_rollup_lowered`
 *    then says so by a null, and the roll-up of this version makes all of them anew.
 * 4. A month that such a hub has sealed lacks the three. It cannot be dropped by that seal (`sealed_month_counted`): the run of retention
 *    fails and changes nothing, and the next one of this version seals the month anew. Months that were dropped before stay
 *    as they are: their events, and so what these said of the three, are gone.
 */
export class Migration20261129010000_passed_sums extends Migration {
  override up(): void {
    // First, while nothing else is held: a run of retention reads these for as long as it seals a month.
    this.addSql(`alter table sealed_hour ${SUM_COLUMNS}`);
    this.seals();
    // Steps of the roll-up end before, and wait behind, so that none has a lock on a table of sums that the next lines wait for.
    this.addSql(`lock table usage_rollup_state in exclusive mode`);
    // In the order in which everybody locks them, and before the state, which reports read after them.
    for (const table of ['usage_hour', 'usage_day', 'usage_user_day', 'usage_slice']) {
      this.addSql(`alter table ${table} ${SUM_COLUMNS}`);
    }
    // Null: the sums were emptied by a hub that did not know these.
    this.addSql(`alter table usage_rollup_state add column passed_watermark xid8 default '0'::xid8`);
    this.addSql(`create function forget_passed_watermark() returns trigger language plpgsql as $$
      begin
        new.passed_watermark := null;
        return new;
      end $$`);
    this.addSql(`create trigger usage_rollup_lowered before update on usage_rollup_state for each row
      when (new.watermark < old.watermark and new.passed_watermark = old.passed_watermark)
      execute function forget_passed_watermark()`);
  }

  private seals(): void {
    // What was dropped has 0 of each, as its hours have; what was not is made anew before it may be.
    this.addSql(`alter table sealed_month ${SUMS.map((name) => `add column ${name} bigint default 0`).join(', ')}`);
    this.addSql(`alter table sealed_month ${SUMS.map((name) => `alter column ${name} drop default`).join(', ')}`);
    this.addSql(`update sealed_month set ${SUMS.map((name) => `${name} = null`).join(', ')} where dropped_at is null`);
    this.addSql(`alter table sealed_month add constraint sealed_month_counted
      check (dropped_at is null or (${SUMS.map((name) => `${name} is not null`).join(' and ')}))`);
  }
}
