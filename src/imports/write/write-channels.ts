import { writeCredentials } from '../../channels/channel-secrets.js';
import { writeRoutes } from '../../channels/reconcile-channels.js';
import type { SqlSession } from '../../database/sql.js';
import { writePriceVersion } from '../../pricing/add-price-version.js';
import { readStoredPrices, strongest } from '../../pricing/current-prices.js';
import type { PlannedChannel } from '../plan/import-plan.js';
import { uniqueName, type WriteContext, type WriteCount } from './write-context.js';

/** Models that the channels serve. Those of the same name that are here stay as they are. */
export async function writeModels({ session, plan }: WriteContext): Promise<WriteCount> {
  const names = [...new Set(plan.channels.flatMap(({ models }) => [...models.keys()]))];
  const made = await session.query(
    `insert into model (id) select unnest($1::text[]) on conflict (id) do nothing returning id`,
    [names],
  );
  return { made: made.length, present: names.length - made.length };
}

/** Channels with their credentials, sealed at once, and what they serve. */
export async function writeChannels(context: WriteContext): Promise<WriteCount> {
  const { session, plan, label, origins, cipher, notes } = context;
  const rows = await session.query<{ name: string }>('select name from channel');
  const taken = new Set(rows.map(({ name }) => name));
  let made = 0;
  for (const channel of plan.channels) {
    if (origins.find('channel', channel.sourceId) !== undefined) continue;
    const name = uniqueName(channel.name, label, taken);
    if (name !== channel.name)
      notes.warn(`channel ${channel.sourceId} "${channel.name}"`, `is the channel "${name}" here`);
    const id = await insertChannel(session, name, channel);
    await writeCredentials(session, cipher, id, channel.credentials);
    await writeRoutes(session, id, channel.models);
    origins.add('channel', channel.sourceId, id);
    made++;
  }
  return { made, present: plan.channels.length - made };
}

async function insertChannel(session: SqlSession, name: string, channel: PlannedChannel): Promise<string> {
  const [row] = await session.query<{ id: string }>(
    `insert into channel (name, provider, base_url, priority, weight, enabled) values ($1, $2, $3, $4, $5, $6) returning id`,
    [name, channel.provider, channel.baseUrl ?? null, channel.priority, channel.weight, channel.isEnabled],
  );
  if (row === undefined) throw new Error(`The channel "${name}" was not stored`);
  return row.id;
}

/**
 * Prices as the operator's own word, since the operator made them there. A model for which a file or an operator has stated a
 * price here keeps it; one that only the catalogue priced gets the imported one.
 */
export async function writePrices({ session, plan, label, notes }: WriteContext): Promise<WriteCount> {
  const current = strongest(await readStoredPrices(session)).filter(
    ({ side, channelId, source }) =>
      side === 'selling' && channelId === undefined && /^(config|operator)(:|$)/.test(source),
  );
  const stored = new Map(current.map((price) => [price.model, price]));
  const source = `operator:import:${label}`;
  let made = 0;
  for (const { model, price } of plan.prices) {
    const own = stored.get(model);
    if (own === undefined) {
      await writePriceVersion(session, { model, side: 'selling', price, source });
      made++;
    } else if (own.source !== source) {
      notes.warn(`model "${model}"`, 'has a price here already, which stays');
    }
  }
  return { made, present: plan.prices.length - made };
}
