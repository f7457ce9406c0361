import { Migration } from '@mikro-orm/migrations';

/** Keys whose old secret stays good for a while, limits that customers cannot lift, and lists that stay fast. */
export class Migration20261126205000_customers extends Migration {
  override up(): void {
    this.keys();
    this.codes();
    this.codeCounters();
    this.auditLog();
  }

  private keys(): void {
    // Ledger functions lock accounts before keys and budgets: taken the other way round, the two would wait for each other.
    this.addSql(`lock table account in exclusive mode`);
    // The secret before the last rotation, good until previous_until. One row per key, so that its budgets, limits and usage go on.
    this.addSql(`alter table api_key
      add column previous_hash bytea unique check (length(previous_hash) = 32),
      add column previous_until timestamptz,
      add column limits_by_staff boolean not null default false,
      add check ((previous_hash is null) = (previous_until is null))`);
    // Until now only operators could set limits and budgets.
    this.addSql(`update api_key set limits_by_staff = true
      where rpm_limit is not null or tpm_limit is not null or concurrency_limit is not null`);
    this.addSql(`alter table key_budget add column by_staff boolean not null default true`);
    this.addSql(`create index account_name_idx on account (name, id)`);
  }

  private codes(): void {
    this.addSql(`create index code_download_expires_idx on code_download (expires_at)`);
    this.addSql(`create index redemption_code_last4_idx on redemption_code (last4, id)`);
    this.addSql(`create index redemption_code_disabled_idx on redemption_code (id) where disabled_at is not null`);
  }

  /** What a list of batches says of their codes is kept here: counting ten million codes would keep the relay waiting. */
  private codeCounters(): void {
    // A _least and a _most that are the same are what all codes of the batch have. expires_most is null for none with an end.
    this.addSql(`alter table redemption_batch
      add column codes bigint not null default 0,
      add column redeemed bigint not null default 0,
      add column disabled bigint not null default 0,
      add column endless bigint not null default 0,
      add column redeemed_amount numeric not null default 0,
      add column amount_least bigint,
      add column amount_most bigint,
      add column max_uses_least integer,
      add column max_uses_most integer,
      add column expires_most timestamptz`);
    this.addSql(`create function redemption_batch_recount(p_batches bigint[]) returns void language plpgsql as $$
      begin
        -- In a statement of its own: what is counted below must not be older than the lock.
        perform 1 from redemption_batch where id = any (p_batches) order by id for no key update;
        update redemption_batch b
           set codes = coalesce(c.codes, 0), redeemed = coalesce(c.redeemed, 0), disabled = coalesce(c.disabled, 0),
               endless = coalesce(c.endless, 0), redeemed_amount = coalesce(c.redeemed_amount, 0),
               amount_least = c.amount_least, amount_most = c.amount_most, max_uses_least = c.max_uses_least,
               max_uses_most = c.max_uses_most, expires_most = c.expires_most
          from unnest(p_batches) w (id) left join (
            select batch_id, count(*) as codes, count(*) filter (where used > 0) as redeemed, count(disabled_at) as disabled,
                   count(*) filter (where expires_at is null) as endless, sum(amount::numeric * used) as redeemed_amount,
                   min(amount) as amount_least, max(amount) as amount_most, min(max_uses) as max_uses_least,
                   max(max_uses) as max_uses_most, max(expires_at) as expires_most
              from redemption_code where batch_id = any (p_batches) group by batch_id) c on c.batch_id = w.id
         where b.id = w.id;
      end $$`);
    this.addSql(`create function redemption_code_inserted() returns trigger language plpgsql as $$
      begin
        perform 1 from redemption_batch where id in (select batch_id from new_codes) order by id for no key update;
        update redemption_batch b
           set codes = b.codes + c.codes, redeemed = b.redeemed + c.redeemed, disabled = b.disabled + c.disabled,
               endless = b.endless + c.endless, redeemed_amount = b.redeemed_amount + c.redeemed_amount,
               amount_least = least(b.amount_least, c.amount_least), amount_most = greatest(b.amount_most, c.amount_most),
               max_uses_least = least(b.max_uses_least, c.max_uses_least),
               max_uses_most = greatest(b.max_uses_most, c.max_uses_most),
               expires_most = greatest(b.expires_most, c.expires_most)
          from (select batch_id, count(*) as codes, count(*) filter (where used > 0) as redeemed,
                       count(disabled_at) as disabled, count(*) filter (where expires_at is null) as endless,
                       sum(amount::numeric * used) as redeemed_amount, min(amount) as amount_least,
                       max(amount) as amount_most, min(max_uses) as max_uses_least, max(max_uses) as max_uses_most,
                       max(expires_at) as expires_most
                  from new_codes group by batch_id) c
         where b.id = c.batch_id;
        return null;
      end $$`);
    // After the codes, whose rows are locked by now: account, code, batch is the order of everybody.
    this.addSql(`create function redemption_code_updated() returns trigger language plpgsql as $$
      declare
        v_recount bigint[];
      begin
        -- Nothing in the hub changes these; whoever does by hand gets the batch counted anew.
        select array_agg(distinct b.id) into v_recount
          from old_codes o join new_codes n on n.id = o.id cross join lateral (values (o.batch_id), (n.batch_id)) b (id)
         where (o.batch_id, o.amount, o.max_uses, o.expires_at) is distinct from (n.batch_id, n.amount, n.max_uses, n.expires_at);
        if v_recount is not null then
          perform redemption_batch_recount(v_recount);
        end if;
        perform 1 from redemption_batch
          where id in (select batch_id from new_codes) and id <> all (coalesce(v_recount, '{}')) order by id for no key update;
        update redemption_batch b
           set redeemed = b.redeemed + c.redeemed, disabled = b.disabled + c.disabled,
               redeemed_amount = b.redeemed_amount + c.redeemed_amount
          from (select n.batch_id, sum((n.used > 0)::integer - (o.used > 0)::integer) as redeemed,
                       sum((n.disabled_at is not null)::integer - (o.disabled_at is not null)::integer) as disabled,
                       sum(n.amount::numeric * (n.used - o.used)) as redeemed_amount
                  from old_codes o join new_codes n on n.id = o.id group by n.batch_id) c
         where b.id = c.batch_id and b.id <> all (coalesce(v_recount, '{}'));
        return null;
      end $$`);
    this.addSql(`create function redemption_code_deleted() returns trigger language plpgsql as $$
      begin
        perform redemption_batch_recount(array(select distinct batch_id from old_codes));
        return null;
      end $$`);
    this.addSql(`create trigger redemption_code_inserted after insert on redemption_code
      referencing new table as new_codes for each statement execute function redemption_code_inserted()`);
    this.addSql(`create trigger redemption_code_updated after update on redemption_code
      referencing old table as old_codes new table as new_codes
      for each statement execute function redemption_code_updated()`);
    this.addSql(`create trigger redemption_code_deleted after delete on redemption_code
      referencing old table as old_codes for each statement execute function redemption_code_deleted()`);
    this.addSql(`select redemption_batch_recount(array(select id from redemption_batch))`);
  }

  private auditLog(): void {
    // For the numbers of the rows of a span of time, and for lists by kind alone.
    this.addSql(`create index audit_log_time_idx on audit_log (created_at, seq)`);
    this.addSql(`create index audit_log_kind_idx on audit_log (subject_kind, seq)`);
  }
}
