import { Migration } from '@mikro-orm/migrations';

/** The admin backend: sign-in, admin tokens, the log of what was changed, and versions that catch concurrent edits. */
export class Migration20261126200000_admin extends Migration {
  override up(): void {
    this.people();
    this.log();
    this.versions();
  }

  private people(): void {
    // totp_secret is sealed; it counts from totp_confirmed_at on. totp_last_step stops a code from being used twice.
    this.addSql(`alter table app_user
      add column name text not null default '' check (length(name) <= 128),
      add column disabled_at timestamptz,
      add column version integer not null default 1,
      add column totp_secret bytea,
      add column totp_confirmed_at timestamptz,
      add column totp_last_step bigint not null default 0,
      add column password_changed_at timestamptz not null default now()`);
    this.addSql(`create index app_user_account_idx on app_user (account_id, id)`);
    this.addSql(`create table recovery_code (
      user_id bigint not null references app_user (id) on delete cascade,
      code_hash bytea not null check (length(code_hash) = 32),
      used_at timestamptz,
      created_at timestamptz not null default now(),
      primary key (user_id, code_hash)
    )`);
    // A sign-in. The token is known to its holder alone. ended_at: signed out, revoked, or ended with a new password.
    this.addSql(`create table user_session (
      id bigint generated always as identity primary key,
      user_id bigint not null references app_user (id) on delete cascade,
      token_hash bytea not null unique check (length(token_hash) = 32),
      address text not null,
      user_agent text not null default '',
      created_at timestamptz not null default now(),
      last_seen_at timestamptz not null default now(),
      expires_at timestamptz not null,
      ended_at timestamptz
    )`);
    this.addSql(`create index user_session_user_idx on user_session (user_id, id)`);
    this.addSql(`create index user_session_expires_idx on user_session (expires_at)`);
    // Personal tokens for automation: at most what their user may do, narrowed to these permissions.
    this.addSql(`create table admin_token (
      id bigint generated always as identity primary key,
      user_id bigint not null references app_user (id) on delete cascade,
      name text not null check (length(name) between 1 and 128),
      token_hash bytea not null unique check (length(token_hash) = 32),
      last4 text not null check (length(last4) = 4),
      permissions text[] not null,
      created_at timestamptz not null default now(),
      expires_at timestamptz not null,
      revoked_at timestamptz,
      last_used_at timestamptz
    )`);
    this.addSql(`create index admin_token_user_idx on admin_token (user_id, id)`);
  }

  private log(): void {
    // Every change an administrator makes, written in its own transaction. hash is a keyed hash over the row and the hash before
    // it, so that a change, a removal or an insertion afterwards is noticed. before and after are JSON without secrets.
    this.addSql(`create table audit_log (
      seq bigint primary key,
      created_at timestamptz not null,
      actor_kind text not null check (actor_kind in ('session', 'token', 'cli', 'system', 'nobody')),
      actor_user_id bigint,
      actor text not null,
      address text not null default '',
      request_id text not null default '',
      action text not null,
      subject_kind text not null,
      subject_id text not null,
      account_id bigint,
      reason text,
      before text,
      after text,
      hash bytea not null check (length(hash) = 32)
    )`);
    this.addSql(`create index audit_log_account_idx on audit_log (account_id, seq) where account_id is not null`);
    this.addSql(`create index audit_log_actor_idx on audit_log (actor_user_id, seq)`);
    this.addSql(`create index audit_log_subject_idx on audit_log (subject_kind, subject_id, seq)`);
    this.addSql(`create index audit_log_action_idx on audit_log (action, seq)`);
    this.addSql(`create trigger audit_log_append_only before update or delete on audit_log
      for each row execute function refuse_change()`);
    this.addSql(`create trigger audit_log_no_truncate before truncate on audit_log
      for each statement execute function refuse_change()`);
    // The end of the chain: writers take turns on this row, and a log that was cut short does not end here.
    this.addSql(`create table audit_head (
      id smallint primary key default 1 check (id = 1),
      seq bigint not null default 0,
      hash bytea not null default decode(repeat('00', 32), 'hex')
    )`);
    this.addSql(`insert into audit_head (id) values (1)`);
  }

  private versions(): void {
    for (const table of ['account', 'account_group', 'api_key', 'model']) {
      this.addSql(`alter table ${table} add column version integer not null default 1`);
    }
    // A channel that was removed: jobs and usage still point at it.
    this.addSql(`alter table channel add column removed_at timestamptz`);
    this.addSql(`alter table alert add column acknowledged_at timestamptz, add column acknowledged_by text`);
    this.addSql(`create index alert_list_idx on alert (id desc) where acknowledged_at is null`);
    // The failed job that this one does again; a job is done again once, however often it is asked.
    this.addSql(`alter table job add column retry_of uuid`);
    this.addSql(`create unique index job_retry_of_idx on job (retry_of) where retry_of is not null`);
    // Codes of a new batch, sealed, until they were downloaded or the time is over.
    this.addSql(`create table code_download (
      batch_id bigint primary key references redemption_batch (id),
      token_hash bytea not null unique check (length(token_hash) = 32),
      sealed bytea not null,
      expires_at timestamptz not null,
      created_at timestamptz not null default now()
    )`);
  }
}
