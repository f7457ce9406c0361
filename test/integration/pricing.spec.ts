import { randomBytes } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { ChannelStore } from '../../src/channels/channel-store.js';
import type { Declarations, DeclaredChannel } from '../../src/channels/declaration.js';
import type { DeclaredPrice } from '../../src/common/declared-price.js';
import { Database } from '../../src/database/database.js';
import { addPriceVersion, type NewPriceVersion } from '../../src/pricing/add-price-version.js';
import { loadPrices } from '../../src/pricing/load-prices.js';
import { ProviderRegistry } from '../../src/providers/provider-registry.js';
import { VENDORS } from '../../src/providers/vendors.js';
import { RedisService } from '../../src/redis/redis.service.js';
import { ModelCatalog } from '../../src/routing/model-catalog.js';
import { CredentialCipher } from '../../src/secrets/credential-cipher.js';
import { Keyring } from '../../src/secrets/keyring.js';
import { openMemoryDatabase } from '../support/database.js';
import { describeWithPostgres, type PostgresServer, startPostgres } from '../support/postgres.js';
import { until } from '../support/until.js';

let database: Database;
let store: ChannelStore;
let serial = 0;
/** A model of the test's own: price versions are never deleted. */
let model: string;

beforeAll(async () => {
  Logger.overrideLogger(false);
  database = await openMemoryDatabase();
  const keyring = await Keyring.open(database.sql, randomBytes(32));
  store = new ChannelStore(database.sql, new CredentialCipher(keyring));
});
afterAll(() => database.close());
beforeEach(async () => {
  model = `m${++serial}`;
  for (const table of ['route', 'channel', 'model']) await database.sql.query(`delete from ${table}`);
});

const per = (perRequest: string): DeclaredPrice => ({ perRequest });
const channel = (change: Partial<DeclaredChannel> = {}): DeclaredChannel => ({
  name: 'main',
  provider: 'openai',
  apiKey: 'k',
  allowPrivateNetwork: false,
  priority: 0,
  weight: 1,
  models: new Map([[model, model]]),
  ...change,
});
const declare = (declarations: Declarations) => store.reconcile(declarations);
const fromConfig = (price?: DeclaredPrice, change?: Partial<DeclaredChannel>): Declarations => ({
  config: { channels: [channel(change)], models: price === undefined ? [] : [{ id: model, price }] },
});
const fromEnvironment = (price: DeclaredPrice): Declarations => ({
  environment: { channels: [channel()], models: [], suggestedPrices: new Map([[model, price]]) },
});
const add = (wanted: Partial<NewPriceVersion> & Pick<NewPriceVersion, 'price'>) =>
  database.sql.transaction((session) =>
    addPriceVersion(session, { model, side: 'selling', source: 'operator', ...wanted }),
  );
const versions = () =>
  database.sql.query<{ source: string; price: DeclaredPrice | null }>(
    'select source, price from price_version where model_id = $1 order by id',
    [model],
  );

/** What a request costs now, in credits; undefined without a price. */
async function priceOn(name = 'main', side: 'selling' | 'purchase' = 'selling'): Promise<number | undefined> {
  const { prices, channels } = await store.loadCatalog();
  const version = prices[side](model, channels.find((each) => each.name === name)!.id);
  return version === undefined ? undefined : Number(version.price.perRequest / 10n ** 9n);
}

describe('declared prices', () => {
  it('become versions once, and a change becomes another', async () => {
    expect(await declare(fromConfig(per('1')))).toBe(true);
    expect(await declare(fromConfig(per('1')))).toBe(false);
    expect(await declare(fromConfig(per('2')))).toBe(true);
    expect(await priceOn()).toBe(2);
    expect(await versions()).toEqual([
      { source: 'config', price: per('1') },
      { source: 'config', price: per('2') },
    ]);
  });

  it('are withdrawn when nobody declares them any more', async () => {
    await declare(fromConfig(per('1')));
    expect(await declare(fromConfig())).toBe(true);
    expect(await priceOn()).toBeUndefined();
    expect(await declare(fromConfig())).toBe(false);
    expect(await versions()).toEqual([
      { source: 'config', price: per('1') },
      { source: 'config', price: null },
    ]);
  });

  it('of a channel come before those of the model, and stay on it', async () => {
    const main = channel({ prices: new Map([[model, per('2')]]), costs: new Map([[model, per('1')]]) });
    const other = channel({ name: 'other' });
    await declare({ config: { channels: [main, other], models: [{ id: model, price: per('3') }] } });
    expect(await priceOn('main')).toBe(2);
    expect(await priceOn('other')).toBe(3);
    expect(await priceOn('main', 'purchase')).toBe(1);
    expect(await priceOn('other', 'purchase')).toBeUndefined();
    await declare({ config: { channels: [channel(), other], models: [{ id: model, price: per('3') }] } });
    expect(await priceOn('main')).toBe(3);
    expect(await priceOn('main', 'purchase')).toBeUndefined();
  });

  it('are refused as a whole when one of them is none', async () => {
    const version = await store.catalogVersion();
    await expect(declare(fromConfig({ perRequest: 'x' }))).rejects.toThrow('price.perRequest');
    expect(await store.catalogVersion()).toBe(version);
    expect(await versions()).toEqual([]);
  });

  it('are those of the column of old for none: it is neither read nor written', async () => {
    await declare(fromConfig(per('1')));
    await database.sql.query(`update model set price = '{"inputPerMillion":"9"}' where id = $1`, [model]);
    expect(await declare(fromConfig())).toBe(true);
    expect(await priceOn()).toBeUndefined();
    expect(await database.sql.query('select price from model')).toEqual([{ price: { inputPerMillion: '9' } }]);
  });
});

describe('whose price applies', () => {
  it("is the operator's before the catalogue's, which never replaces it", async () => {
    await add({ price: per('5') });
    await declare(fromEnvironment(per('1')));
    expect(await priceOn()).toBe(5);
    await declare(fromEnvironment(per('2')));
    expect(await priceOn()).toBe(5);
    await add({ price: null });
    expect(await priceOn()).toBe(2);
  });

  it("is HUB_CONFIG's while it declares one, then the operator's again", async () => {
    await add({ price: per('5'), source: 'operator:user:7' });
    await declare(fromConfig(per('1')));
    await add({ price: per('6'), source: 'operator:user:8' });
    expect(await priceOn()).toBe(1);
    await declare(fromConfig());
    expect(await priceOn()).toBe(6);
  });

  it('is nobody else s when the strongest one cannot be read', async () => {
    await declare(fromEnvironment(per('1')));
    await database.sql.query(
      `insert into price_version (model_id, side, price, source) values ($1, 'selling', '{"perParsec":"1"}', 'operator')`,
      [model],
    );
    expect(await priceOn()).toBeUndefined();
  });
});

describe('a price of a channel that cannot be read', () => {
  it('does not let the general one in', async () => {
    await declare(fromConfig(per('1')));
    const [row] = await database.sql.query<{ id: string }>(`select id from channel where name = 'main'`);
    await database.sql.query(
      `insert into price_version (model_id, channel_id, side, price, source) values ($1, $2, 'selling', '{}', 'operator')`,
      [model, row!.id],
    );
    expect(await priceOn()).toBeUndefined();
  });
});

describe('addPriceVersion', () => {
  it('adds nothing when the source says the same already, and tells nobody', async () => {
    expect(await add({ price: { inputPerMillion: '1', outputPerMillion: '2' } })).toBe(true);
    const version = await store.catalogVersion();
    expect(await add({ price: { outputPerMillion: '2', inputPerMillion: '1' } })).toBe(false);
    expect(await store.catalogVersion()).toBe(version);
    expect(await add({ price: per('1') })).toBe(true);
    expect(await store.catalogVersion()).toBe(version + 1n);
  });

  it('withdraws nothing where there is nothing', async () => {
    expect(await add({ price: null })).toBe(false);
  });

  it('gives the word to whoever comes last, also when both come at once', async () => {
    await declare(fromConfig());
    await Promise.all(['1', '2', '3'].map((amount) => add({ price: per(amount) })));
    const last = (await versions()).at(-1)!.price!.perRequest;
    expect(await priceOn()).toBe(Number(last));
  });

  it('refuses what is no price', async () => {
    await expect(add({ price: {} })).rejects.toThrow('must name at least one rate');
  });
});

describe('the table of prices', () => {
  const catalogOf = async () => {
    const catalog = new ModelCatalog(store, new ProviderRegistry(VENDORS), new RedisService(undefined));
    await catalog.refresh();
    return catalog;
  };

  it('of a request in flight stays as it was when a price is changed; the next request has the new one', async () => {
    await declare(fromConfig(per('1')));
    const catalog = await catalogOf();
    const { id } = catalog.table.candidatesOf(model)[0]!.channel;
    const held = Array.from({ length: 20 }, () => catalog.table.prices.selling(model, id)!);
    await declare(fromConfig(per('2')));
    await catalog.refresh();
    expect(new Set(held.map((version) => version.price.perRequest))).toEqual(new Set([10n ** 9n]));
    const next = catalog.table.prices.selling(model, id)!;
    expect(next.price.perRequest).toBe(2n * 10n ** 9n);
    expect(next.id).not.toBe(held[0]!.id);
  });

  it('changes by itself when the time of a price has come', async () => {
    await declare(fromConfig());
    await add({ price: per('1') });
    await add({ price: per('2'), effectiveFrom: new Date(Date.now() + 3_000) });
    const catalog = await catalogOf();
    const { id } = catalog.table.candidatesOf(model)[0]!.channel;
    const current = () => catalog.table.prices.selling(model, id)!.price.perRequest / 10n ** 9n;
    expect(current()).toBe(1n);
    expect(catalog.table.prices.nextChangeMs).toBeGreaterThan(0);
    await until(async () => {
      await catalog.refresh();
      return current() === 2n;
    });
    expect(catalog.table.prices.nextChangeMs).toBeUndefined();
  });

  it('comes with the account groups', async () => {
    await declare({ ...fromConfig(), groups: [{ id: 'vip', multiplier: '1.2', models: [model] }] });
    const groups = [...(await catalogOf()).table.groups.values()];
    expect(groups.find((group) => group.name === 'vip')).toMatchObject({
      multiplierMillionths: 1_200_000n,
      models: new Set([model]),
    });
    expect(groups.find((group) => group.id === '1')).toMatchObject({
      name: 'default',
      multiplierMillionths: 1_000_000n,
    });
  });
});

describe('settings of a model', () => {
  it('are taken over, and go back when they are declared no more', async () => {
    const fixed = {
      onDisconnect: 'drain',
      outputTokensDefault: 512,
      limits: { rpm: 1, tpm: 2, concurrency: 3 },
    } as const;
    await declare({ config: { channels: [channel()], models: [{ id: model, ...fixed }] } });
    expect((await store.loadCatalog()).models.get(model)).toMatchObject(fixed);
    expect(await declare(fromConfig())).toBe(true);
    expect((await store.loadCatalog()).models.get(model)).toMatchObject({ onDisconnect: 'abort', limits: {} });
    expect(await declare(fromConfig())).toBe(false);
  });
});

describeWithPostgres('prices on PostgreSQL', () => {
  let server: PostgresServer;
  let several: Database;
  beforeAll(async () => {
    server = await startPostgres();
    several = await Database.open({ url: server.url, dataDir: 'unused', poolMax: 3, ledgerPoolMax: 4 });
  });
  afterAll(async () => {
    await several?.close();
    await server?.stop();
  });

  // now() is when a transaction began: with it, the first to begin would lose to the first to write.
  it('are those of whoever set one last, though their transaction began first', async () => {
    const wanted = (amount: string) => ({ model, side: 'selling', source: 'operator', price: per(amount) }) as const;
    await several.sql.transaction(async (early) => {
      await early.query('select now()');
      await several.sql.transaction((late) => addPriceVersion(late, wanted('1')));
      await addPriceVersion(early, wanted('2'));
    });
    const prices = await several.sql.transaction(loadPrices);
    expect(prices.selling(model, '1')?.price.perRequest).toBe(2n * 10n ** 9n);
  });
});
