import { randomBytes } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { ChannelStore } from '../../src/channels/channel-store.js';
import type { DeclaredChannel } from '../../src/channels/declaration.js';
import type { ModelRouting } from '../../src/channels/model-routing.js';
import type { Database } from '../../src/database/database.js';
import { CredentialCipher } from '../../src/secrets/credential-cipher.js';
import { Keyring } from '../../src/secrets/keyring.js';
import { openMemoryDatabase } from '../support/database.js';

let database: Database;
let keyring: Keyring;
let store: ChannelStore;

beforeAll(async () => {
  Logger.overrideLogger(false);
  database = await openMemoryDatabase();
  keyring = await Keyring.open(database.sql, randomBytes(32));
  store = new ChannelStore(database.sql, new CredentialCipher(keyring));
});
afterAll(() => database.close());
beforeEach(async () => {
  for (const table of ['route', 'channel', 'model']) await database.sql.query(`delete from ${table}`);
});

const MAIN: DeclaredChannel = {
  name: 'main',
  provider: 'openai',
  baseUrl: 'http://127.0.0.1:9000/v1',
  apiKey: 'sk-upstream-1234',
  allowPrivateNetwork: true,
  priority: 5,
  weight: 2,
  models: new Map([
    ['gpt-4', 'gpt-4o'],
    ['small', 'small'],
  ]),
};
const PRICED = { id: 'gpt-4', price: { inputPerMillion: '2.5', outputPerMillion: '10' } };
const config = (channels: DeclaredChannel[], models = [PRICED]) => ({ config: { channels, models } });
const rows = () => database.sql.query('select * from channel order by id');

describe('reconciling what is declared', () => {
  it('makes channels, models and routes, as the router sees them', async () => {
    const before = await store.catalogVersion();
    expect(await store.reconcile(config([MAIN]))).toBe(true);
    const catalog = await store.loadCatalog();
    expect(catalog.version).toBe(before + 1n);
    expect(catalog.channels).toEqual([
      {
        id: expect.stringMatching(/^\d+$/),
        name: 'main',
        provider: 'openai',
        baseUrl: 'http://127.0.0.1:9000/v1',
        credential: 'sk-upstream-1234',
        allowPrivateNetwork: true,
        priority: 5,
        weight: 2,
        models: MAIN.models,
      },
    ]);
    const plain = { onDisconnect: 'abort', createdAt: expect.any(Date) };
    expect([...catalog.models.values()]).toEqual([
      { id: 'gpt-4', ...plain },
      { id: 'small', ...plain },
    ]);
    expect(catalog.prices.selling('gpt-4', catalog.channels[0]!.id)?.price.rates.input).toBe(2_500_000_000n);
    expect(catalog.prices.selling('small', catalog.channels[0]!.id)).toBeUndefined();
  });

  it('changes nothing the second time, not even the bytes of the credential', async () => {
    await store.reconcile(config([MAIN]));
    const [version, before] = [await store.catalogVersion(), await rows()];
    expect(await store.reconcile(config([MAIN]))).toBe(false);
    expect(await store.catalogVersion()).toBe(version);
    expect(await rows()).toEqual(before);
  });

  it('stores the credential encrypted, and four characters to know it by', async () => {
    await store.reconcile(config([MAIN]));
    const [row] = await database.sql.query<{ credential: Buffer; credential_last4: string; managed_by: string }>(
      'select credential, credential_last4, managed_by from channel',
    );
    expect(row!.credential.includes('sk-upstream')).toBe(false);
    expect(row).toMatchObject({ credential_last4: '1234', managed_by: 'config' });
  });

  it.each<[string, Partial<DeclaredChannel>]>([
    ['credential', { apiKey: 'sk-another-5678' }],
    ['missing credential', { apiKey: undefined }],
    ['base URL', { baseUrl: undefined }],
    ['priority', { priority: 0 }],
    ['weight', { weight: 0 }],
    ['network permission', { allowPrivateNetwork: false }],
    ['upstream name', { models: new Map([['gpt-4', 'gpt-5']]) }],
  ])('takes over a changed %s, under the same id', async (_, change) => {
    await store.reconcile(config([MAIN]));
    const [before] = (await store.loadCatalog()).channels;
    expect(await store.reconcile(config([{ ...MAIN, ...change }]))).toBe(true);
    const [after] = (await store.loadCatalog()).channels;
    const { apiKey: credential, ...expected } = { ...MAIN, ...change };
    expect(after).toEqual({ ...expected, credential, id: before!.id });
  });

  it('switches off what is not declared any more, and on again what comes back', async () => {
    await store.reconcile(config([MAIN]));
    const [before] = (await store.loadCatalog()).channels;
    expect(await store.reconcile({})).toBe(true);
    expect(await store.loadCatalog()).toMatchObject({ channels: [], models: new Map() });
    expect(await store.reconcile({})).toBe(false);
    expect(await store.reconcile(config([MAIN]))).toBe(true);
    expect((await store.loadCatalog()).channels).toEqual([before]);
  });

  it('refuses a channel name an operator uses, by name, and changes nothing', async () => {
    await database.sql.query(`insert into channel (name, provider) values ('main', 'groq')`);
    const version = await store.catalogVersion();
    await expect(store.reconcile(config([MAIN]))).rejects.toThrow('channel "main"');
    expect(await store.catalogVersion()).toBe(version);
    expect(await database.sql.query('select id from model')).toEqual([]);
  });

  it('refuses to rule a model an operator made, by name', async () => {
    await database.sql.query(`insert into model (id) values ('gpt-4')`);
    await expect(store.reconcile(config([MAIN]))).rejects.toThrow('model "gpt-4"');
  });

  it("leaves an operator's own channel alone, and the models it serves", async () => {
    await store.reconcile(config([MAIN]));
    await database.sql.query(`insert into channel (name, provider) values ('own', 'groq')`);
    await database.sql.query(
      `insert into route (channel_id, model_id, upstream_model) select id, 'gpt-4', 'theirs' from channel where name = 'own'`,
    );
    await store.reconcile({});
    const catalog = await store.loadCatalog();
    expect(catalog.channels.map((channel) => channel.name)).toEqual(['own']);
    expect([...catalog.models.keys()]).toEqual(['gpt-4']);
  });

  it('is done once when several instances start together', async () => {
    const version = await store.catalogVersion();
    const results = await Promise.all([1, 2, 3].map(() => store.reconcile(config([MAIN]))));
    expect(results.filter((isChanged) => isChanged)).toHaveLength(1);
    expect(await store.catalogVersion()).toBe(version + 1n);
  });
});

describe('videos in a declaration', () => {
  const SIGNED: DeclaredChannel = { ...MAIN, tasksMax: 3, callbackSecret: 'whsec_upstream' };
  const FILM = { ...PRICED, video: { durations: [5, 10], aspectRatios: ['16:9'], audio: 'never' as const } };
  const declared = (channel: DeclaredChannel, video: typeof FILM | typeof PRICED = FILM) => config([channel], [video]);

  it('are as the router sees them, and the secret is stored encrypted', async () => {
    expect(await store.reconcile(declared(SIGNED))).toBe(true);
    const { channels, models } = await store.loadCatalog();
    expect(channels).toMatchObject([{ tasksMax: 3, callbackSecret: 'whsec_upstream' }]);
    expect(models.get('gpt-4')?.video).toEqual(FILM.video);
    const [row] = await database.sql.query<{ callback_secret: Buffer }>('select callback_secret from channel');
    expect(row?.callback_secret.toString('latin1')).not.toContain('whsec_upstream');
    expect(await store.findChannel(channels[0]!.id)).toMatchObject({ callbackSecret: 'whsec_upstream' });
  });

  it('change nothing the second time, whatever the order of their keys', async () => {
    await store.reconcile(declared(SIGNED));
    const before = await rows();
    const { video } = FILM;
    const turned = {
      ...FILM,
      video: { audio: video.audio, aspectRatios: video.aspectRatios, durations: video.durations },
    };
    expect(await store.reconcile(declared(SIGNED, turned))).toBe(false);
    expect(await rows()).toEqual(before);
  });

  it('change and go with their declaration', async () => {
    await store.reconcile(declared(SIGNED));
    expect(await store.reconcile(declared({ ...SIGNED, callbackSecret: 'whsec_other' }))).toBe(true);
    expect((await store.loadCatalog()).channels).toMatchObject([{ tasksMax: 3, callbackSecret: 'whsec_other' }]);
    const longer = { ...FILM, video: { ...FILM.video, durations: [5] } };
    expect(await store.reconcile(declared({ ...SIGNED, callbackSecret: 'whsec_other' }, longer))).toBe(true);
    expect(await store.reconcile(declared(MAIN, PRICED as typeof FILM))).toBe(true);
    const { channels, models } = await store.loadCatalog();
    expect(channels[0]).toMatchObject({ tasksMax: undefined, callbackSecret: undefined });
    expect(models.get('gpt-4')?.video).toBeUndefined();
  });

  it('keep their secret when it is sealed with a new key', async () => {
    await store.reconcile(declared(SIGNED));
    const before = await store.loadCatalog();
    await keyring.rotateCredentialKey();
    expect(await store.resealCredentials()).toBe(2);
    expect(await store.resealCredentials()).toBe(0);
    expect(await store.loadCatalog()).toEqual(before);
  });

  it('cannot have the secret of another channel, nor the credential of their own in its place', async () => {
    await store.reconcile(config([SIGNED, { ...SIGNED, name: 'second', callbackSecret: 'whsec_second' }]));
    await database.sql.query(`update channel set callback_secret = credential where name = 'main'`);
    await database.sql.query(
      `update channel set callback_secret = (select callback_secret from channel where name = 'main') where name = 'second'`,
    );
    const { channels } = await store.loadCatalog();
    // Callbacks only make the hub look sooner: the channels serve without.
    expect(channels.map(({ name, callbackSecret }) => [name, callbackSecret])).toEqual([
      ['main', undefined],
      ['second', undefined],
    ]);
  });
});

describe('routing in a declaration', () => {
  const ROUTED: DeclaredChannel = {
    ...MAIN,
    moreApiKeys: ['sk-upstream-5678', 'short'],
    concurrencyMax: 40,
    places: new Map([['gpt-4', { priority: 9 }]]),
  };
  const ROUTING: ModelRouting = {
    strategy: 'fastest',
    fallbacks: [{ model: 'small', on: ['context_length'] }],
    deadlines: { firstTokenMs: 3000 },
    capabilities: { tools: false, imageSizes: ['1024x1024'] },
  };
  const declared = (channel: DeclaredChannel, routing?: ModelRouting) => ({
    config: { channels: [channel], models: [{ ...PRICED, routing }] },
  });

  it('is as the router sees it', async () => {
    expect(await store.reconcile(declared(ROUTED, ROUTING))).toBe(true);
    const { channels, models } = await store.loadCatalog();
    expect(channels).toMatchObject([
      {
        credential: 'sk-upstream-1234',
        moreCredentials: ['sk-upstream-5678', 'short'],
        concurrencyMax: 40,
        places: new Map([['gpt-4', { priority: 9 }]]),
      },
    ]);
    expect(models.get('gpt-4')?.routing).toEqual(ROUTING);
    expect(models.get('small')?.routing).toBeUndefined();
  });

  it('stores all credentials encrypted, with the end of each that is long enough', async () => {
    await store.reconcile(declared(ROUTED));
    const [row] = await database.sql.query<{ credential: Buffer; credential_last4: string }>(
      'select credential, credential_last4 from channel',
    );
    expect(row!.credential.includes('upstream')).toBe(false);
    expect(row!.credential_last4).toBe('1234, 5678, -');
  });

  it('changes nothing the second time, whatever the order of its keys', async () => {
    await store.reconcile(declared(ROUTED, ROUTING));
    const before = await database.sql.query('select * from channel, route, model');
    const turned = Object.fromEntries(Object.entries(ROUTING).reverse());
    expect(await store.reconcile(declared(ROUTED, { ...turned, rescue: undefined }))).toBe(false);
    expect(await database.sql.query('select * from channel, route, model')).toEqual(before);
  });

  it.each<[string, Partial<DeclaredChannel>, ModelRouting]>([
    ['credential', { moreApiKeys: ['sk-upstream-9999', 'short'] }, ROUTING],
    ['order of credentials', { moreApiKeys: ['short', 'sk-upstream-5678'] }, ROUTING],
    ['limit', { concurrencyMax: 41 }, ROUTING],
    ['place', { places: new Map([['gpt-4', { priority: 9, weight: 0 }]]) }, ROUTING],
    ['strategy', {}, { ...ROUTING, strategy: 'cheapest' }],
    ['capability', {}, { ...ROUTING, capabilities: {} }],
  ])('takes over a changed %s', async (_, change, routing) => {
    await store.reconcile(declared(ROUTED, ROUTING));
    const version = await store.catalogVersion();
    const { moreApiKeys, concurrencyMax, places } = { ...ROUTED, ...change };
    expect(await store.reconcile(declared({ ...ROUTED, ...change }, routing))).toBe(true);
    expect(await store.catalogVersion()).toBe(version + 1n);
    const { channels, models } = await store.loadCatalog();
    expect(channels).toMatchObject([{ moreCredentials: moreApiKeys, concurrencyMax, places }]);
    expect(models.get('gpt-4')?.routing).toEqual(routing);
  });

  it('goes with its declaration', async () => {
    await store.reconcile(declared(ROUTED, ROUTING));
    expect(await store.reconcile(declared(MAIN, {}))).toBe(true);
    const { channels, models } = await store.loadCatalog();
    expect(channels[0]).toMatchObject({ credential: MAIN.apiKey, moreCredentials: undefined, places: undefined });
    expect(channels[0]?.concurrencyMax).toBeUndefined();
    expect(models.get('gpt-4')?.routing).toBeUndefined();
  });

  it('keeps all credentials when they are sealed with a new key', async () => {
    await store.reconcile(declared(ROUTED, ROUTING));
    const before = await store.loadCatalog();
    await keyring.rotateCredentialKey();
    expect(await store.resealCredentials()).toBe(1);
    expect(await store.loadCatalog()).toEqual(before);
  });
});

describe('a credential whose key is gone', () => {
  beforeEach(async () => {
    await store.reconcile(config([MAIN]));
    await database.sql.query(`update channel set credential = set_byte(credential, 1, 255 - get_byte(credential, 1))`);
  });

  it('is written anew from its declaration', async () => {
    expect(await store.reconcile(config([MAIN]))).toBe(true);
    expect((await store.loadCatalog()).channels).toMatchObject([{ credential: MAIN.apiKey }]);
  });

  it('cannot be sealed with a new key, and says so', async () => {
    await expect(store.resealCredentials()).rejects.toThrow('The key of a credential is gone');
  });
});

describe('the catalogue', () => {
  it('leaves out a channel whose credential does not open, and keeps the others', async () => {
    await store.reconcile(config([MAIN, { ...MAIN, name: 'second' }]));
    await database.sql.query(`update channel set credential = (select credential from channel where name = 'second')`);
    expect((await store.loadCatalog()).channels.map((channel) => channel.name)).toEqual(['second']);
  });

  it('reads the same after the credentials were sealed with a new key', async () => {
    await store.reconcile(config([MAIN]));
    const before = await store.loadCatalog();
    await keyring.rotateCredentialKey();
    expect(await store.resealCredentials()).toBe(1);
    expect(await store.resealCredentials()).toBe(0);
    expect(await store.loadCatalog()).toEqual(before);
  });
});
