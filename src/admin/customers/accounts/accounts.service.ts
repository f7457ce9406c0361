import { Inject, Injectable } from '@nestjs/common';
import { HubError, invalidRequest } from '../../../common/hub-error.js';
import type { SqlSession } from '../../../database/sql.js';
import { type AccountStatus, changeAccountStatus, tellUnfrozen } from '../../../quota/account-status.js';
import { createAccount, isAccountName, isAccountNameTaken } from '../../../quota/create-account.js';
import { RedisService } from '../../../redis/redis.service.js';
import { TOPIC_KEYS } from '../../../redis/topics.js';
import type { AdminContext } from '../../graphql/admin-context.js';
import { nameTaken, notFound } from '../../graphql/graphql.errors.js';
import { Mutations, type Trail } from '../../graphql/mutations.js';
import { readId } from '../../graphql/read-id.js';
import { readReason } from '../../graphql/read-reason.js';
import { readText } from '../../graphql/read-text.js';
import { type VersionConflict, versionConflict } from '../../graphql/version-conflict.js';
import { wrongState } from '../input-checks.js';
import { mergeLimits, NO_LIMITS, toLimits } from '../rate-limits.type.js';
import type { AccountStatusInput, CreateAccountInput, UpdateAccountInput } from './account.input.js';
import type { AccountNode } from './account.type.js';
import { type AccountRow, lockAccount, toAccount } from './account-reader.js';

const NAME_CHARS_MAX = 200;
const STANDARD_GROUP_ID = '1';

/** Changes of accounts; who may make them is declared at the resolver. */
@Injectable()
export class AccountsService {
  constructor(
    @Inject(Mutations) private readonly mutations: Mutations,
    @Inject(RedisService) private readonly redis: RedisService,
  ) {}

  /** @throws HubError 400 naming the field, 403 without `groups:write` for another group than the standard one, 404, 409 `name_taken`. */
  async create(context: AdminContext, input: CreateAccountInput): Promise<AccountNode> {
    const name = readName(input.name);
    const groupId = input.groupId == null ? STANDARD_GROUP_ID : readId('account group', input.groupId, 'groupId');
    if (groupId !== STANDARD_GROUP_ID) context.require('groups:write');
    const limits = toLimits(mergeLimits(NO_LIMITS, input.limits));
    const lowBalanceAlert = readThreshold(input.lowBalanceAlert ?? null, 'lowBalanceAlert', 0n);
    const dailySpendAlert = readThreshold(input.dailySpendAlert ?? null, 'dailySpendAlert', 1n);
    return await this.mutations.run(context, async (session, trail) => {
      await holdGroup(session, groupId);
      const id = await createAccount(session, { name, groupId, limits });
      if (id === undefined) throw nameTaken('account', name);
      await session.query(`update account set low_balance_alert = $2, daily_spend_alert = $3 where id = $1`, [
        id,
        lowBalanceAlert,
        dailySpendAlert,
      ]);
      const after = await reread(session, id);
      trail.changed({ action: 'account.create', kind: 'account', id, accountId: id, after: snapshotOf(after) });
      return toAccount(after);
    });
  }

  /** @throws HubError 400 naming the field, 403 without `groups:write` for another group, 404, 409 `name_taken` or `account_closed`. */
  async update(context: AdminContext, input: UpdateAccountInput): Promise<AccountNode | VersionConflict> {
    const id = readId('account', input.id);
    const name = input.name === undefined ? undefined : readName(notNull(input.name, 'name'));
    const groupId =
      input.groupId === undefined ? undefined : readId('account group', notNull(input.groupId, 'groupId'), 'groupId');
    return await this.mutations.run(context, async (session, trail) => {
      const before = await lockAccount(session, id);
      if (before === undefined) throw notFound('account', id);
      if (before.version !== input.version) return trail.refuse(versionConflict(`account ${id}`, before.version));
      if (before.status === 'closed') throw accountClosed(id);
      // The group decides what the account pays.
      if (groupId !== undefined && groupId !== before.group_id) context.require('groups:write');
      if (groupId !== undefined) await holdGroup(session, groupId);
      if (name !== undefined && (await isAccountNameTaken(session, name, id))) throw nameTaken('account', name);
      const limits = mergeLimits(limitsOf(before), input.limits);
      await session.query(
        `update account set name = $2, group_id = $3, rpm_limit = $4, tpm_limit = $5, concurrency_limit = $6,
                low_balance_alert = $7, daily_spend_alert = $8, version = version + 1 where id = $1`,
        [
          id,
          name ?? before.name,
          groupId ?? before.group_id,
          limits.rpm,
          limits.tpm,
          limits.concurrency,
          threshold(input.lowBalanceAlert, before.low_balance_alert, 'lowBalanceAlert', 0n),
          threshold(input.dailySpendAlert, before.daily_spend_alert, 'dailySpendAlert', 1n),
        ],
      );
      const after = await reread(session, id);
      this.note(trail, 'account.update', before, after);
      return toAccount(after);
    });
  }

  /** Its keys are refused until it is unfrozen. @throws HubError 404, 409 `account_not_active`. */
  freeze(context: AdminContext, input: AccountStatusInput): Promise<AccountNode> {
    return this.changeStatus(context, input, { action: 'account.freeze', to: 'frozen', from: ['active'] });
  }

  /** @throws HubError 404, 409 `account_not_frozen`. */
  unfreeze(context: AdminContext, input: AccountStatusInput): Promise<AccountNode> {
    return this.changeStatus(context, input, { action: 'account.unfreeze', to: 'active', from: ['frozen'] });
  }

  /**
   * Closes an account for good: its keys are refused, its name stays taken, its books and its balance stay as they are. What is
   * running goes on with what it holds and is settled. @throws HubError 404, 409 `account_closed`.
   */
  close(context: AdminContext, input: AccountStatusInput): Promise<AccountNode> {
    return this.changeStatus(context, input, { action: 'account.close', to: 'closed', from: ['active', 'frozen'] });
  }

  private async changeStatus(
    context: AdminContext,
    input: AccountStatusInput,
    { action, to, from }: { action: string; to: AccountStatus; from: readonly AccountStatus[] },
  ): Promise<AccountNode> {
    const id = readId('account', input.id);
    const reason = readReason(input.reason);
    return await this.mutations.run(context, async (session, trail) => {
      const before = await lockAccount(session, id);
      if (before === undefined) throw notFound('account', id);
      await changeAccountStatus(session, id, to, from);
      if (!from.includes(before.status)) throw statusRefused(id, before.status, from);
      if (to === 'active') await tellUnfrozen(session, id, reason);
      const after = await reread(session, id);
      this.note(trail, action, before, after, reason);
      return toAccount(after);
    });
  }

  private note(trail: Trail, action: string, before: AccountRow, after: AccountRow, reason?: string): void {
    const { id } = after;
    const snapshots = { before: snapshotOf(before), after: snapshotOf(after) };
    trail.changed({ action, kind: 'account', id, accountId: id, reason, ...snapshots });
    trail.after(() => this.redis.publish(TOPIC_KEYS, ''));
  }
}

/** 409: a closed account is changed no more. */
export function accountClosed(id: string, param = 'id'): HubError {
  return wrongState('account_closed', `Account ${id} is closed for good.`, param);
}

function readName(text: string): string {
  const name = readText(text, 'name', NAME_CHARS_MAX);
  if (!isAccountName(name)) throw invalidRequest('"name" must not be a number, which would look like an id.', 'name');
  return name;
}

function statusRefused(id: string, status: AccountStatus, from: readonly AccountStatus[]): HubError {
  if (status === 'closed') return accountClosed(id);
  const wanted = from[0] ?? status;
  return wrongState(`account_not_${wanted}`, `Account ${id} is not ${wanted} but ${status}.`);
}

function notNull<Value>(value: Value | null, param: string): Value {
  if (value === null) throw invalidRequest(`"${param}" must not be null; leave it out to keep it.`, param);
  return value;
}

function threshold(
  given: bigint | null | undefined,
  before: string | null,
  param: string,
  least: bigint,
): bigint | null {
  if (given === undefined) return before === null ? null : BigInt(before);
  return readThreshold(given, param, least);
}

function readThreshold(value: bigint | null, param: string, least: bigint): bigint | null {
  if (value !== null && value < least) {
    throw invalidRequest(`"${param}" must be ${least === 0n ? 'at least 0' : 'more than 0'}.`, param);
  }
  return value;
}

/** The group stays for as long as the transaction lasts. @throws HubError 404 naming `groupId`. */
async function holdGroup(session: SqlSession, groupId: string): Promise<void> {
  const rows = await session.query(`select 1 from account_group where id = $1 for key share`, [groupId]);
  if (rows.length === 0) throw notFound('account group', groupId, 'groupId');
}

async function reread(session: SqlSession, id: string): Promise<AccountRow> {
  const row = await lockAccount(session, id);
  if (row === undefined) throw new Error(`Account ${id} is gone`);
  return row;
}

function limitsOf({ rpm_limit: rpm, tpm_limit: tpm, concurrency_limit: concurrency }: AccountRow) {
  return { rpm, tpm, concurrency };
}

/** For the audit log. */
function snapshotOf(row: AccountRow): Record<string, unknown> {
  return {
    name: row.name,
    status: row.status,
    groupId: row.group_id,
    limits: limitsOf(row),
    lowBalanceAlert: row.low_balance_alert,
    dailySpendAlert: row.daily_spend_alert,
    version: row.version,
  };
}
