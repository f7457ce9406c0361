import { randomBytes } from 'node:crypto';
import { jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { ChannelStore } from '../../src/channels/channel-store.js';
import type { Database } from '../../src/database/database.js';
import { CredentialCipher } from '../../src/secrets/credential-cipher.js';
import { Keyring } from '../../src/secrets/keyring.js';
import { MasterKeyError } from '../../src/secrets/master-key-error.js';
import { SealError } from '../../src/secrets/seal.js';
import { WebhookSecrets } from '../../src/webhooks/webhook-secrets.js';
import { openMemoryDatabase } from '../support/database.js';
import { insertAccount } from '../support/usage-events.js';

const MASTER_KEY = randomBytes(32);
const CHANNEL = {
  provider: 'openai-compatible',
  baseUrl: 'http://127.0.0.1:9/v1',
  allowPrivateNetwork: true,
  priority: 0,
  weight: 1,
  models: new Map([['gpt-4', 'gpt-4']]),
};
const CHANNELS = [
  { ...CHANNEL, name: 'first', apiKey: 'sk-of-the-first' },
  { ...CHANNEL, name: 'second', apiKey: 'sk-of-the-second' },
  { ...CHANNEL, name: 'third', apiKey: 'sk-of-the-third' },
];
const PRICED = { id: 'gpt-4', price: { inputPerMillion: '1', outputPerMillion: '2' } };

let database: Database;
let cipher: CredentialCipher;
let channels: ChannelStore;
let secrets: WebhookSecrets;

beforeAll(async () => {
  database = await openMemoryDatabase();
  cipher = new CredentialCipher(await Keyring.open(database.sql, MASTER_KEY));
  channels = new ChannelStore(database.sql, cipher);
  secrets = new WebhookSecrets(database.sql, cipher);
});
afterAll(() => database.close());

/** Bytes in which a bit is turned: version, key id, nonce, tag, ciphertext, each at its ends where the layout has them. */
const PLACES = [0, 1, 16, 17, 28, 29, 44, 45, -1];

async function turnBit(table: string, column: string, where: string, place: number): Promise<void> {
  const at = place < 0 ? `length(${column}) - 1` : String(place);
  await database.sql.query(
    `update ${table} set ${column} = set_byte(${column}, ${at}, get_byte(${column}, ${at}) # 1) where ${where}`,
  );
}

// T155
describe('the credentials of channels, for who can write to the database', () => {
  let complaints: string[];

  beforeEach(async () => {
    complaints = [];
    jest.spyOn(Logger.prototype, 'error').mockImplementation((text: unknown) => void complaints.push(String(text)));
    for (const table of ['route', 'channel', 'model']) await database.sql.query(`delete from ${table}`);
    await channels.reconcile({ config: { channels: CHANNELS, models: [PRICED] } });
  });
  afterEach(() => jest.restoreAllMocks());

  const usable = async () =>
    new Map((await channels.loadCatalog()).channels.map(({ name, credential }) => [name, credential]));

  it('open as they are', async () => {
    expect(await usable()).toEqual(new Map(CHANNELS.map(({ name, apiKey }) => [name, apiKey])));
    expect(complaints).toEqual([]);
  });

  it('do not open when two are exchanged, and the third serves on', async () => {
    await database.sql.query(
      `update channel set credential = other.credential from channel other
        where (channel.name, other.name) in (('first', 'second'), ('second', 'first'))`,
    );
    expect([...(await usable()).keys()]).toEqual(['third']);
    expect(complaints).toHaveLength(2);
  });

  it.each(PLACES)('do not open when a bit at %i is turned, which is said without the credential', async (place) => {
    await turnBit('channel', 'credential', `name = 'second'`, place);
    expect([...(await usable()).keys()]).toEqual(['first', 'third']);
    expect(complaints).toEqual([expect.stringContaining('The credential of channel "second" does not open')]);
    expect(complaints.join()).not.toContain('sk-of');
  });

  it('are in no column of the database as they are', async () => {
    const rows = await database.sql.query('select * from channel');
    const dump = JSON.stringify(rows) + rows.map((row) => Object.values(row).map(String).join()).join();
    for (const { apiKey } of CHANNELS) expect(dump).not.toContain(apiKey);
  });
});

describe('the webhook secrets of accounts, for who can write to the database', () => {
  it('do not open for another account', async () => {
    const [mine, yours] = [await insertAccount(database.sql), await insertAccount(database.sql)];
    const { secret } = await secrets.of(mine);
    await secrets.of(yours);
    await database.sql.query(
      `update webhook_secret set secret = (select secret from webhook_secret where account_id = $1) where account_id = $2`,
      [mine, yours],
    );
    await expect(secrets.of(yours)).rejects.toThrow(SealError);
    expect((await secrets.of(mine)).secret).toBe(secret);
  });

  it('do not open in the place of the one before', async () => {
    const account = await insertAccount(database.sql);
    await secrets.of(account);
    await secrets.rotate(account);
    await database.sql.query(`update webhook_secret set secret = previous_secret where account_id = $1`, [account]);
    await expect(secrets.of(account)).rejects.toThrow(SealError);
  });

  it.each(PLACES)('do not open when a bit at %i is turned', async (place) => {
    const account = await insertAccount(database.sql);
    await secrets.of(account);
    await turnBit('webhook_secret', 'secret', `account_id = ${account}`, place);
    await expect(secrets.of(account)).rejects.toThrow(SealError);
  });
});

describe('the keys themselves, for who can write to the database', () => {
  it.each([0, 11, 12, 27, 28, -1])('do not open when a bit at %i is turned', async (place) => {
    await turnBit('secret_key', 'wrapped', `purpose = 'credential'`, place);
    await expect(Keyring.open(database.sql, MASTER_KEY)).rejects.toThrow(MasterKeyError);
    await turnBit('secret_key', 'wrapped', `purpose = 'credential'`, place);
    await Keyring.open(database.sql, MASTER_KEY);
  });
});
