import { Migration } from '@mikro-orm/migrations';

/** What the delivery of webhooks needs: an old secret that stays good for a while, and who works on which message. */
export class Migration20261126100001_webhook_rotation extends Migration {
  override up(): void {
    this.addSql(`alter table webhook_secret
      add column previous_secret bytea,
      add column previous_until timestamptz,
      add check ((previous_secret is null) = (previous_until is null))`);
    // lease_until: an instance is sending it. give_up_at: the last attempt. host: so that one dead receiver can be passed over.
    this.addSql(`alter table webhook_delivery
      add column lease_until timestamptz,
      add column give_up_at timestamptz not null default now() + interval '24 hours',
      add column host text not null generated always as (coalesce(lower(substring(url from '^https?://([^/?#]*)')), '')) stored`);
  }
}
