import { Inject, Injectable } from '@nestjs/common';
import { readStoredChannels, STORED_CHANNEL_COLUMNS, type StoredChannel } from '../../../channels/stored-channel.js';
import { ADMIN_SQL, type Sql } from '../../../database/sql.js';
import { type Page, readPage, toPage } from '../../graphql/connection.js';
import { notFound } from '../../graphql/graphql.errors.js';
import type { Loaders } from '../../graphql/loaders.js';
import { readId } from '../../graphql/read-id.js';
import { checkModelId, checkSearch } from '../check-input.js';
import type { ChannelOrder, ChannelsArgs } from './channel.input.js';
import { type ChannelNode, toChannelNode } from './channel.type.js';

interface Order {
  readonly columns: string;
  readonly patterns: readonly RegExp[];
  /** The place after a cursor, whose values are `$1` and `$2`. */
  readonly after: string;
  readonly cursorOf: (channel: StoredChannel) => readonly string[];
}

const ID = /^\d{1,18}$/;
const ORDERS: Readonly<Record<ChannelOrder, Order>> = {
  id: {
    columns: 'c.id',
    patterns: [/^$/, ID],
    after: '$1::text is not null and c.id > $2::bigint',
    cursorOf: ({ id }) => ['', id],
  },
  name: {
    columns: 'c.name, c.id',
    patterns: [/^[^\0]{1,200}$/, ID],
    after: '(c.name, c.id) > ($1::text, $2::bigint)',
    cursorOf: ({ id, name }) => [name, id],
  },
  priority: {
    columns: '-c.priority, c.id',
    patterns: [/^-?\d{1,9}$/, ID],
    after: '(-c.priority, c.id) > ($1::text::integer, $2::bigint)',
    cursorOf: ({ id, priority }) => [String(-priority), id],
  },
};

/** Reads channels for the admin API. */
@Injectable()
export class ChannelReader {
  constructor(@Inject(ADMIN_SQL) private readonly sql: Sql) {}

  /** @throws HubError 400 for arguments that are none, 404 for a model that there cannot be. */
  async list(args: ChannelsArgs): Promise<Page<ChannelNode>> {
    const order = ORDERS[args.orderBy];
    const request = readPage(args, order.patterns);
    const { filter } = args;
    const rows = await this.sql.query<StoredChannel>(
      `select ${STORED_CHANNEL_COLUMNS} from channel c
        where ($1::text is null or (${order.after}))
          and ($4::text is null or c.provider = $4)
          and ($5::boolean is null or c.enabled = $5)
          and ($6::text is null or c.managed_by = $6)
          and ($7::boolean is null or (c.managed_by is null) = $7)
          and ($8::text is null or exists (select from route r where r.channel_id = c.id and r.model_id = $8))
          and ($9::text is null or strpos(lower(c.name), lower($9)) > 0)
          and (c.removed_at is null or $10)
        order by ${order.columns} limit $3`,
      [
        request.after?.[0] ?? null,
        request.after?.[1] ?? null,
        request.limit,
        checkSearch(filter?.provider, 'filter.provider'),
        filter?.isEnabled ?? null,
        filter?.managedBy ?? null,
        filter?.isOwn ?? null,
        filter?.modelId == null ? null : checkModelId(filter.modelId, 'filter.modelId'),
        checkSearch(filter?.search),
        filter?.includeRemoved ?? false,
      ],
    );
    return toPage(request, rows, order.cursorOf, toChannelNode);
  }

  /** One channel, also one that was removed. @throws HubError 404. */
  async get(id: string): Promise<ChannelNode> {
    const found = await readStoredChannels(this.sql, [readId('channel', id)]);
    const channel = found.get(id);
    if (channel === undefined) throw notFound('channel', id);
    return toChannelNode(channel);
  }

  /** The channel of a related row; null when it is gone. */
  async load(loaders: Loaders, id: string): Promise<ChannelNode | null> {
    const channel = await loaders.load(this, id, (ids) => readStoredChannels(this.sql, ids));
    return channel === undefined ? null : toChannelNode(channel);
  }
}
