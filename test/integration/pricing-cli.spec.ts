import { randomBytes } from 'node:crypto';
import { ChannelStore } from '../../src/channels/channel-store.js';
import type { CommandContext } from '../../src/cli/command.js';
import { DATABASE_COMMANDS, runDatabaseCommand } from '../../src/cli/database-commands.js';
import { parseSettings } from '../../src/config/parse-settings.js';
import type { Database } from '../../src/database/database.js';
import { TOPIC_CATALOG } from '../../src/redis/topics.js';
import { CredentialCipher } from '../../src/secrets/credential-cipher.js';
import { Keyring } from '../../src/secrets/keyring.js';
import { openMemoryDatabase } from '../support/database.js';

let database: Database;
let context: CommandContext;
const published: string[] = [];

beforeAll(async () => {
  database = await openMemoryDatabase();
  const keyring = await Keyring.open(database.sql, randomBytes(32));
  context = {
    sql: database.sql,
    keyring,
    channels: new ChannelStore(database.sql, new CredentialCipher(keyring)),
    settings: parseSettings({ DATA_DIR: 'memory://' }),
    publish: async (topic) => void published.push(topic),
  };
  const names = ['gpt-4o', 'own', 'bare', 'openai/gpt-oss-120b'];
  const main = {
    name: 'main',
    provider: 'groq',
    apiKey: 'k',
    allowPrivateNetwork: false,
    priority: 0,
    weight: 1,
    models: new Map(names.map((name) => [name, name])),
  };
  await context.channels.reconcile({ config: { channels: [main], models: [] } });
});
afterAll(() => database.close());
beforeEach(() => {
  published.length = 0;
});

function hub(...[name, ...args]: string[]) {
  const command = DATABASE_COMMANDS.find((candidate) => candidate.name === name)!;
  return runDatabaseCommand(command, context, { args });
}

async function pricesOf(model: string) {
  const { prices, channels } = await context.channels.loadCatalog();
  const [{ id }] = channels as [(typeof channels)[number]];
  return { selling: prices.selling(model, id)?.price, purchase: prices.purchase(model, id)?.price };
}

describe('price:set', () => {
  it('sets a price, and tells every instance', async () => {
    expect(await hub('price:set', 'own', '--input', '2.5', '--output', '10', '--cached', '0.25')).toEqual({
      exitCode: 0,
      stderr: 'The selling price of "own" is now 2.5 in, 0.25 cached, 10 out per 1M tokens.\n',
    });
    expect((await pricesOf('own')).selling?.rates).toMatchObject({ input: 2_500_000_000n, cachedInput: 250_000_000n });
    expect(published).toEqual([TOPIC_CATALOG]);
  });

  it('sets what sound, speech and searches cost', async () => {
    const { stderr } = await hub(
      'price:set',
      'own',
      '--audio-second',
      '0.0001',
      '--characters',
      '15',
      '--search',
      '0.002',
    );
    expect(stderr).toBe(
      'The selling price of "own" is now 0.0001 per second of sound; 15 per 1M characters; 0.002 per search.\n',
    );
    expect((await pricesOf('own')).selling).toMatchObject({
      perAudioSecond: 100_000n,
      perMillionCharacters: 15_000_000_000n,
      perSearch: 2_000_000n,
    });
  });

  it('says so when nothing changes, and tells nobody', async () => {
    await hub('price:set', 'own', '--request', '1');
    published.length = 0;
    const { stderr } = await hub('price:set', 'own', '--request', '1');
    expect(stderr).toBe('The selling price of "own" stays as it was.\n');
    expect(published).toEqual([]);
  });

  it('sets what the vendor asks, on a channel', async () => {
    await hub('price:set', 'own', '--image', '0.01', '--channel', 'main', '--cost');
    expect((await pricesOf('own')).purchase?.images).toEqual([{ price: 10_000_000n }]);
  });

  it('takes a whole price as JSON, and those of the catalogue', async () => {
    await hub('price:set', 'own', '--json', '{"perVideoSecond":[{"audio":true,"price":"2"},{"price":"1"}]}');
    expect((await pricesOf('own')).selling?.videos).toHaveLength(2);
    await hub('price:set', 'gpt-4o', '--suggested');
    expect((await pricesOf('gpt-4o')).selling?.rates.output).toBe(10_000_000_000n);
    expect(await hub('price:set', 'openai/gpt-oss-120b', '--suggested')).toMatchObject({ exitCode: 1 });
    expect(await hub('price:set', 'openai/gpt-oss-120b', '--suggested', '--channel', 'main')).toMatchObject({
      exitCode: 0,
    });
  });

  it('withdraws a price', async () => {
    await hub('price:set', 'gpt-4o', '--input', '1');
    const { stderr } = await hub('price:set', 'gpt-4o', '--withdraw');
    expect(stderr).toBe('The selling price of "gpt-4o" is withdrawn.\n');
    expect((await pricesOf('gpt-4o')).selling).toBeUndefined();
  });

  it('says whose price applies when it is not the one that was set', async () => {
    await database.sql.query(
      `insert into price_version (model_id, side, price, source) values ('gpt-4o', 'selling', '{"perRequest":"7"}', 'config')`,
    );
    const { stderr } = await hub('price:set', 'gpt-4o', '--input', '3');
    expect(stderr).toContain('What applies is that of the config: 7 per request.');
  });

  it.each([
    [[], 2, 'MODEL is needed'],
    [['own'], 2, 'give either rates'],
    [['own', '--input', '1', '--withdraw'], 2, 'give either rates'],
    [['own', '--input', '1,5'], 2, 'price.inputPerMillion must be'],
    [['own', '--json', '{'], 2, '--json must be JSON'],
    [['own', '--json', '[]'], 2, 'price must be a mapping'],
    [['own', '--suggested'], 1, 'knows no price of own'],
    [['gpt-4O', '--input', '1'], 1, 'There is no model gpt-4O'],
    [['own', '--input', '1', '--channel', 'x'], 1, 'There is no channel x'],
  ] as const)('%j ends with %d: %s', async (args, exitCode, text) => {
    const result = await hub('price:set', ...args);
    expect(result).toMatchObject({ exitCode, stderr: expect.stringContaining(text) });
    expect(published).toEqual([]);
  });
});

describe('price:list', () => {
  it('shows what applies, whose word it is, and which models have no price', async () => {
    await hub('price:set', 'own', '--request', '2');
    await database.sql.query(
      `insert into price_version (model_id, side, price, source) values ('own', 'selling', '{"perRequest":"1"}', 'environment')`,
    );
    const { stdout, stderr } = await hub('price:list');
    expect(stdout).toMatch(/^own +\* +selling +operator +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +2 per request$/m);
    expect(stdout).toMatch(/^own +main +purchase +operator +.*0\.01 per image$/m);
    expect(stdout).not.toContain('environment');
    expect(stderr).toBe('Without a price: bare\n');
    expect((await hub('price:list', '--all')).stdout).toMatch(
      /^own +\* +selling +environment .*\(hidden\) 1 per request$/m,
    );
  });
});
