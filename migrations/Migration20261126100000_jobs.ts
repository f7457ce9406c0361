import { Migration } from '@mikro-orm/migrations';

/**
 * Jobs: videos, and pictures that nobody waits for. A job has the id of its hold, and is over exactly when that is closed.
 *
 * Lock order is account, key budget, job, hold: whoever closes a hold takes its account first. Everything else that happens to a
 * job locks that row alone, and repeats its lease owner, so that a worker that was taken for dead changes nothing any more.
 */
export class Migration20261126100000_jobs extends Migration {
  override up(): void {
    this.jobs();
    this.webhooks();
    this.create();
    this.begin();
    this.finish();
    this.sweepWithoutJobs();
  }

  private jobs(): void {
    // How many tasks a vendor takes at a time on this account; what signs its callbacks, encrypted.
    this.addSql(`alter table channel
      add column tasks_max integer check (tasks_max > 0),
      add column callback_secret bytea`);
    // What a model can do, where the operator says it: a patch of the provider's own description.
    this.addSql(`alter table model add column video jsonb`);
    // submitting: the call is under way. unknown: it was, when its worker died or its answer was lost. accepted, processing: the
    // upstream works on it. fetching: the upstream is done, the result is on its way to our storage.
    this.addSql(`create table job (
      id uuid primary key,
      kind text not null check (kind in ('video', 'image')),
      state text not null default 'queued' check (state in
        ('queued', 'submitting', 'unknown', 'accepted', 'processing', 'fetching', 'succeeded', 'failed', 'cancelled')),
      account_id bigint not null,
      key_id bigint,
      endpoint text not null,
      model text not null,
      provider text not null,
      request jsonb not null,
      offers jsonb not null,
      offer integer not null default 0,
      refused integer[] not null default '{}',
      attempt integer not null default 0,
      channel_id bigint,
      task_ref jsonb,
      task_id text,
      outcome jsonb,
      progress smallint not null default 0 check (progress between 0 and 100),
      held bigint not null check (held >= 0),
      multiplier_millionths bigint not null,
      user_identifier text not null default '',
      metadata jsonb,
      webhook_url text,
      cost bigint,
      error_code text,
      error_message text,
      error_detail text,
      cancel_requested_at timestamptz,
      due_at timestamptz default now(),
      is_woken boolean not null default false,
      lease_owner text,
      lease_until timestamptz,
      failures integer not null default 0,
      looks integer not null default 0,
      version integer not null default 1,
      created_at timestamptz not null default now(),
      sent_at timestamptz,
      accepted_at timestamptz,
      finished_at timestamptz,
      deadline_at timestamptz not null,
      results_expire_at timestamptz,
      results_deleted_at timestamptz,
      deleted_at timestamptz,
      check ((state in ('succeeded', 'failed', 'cancelled')) = (finished_at is not null)),
      check ((state in ('succeeded', 'failed', 'cancelled')) = (cost is not null)),
      check (state <> 'failed' or cost = 0)
    ) with (fillfactor = 70)`);
    this.addSql(`create index job_due_idx on job (due_at) where due_at is not null`);
    this.addSql(`create index job_account_idx on job (account_id, id desc)`);
    this.addSql(
      `create index job_channel_idx on job (channel_id) where state in ('submitting', 'unknown', 'accepted', 'processing')`,
    );
    this.addSql(
      `create index job_results_idx on job (results_expire_at) where results_deleted_at is null and results_expire_at is not null`,
    );
    // One task of an upstream belongs to one job.
    this.addSql(`create unique index job_task_idx on job (channel_id, task_id) where task_id is not null`);
    // Pictures that came with a request; gone when the job is over.
    this.addSql(`create table job_input (
      job_id uuid not null references job (id) on delete cascade,
      name text not null,
      content_type text not null,
      bytes bytea not null,
      primary key (job_id, name)
    )`);
    // Every attempt at an upstream, also the channels that were passed over.
    this.addSql(`create table job_attempt (
      job_id uuid not null references job (id) on delete cascade,
      number integer not null,
      channel_id bigint not null,
      provider text not null,
      model text not null,
      upstream_model text not null,
      outcome text not null check (outcome in ('sent', 'accepted', 'refused', 'passed_over', 'unknown', 'absent')),
      error_code text,
      error_detail text,
      started_at timestamptz not null default now(),
      finished_at timestamptz,
      primary key (job_id, number)
    )`);
    // Where a result lies: in our storage, or, where the operator chose so, at the upstream's own link.
    this.addSql(`create table job_output (
      job_id uuid not null references job (id) on delete cascade,
      place integer not null check (place >= 0),
      storage_key text,
      upstream_url text,
      content_type text not null,
      bytes bigint check (bytes >= 0),
      created_at timestamptz not null default now(),
      primary key (job_id, place),
      check ((storage_key is null) <> (upstream_url is null))
    )`);
  }

  private webhooks(): void {
    // What signs the messages to a customer, encrypted.
    this.addSql(`create table webhook_secret (
      -- No reference: making one would lock the accounts while an older hub serves, after hold_above_amount_idx has locked its holds.
      account_id bigint primary key,
      secret bytea not null,
      created_at timestamptz not null default now()
    )`);
    // A message to a customer: made in the transaction that ends a job. next_attempt_at null: delivered, or given up.
    this.addSql(`create table webhook_delivery (
      id uuid primary key default gen_random_uuid(),
      job_id uuid not null references job (id) on delete cascade,
      account_id bigint not null,
      url text not null,
      attempts integer not null default 0,
      next_attempt_at timestamptz default now(),
      delivered_at timestamptz,
      last_status integer,
      last_error text,
      created_at timestamptz not null default now()
    )`);
    this.addSql(
      `create index webhook_delivery_due_idx on webhook_delivery (next_attempt_at) where next_attempt_at is not null`,
    );
    this.addSql(`create index webhook_delivery_job_idx on webhook_delivery (job_id, created_at)`);
  }

  /**
   * Reserves the money of a job and stores it, and the answer that its Idempotency-Key replays: at once, since the answer says
   * only that the job was taken on. codes and amount as of ledger_reserve; 7 when the same job had been stored before.
   */
  private create(): void {
    this.addSql(`create function job_create(p_job jsonb, p_inputs jsonb, p_price bigint, p_owner text, p_epoch bigint, p_lease_ms integer,
        p_claim jsonb, p_answer jsonb, out code smallint, out amount bigint)
      language plpgsql as $$
      declare
        j record; codes smallint[]; amounts bigint[];
      begin
        select * into j from jsonb_to_record(p_job) r (id uuid, kind text, account_id bigint, key_id bigint, endpoint text, model text,
          provider text, request jsonb, offers jsonb, held bigint, multiplier_millionths bigint, user_identifier text, metadata jsonb,
          webhook_url text, deadline_ms bigint);
        select r.codes, r.amounts into codes, amounts from ledger_reserve(array[j.id], array[j.account_id], array[j.key_id], array[j.held],
          array[j.held], array[p_price], array['video'], array[j.model], array[j.user_identifier], p_owner, p_epoch, p_lease_ms, true,
          case when p_claim is null then null else jsonb_build_array(p_claim || '{"ord": 1}'::jsonb) end) r;
        code := codes[1];
        amount := amounts[1];
        if code <> 1 then return; end if;
        insert into job (id, kind, account_id, key_id, endpoint, model, provider, request, offers, held, multiplier_millionths,
               user_identifier, metadata, webhook_url, deadline_at)
        values (j.id, j.kind, j.account_id, j.key_id, j.endpoint, j.model, j.provider, j.request, j.offers, j.held, j.multiplier_millionths,
               j.user_identifier, j.metadata, j.webhook_url, clock_timestamp() + make_interval(secs => j.deadline_ms / 1000.0));
        insert into job_input (job_id, name, content_type, bytes)
        select j.id, i.name, i.content_type, decode(i.base64, 'base64')
          from jsonb_to_recordset(p_inputs) i (name text, content_type text, base64 text);
        if p_claim is not null then
          update idempotency i set state = 'done', status = a.status, headers = a.headers, body = decode(a.body, 'hex')
            from jsonb_to_record(p_answer) a (status integer, headers jsonb, body text)
           where i.hold_id = j.id and i.state = 'running';
        end if;
      end $$`);
  }

  /**
   * Marks a job as being submitted over a channel, before the call: after a crash it is looked up, never sent again unasked.
   * 1 go ahead, 2 the channel has as many tasks as it may have, 3 the job is not this owner's any more, or is to be cancelled.
   */
  private begin(): void {
    this.addSql(`create function job_begin(p_id uuid, p_owner text, p_offer integer, p_channel bigint, p_model text, p_provider text,
        p_upstream_model text, p_deadline_ms bigint)
      returns smallint language plpgsql as $$
      declare
        most integer; n integer;
      begin
        select tasks_max into most from channel where id = p_channel;
        if most is not null then
          -- One at a time per channel, or two workers would both find the last place free.
          perform pg_advisory_xact_lock(hashtextextended('job_begin', p_channel));
          select count(*) into n from job where channel_id = p_channel and state in ('submitting', 'unknown', 'accepted', 'processing');
          if n >= most then return 2; end if;
        end if;
        update job set state = 'submitting', offer = p_offer, channel_id = p_channel, model = p_model, provider = p_provider,
               attempt = attempt + 1, sent_at = clock_timestamp(), version = version + 1,
               deadline_at = clock_timestamp() + make_interval(secs => p_deadline_ms / 1000.0)
         where id = p_id and lease_owner = p_owner and state = 'queued' and cancel_requested_at is null
        returning attempt into n;
        if not found then return 3; end if;
        insert into job_attempt (job_id, number, channel_id, provider, model, upstream_model, outcome)
        values (p_id, n, p_channel, p_provider, p_model, p_upstream_model, 'sent');
        return 1;
      end $$`);
  }

  /**
   * Ends a job: its state, its money, its results and the message to the customer, in one transaction, once. p_owner null: for a
   * caller who cancels a job that nothing has been done for yet. p_events: usage_event rows whose costs sum up to p_cost.
   * p_outputs: job_output rows. p_due: when to look again, for a success that comes late. 1 ended now, 2 had ended before, 3 not
   * this owner's any more, 4 there is no such job.
   */
  private finish(): void {
    this.addSql(`create function job_finish(p_id uuid, p_owner text, p_state text, p_cost bigint, p_events jsonb, p_code text, p_message text,
        p_detail text, p_outputs jsonb, p_retention_ms bigint, p_due timestamptz)
      returns smallint language plpgsql as $$
      declare
        now_at timestamptz; j record; codes smallint[];
      begin
        select account_id into j from job where id = p_id;
        if not found then return 4; end if;
        perform 1 from account where id = j.account_id for no key update;
        now_at := clock_timestamp();
        select * into j from job where id = p_id for no key update;
        if j.finished_at is not null then return 2; end if;
        if p_owner is null and (j.state <> 'queued' or j.lease_until > now_at) then return 3; end if;
        if p_owner is not null and j.lease_owner is distinct from p_owner then return 3; end if;
        codes := ledger_settle(array[p_id], array[j.account_id], array[p_cost], p_events, null, '{}');
        if codes[1] <> 1 then
          raise exception 'the hold of job % cannot be settled at %: code %', p_id, p_cost, codes[1];
        end if;
        insert into job_output (job_id, place, storage_key, upstream_url, content_type, bytes)
        select p_id, o.place, o.storage_key, o.upstream_url, o.content_type, o.bytes
          from jsonb_to_recordset(p_outputs) o (place integer, storage_key text, upstream_url text, content_type text, bytes bigint);
        delete from job_input where job_id = p_id;
        update job set state = p_state, cost = p_cost, error_code = p_code, error_message = p_message, error_detail = p_detail,
               progress = case when p_state = 'succeeded' then 100 else progress end, due_at = p_due, lease_owner = null,
               lease_until = null, finished_at = now_at, version = version + 1, outcome = null,
               results_expire_at = case when p_state = 'succeeded' then now_at + make_interval(secs => p_retention_ms / 1000.0) end
         where id = p_id;
        if j.webhook_url is not null then
          insert into webhook_delivery (job_id, account_id, url) values (p_id, j.account_id, j.webhook_url);
        end if;
        return 1;
      end $$`);
  }

  /** The hold of a job is closed with the job, by whichever worker has it then; its lease means nothing. */
  private sweepWithoutJobs(): void {
    this.addSql(`do $do$
      declare
        source text := pg_get_functiondef('ledger_sweep'::regproc);
        before text := $q$where h.state = 'open' and h.lease_until < now_at$q$;
        after text := $q$where h.state = 'open' and h.kind <> 'video' and h.lease_until < now_at$q$;
      begin
        if position(before in source) = 0 then raise exception 'ledger_sweep is not as expected'; end if;
        execute replace(source, before, after);
      end $do$`);
  }
}
