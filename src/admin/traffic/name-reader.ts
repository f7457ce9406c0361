import { Inject, Injectable } from '@nestjs/common';
import { ADMIN_SQL, type Sql } from '../../database/sql.js';
import type { AdminContext } from '../graphql/admin-context.js';

/** What rows of traffic refer to by id. */
const TABLES = { account: 'account', key: 'api_key', channel: 'channel' } as const;
type Named = keyof typeof TABLES;

/** Loaders belong to objects: one for each table. */
const OWNERS: Readonly<Record<Named, object>> = { account: {}, key: {}, channel: {} };

/** Names of accounts, keys and channels, those of a whole list in one statement. */
@Injectable()
export class NameReader {
  constructor(@Inject(ADMIN_SQL) private readonly sql: Sql) {}

  /**
   * The name of one of them.
   * @param id null where there is none.
   * @returns null without an id, and for what was removed.
   */
  async nameOf(context: AdminContext, what: Named, id: string | null): Promise<string | null> {
    if (id === null) return null;
    return (await context.loaders.load(OWNERS[what], id, (ids) => this.read(what, ids))) ?? null;
  }

  private async read(what: Named, ids: readonly string[]): Promise<Map<string, string>> {
    const rows = await this.sql.query<{ id: string; name: string }>(
      `select id, name from ${TABLES[what]} where id = any ($1::bigint[])`,
      [[...ids]],
    );
    return new Map(rows.map(({ id, name }) => [id, name]));
  }
}
