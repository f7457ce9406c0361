import { Inject, Injectable } from '@nestjs/common';
import { invalidRequest } from '../../../common/hub-error.js';
import { bumpCatalogVersion, lockCatalog } from '../../../database/catalog-version.js';
import { isUniqueViolation } from '../../../database/database-error.js';
import type { SqlSession } from '../../../database/sql.js';
import { parseMultiplier } from '../../../pricing/parse-multiplier.js';
import { RedisService } from '../../../redis/redis.service.js';
import { TOPIC_CATALOG, TOPIC_KEYS } from '../../../redis/topics.js';
import type { AdminContext } from '../../graphql/admin-context.js';
import { declaredElsewhere, nameTaken, notFound } from '../../graphql/graphql.errors.js';
import { Mutations, type Trail } from '../../graphql/mutations.js';
import { readId } from '../../graphql/read-id.js';
import { readText } from '../../graphql/read-text.js';
import { type VersionConflict, versionConflict } from '../../graphql/version-conflict.js';
import { readList, wrongState } from '../input-checks.js';
import {
  AccountGroupDeleted,
  type AccountGroupNode,
  type CreateAccountGroupInput,
  GroupInUse,
  type UpdateAccountGroupInput,
} from './account-group.type.js';
import { type AccountGroupRow, lockAccountGroup, toAccountGroup } from './account-group-reader.js';

const NAME_CHARS_MAX = 64;
const MODELS_MAX = 1000;
const MODEL_CHARS_MAX = 256;
/** New accounts are in this group. */
const STANDARD_GROUP_ID = '1';

/** Changes of account groups. A price of the next request is made with the factor there is then. */
@Injectable()
export class AccountGroupsService {
  constructor(
    @Inject(Mutations) private readonly mutations: Mutations,
    @Inject(RedisService) private readonly redis: RedisService,
  ) {}

  /** @throws HubError 400 naming the field, 409 `name_taken`. */
  async create(context: AdminContext, input: CreateAccountGroupInput): Promise<AccountGroupNode> {
    const name = readText(input.name, 'name', NAME_CHARS_MAX);
    const multiplier = readMultiplier(input.multiplier);
    const models = readModels(input.models);
    return await this.run(context, name, async (session, trail) => {
      const [made] = await session.query<{ id: string }>(
        `insert into account_group (name, multiplier_millionths, models) values ($1, $2, $3) returning id`,
        [name, multiplier, models],
      );
      if (made === undefined) throw new Error('The account group was not stored');
      const after = await reread(session, made.id);
      this.note(trail, 'accountGroup.create', after.id, { after: snapshotOf(after) });
      return toAccountGroup(after);
    });
  }

  /** @throws HubError 400 naming the field, 404, 409 `name_taken` or `declared_elsewhere`. */
  async update(context: AdminContext, input: UpdateAccountGroupInput): Promise<AccountGroupNode | VersionConflict> {
    const id = readId('account group', input.id);
    const name = input.name == null ? undefined : readText(input.name, 'name', NAME_CHARS_MAX);
    const multiplier = input.multiplier == null ? undefined : readMultiplier(input.multiplier);
    return await this.run(context, name ?? '', async (session, trail) => {
      const before = await lockOwnGroup(session, id);
      if (before.version !== input.version) return trail.refuse(versionConflict(`group ${id}`, before.version));
      await session.query(
        `update account_group set name = $2, multiplier_millionths = $3, models = $4, version = version + 1,
                updated_at = now() where id = $1`,
        [
          id,
          name ?? before.name,
          multiplier ?? before.multiplier_millionths,
          input.models === undefined ? before.models : readModels(input.models),
        ],
      );
      const after = await reread(session, id);
      this.note(trail, 'accountGroup.update', id, { before: snapshotOf(before), after: snapshotOf(after) });
      return toAccountGroup(after);
    });
  }

  /** @throws HubError 404, 409 `declared_elsewhere` or `standard_group`. */
  async delete(context: AdminContext, givenId: string): Promise<AccountGroupDeleted | GroupInUse> {
    const id = readId('account group', givenId);
    return await this.run(context, '', async (session, trail) => {
      const before = await lockOwnGroup(session, id);
      if (id === STANDARD_GROUP_ID) {
        throw wrongState('standard_group', `New accounts are in the group "${before.name}", so it stays.`);
      }
      const [row] = await session.query<{ count: number }>(
        `select count(*)::int as count from account where group_id = $1`,
        [id],
      );
      const accounts = row?.count ?? 0;
      if (accounts > 0) {
        const message = `${accounts} accounts are in the group "${before.name}". Move them to another group first.`;
        return trail.refuse(Object.assign(new GroupInUse(), { message, accounts }));
      }
      await session.query(`delete from account_group where id = $1`, [id]);
      this.note(trail, 'accountGroup.delete', id, { before: snapshotOf(before) });
      return Object.assign(new AccountGroupDeleted(), { id });
    });
  }

  /** Groups are part of the catalogue that all instances load. */
  private async run<Result>(
    context: AdminContext,
    name: string,
    work: (session: SqlSession, trail: Trail) => Promise<Result>,
  ): Promise<Result> {
    try {
      return await this.mutations.run(context, async (session, trail) => {
        await lockCatalog(session);
        const result = await work(session, trail);
        if (!trail.isRefused) await bumpCatalogVersion(session);
        return result;
      });
    } catch (error) {
      if (!isUniqueViolation(error, 'account_group_name_key')) throw error;
      throw nameTaken('account group', name);
    }
  }

  private note(trail: Trail, action: string, id: string, snapshots: { before?: unknown; after?: unknown }): void {
    trail.changed({ action, kind: 'accountGroup', id, ...snapshots });
    trail.after(() => this.redis.publish(TOPIC_CATALOG, ''));
    // A key that is remembered carries the factor and the models of its group.
    trail.after(() => this.redis.publish(TOPIC_KEYS, ''));
  }
}

async function lockOwnGroup(session: SqlSession, id: string): Promise<AccountGroupRow> {
  const group = await lockAccountGroup(session, id);
  if (group === undefined) throw notFound('account group', id);
  if (group.managed_by !== null) throw declaredElsewhere(`account group "${group.name}"`, group.managed_by);
  return group;
}

function readMultiplier(text: string): bigint {
  try {
    return parseMultiplier(text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw invalidRequest(
      '"multiplier" must be a decimal string from "0" to "1000" with at most six digits after the point.',
      'multiplier',
    );
  }
}

function readModels(models: readonly string[] | null | undefined): string[] | null {
  return readList(models, 'models', MODELS_MAX, MODEL_CHARS_MAX);
}

async function reread(session: SqlSession, id: string): Promise<AccountGroupRow> {
  const row = await lockAccountGroup(session, id);
  if (row === undefined) throw new Error(`Account group ${id} is gone`);
  return row;
}

function snapshotOf(row: AccountGroupRow): Record<string, unknown> {
  const { name, multiplier, models, version } = toAccountGroup(row);
  return { name, multiplier, models, version };
}
