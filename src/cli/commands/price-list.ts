import { toTable } from '../../common/to-table.js';
import type { SqlSession } from '../../database/sql.js';
import { readStoredPrices, type StoredPrice, strongest } from '../../pricing/current-prices.js';
import { describePrice } from '../../pricing/describe-price.js';
import type { DatabaseCommand } from '../command.js';
import { parseArguments } from '../parse-arguments.js';

const OPTIONS = { all: { type: 'boolean' } } as const;
const HEADER = ['MODEL', 'CHANNEL', 'SIDE', 'SOURCE', 'SINCE', 'PRICE IN CREDITS'];

/** Lists what models cost now. */
export const priceList: DatabaseCommand = {
  name: 'price:list',
  usage: '[--all]',
  summary: 'list the prices that apply now, and served models without one; --all: also those a stronger source hides',
  async run({ sql }, { args }) {
    const { values } = parseArguments(args, OPTIONS);
    return sql.transaction(async (session) => {
      const stored = await readStoredPrices(session);
      const current = new Set(strongest(stored));
      const names = await channelNames(session);
      const rows = stored
        .filter((price) => values.all || current.has(price))
        .map((price) => toRow(price, names, current.has(price)));
      const stdout = toTable([HEADER, ...rows]);
      const unpriced = await unpricedModels(session, [...current]);
      const stderr = unpriced.length === 0 ? undefined : `Without a price: ${unpriced.join(', ')}\n`;
      return { exitCode: 0, stdout, stderr };
    });
  },
};

function toRow(price: StoredPrice, names: ReadonlyMap<string, string>, isCurrent: boolean): string[] {
  const channel = price.channelId === undefined ? '*' : (names.get(price.channelId) ?? `(gone: ${price.channelId})`);
  const since = price.effectiveFrom.toISOString().slice(0, 19).replace('T', ' ');
  const text = describePrice(price.price);
  return [price.model, channel, price.side, price.source, since, isCurrent ? text : `(hidden) ${text}`];
}

async function channelNames(session: SqlSession): Promise<ReadonlyMap<string, string>> {
  const rows = await session.query<{ id: string; name: string }>('select id, name from channel');
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** Models with a channel on which nobody has priced them. */
async function unpricedModels(session: SqlSession, current: readonly StoredPrice[]): Promise<string[]> {
  const selling = current.filter((price) => price.side === 'selling');
  const priced = new Set(selling.map(({ model, channelId }) => JSON.stringify([model, channelId ?? null])));
  const routes = await session.query<{ model_id: string; channel_id: string }>(
    'select r.model_id, r.channel_id from route r join channel c on c.id = r.channel_id and c.enabled order by r.model_id',
  );
  const unpriced = routes.filter(
    ({ model_id: model, channel_id: channel }) =>
      !priced.has(JSON.stringify([model, channel])) && !priced.has(JSON.stringify([model, null])),
  );
  return [...new Set(unpriced.map((route) => route.model_id))];
}
