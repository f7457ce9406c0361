import { Inject, Injectable } from '@nestjs/common';
import { type HubError, invalidRequest } from '../../../common/hub-error.js';
import type { SqlSession } from '../../../database/sql.js';
import { isAddressOrRange } from '../../../keys/address-range.js';
import { revokeApiKey } from '../../../keys/api-key-store.js';
import { createApiKey } from '../../../keys/create-api-key.js';
import { GRACE_MINUTES_MAX, rotateApiKey } from '../../../keys/rotate-api-key.js';
import { isLimited } from '../../../limits/limit-subject.js';
import { RedisService } from '../../../redis/redis.service.js';
import { TOPIC_KEYS } from '../../../redis/topics.js';
import { Keyring } from '../../../secrets/keyring.js';
import type { AdminContext } from '../../graphql/admin-context.js';
import { notFound } from '../../graphql/graphql.errors.js';
import { Mutations, type Trail } from '../../graphql/mutations.js';
import { readOptionalReason } from '../../graphql/read-reason.js';
import { readText } from '../../graphql/read-text.js';
import { type VersionConflict, versionConflict } from '../../graphql/version-conflict.js';
import { lockAccount } from '../accounts/account-reader.js';
import { accountClosed } from '../accounts/accounts.service.js';
import { accountOf, readFuture, readList, wrongState } from '../input-checks.js';
import { mergeLimits, NO_LIMITS, toLimits } from '../rate-limits.type.js';
import type { CreateApiKeyInput, RevokeApiKeyInput, RotateApiKeyInput, UpdateApiKeyInput } from './api-key.input.js';
import type { ApiKeyNode, ApiKeyWithSecret } from './api-key.type.js';
import { type ApiKeyRow, limitsOf, lockApiKey, toApiKey } from './api-key-reader.js';
import { readBudgets, setBudget } from './key-budgets.service.js';
import { checkLowered } from './member-rules.js';

const NAME_CHARS_MAX = 200;
const MODELS_MAX = 500;
const MODEL_CHARS_MAX = 256;
const ADDRESSES_MAX = 200;
const ADDRESS_CHARS_MAX = 64;
/** With so many keys that are not revoked, customers make no more: bounds what they can fill the table with. Staff may. */
const KEYS_PER_ACCOUNT_MAX = 1000;

/** The life of API keys: made, changed, rotated, revoked. */
@Injectable()
export class ApiKeysService {
  constructor(
    @Inject(Mutations) private readonly mutations: Mutations,
    @Inject(RedisService) private readonly redis: RedisService,
    @Inject(Keyring) private readonly keyring: Keyring,
  ) {}

  /**
   * Makes a key of the own account or, for staff, of the one that is named.
   * @throws HubError 400 naming the field, 404 without such an account, 409 `account_closed` or `too_many_keys`.
   */
  async create(context: AdminContext, input: CreateApiKeyInput): Promise<ApiKeyWithSecret> {
    const own = context.scope('keys:write');
    const accountId = accountOf(own, input.accountId);
    const limits = mergeLimits(NO_LIMITS, input.limits);
    const budgets = readBudgets(input.budgets);
    const wanted = {
      accountId,
      name: readText(input.name, 'name', NAME_CHARS_MAX),
      scopes: readScopes(input.scopes) ?? undefined,
      models: readModels(input.models) ?? undefined,
      ipAllowList: readAddresses(input.ipAllowList) ?? undefined,
      expiresAt: readFuture(input.expiresAt, 'expiresAt') ?? undefined,
      limits: toLimits(limits),
      isByMember: own !== null,
    };
    return await this.mutations.run(context, async (session, trail) => {
      await checkAccount(session, accountId, own !== null);
      const { id, key } = await createApiKey(session, this.keyring, wanted);
      for (const budget of budgets) await setBudget(session, { ...budget, keyId: id, isByStaff: own === null });
      const after = await lockApiKey(session, id, null);
      const made = { ...snapshotOf(after), ...(budgets.length > 0 && { budgets }) };
      trail.changed({ action: 'apiKey.create', kind: 'apiKey', id, accountId, after: made });
      return { apiKey: toApiKey(after), secret: key };
    });
  }

  /** @throws HubError 400 naming the field, 403 `set_by_staff`, 404, 409 `key_revoked`. */
  async update(context: AdminContext, input: UpdateApiKeyInput): Promise<ApiKeyNode | VersionConflict> {
    const own = context.scope('keys:write');
    const changed = {
      name: input.name == null ? undefined : readText(input.name, 'name', NAME_CHARS_MAX),
      scopes: input.scopes === undefined ? undefined : readScopes(input.scopes),
      models: input.models === undefined ? undefined : readModels(input.models),
      ipAllowList: input.ipAllowList === undefined ? undefined : readAddresses(input.ipAllowList),
      expiresAt: input.expiresAt === undefined ? undefined : readFuture(input.expiresAt, 'expiresAt'),
    };
    return await this.mutations.run(context, async (session, trail) => {
      const before = await lockApiKey(session, input.id, own);
      const { id } = before;
      if (before.version !== input.version) return trail.refuse(versionConflict(`API key ${id}`, before.version));
      if (before.revoked_at !== null) throw keyRevoked(id);
      const limits = mergeLimits(limitsOf(before), input.limits);
      if (own !== null && before.limits_by_staff) checkLowered(limitsOf(before), limits);
      const isByStaff = own === null && input.limits != null ? isLimited(toLimits(limits)) : before.limits_by_staff;
      await session.query(
        `update api_key set name = $2, scopes = $3, models = $4, ip_allow_list = $5, expires_at = $6, rpm_limit = $7,
                tpm_limit = $8, concurrency_limit = $9, limits_by_staff = $10, version = version + 1 where id = $1`,
        [
          id,
          changed.name ?? before.name,
          changed.scopes === undefined ? before.scopes : changed.scopes,
          changed.models === undefined ? before.models : changed.models,
          changed.ipAllowList === undefined ? before.ip_allow_list : changed.ipAllowList,
          changed.expiresAt === undefined ? before.expires_at : changed.expiresAt,
          limits.rpm,
          limits.tpm,
          limits.concurrency,
          isByStaff,
        ],
      );
      const after = await lockApiKey(session, id, own);
      this.note(trail, 'apiKey.update', before, after);
      return toApiKey(after);
    });
  }

  /**
   * Replaces the secret; the key stays the same row, with its budgets, limits and usage.
   * @throws HubError 400 naming `graceMinutes`, 404, 409 `key_revoked`.
   */
  async rotate(context: AdminContext, { id, graceMinutes }: RotateApiKeyInput): Promise<ApiKeyWithSecret> {
    const own = context.scope('keys:write');
    if (!Number.isInteger(graceMinutes) || graceMinutes < 0 || graceMinutes > GRACE_MINUTES_MAX) {
      throw invalidRequest(`"graceMinutes" must be a whole number from 0 to ${GRACE_MINUTES_MAX}.`, 'graceMinutes');
    }
    return await this.mutations.run(context, async (session, trail) => {
      const before = await lockApiKey(session, id, own);
      const rotated = await rotateApiKey(session, this.keyring, before.id, graceMinutes);
      if (rotated === undefined) throw keyRevoked(before.id);
      const after = await lockApiKey(session, before.id, own);
      this.note(trail, 'apiKey.rotate', before, after);
      return { apiKey: toApiKey(after), secret: rotated.key };
    });
  }

  /** Ends a key for good, with both of its secrets. One that was revoked before stays as it is. @throws HubError 404. */
  async revoke(context: AdminContext, input: RevokeApiKeyInput): Promise<ApiKeyNode> {
    const own = context.scope('keys:write');
    const reason = readOptionalReason(input.reason);
    return await this.mutations.run(context, async (session, trail) => {
      const before = await lockApiKey(session, input.id, own);
      if (!(await revokeApiKey(session, before.id))) return trail.refuse(toApiKey(before));
      const after = await lockApiKey(session, before.id, own);
      this.note(trail, 'apiKey.revoke', before, after, reason);
      return toApiKey(after);
    });
  }

  private note(trail: Trail, action: string, before: ApiKeyRow, after: ApiKeyRow, reason?: string): void {
    const { id, account_id: accountId } = after;
    const snapshots = { before: snapshotOf(before), after: snapshotOf(after) };
    trail.changed({ action, kind: 'apiKey', id, accountId, reason, ...snapshots });
    trail.after(() => this.redis.publish(TOPIC_KEYS, ''));
  }
}

/** 409: a revoked key is changed no more. */
function keyRevoked(id: string): HubError {
  return wrongState('key_revoked', `API key ${id} is revoked for good.`);
}

/** The lock of the account also keeps two keys from being the last that a customer may make. */
async function checkAccount(session: SqlSession, accountId: string, isMember: boolean): Promise<void> {
  const account = await lockAccount(session, accountId);
  if (account === undefined) throw notFound('account', accountId, 'accountId');
  if (account.status === 'closed') throw accountClosed(accountId, 'accountId');
  if (!isMember) return;
  const [row] = await session.query<{ count: number }>(
    `select count(*)::int as count from api_key where account_id = $1 and revoked_at is null`,
    [accountId],
  );
  if ((row?.count ?? 0) < KEYS_PER_ACCOUNT_MAX) return;
  const message = `Account ${accountId} has ${KEYS_PER_ACCOUNT_MAX} keys that are not revoked. Revoke some first.`;
  throw wrongState('too_many_keys', message, 'accountId');
}

function readScopes<Scope extends string>(scopes: readonly Scope[] | null | undefined): Scope[] | null {
  if (scopes == null) return null;
  if (scopes.length === 0) throw invalidRequest('"scopes" must not be empty; null allows everything.', 'scopes');
  return [...new Set(scopes)];
}

function readModels(models: readonly string[] | null | undefined): string[] | null {
  return readList(models, 'models', MODELS_MAX, MODEL_CHARS_MAX);
}

function readAddresses(addresses: readonly string[] | null | undefined): string[] | null {
  const list = readList(addresses, 'ipAllowList', ADDRESSES_MAX, ADDRESS_CHARS_MAX);
  const at = list?.findIndex((each) => !isAddressOrRange(each)) ?? -1;
  if (at === -1) return list;
  throw invalidRequest(
    `"ipAllowList[${at}]" must be an address such as 203.0.113.7 or a range such as 10.0.0.0/8.`,
    `ipAllowList[${at}]`,
  );
}

/** For the audit log: all but the secret. */
function snapshotOf(row: ApiKeyRow): Record<string, unknown> {
  const { id: _id, accountId: _accountId, lastUsedAt: _lastUsedAt, createdAt: _createdAt, ...shown } = toApiKey(row);
  return shown;
}
