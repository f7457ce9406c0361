import { Migration } from '@mikro-orm/migrations';

/** How the requests of a model are routed, what place a channel has for one model, and how much a channel takes at a time. */
export class Migration20261127000000_routing extends Migration {
  override up(): void {
    // A ModelRouting document; null where all is by default.
    this.addSql(`alter table model add column routing jsonb check (jsonb_typeof(routing) = 'object')`);
    // Null takes the channel's own.
    this.addSql(`alter table route add column priority integer, add column weight integer check (weight >= 0)`);
    // Requests under way at the upstream at a time.
    this.addSql(`alter table channel add column concurrency_max integer check (concurrency_max > 0)`);
  }
}
