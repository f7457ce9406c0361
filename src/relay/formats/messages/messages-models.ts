import { Inject, Injectable } from '@nestjs/common';
import type { Caller } from '../../../auth/caller.js';
import { wrongType } from '../../../common/body-fields.js';
import { readQuery } from '../../../common/read-query.js';
import { ModelsService, type ModelView } from '../../models/models.service.js';

const LIMIT_DEFAULT = 20;
const LIMIT_MAX = 1000;

/** A model as Anthropic's clients list it. */
export interface ModelInfo {
  readonly type: 'model';
  readonly id: string;
  readonly display_name: string;
  /** RFC 3339. */
  readonly created_at: string;
}

/** One page of models. */
export interface ModelPage {
  readonly data: readonly ModelInfo[];
  readonly has_more: boolean;
  readonly first_id: string | null;
  readonly last_id: string | null;
}

/** The models that a caller may hold chats with, as Anthropic lists its own. */
@Injectable()
export class MessagesModels {
  constructor(@Inject(ModelsService) private readonly models: ModelsService) {}

  /**
   * One page, by name.
   * @param query `limit` (1 to 1000, default 20), `after_id` or `before_id`.
   * @throws HubError 400 that names the parameter.
   */
  page(caller: Caller, query: unknown): ModelPage {
    const { limit, after_id: after, before_id: before } = readQuery(query, ['limit', 'after_id', 'before_id', 'beta']);
    const size = readLimit(limit);
    const all = this.models.list(caller).data.filter(isForChats).map(toInfo);
    const later = after === undefined ? all : all.filter(({ id }) => id > after);
    const wanted = before === undefined ? later : later.filter(({ id }) => id < before);
    // Backwards from an id, the page is the one that ends before it.
    const data = before === undefined ? wanted.slice(0, size) : wanted.slice(-size);
    return {
      data,
      has_more: data.length < wanted.length,
      first_id: data[0]?.id ?? null,
      last_id: data.at(-1)?.id ?? null,
    };
  }

  /** @throws HubError 404. */
  get(caller: Caller, id: string): ModelInfo {
    return toInfo(this.models.get(caller, id));
  }
}

/** What nobody knows anything of may be one for chats. */
function isForChats({ hub: { type } }: ModelView): boolean {
  return type === undefined || type === 'chat';
}

function toInfo({ id, created }: ModelView): ModelInfo {
  return { type: 'model', id, display_name: id, created_at: new Date(created * 1000).toISOString() };
}

function readLimit(text: string | undefined): number {
  if (text === undefined) return LIMIT_DEFAULT;
  const limit = Number(text);
  if (!/^\d{1,4}$/.test(text) || limit < 1 || limit > LIMIT_MAX)
    throw wrongType('limit', `a whole number from 1 to ${LIMIT_MAX}`);
  return limit;
}
