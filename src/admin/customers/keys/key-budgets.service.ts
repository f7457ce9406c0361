import { Inject, Injectable } from '@nestjs/common';
import { type KeyBudget, readKeyBudgets } from '../../../account/key-budget.js';
import { type HubError, invalidRequest } from '../../../common/hub-error.js';
import { sqlState } from '../../../database/database-error.js';
import type { SqlSession } from '../../../database/sql.js';
import { type BudgetPeriod, type NewKeyBudget, removeKeyBudget, setKeyBudget } from '../../../quota/set-key-budget.js';
import { isTimeZoneName } from '../../../quota/time-zone.js';
import type { AdminContext } from '../../graphql/admin-context.js';
import { Mutations, type Trail } from '../../graphql/mutations.js';
import { lockAccount } from '../accounts/account-reader.js';
import { wrongState } from '../input-checks.js';
import type { NewBudgetInput, RemoveKeyBudgetInput, SetKeyBudgetInput } from './api-key.input.js';
import type { ApiKeyNode } from './api-key.type.js';
import { type ApiKeyRow, lockApiKey, toApiKey } from './api-key-reader.js';
import { setByStaff } from './member-rules.js';

/** PostgreSQL knows no such time zone. */
const INVALID_PARAMETER = '22023';

/** Budgets of API keys. They count from the next request on; nothing has to be told to other instances. */
@Injectable()
export class KeyBudgetsService {
  constructor(@Inject(Mutations) private readonly mutations: Mutations) {}

  /** @throws HubError 400 naming the field, 403 `set_by_staff`, 404, 409 `key_revoked`. */
  set(context: AdminContext, input: SetKeyBudgetInput): Promise<ApiKeyNode> {
    const { period, limit, timeZone } = readBudget(input, '');
    return this.change(context, input, async (session, trail, key, before, isMember) => {
      const isByStaff = isMember ? (before?.isByStaff ?? false) : true;
      if (isMember && before?.isByStaff === true) checkMember(before, limit, timeZone);
      await setBudget(session, { keyId: key.id, period, limit, timeZone, isByStaff });
      const after = await budgetOf(session, key.id, period);
      note(trail, 'apiKey.setBudget', key, before, after);
    });
  }

  /** A budget that is not there is removed as well: nothing is changed then. @throws HubError 403 `set_by_staff`, 404. */
  remove(context: AdminContext, input: RemoveKeyBudgetInput): Promise<ApiKeyNode> {
    return this.change(context, input, async (session, trail, key, before, isMember) => {
      if (before === undefined) return void trail.refuse(undefined);
      if (isMember && before.isByStaff) {
        throw setByStaff("This budget was set by the hub's staff: they may remove it.", 'period');
      }
      await removeKeyBudget(session, key.id, input.period);
      note(trail, 'apiKey.removeBudget', key, before, undefined);
    });
  }

  private change(
    context: AdminContext,
    { keyId, period }: { readonly keyId: string; readonly period: BudgetPeriod },
    work: (
      session: SqlSession,
      trail: Trail,
      key: ApiKeyRow,
      before: KeyBudget | undefined,
      isMember: boolean,
    ) => Promise<void>,
  ): Promise<ApiKeyNode> {
    const own = context.scope('keys:write');
    return this.mutations.run(context, async (session, trail) => {
      const found = await lockApiKey(session, keyId, own, 'keyId');
      // The ledger locks accounts before budgets, so this does.
      await lockAccount(session, found.account_id);
      if (found.revoked_at !== null) {
        throw wrongState('key_revoked', `API key ${found.id} is revoked for good.`, 'keyId');
      }
      await work(session, trail, found, await budgetOf(session, found.id, period), own !== null);
      return toApiKey(found);
    });
  }
}

/**
 * Sets a budget in the session of a mutation.
 * @throws HubError 400 naming `timeZone` for one that the database does not know.
 */
export async function setBudget(session: SqlSession, budget: NewKeyBudget): Promise<void> {
  const isSet = await setKeyBudget(session, budget).catch((error: unknown) => {
    throw sqlState(error) === INVALID_PARAMETER ? unknownTimeZone('timeZone') : error;
  });
  if (!isSet) throw new Error(`API key ${budget.keyId} is gone`);
}

/** Budgets of a new key. @throws HubError 400 naming the field at fault. */
export function readBudgets(budgets: readonly NewBudgetInput[] | null | undefined): Omit<NewKeyBudget, 'keyId'>[] {
  const read = (budgets ?? []).map((budget, at) => readBudget(budget, `budgets[${at}].`));
  if (new Set(read.map(({ period }) => period)).size < read.length) {
    throw invalidRequest('"budgets" must name each period once.', 'budgets');
  }
  return read;
}

function readBudget({ period, limit, timeZone }: NewBudgetInput, path: string): Omit<NewKeyBudget, 'keyId'> {
  if (limit < 0n) throw invalidRequest(`"${path}limit" must be at least 0.`, `${path}limit`);
  if (timeZone != null && !isTimeZoneName(timeZone)) throw unknownTimeZone(`${path}timeZone`);
  return { period, limit, timeZone: timeZone ?? undefined };
}

function unknownTimeZone(param: string): HubError {
  return invalidRequest(`"${param}" must be the name of a time zone, such as Europe/Berlin or UTC.`, param);
}

/** A customer may lower what staff has set; another time zone would begin a new day or month. */
function checkMember(before: KeyBudget, limit: bigint, timeZone: string | undefined): void {
  if (limit > before.limit) {
    throw setByStaff("This budget was set by the hub's staff: you may lower it, and they may raise it.", 'limit');
  }
  if (timeZone !== undefined && timeZone !== before.timeZone) {
    throw setByStaff("This budget was set by the hub's staff: they may change its time zone.", 'timeZone');
  }
}

async function budgetOf(session: SqlSession, keyId: string, period: BudgetPeriod): Promise<KeyBudget | undefined> {
  const budgets = (await readKeyBudgets(session, [keyId])).get(keyId);
  return budgets?.find((budget) => budget.period === period);
}

function note(
  trail: Trail,
  action: string,
  key: ApiKeyRow,
  before: KeyBudget | undefined,
  after: KeyBudget | undefined,
): void {
  trail.changed({ action, kind: 'apiKey', id: key.id, accountId: key.account_id, before, after });
}
