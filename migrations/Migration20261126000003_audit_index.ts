import { Migration } from '@mikro-orm/migrations';

/** An index for what is asked every minute. */
export class Migration20261126000003_audit_index extends Migration {
  override up(): void {
    // Nearly always empty: holds that were settled above what they held. Without it invariant I8 reads all holds of half an hour.
    this.addSql(`create index hold_above_amount_idx on hold (id) where settled > amount`);
  }
}
