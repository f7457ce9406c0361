import { Inject, Injectable } from '@nestjs/common';
import { readStoredModels, STORED_MODEL_COLUMNS, type StoredModel } from '../../../channels/own-models.js';
import { ADMIN_SQL, type Sql } from '../../../database/sql.js';
import { type Page, readPage, toPage } from '../../graphql/connection.js';
import { notFound } from '../../graphql/graphql.errors.js';
import type { Loaders } from '../../graphql/loaders.js';
import { checkModelId, checkSearch } from '../check-input.js';
import type { ModelsArgs } from './model.input.js';
import { type ModelNode, toModelNode } from './model.type.js';

const CURSOR = [/^[^\0]{1,256}$/];
/** A channel that is switched on serves the model `m`. */
const IS_SERVED = `exists (select from route r join channel c on c.id = r.channel_id and c.enabled where r.model_id = m.id)`;

/** What the model `m` is to the members of an account: served, and among what their group may use. */
function isUsableBy(account: string): string {
  return `(${account}::bigint is null or (${IS_SERVED} and exists (select from account a join account_group g on g.id = a.group_id
    where a.id = ${account} and (g.models is null or m.id = any(g.models)))))`;
}

/** Reads models for the admin API. A member sees those that its account may use. */
@Injectable()
export class ModelReader {
  constructor(@Inject(ADMIN_SQL) private readonly sql: Sql) {}

  /**
   * Models by name.
   * @param accountId whose models; null for all.
   * @throws HubError 400 for arguments that are none.
   */
  async list(args: ModelsArgs, accountId: string | null): Promise<Page<ModelNode>> {
    const request = readPage(args, CURSOR);
    const { filter } = args;
    const rows = await this.sql.query<StoredModel>(
      `select ${STORED_MODEL_COLUMNS} from model m
        where ($1::text is null or m.id > $1)
          and ${isUsableBy('$3')}
          and ($4::text is null or strpos(lower(m.id), lower($4)) > 0)
          and ($5::boolean is null or ${IS_SERVED} = $5)
          and ($6::text is null or m.managed_by = $6)
          and ($7::boolean is null or (m.managed_by is null) = $7)
        order by m.id limit $2`,
      [
        request.after?.[0] ?? null,
        request.limit,
        accountId,
        checkSearch(filter?.search),
        filter?.isServed ?? null,
        filter?.managedBy ?? null,
        filter?.isOwn ?? null,
      ],
    );
    return toPage(request, rows, ({ id }) => [id], toModelNode);
  }

  /** One model, by its public name. @throws HubError 404. */
  async get(id: string, accountId: string | null): Promise<ModelNode> {
    checkModelId(id);
    const [model] = await this.sql.query<StoredModel>(
      `select ${STORED_MODEL_COLUMNS} from model m where m.id = $1 and ${isUsableBy('$2')}`,
      [id, accountId],
    );
    if (model === undefined) throw notFound('model', id);
    return toModelNode(model);
  }

  /** The model of a related row that only staff sees; null when it is gone. */
  async load(loaders: Loaders, id: string): Promise<ModelNode | null> {
    const model = await loaders.load(this, id, (ids) => readStoredModels(this.sql, ids));
    return model === undefined ? null : toModelNode(model);
  }
}
