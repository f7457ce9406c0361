import { Migration } from '@mikro-orm/migrations';

/** What is left of months and jobs that were removed, and the exchanges of keys whose capture was switched on. */
export class Migration20261126220000_retention extends Migration {
  override up(): void {
    this.months();
    this.jobs();
    this.capture();
  }

  private months(): void {
    // The month (of UTC) of a hold, by the time in its id; null for what is no id of one. Takes text, since entries refer to holds so.
    this.addSql(`create function hold_month(p_id text) returns date language sql immutable as $$
      select case when p_id ~ '^[0-9a-f]{8}-[0-9a-f]{4}-' then
        date_trunc('month', to_timestamp(('x' || left(p_id, 8) || substr(p_id, 10, 4))::bit(48)::bigint / 1000.0) at time zone 'UTC')::date
      end $$`);
    // What the holds and usage events of a month came to, per account and key (0: none). From dropped_at on it stands in for them.
    // budgeted: what counted for the key's budget; jobs, job_cost: its holds of jobs, and what they were settled at.
    this.addSql(`create table sealed_month (
      month date not null check (extract(day from month) = 1),
      account_id bigint not null,
      key_id bigint not null default 0,
      requests bigint not null check (requests >= 0),
      attempts bigint not null check (attempts >= 0),
      cost bigint not null,
      loss bigint not null check (loss >= 0),
      budgeted bigint not null,
      jobs bigint not null check (jobs >= 0),
      job_cost bigint not null check (job_cost >= 0),
      first_at timestamptz not null,
      last_at timestamptz not null,
      sealed_at timestamptz not null default now(),
      dropped_at timestamptz,
      primary key (month, account_id, key_id)
    )`);
    this.addSql(`create trigger sealed_month_final before update or delete on sealed_month
      for each row when (old.dropped_at is not null) execute function refuse_change()`);
    this.addSql(`create trigger sealed_month_no_truncate before truncate on sealed_month
      for each statement execute function refuse_change()`);
    // The sums by hour of a sealed month, finely enough for every table of sums: what a rebuild of those cannot count again.
    this.addSql(`create table sealed_hour (
      month date not null,
      like usage_hour including defaults,
      endpoint text not null,
      outcome text not null,
      primary key (month, account_id, hour, key_id, model, channel_id, user_identifier, endpoint, outcome)
    )`);
    // The day of the last daily run, so that one instance does it.
    this.addSql(`create table retention_state (
      id smallint primary key default 1 check (id = 1),
      last_day date
    )`);
    this.addSql(`insert into retention_state (id) values (1)`);
  }

  private jobs(): void {
    // Jobs that were removed after their time, by the month of their id: their holds, and the sealed months, still count them.
    this.addSql(`create table removed_jobs (
      month date not null,
      account_id bigint not null,
      jobs bigint not null check (jobs > 0),
      cost bigint not null check (cost >= 0),
      primary key (month, account_id)
    )`);
    this.addSql(`create index job_finished_idx on job (finished_at) where finished_at is not null`);
  }

  private capture(): void {
    this.addSql(`alter table api_key add column capture_until timestamptz`);
    // What a key asked and was answered, each encrypted for this row and column; null where there was none.
    this.addSql(`create table captured_exchange (
      id uuid primary key,
      request_id uuid not null,
      account_id bigint not null,
      key_id bigint not null,
      endpoint text not null,
      model text,
      request bytea,
      response bytea,
      status integer not null,
      is_truncated boolean not null,
      created_at timestamptz not null default now(),
      expires_at timestamptz not null
    )`);
    this.addSql(`create index captured_exchange_key_idx on captured_exchange (key_id, id desc)`);
    this.addSql(`create index captured_exchange_account_idx on captured_exchange (account_id, id desc)`);
    this.addSql(`create index captured_exchange_expires_idx on captured_exchange (expires_at)`);
  }
}
