import { Migration } from '@mikro-orm/migrations';

/** Databases of other products that were taken over: what became of each row, so that a second import finds it again. */
export class Migration20261126230000_imports extends Migration {
  override up(): void {
    // Since then keys and codes in the formats of those products are accepted.
    this.addSql(`alter table hub_state add column imported_at timestamptz`);
    // label tells one imported database from another; source_id is the row's id there, target_id what it became here.
    // target_id points at a row of one of several tables, so no foreign key can hold it.
    this.addSql(`create table import_origin (
      label text not null check (length(label) between 1 and 32),
      kind text not null check (kind in ('group', 'account', 'key', 'channel', 'code')),
      source_id text not null,
      target_id bigint not null,
      imported_at timestamptz not null default now(),
      primary key (label, kind, source_id)
    )`);
  }
}
