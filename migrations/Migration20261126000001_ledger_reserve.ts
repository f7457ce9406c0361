import { Migration } from '@mikro-orm/migrations';

/**
 * The ledger: every statement that moves money, as functions that run in one round trip.
 *
 * Rules that all of them keep:
 * - Lock order is account (ascending), then key budget, then hold. A hold is changed only under the lock of its account,
 *   except its lease, which the heartbeat changes with `skip locked`: so nothing here can wait in a circle.
 * - A batch comes sorted by account id, in the order of arrival within an account.
 * - p_at replaces the database's clock, for simulations and tests; otherwise that clock is the only one.
 * - Running a function again with the same ids changes nothing, so a commit whose answer was lost is simply repeated.
 */
export class Migration20261126000001_ledger_reserve extends Migration {
  override up(): void {
    this.budgetPeriods();
    this.reserve();
    this.extend();
  }

  private budgetPeriods(): void {
    this.addSql(`create function budget_period_start(p_period text, p_zone text, p_at timestamptz) returns timestamptz
      language sql stable as $$
      select case when p_period = 'total' then '-infinity' else date_trunc(p_period, p_at at time zone p_zone) at time zone p_zone end $$`);
    this.addSql(`create function budget_period_end(p_period text, p_zone text, p_at timestamptz) returns timestamptz
      language sql stable as $$
      select case when p_period = 'total' then 'infinity'
        else (date_trunc(p_period, p_at at time zone p_zone) + ('1 ' || p_period)::interval) at time zone p_zone end $$`);
    // Money of open holds becomes posted or free again, in the budgets of their keys.
    this.addSql(`create function ledger_close_budgets(p_keys bigint[], p_reserved bigint[], p_settled bigint[], p_at timestamptz)
      returns void language plpgsql as $$
      begin
        update key_budget k
           set pending = k.pending - s.reserved,
               posted = case when k.period_end <= p_at then s.settled else k.posted + s.settled end,
               period_start = case when k.period_end <= p_at then budget_period_start(k.period, k.time_zone, p_at) else k.period_start end,
               period_end = case when k.period_end <= p_at then budget_period_end(k.period, k.time_zone, p_at) else k.period_end end
          from (select key_id, sum(reserved) as reserved, sum(settled) as settled
                  from unnest(p_keys, p_reserved, p_settled) u (key_id, reserved, settled)
                 where key_id is not null group by key_id) s
         where k.key_id = s.key_id;
      end $$`);
  }

  /**
   * codes: 1 held, 2 balance too low, 3 account not active, 4 no such account, 5 the key's budget is too low, 6 the claim is
   * taken, 7 held before (by an attempt whose answer was lost), 8 closed meanwhile. amounts: what is held, at least
   * p_minimums and at most p_amounts. p_claims: [{"ord": 1-based, "route", "key", "hash": hex, "ttl_s"}] or null.
   */
  private reserve(): void {
    this.addSql(`create function ledger_reserve(
        p_ids uuid[], p_accounts bigint[], p_keys bigint[], p_amounts bigint[], p_minimums bigint[], p_prices bigint[],
        p_kinds text[], p_models text[], p_users text[], p_owner text, p_epoch bigint, p_lease_ms integer,
        p_is_retry boolean, p_claims jsonb, p_at timestamptz default null,
        out codes smallint[], out amounts bigint[])
      language plpgsql as $$
      declare
        n integer := cardinality(p_ids);
        now_at timestamptz;
        a_ids bigint[]; a_room bigint[]; a_active boolean[]; a_taken bigint[];
        a_count integer; a integer := 1;
        k_ids bigint[]; k_room bigint[]; k integer;
        room bigint; granted bigint;
        has_held boolean := false;
        r record;
      begin
        codes := array_fill(0::smallint, array[n]);
        amounts := array_fill(0::bigint, array[n]);
        select array_agg(s.id), array_agg(s.room), array_agg(s.active) into a_ids, a_room, a_active
          from (select id, credits_posted - debits_posted - debits_pending as room, status = 'active' as active
                  from account where id = any (p_accounts) and kind = 'customer' order by id for no key update) s;
        a_count := coalesce(cardinality(a_ids), 0);
        a_taken := array_fill(0::bigint, array[a_count]);
        now_at := coalesce(p_at, clock_timestamp());
        if exists (select from key_budget where key_id = any (p_keys)) then
          update key_budget set posted = 0, period_start = budget_period_start(period, time_zone, now_at),
                 period_end = budget_period_end(period, time_zone, now_at)
           where key_id = any (p_keys) and period_end <= now_at;
          select array_agg(s.key_id), array_agg(s.room) into k_ids, k_room
            from (select key_id, greatest(min(limit_amount - posted - pending), 0) as room from key_budget
                   where key_id = any (p_keys) group by key_id) s;
        end if;
        if p_is_retry then
          for r in select u.ord, h.state, h.amount from unnest(p_ids) with ordinality u (id, ord) join hold h on h.id = u.id loop
            codes[r.ord] := case when r.state = 'open' then 7 else 8 end;
            amounts[r.ord] := r.amount;
          end loop;
        end if;
        if p_claims is not null then
          delete from idempotency i using jsonb_to_recordset(p_claims) c (ord integer, route text, key text)
           where i.account_id = p_accounts[c.ord] and i.route = c.route and i.key = c.key and i.expires_at <= now_at;
          for r in select c.ord from jsonb_to_recordset(p_claims) c (ord integer, route text, key text)
                    where exists (select from idempotency i where i.account_id = p_accounts[c.ord] and i.route = c.route and i.key = c.key)
                       or exists (select from jsonb_to_recordset(p_claims) d (ord integer, route text, key text)
                                   where d.ord < c.ord and p_accounts[d.ord] = p_accounts[c.ord] and d.route = c.route and d.key = c.key) loop
            if codes[r.ord] = 0 then codes[r.ord] := 6; end if;
          end loop;
        end if;
        for i in 1 .. n loop
          while a <= a_count and a_ids[a] < p_accounts[i] loop a := a + 1; end loop;
          if codes[i] <> 0 then
            continue;
          elsif a > a_count or a_ids[a] <> p_accounts[i] then
            codes[i] := 4;
          elsif not a_active[a] then
            codes[i] := 3;
          else
            room := a_room[a];
            granted := least(p_amounts[i], room);
            if granted < p_minimums[i] then
              codes[i] := 2;
              continue;
            end if;
            k := case when k_ids is null or p_keys[i] is null then null else array_position(k_ids, p_keys[i]) end;
            if k is not null then
              granted := least(granted, k_room[k]);
              if granted < p_minimums[i] then
                codes[i] := 5;
                continue;
              end if;
              k_room[k] := k_room[k] - granted;
            end if;
            codes[i] := 1;
            amounts[i] := granted;
            a_room[a] := room - granted;
            a_taken[a] := a_taken[a] + granted;
            has_held := true;
          end if;
        end loop;
        if not has_held then return; end if;
        update account t set debits_pending = t.debits_pending + s.taken
          from unnest(a_ids, a_taken) s (id, taken) where t.id = s.id and s.taken > 0;
        if k_ids is not null then
          update key_budget t set pending = t.pending + s.taken
            from (select u.key_id, sum(u.amount) as taken from unnest(p_keys, codes, amounts) u (key_id, code, amount)
                   where u.code = 1 and u.key_id is not null group by u.key_id) s
           where t.key_id = s.key_id;
        end if;
        insert into hold (id, account_id, key_id, price_version_id, kind, amount, owner, epoch, lease_until, model, user_identifier, created_at)
        select u.id, u.account_id, u.key_id, u.price_id, u.kind, u.amount, p_owner, p_epoch,
               now_at + make_interval(secs => p_lease_ms / 1000.0), u.model, u.user_identifier, now_at
          from unnest(p_ids, p_accounts, p_keys, p_prices, p_kinds, amounts, p_models, p_users, codes)
               u (id, account_id, key_id, price_id, kind, amount, model, user_identifier, code)
         where u.code = 1;
        if p_claims is not null then
          insert into idempotency (account_id, route, key, request_hash, hold_id, expires_at, created_at)
          select p_accounts[c.ord], c.route, c.key, decode(c.hash, 'hex'), p_ids[c.ord], now_at + make_interval(secs => c.ttl_s), now_at
            from jsonb_to_recordset(p_claims) c (ord integer, route text, key text, hash text, ttl_s integer)
           where codes[c.ord] = 1;
        end if;
      end $$`);
  }

  /**
   * Adds up to p_extra to an open hold that is p_from large. code: 1 extended, or had been; 2 no balance left; 3 account not
   * active; 4 no such hold; 5 the key's budget is used up; 8 closed. amount: its size now.
   */
  private extend(): void {
    this.addSql(`create function ledger_extend(p_id uuid, p_account bigint, p_from bigint, p_extra bigint, p_at timestamptz default null,
        out code smallint, out amount bigint)
      language plpgsql as $$
      declare
        now_at timestamptz; h record; acct record; granted bigint; k_room bigint;
      begin
        select status, credits_posted - debits_posted - debits_pending as room into acct
          from account where id = p_account for no key update;
        now_at := coalesce(p_at, clock_timestamp());
        select * into h from hold where id = p_id and account_id = p_account for no key update;
        if not found then code := 4; amount := 0; return; end if;
        amount := h.amount;
        if h.state <> 'open' then code := 8; return; end if;
        if h.amount > p_from then code := 1; return; end if;
        if acct.status <> 'active' then code := 3; return; end if;
        granted := least(p_extra, acct.room);
        if granted <= 0 then code := 2; return; end if;
        if h.key_id is not null and exists (select from key_budget where key_id = h.key_id) then
          update key_budget set posted = 0, period_start = budget_period_start(period, time_zone, now_at),
                 period_end = budget_period_end(period, time_zone, now_at)
           where key_id = h.key_id and period_end <= now_at;
          select min(limit_amount - posted - pending) into k_room from key_budget where key_id = h.key_id;
          granted := least(granted, k_room);
          if granted <= 0 then code := 5; return; end if;
          update key_budget set pending = pending + granted where key_id = h.key_id;
        end if;
        update account set debits_pending = debits_pending + granted where id = p_account;
        update hold set amount = hold.amount + granted where id = p_id;
        code := 1;
        amount := h.amount + granted;
      end $$`);
  }
}
