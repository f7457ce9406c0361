import { Migration } from '@mikro-orm/migrations';

/** Keys whose old secret stays good for a while, limits that customers cannot lift, and lists of accounts by name. */
export class Migration20261126205000_customers extends Migration {
  override up(): void {
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
    this.addSql(`create index code_download_expires_idx on code_download (expires_at)`);
  }
}
