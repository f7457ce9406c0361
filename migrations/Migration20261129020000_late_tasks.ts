import { Migration } from '@mikro-orm/migrations';

/**
 * Pictures that a vendor makes as a task for a caller who waits. A row is there before the task is submitted, so that a task
 * outlives its request, and the process that sent it: docs/books.md.
 */
export class Migration20261129020000_late_tasks extends Migration {
  override up(): void {
    // hold_id: of the request, whose hold says whether it is over; no reference, since months of holds are dropped. task_ref null:
    // what became of the submission is not known yet. followed_at: whose request is over, and who must not hand it out any more.
    this.addSql(`create table late_task (
      hold_id uuid not null,
      attempt integer not null,
      channel_id bigint not null,
      channel text not null,
      credential smallint not null,
      model text not null,
      upstream_model text not null,
      purchase_version_id bigint,
      image_size text,
      image_quality text,
      task_ref jsonb,
      task_id text,
      sent_at timestamptz not null default clock_timestamp(),
      due_at timestamptz not null default clock_timestamp(),
      followed_at timestamptz,
      lease_owner text,
      lease_until timestamptz,
      looks integer not null default 0,
      failures integer not null default 0,
      primary key (hold_id, attempt)
    ) with (fillfactor = 70)`);
    this.addSql(`create index late_task_due_idx on late_task (due_at)`);
    this.addSql(`create index late_task_task_idx on late_task (channel_id, task_id) where task_id is not null`);
  }
}
