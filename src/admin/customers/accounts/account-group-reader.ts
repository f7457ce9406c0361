import { Inject, Injectable } from '@nestjs/common';
import type { Declarer } from '../../../channels/declaration.js';
import { ADMIN_SQL, type Sql, type SqlSession } from '../../../database/sql.js';
import { formatMultiplier } from '../../../pricing/parse-multiplier.js';
import type { AdminContext } from '../../graphql/admin-context.js';
import { type Page, readPage, toPage } from '../../graphql/connection.js';
import { notFound } from '../../graphql/graphql.errors.js';
import { readId } from '../../graphql/read-id.js';
import { searchPattern } from '../input-checks.js';
import type { AccountGroupNode, AccountGroupsArgs } from './account-group.type.js';

/** A group as it is stored. */
export interface AccountGroupRow {
  id: string;
  name: string;
  multiplier_millionths: string;
  models: string[] | null;
  managed_by: Declarer | null;
  version: number;
  created_at: Date;
  updated_at: Date;
}

const SELECT = `select g.id, g.name, g.multiplier_millionths, g.models, g.managed_by, g.version, g.created_at, g.updated_at
  from account_group g`;

/** For the loader of how many accounts are in a group. */
const ACCOUNTS_IN_GROUP = {};

/** Reads account groups. */
@Injectable()
export class AccountGroupReader {
  constructor(@Inject(ADMIN_SQL) private readonly sql: Sql) {}

  /** One page, in the order of their ids. */
  async page({ filter, ...args }: AccountGroupsArgs): Promise<Page<AccountGroupNode>> {
    const page = readPage(args, [/^\d{1,18}$/]);
    const rows = await this.sql.query<AccountGroupRow>(
      `${SELECT} where ($1::text is null or g.name ilike $1) and ($2::bigint is null or g.id > $2) order by g.id limit $3`,
      [searchPattern(filter?.search), page.after?.[0] ?? null, page.limit],
    );
    return toPage(page, rows, (row) => [row.id], toAccountGroup);
  }

  /** One group. @throws HubError 404. */
  async get(id: string): Promise<AccountGroupNode> {
    const group = (await this.byIds([readId('account group', id)])).get(id);
    if (group === undefined) throw notFound('account group', id);
    return group;
  }

  /** The groups of rows that have been found already. */
  ofRow(context: AdminContext, id: string): Promise<AccountGroupNode | undefined> {
    return context.loaders.load(this, id, (ids) => this.byIds(ids));
  }

  /** How many accounts are in a group. */
  async accountsIn(context: AdminContext, id: string): Promise<number> {
    const count = async (ids: readonly string[]) => {
      const rows = await this.sql.query<{ group_id: string; count: number }>(
        `select group_id, count(*)::int as count from account
          where group_id = any ($1::bigint[]) and kind = 'customer' group by group_id`,
        [ids],
      );
      return new Map(rows.map((row) => [row.group_id, row.count]));
    };
    return (await context.loaders.load(ACCOUNTS_IN_GROUP, id, count)) ?? 0;
  }

  private async byIds(ids: readonly string[]): Promise<ReadonlyMap<string, AccountGroupNode>> {
    const rows = await this.sql.query<AccountGroupRow>(`${SELECT} where g.id = any ($1::bigint[])`, [ids]);
    return new Map(rows.map((row) => [row.id, toAccountGroup(row)]));
  }
}

/** Reads a group within a mutation, and keeps others from changing it or from putting accounts into it. */
export async function lockAccountGroup(session: SqlSession, id: string): Promise<AccountGroupRow | undefined> {
  const [row] = await session.query<AccountGroupRow>(`${SELECT} where g.id = $1 for update`, [id]);
  return row;
}

/** A stored group as the API shows it. */
export function toAccountGroup(row: AccountGroupRow): AccountGroupNode {
  return {
    id: row.id,
    name: row.name,
    multiplier: formatMultiplier(BigInt(row.multiplier_millionths)),
    models: row.models,
    managedBy: row.managed_by,
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
