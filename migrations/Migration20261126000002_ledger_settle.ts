import { Migration } from '@mikro-orm/migrations';

/** The other half of the ledger: settle, heartbeat, sweep and post. The rules at the head of the first half hold here too. */
export class Migration20261126000002_ledger_settle extends Migration {
  override up(): void {
    this.settle();
    this.settleSlow();
    this.heartbeat();
    this.sweep();
    this.post();
  }

  /**
   * Closes open holds at their cost. p_events: usage_event rows as JSON, the costs of a hold's rows summing up to its cost.
   * p_answers: [{"hold_id", "status", "headers", "body": hex}] of holds with a claim that is to be replayed; p_frees: holds whose
   * claim is given free. Result per hold: 1 closed now, 2 closed before, 3 needs ledger_settle_slow, 4 no such hold.
   */
  private settle(): void {
    this.addSql(`create function ledger_insert_events(p_events jsonb, p_holds uuid[], p_at timestamptz) returns void language sql as $$
      insert into usage_event (hold_id, attempt, is_final, account_id, key_id, channel_id, model, upstream_model, endpoint,
             user_identifier, outcome, error_code, estimated, input_tokens, cached_input_tokens, cache_write_tokens, output_tokens,
             reasoning_tokens, images, video_ms, duration_ms, first_token_ms, price_version_id, purchase_version_id, cost, loss,
             purchase_cost, created_at)
      select e.hold_id, e.attempt, e.is_final, e.account_id, e.key_id, e.channel_id, e.model, e.upstream_model, e.endpoint,
             coalesce(e.user_identifier, ''), e.outcome, e.error_code, coalesce(e.estimated, false), e.input_tokens,
             e.cached_input_tokens, e.cache_write_tokens, e.output_tokens, e.reasoning_tokens, e.images, e.video_ms,
             e.duration_ms, e.first_token_ms, e.price_version_id, e.purchase_version_id, e.cost, coalesce(e.loss, 0),
             e.purchase_cost, p_at
        from jsonb_to_recordset(p_events) e (hold_id uuid, attempt integer, is_final boolean, account_id bigint, key_id bigint,
             channel_id bigint, model text, upstream_model text, endpoint text, user_identifier text, outcome text, error_code text,
             estimated boolean, input_tokens bigint, cached_input_tokens bigint, cache_write_tokens bigint, output_tokens bigint,
             reasoning_tokens bigint, images bigint, video_ms bigint, duration_ms bigint, first_token_ms bigint,
             price_version_id bigint, purchase_version_id bigint, cost bigint, loss bigint, purchase_cost bigint)
       where e.hold_id = any (p_holds) $$`);
    this.addSql(`create function ledger_close_claims(p_closed uuid[], p_answers jsonb, p_frees uuid[]) returns void language plpgsql as $$
      begin
        if p_answers is not null then
          update idempotency i set state = 'done', status = a.status, headers = a.headers, body = decode(a.body, 'hex')
            from jsonb_to_recordset(p_answers) a (hold_id uuid, status integer, headers jsonb, body text)
           where i.hold_id = a.hold_id and a.hold_id = any (p_closed) and i.state = 'running';
        end if;
        if cardinality(p_frees) > 0 then
          delete from idempotency where hold_id = any (p_frees) and hold_id = any (p_closed) and state = 'running';
        end if;
      end $$`);
    this.addSql(`create function ledger_settle(p_ids uuid[], p_accounts bigint[], p_costs bigint[], p_events jsonb,
        p_answers jsonb, p_frees uuid[], p_at timestamptz default null)
      returns smallint[] language plpgsql as $$
      declare
        now_at timestamptz;
        c_ids uuid[]; c_accounts bigint[]; c_keys bigint[]; c_amounts bigint[]; c_settled bigint[];
      begin
        perform 1 from account where id = any (p_accounts) order by id for no key update;
        now_at := coalesce(p_at, clock_timestamp());
        with closed as (
          update hold h set state = case when i.cost = 0 then 'released' else 'settled' end, settled = i.cost, closed_at = now_at
            from unnest(p_ids, p_costs) i (id, cost)
           where h.id = i.id and h.state = 'open' and i.cost <= h.amount
          returning h.id, h.account_id, h.key_id, h.amount, h.settled)
        select array_agg(id), array_agg(account_id), array_agg(key_id), array_agg(amount), array_agg(settled)
          into c_ids, c_accounts, c_keys, c_amounts, c_settled from closed;
        if c_ids is not null then
          update account a set debits_pending = a.debits_pending - s.reserved, debits_posted = a.debits_posted + s.settled,
                 used_posted = a.used_posted + s.settled
            from (select account_id, sum(amount) as reserved, sum(settled) as settled
                    from unnest(c_accounts, c_amounts, c_settled) u (account_id, amount, settled) group by account_id) s
           where a.id = s.account_id;
          if exists (select from key_budget where key_id = any (c_keys)) then
            perform ledger_close_budgets(c_keys, c_amounts, c_settled, now_at);
          end if;
          insert into entry (kind, debit_id, credit_id, amount, ref, actor, created_at)
          select 'settle', u.account_id, 1, u.settled, u.id::text, 'relay', now_at
            from unnest(c_ids, c_accounts, c_settled) u (id, account_id, settled) where u.settled > 0;
          perform ledger_insert_events(p_events, c_ids, now_at);
          if p_answers is not null or cardinality(p_frees) > 0 then
            perform ledger_close_claims(c_ids, p_answers, p_frees);
          end if;
          if cardinality(c_ids) = cardinality(p_ids) then
            return array_fill(1::smallint, array[cardinality(p_ids)]);
          end if;
        end if;
        return (select array_agg(case when u.id = any (c_ids) then 1 when h.id is null then 4
                                      when h.state in ('settled', 'released') then 2 else 3 end::smallint order by u.ord)
                  from unnest(p_ids) with ordinality u (id, ord) left join hold h on h.id = u.id);
      end $$`);
  }

  /**
   * The two rare ends of a hold, one at a time: a cost above the hold (what the account still has is charged, the rest is a
   * loss), and a settlement after the sweep (the difference is posted, once, as late or refund). The sweep gave the
   * Idempotency-Key of such a request free: where another request has it by now, that one is what the caller pays, and this one
   * is a loss; where nobody has, the answer is kept for it after all. p_claim: {"route", "key", "hash": hex, "ttl_s"} or null.
   */
  private settleSlow(): void {
    this.addSql(`create function ledger_settle_slow(p_id uuid, p_account bigint, p_cost bigint, p_events jsonb, p_answers jsonb,
        p_frees uuid[], p_claim jsonb, p_at timestamptz default null, out code smallint, out charged bigint, out lost bigint)
      language plpgsql as $$
      declare
        now_at timestamptz; h record; room bigint; delta bigint; events jsonb; final_cost bigint; is_taken boolean;
      begin
        select credits_posted - debits_posted - debits_pending into room from account where id = p_account for no key update;
        now_at := coalesce(p_at, clock_timestamp());
        charged := 0;
        lost := 0;
        select * into h from hold where id = p_id and account_id = p_account for no key update;
        if not found then code := 4; return; end if;
        if h.state in ('settled', 'released') then code := 2; return; end if;
        if h.state = 'open' then
          charged := least(p_cost, h.amount + room);
          lost := p_cost - charged;
          update hold set state = case when charged = 0 then 'released' else 'settled' end, settled = charged, closed_at = now_at where id = p_id;
          update account set debits_pending = debits_pending - h.amount, debits_posted = debits_posted + charged,
                 used_posted = used_posted + charged where id = p_account;
          perform ledger_close_budgets(array[h.key_id], array[h.amount], array[charged], now_at);
          if charged > 0 then
            insert into entry (kind, debit_id, credit_id, amount, ref, actor, created_at)
            values ('settle', p_account, 1, charged, p_id::text, 'relay', now_at);
          end if;
          final_cost := charged;
        else
          -- Swept while its owner was taken for dead. State 'settled' makes this happen once; UNIQUE (kind, ref) stands behind it.
          delta := p_cost - h.settled;
          is_taken := p_claim is not null and exists (select from idempotency i where i.account_id = p_account
            and i.route = p_claim ->> 'route' and i.key = p_claim ->> 'key' and i.expires_at > now_at);
          charged := least(delta, case when is_taken then 0 else room end);
          lost := delta - charged;
          update hold set state = case when h.settled + charged = 0 then 'released' else 'settled' end, settled = h.settled + charged where id = p_id;
          if charged > 0 then
            update account set debits_posted = debits_posted + charged, used_posted = used_posted + charged where id = p_account;
            insert into entry (kind, debit_id, credit_id, amount, ref, actor, created_at)
            values ('late', p_account, 1, charged, p_id::text, 'relay', now_at);
          elsif charged < 0 then
            update account set credits_posted = credits_posted - charged, used_posted = used_posted + charged where id = p_account;
            insert into entry (kind, debit_id, credit_id, amount, ref, actor, reason, created_at)
            values ('refund', 1, p_account, -charged, p_id::text, 'relay', 'Swept above the final cost', now_at);
          end if;
          if h.key_id is not null and charged <> 0 then
            perform ledger_close_budgets(array[h.key_id], array[0], array[greatest(charged, 0)], now_at);
          end if;
          final_cost := charged;
        end if;
        if lost > 0 then
          insert into entry (kind, debit_id, credit_id, amount, ref, actor, created_at)
          values ('loss', 2, 1, lost, p_id::text, 'relay', now_at);
        end if;
        -- What the account paid is known only now: it is the cost of the final attempt.
        select jsonb_agg(case
                 when (e ->> 'is_final')::boolean and h.state = 'swept'
                   then e || jsonb_build_object('cost', final_cost, 'loss', lost, 'is_final', false, 'outcome', 'late')
                 when (e ->> 'is_final')::boolean
                   then e || jsonb_build_object('cost', final_cost, 'loss', lost) || case when p_cost > h.amount then '{"outcome": "overrun"}'::jsonb else '{}'::jsonb end
                 else e || '{"cost": 0}'::jsonb end) into events
          from jsonb_array_elements(p_events) e where (e ->> 'hold_id')::uuid = p_id;
        perform ledger_insert_events(events, array[p_id], now_at);
        if h.state = 'swept' and p_claim is not null and not is_taken then
          insert into idempotency (account_id, route, key, request_hash, hold_id, state, status, headers, body, created_at, expires_at)
          select p_account, p_claim ->> 'route', p_claim ->> 'key', decode(p_claim ->> 'hash', 'hex'), p_id, 'done', a.status, a.headers,
                 decode(a.body, 'hex'), now_at, now_at + make_interval(secs => (p_claim ->> 'ttl_s')::integer)
            from jsonb_to_recordset(p_answers) a (hold_id uuid, status integer, headers jsonb, body text)
           where a.hold_id = p_id and not exists (select from idempotency i where i.account_id = p_account
            and i.route = p_claim ->> 'route' and i.key = p_claim ->> 'key');
        else
          perform ledger_close_claims(array[p_id], p_answers, p_frees);
        end if;
        code := 1;
      end $$`);
  }

  /** Extends the leases of open holds and notes how far they are metered. Returns those that are no longer open. */
  private heartbeat(): void {
    this.addSql(`create function ledger_heartbeat(p_owner text, p_epoch bigint, p_ids uuid[], p_metered bigint[], p_lease_ms integer,
        p_at timestamptz default null)
      returns setof uuid language plpgsql as $$
      declare
        now_at timestamptz := coalesce(p_at, clock_timestamp());
      begin
        update instance set lease_until = now_at + make_interval(secs => p_lease_ms / 1000.0) where name = p_owner and epoch = p_epoch;
        -- One that is locked is being settled or swept this moment, and needs no lease.
        with mine as (
          select h.id, i.metered from unnest(p_ids, p_metered) i (id, metered) join hold h on h.id = i.id
           where h.state = 'open' and h.owner = p_owner and h.epoch = p_epoch for no key update of h skip locked)
        update hold h set lease_until = greatest(h.lease_until, now_at + make_interval(secs => p_lease_ms / 1000.0)),
               metered = greatest(h.metered, mine.metered)
          from mine where h.id = mine.id;
        return query select h.id from hold h where h.id = any (p_ids) and h.state <> 'open';
      end $$`);
  }

  /** Settles open holds whose lease has run out at what was metered, at most p_limit of them, oldest first. */
  private sweep(): void {
    this.addSql(`create function ledger_sweep(p_limit integer, p_at timestamptz default null)
      returns table (id uuid, account_id bigint, amount bigint, settled bigint, kind text) language plpgsql as $$
      #variable_conflict use_column
      declare
        now_at timestamptz := coalesce(p_at, clock_timestamp());
        due uuid[]; accounts bigint[];
        c_ids uuid[]; c_accounts bigint[]; c_keys bigint[]; c_amounts bigint[]; c_settled bigint[]; c_kinds text[];
      begin
        select array_agg(d.id), array_agg(d.account_id) into due, accounts
          from (select h.id, h.account_id from hold h where h.state = 'open' and h.lease_until < now_at
                 order by h.lease_until limit p_limit) d;
        if due is null then return; end if;
        perform 1 from account a where a.id = any (accounts) order by a.id for no key update;
        -- Asked again under the lock: its owner may have been alive after all.
        with closed as (
          update hold h set state = 'swept', settled = least(h.metered, h.amount), closed_at = now_at
           where h.id = any (due) and h.state = 'open' and h.lease_until < now_at
          returning h.*)
        , swept_events as (
          insert into usage_event (hold_id, attempt, is_final, account_id, key_id, model, endpoint, user_identifier, outcome, estimated,
                 price_version_id, cost, created_at)
          select c.id, 0, true, c.account_id, c.key_id, c.model, c.kind, c.user_identifier, 'swept', true, c.price_version_id, c.settled, now_at
            from closed c)
        select array_agg(c.id), array_agg(c.account_id), array_agg(c.key_id), array_agg(c.amount), array_agg(c.settled), array_agg(c.kind)
          into c_ids, c_accounts, c_keys, c_amounts, c_settled, c_kinds from closed c;
        if c_ids is null then return; end if;
        update account a set debits_pending = a.debits_pending - s.reserved, debits_posted = a.debits_posted + s.settled,
               used_posted = a.used_posted + s.settled
          from (select u.account_id, sum(u.amount) as reserved, sum(u.settled) as settled
                  from unnest(c_accounts, c_amounts, c_settled) u (account_id, amount, settled) group by u.account_id) s
         where a.id = s.account_id;
        perform ledger_close_budgets(c_keys, c_amounts, c_settled, now_at);
        insert into entry (kind, debit_id, credit_id, amount, ref, actor, created_at)
        select 'settle', u.account_id, 1, u.settled, u.id::text, 'sweeper', now_at
          from unnest(c_ids, c_accounts, c_settled) u (id, account_id, settled) where u.settled > 0;
        delete from idempotency i where i.hold_id = any (c_ids) and i.state = 'running';
        return query select u.id, u.account_id, u.amount, u.settled, u.kind
          from unnest(c_ids, c_accounts, c_amounts, c_settled, c_kinds) u (id, account_id, amount, settled, kind);
      end $$`);
  }

  /**
   * Posts money in or out of an account: topup, grant, redeem, refund, adjust, expire. The amount is signed; below zero it
   * leaves the account. code: 1 posted, 2 the same had been posted, 3 the balance is too low, 4 no such account, 5 the
   * reference was used for something else, 6 more than an account can hold.
   */
  private post(): void {
    this.addSql(`create function ledger_post(p_kind text, p_account bigint, p_amount bigint, p_ref text, p_actor text, p_reason text,
        p_at timestamptz default null, out code smallint, out entry_id bigint)
      language plpgsql as $$
      declare
        acct record; old record; now_at timestamptz;
      begin
        select * into acct from account where id = p_account and kind = 'customer' for no key update;
        if not found then code := 4; return; end if;
        now_at := coalesce(p_at, clock_timestamp());
        select * into old from entry where kind = p_kind and ref = p_ref;
        if found then
          entry_id := old.id;
          code := case when (case when p_amount > 0 then old.credit_id else old.debit_id end) = p_account
                        and old.amount = abs(p_amount) then 2 else 5 end;
          return;
        end if;
        if p_amount > 0 then
          if p_amount > 9223372036854775807 - acct.credits_posted then code := 6; return; end if;
          update account set credits_posted = credits_posted + p_amount,
                 used_posted = used_posted - case when p_kind = 'refund' then p_amount else 0 end where id = p_account;
        else
          if -p_amount > acct.credits_posted - acct.debits_posted - acct.debits_pending then code := 3; return; end if;
          update account set debits_posted = debits_posted - p_amount where id = p_account;
        end if;
        insert into entry (kind, debit_id, credit_id, amount, ref, actor, reason, created_at)
        values (p_kind, case when p_amount > 0 then 1 else p_account end, case when p_amount > 0 then p_account else 1 end,
                abs(p_amount), p_ref, p_actor, p_reason, now_at)
        returning id into entry_id;
        code := 1;
      end $$`);
  }
}
