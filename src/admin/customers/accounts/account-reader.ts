import { Inject, Injectable } from '@nestjs/common';
import { ADMIN_SQL, type Sql, type SqlSession } from '../../../database/sql.js';
import type { AccountStatus } from '../../../quota/account-status.js';
import { exactQuota, quotaInUnits } from '../../../quota/quota-units.js';
import type { Role } from '../../../users/permission.js';
import type { AdminContext } from '../../graphql/admin-context.js';
import { type Page, readPage, toPage } from '../../graphql/connection.js';
import { notFound } from '../../graphql/graphql.errors.js';
import { readId } from '../../graphql/read-id.js';
import { searchPattern } from '../input-checks.js';
import { toRateLimits } from '../rate-limits.type.js';
import { AccountOrder } from './account.enum.js';
import type { AccountsArgs } from './account.input.js';
import type { AccountBalance, AccountNode, AccountPerson } from './account.type.js';

/** People of one account that are shown with it. */
export const PEOPLE_SHOWN_MAX = 100;

/** An account as it is stored. */
export interface AccountRow {
  id: string;
  name: string;
  status: AccountStatus;
  group_id: string;
  credits_posted: string;
  debits_posted: string;
  debits_pending: string;
  used_posted: string;
  rpm_limit: number | null;
  tpm_limit: number | null;
  concurrency_limit: number | null;
  low_balance_alert: string | null;
  daily_spend_alert: string | null;
  version: number;
  created_at: Date;
}

const SELECT = `
  select a.id, a.name, a.status, a.group_id, a.credits_posted, a.debits_posted, a.debits_pending, a.used_posted,
         a.rpm_limit, a.tpm_limit, a.concurrency_limit, a.low_balance_alert, a.daily_spend_alert, a.version, a.created_at
    from account a where a.kind = 'customer'`;

const ID_CURSOR = [/^\d{1,18}$/];
const NAME_CURSOR = [/^[^\0]{0,1000}$/, /^\d{1,18}$/];

/** Reads accounts. */
@Injectable()
export class AccountReader {
  constructor(@Inject(ADMIN_SQL) private readonly sql: Sql) {}

  /** One page. @param accountId to which the list is bound, if it is. */
  async page({ filter, orderBy, ...args }: AccountsArgs, accountId: string | null): Promise<Page<AccountNode>> {
    const isByName = orderBy === AccountOrder.NAME;
    const page = readPage(args, isByName ? NAME_CURSOR : ID_CURSOR);
    const { after } = page;
    const [condition, order] = sortOf(orderBy);
    const rows = await this.sql.query<AccountRow>(
      `${SELECT} and ($1::bigint is null or a.id = $1) and ($2::text is null or a.status = $2)
          and ($3::bigint is null or a.group_id = $3) and ($4::text is null or a.name ilike $4) and ${condition}
        order by ${order} limit $5`,
      [
        accountId,
        filter?.status ?? null,
        filter?.groupId == null ? null : readId('account group', filter.groupId, 'filter.groupId'),
        searchPattern(filter?.search),
        page.limit,
        after?.at(-1) ?? null,
        ...(isByName ? [after?.[0] ?? null] : []),
      ],
    );
    return toPage(page, rows, (row) => (isByName ? [row.name, row.id] : [row.id]), toAccount);
  }

  /** One account. @throws HubError 404 when there is none, or it is not the one that the reader is bound to. */
  async get(id: string, accountId: string | null): Promise<AccountNode> {
    const account = (await this.byIds([readId('account', id)])).get(id);
    if (account === undefined || (accountId !== null && account.id !== accountId)) throw notFound('account', id);
    return account;
  }

  /** The accounts of rows that have been found already. */
  ofRow(context: AdminContext, id: string): Promise<AccountNode | undefined> {
    return context.loaders.load(this, id, (ids) => this.byIds(ids));
  }

  /** The people of accounts, at most {@link PEOPLE_SHOWN_MAX} each, the newest first. */
  async peopleOf(ids: readonly string[]): Promise<ReadonlyMap<string, AccountPerson[]>> {
    const rows = await this.sql.query<PersonRow>(
      `select w.id as account_id, u.id, u.email, u.name, u.role, u.disabled_at is null as is_enabled
         from unnest($1::bigint[]) w (id)
        cross join lateral (select * from app_user p where p.account_id = w.id order by p.id desc
                             limit ${PEOPLE_SHOWN_MAX}) u
        order by u.id desc`,
      [ids],
    );
    const people = Map.groupBy(rows, (row) => row.account_id);
    return new Map([...people].map(([id, group]) => [id, group.map(toPerson)]));
  }

  private async byIds(ids: readonly string[]): Promise<ReadonlyMap<string, AccountNode>> {
    const rows = await this.sql.query<AccountRow>(`${SELECT} and a.id = any ($1::bigint[])`, [ids]);
    return new Map(rows.map((row) => [row.id, toAccount(row)]));
  }
}

/** Reads an account within a mutation and keeps others from changing it; undefined when there is none. */
export async function lockAccount(session: SqlSession, id: string): Promise<AccountRow | undefined> {
  const [row] = await session.query<AccountRow>(`${SELECT} and a.id = $1 for no key update`, [id]);
  return row;
}

/** A stored account as the API shows it. */
export function toAccount(row: AccountRow): AccountNode {
  return {
    id: row.id,
    name: row.name,
    status: row.status,
    groupId: row.group_id,
    balance: toBalance(row),
    limits: toRateLimits({ rpm: row.rpm_limit, tpm: row.tpm_limit, concurrency: row.concurrency_limit }),
    lowBalanceAlert: row.low_balance_alert === null ? null : BigInt(row.low_balance_alert),
    dailySpendAlert: row.daily_spend_alert === null ? null : BigInt(row.daily_spend_alert),
    version: row.version,
    createdAt: row.created_at,
  };
}

interface PersonRow {
  account_id: string;
  id: string;
  email: string;
  name: string;
  role: Role;
  is_enabled: boolean;
}

function toPerson({ id, email, name, role, is_enabled: isEnabled }: PersonRow): AccountPerson {
  return { id, email, name, role, isEnabled };
}

function toBalance(row: AccountRow): AccountBalance {
  const figures = {
    creditsPosted: BigInt(row.credits_posted),
    debitsPosted: BigInt(row.debits_posted),
    debitsPending: BigInt(row.debits_pending),
    usedPosted: BigInt(row.used_posted),
  };
  const exact = exactQuota(figures);
  const units = quotaInUnits(figures);
  return {
    ...exact,
    available: exact.remaining - exact.held,
    totalUnits: units.total,
    usedUnits: units.used,
    remainingUnits: units.remaining,
    heldUnits: units.held,
  };
}

/** The condition of a page after the one that ended with `$6` (and name `$7`), and the order. */
function sortOf(order: AccountOrder): [condition: string, order: string] {
  if (order === AccountOrder.NAME) return ['($6::bigint is null or (a.name, a.id) > ($7::text, $6))', 'a.name, a.id'];
  if (order === AccountOrder.OLDEST) return ['($6::bigint is null or a.id > $6)', 'a.id'];
  return ['($6::bigint is null or a.id < $6)', 'a.id desc'];
}
