import { Inject, Injectable } from '@nestjs/common';
import { type KeyBudget, readKeyBudgets } from '../../../account/key-budget.js';
import { ADMIN_SQL, type Sql, type SqlSession } from '../../../database/sql.js';
import type { ApiKeyScope } from '../../../keys/api-key-scope.js';
import type { StoredLimits } from '../../../limits/limit-subject.js';
import type { AdminContext } from '../../graphql/admin-context.js';
import { type Page, type PageArgs, readPage, toPage } from '../../graphql/connection.js';
import { notFound } from '../../graphql/graphql.errors.js';
import { readId } from '../../graphql/read-id.js';
import { searchPattern } from '../input-checks.js';
import { toRateLimits } from '../rate-limits.type.js';
import type { ApiKeyState } from './api-key.enum.js';
import type { ApiKeysArgs } from './api-key.input.js';
import type { ApiKeyNode } from './api-key.type.js';

/** A key as it is stored, without what its secret could be guessed from. */
export interface ApiKeyRow {
  id: string;
  account_id: string;
  name: string;
  last4: string;
  state: ApiKeyState;
  scopes: ApiKeyScope[] | null;
  models: string[] | null;
  ip_allow_list: string[] | null;
  rpm_limit: number | null;
  tpm_limit: number | null;
  concurrency_limit: number | null;
  limits_by_staff: boolean;
  expires_at: Date | null;
  revoked_at: Date | null;
  previous_until: Date | null;
  last_used_at: Date | null;
  version: number;
  created_at: Date;
}

const STATE = `case when k.revoked_at is not null then 'revoked' when k.expires_at <= now() then 'expired' else 'active' end`;
const COLUMNS = `
  k.id, k.account_id, k.name, k.last4, ${STATE} as state, k.scopes, k.models, k.ip_allow_list, k.rpm_limit, k.tpm_limit,
  k.concurrency_limit, k.limits_by_staff, k.expires_at, k.revoked_at, k.last_used_at, k.version, k.created_at,
  case when k.revoked_at is null and k.previous_until > now() then k.previous_until end as previous_until`;
const CURSOR = [/^\d{1,18}$/];
const SECRET_END_CHARS = 4;

/** For the loaders of budgets, and of keys by account. */
const BUDGETS_OF_KEY = {};
const KEYS_OF_ACCOUNT = {};

/** Which page of which account's keys; the key of a loader. */
type AccountPage = readonly [accountId: string, limit: number, after: string | null];

/** Reads API keys. */
@Injectable()
export class ApiKeyReader {
  constructor(@Inject(ADMIN_SQL) private readonly sql: Sql) {}

  /** One page, the newest first. @param accountId to which the list is bound, if it is. */
  async page({ filter, ...args }: ApiKeysArgs, accountId: string | null): Promise<Page<ApiKeyNode>> {
    const page = readPage(args, CURSOR);
    const search = searchPattern(filter?.search);
    const rows = await this.sql.query<ApiKeyRow>(
      `select ${COLUMNS} from api_key k
        where ($1::bigint is null or k.account_id = $1) and ($2::bigint is null or k.account_id = $2)
          and ($3::text is null or ${STATE} = $3) and ($4::text is null or k.name ilike $4 or k.last4 = $5)
          and ($6::bigint is null or k.id < $6)
        order by k.id desc limit $7`,
      [
        accountId,
        filter?.accountId == null ? null : readId('account', filter.accountId, 'filter.accountId'),
        filter?.state ?? null,
        search,
        search !== null && filter?.search?.length === SECRET_END_CHARS ? filter.search : null,
        page.after?.[0] ?? null,
        page.limit,
      ],
    );
    return toPage(page, rows, cursorOf, toApiKey);
  }

  /** One key. @throws HubError 404 when there is none, or it is not of the account that the reader is bound to. */
  async get(id: string, accountId: string | null): Promise<ApiKeyNode> {
    const [row] = await this.sql.query<ApiKeyRow>(
      `select ${COLUMNS} from api_key k where k.id = $1 and ($2::bigint is null or k.account_id = $2)`,
      [readId('API key', id), accountId],
    );
    if (row === undefined) throw notFound('API key', id);
    return toApiKey(row);
  }

  /** A page of the keys of an account that has been found already; those of all accounts of a list in one statement. */
  async ofAccount(context: AdminContext, accountId: string, args: PageArgs): Promise<Page<ApiKeyNode>> {
    const page = readPage(args, CURSOR);
    const key: AccountPage = [accountId, page.limit, page.after?.[0] ?? null];
    const load = (keys: readonly string[]) => this.rowsOf(keys);
    const rows = await context.loaders.load(KEYS_OF_ACCOUNT, JSON.stringify(key), load);
    return toPage(page, rows ?? [], cursorOf, toApiKey);
  }

  /** The budgets of a key that has been found already. */
  async budgetsOf(context: AdminContext, keyId: string): Promise<readonly KeyBudget[]> {
    return (await context.loaders.load(BUDGETS_OF_KEY, keyId, (ids) => readKeyBudgets(this.sql, ids))) ?? [];
  }

  /** One statement for all accounts whose pages are alike, which they are unless a query asks for several under aliases. */
  private async rowsOf(keys: readonly string[]): Promise<ReadonlyMap<string, ApiKeyRow[]>> {
    const found = new Map<string, ApiKeyRow[]>();
    const wanted = keys.map((key) => ({ key, page: JSON.parse(key) as AccountPage }));
    for (const group of Map.groupBy(wanted, ({ page: [, ...sameFor] }) => JSON.stringify(sameFor)).values()) {
      const [first] = group;
      if (first === undefined) continue;
      const [, limit, after] = first.page;
      const rows = await this.sql.query<ApiKeyRow>(
        `select k.* from unnest($1::bigint[]) w (id) cross join lateral (
           select ${COLUMNS} from api_key k where k.account_id = w.id and ($2::bigint is null or k.id < $2)
            order by k.id desc limit $3) k
         order by k.id desc`,
        [group.map(({ page: [accountId] }) => accountId), after, limit],
      );
      const byAccount = Map.groupBy(rows, (row) => row.account_id);
      for (const { key, page } of group) found.set(key, byAccount.get(page[0]) ?? []);
    }
    return found;
  }
}

/**
 * Reads a key within a mutation and keeps others from changing it.
 * @param accountId to which the actor is bound, if it is.
 * @throws HubError 404 naming `param`.
 */
export async function lockApiKey(
  session: SqlSession,
  id: string,
  accountId: string | null,
  param = 'id',
): Promise<ApiKeyRow> {
  const [row] = await session.query<ApiKeyRow>(
    `select ${COLUMNS} from api_key k where k.id = $1 and ($2::bigint is null or k.account_id = $2) for no key update`,
    [readId('API key', id, param), accountId],
  );
  if (row === undefined) throw notFound('API key', id, param);
  return row;
}

/** The limits of a stored key. */
export function limitsOf({ rpm_limit: rpm, tpm_limit: tpm, concurrency_limit: concurrency }: ApiKeyRow): StoredLimits {
  return { rpm, tpm, concurrency };
}

/** A stored key as the API shows it. */
export function toApiKey(row: ApiKeyRow): ApiKeyNode {
  return {
    id: row.id,
    accountId: row.account_id,
    name: row.name,
    last4: row.last4,
    state: row.state,
    scopes: row.scopes,
    models: row.models,
    ipAllowList: row.ip_allow_list,
    limits: toRateLimits(limitsOf(row)),
    areLimitsByStaff: row.limits_by_staff,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    previousSecretUntil: row.previous_until,
    lastUsedAt: row.last_used_at,
    version: row.version,
    createdAt: row.created_at,
  };
}

function cursorOf({ id }: ApiKeyRow): readonly string[] {
  return [id];
}
