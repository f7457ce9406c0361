import { checkNewChannel } from '../../src/admin/catalogue/channels/channel-settings.js';
import { VENDORS } from '../../src/providers/vendors.js';
import { openMemoryDatabase } from '../support/database.js';
import { cloudsOfNewApi, cloudsOfOneApi, keyFile } from '../support/foreign-channels.js';
import { NEW_API_SQLITE, ONE_API_SQLITE } from '../support/foreign-databases.js';
import { everything, type ImportBench, makeImportBench, sqliteMaker } from '../support/import-bench.js';

const sqlite = sqliteMaker();
const oneLine = (text: string) => JSON.stringify(JSON.parse(text));
const vertexAt = (region: string, project: string) =>
  `https://${region === 'global' ? '' : `${region}-`}aiplatform.googleapis.com/v1/projects/${project}/locations/${region}`;

let bench: ImportBench;

/** Name, provider, base URL, whether it is on, priority and weight of all channels, in their order. */
const stored = async () =>
  (
    await bench.query<Record<string, unknown>>(
      'select name, provider, base_url, enabled, priority, weight from channel order by id',
    )
  ).map(Object.values);

/** What the channels that are on ask upstream, and with which credentials. */
async function inUse() {
  const { channels } = await bench.channels.loadCatalog();
  return channels.map(({ name, credential, moreCredentials = [], models }) => ({
    name,
    credentials: [credential, ...moreCredentials],
    models: Object.fromEntries(models),
  }));
}

describe('channels at vendors of their own', () => {
  beforeEach(async () => {
    bench = await makeImportBench(await openMemoryDatabase());
  });
  afterEach(() => bench.database.close());

  it('come from new-api with their credentials, regions, versions, names and states', async () => {
    const from = sqlite(NEW_API_SQLITE, cloudsOfNewApi());
    const { exitCode, stdout = '' } = await bench.run('import:new-api', '--from', from, '--apply');
    expect(exitCode).toBe(0);
    const azure = ['azure-openai', 'https://res.openai.azure.com'];
    expect(await stored()).toEqual([
      ['azure #1', ...azure, true, 7, 20],
      ['azure #2', ...azure, false, 7, 20],
      ['aws #1', 'bedrock', 'https://bedrock-runtime.us-east-1.amazonaws.com', true, 0, 1],
      ['aws #2', 'bedrock', 'https://bedrock-runtime.eu-west-1.amazonaws.com', true, 0, 1],
      ['vertex global', 'vertex', vertexAt('global', 'proj-one'), true, 0, 1],
      ['vertex us-east5', 'vertex', vertexAt('us-east5', 'proj-one'), true, 0, 1],
      ['gemini', 'gemini', null, true, 0, 1],
      ['cohere', 'cohere', null, true, 0, 1],
      ['kling', 'kling', null, true, 0, 1],
      ['jimeng', 'jimeng', null, true, 0, 1],
      ['vidu', 'vidu', 'https://api.vidu.cn', true, 0, 1],
      ['jina', 'jina', null, false, 0, 1],
      ['workers', 'openai-compatible', 'https://api.cloudflare.com/client/v4/accounts/account1/ai/v1', true, 0, 1],
    ]);
    const account = [oneLine(keyFile('proj-one'))];
    expect((await inUse()).slice(0, 5)).toEqual([
      {
        name: 'azure #1',
        credentials: ['azure-credential-1', 'azure-credential-3'],
        models: { 'gpt-4.1': 'gpt-4.1?api-version=2024-12-01-preview', o3: 'my-o3?api-version=2024-12-01-preview' },
      },
      {
        name: 'aws #1',
        credentials: ['AKIAEXAMPLE1:aws-secret-1'],
        models: {
          'claude-old': 'us.anthropic.claude-3-haiku-20240307-v1:0',
          'claude-sonnet-4-5-20250929': 'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
        },
      },
      {
        name: 'aws #2',
        credentials: ['AKIAEXAMPLE2:aws-secret-2'],
        models: {
          'claude-old': 'eu.anthropic.claude-3-haiku-20240307-v1:0',
          'claude-sonnet-4-5-20250929': 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0',
        },
      },
      { name: 'vertex global', credentials: account, models: { 'gemini-2.5-pro': 'gemini-2.5-pro' } },
      {
        name: 'vertex us-east5',
        credentials: account,
        models: { 'claude-opus-4-1-20250805': 'claude-opus-4-1@20250805' },
      },
    ]);
    const prices = await bench.query<{ model_id: string; price: object }>('select model_id, price from price_version');
    expect(Object.fromEntries(prices.map(({ model_id, price }) => [model_id, price]))).toMatchObject({
      'claude-sonnet-4-5-20250929': {
        ...{ inputPerMillion: '3', outputPerMillion: '15' },
        ...{ cachedInputPerMillion: '0.3', cacheWritePerMillion: '3.75' },
      },
      jimeng_t2i_v40: { perImage: '0.03' },
      viduq2: { perRequest: '0.2' },
    });
    for (const line of [
      '3 channels that the hub cannot serve',
      'channel 1 "azure" has settings (azure_responses_version), which was not taken',
      'channel 1 "azure" became 2 channels, by the places and states of its keys',
      'channel 2 "aws" has a key (number 3) that is neither AccessKey|SecretKey|Region nor APIKey|Region; it was left out',
      'channel 4 "gemini" has the model "gemini-2.5-flash-nothinking", whose ending is an option there',
      'channel 11 "songs" is of kind 36 (Suno), which the hub cannot serve: an interface for music; it was left out',
      'channel 12 "nowhere" has no key that is the key file of a service account, or an API key; it was left out',
      'channel 13 "future" is of kind 999, which the hub cannot serve; it was left out',
      'model "viduq2" costs this a video; some versions of new-api multiply it by the seconds or the size',
      '- channel 1 "azure": "azure #1", azure-openai at https://res.openai.azure.com, 2 credentials, 2 models, priority 7, ' +
        'weight 20; "azure #2", azure-openai at https://res.openai.azure.com, disabled, 1 credential, 2 models, priority 7, weight 20',
      '- channel 9 "jina": "jina", jina, disabled, 1 credential, 1 model, priority 0, weight 1',
      '- channel 12 "nowhere": left out',
    ])
      expect(stdout).toContain(line);
    const secrets = ['azure-credential', 'aws-secret', 'PRIVATE KEY', 'AIza-gemini', 'kling-secret', 'suno-credential'];
    const rows = await everything(bench);
    for (const secret of secrets) for (const text of [stdout, rows]) expect(text).not.toContain(secret);
  });

  it('are the same the second time', async () => {
    const from = sqlite(NEW_API_SQLITE, cloudsOfNewApi());
    await bench.run('import:new-api', '--from', from, '--apply');
    const before = await everything(bench);
    const { stdout } = await bench.run('import:new-api', '--from', from, '--apply');
    expect(stdout).toMatch(/^channels +13 +0 +13$/m);
    expect(await everything(bench)).toBe(before);
  });

  it('come from one-api, which keeps the parts in its settings', async () => {
    const from = sqlite(ONE_API_SQLITE, cloudsOfOneApi());
    const { stdout } = await bench.run('import:one-api', '--from', from, '--apply');
    expect(await stored()).toEqual([
      ['azure', 'azure-openai', 'https://old.openai.azure.com', true, 0, 1],
      ['aws', 'bedrock', 'https://bedrock-runtime.us-west-2.amazonaws.com', true, 0, 1],
      ['vertex', 'vertex', vertexAt('us-east5', 'proj-two'), true, 0, 1],
      ['gemini', 'gemini', null, true, 0, 1],
    ]);
    expect((await inUse()).slice(0, 3)).toEqual([
      {
        name: 'azure',
        credentials: ['azure-credential-1'],
        models: { 'gpt-3.5-turbo': 'gpt-35-turbo?api-version=2024-03-01-preview' },
      },
      {
        name: 'aws',
        credentials: ['AKIAEXAMPLE3:aws-secret-3'],
        models: { 'claude-3-haiku-20240307': 'anthropic.claude-3-haiku-20240307-v1:0' },
      },
      {
        name: 'vertex',
        credentials: [oneLine(keyFile('proj-two'))],
        models: { 'claude-3-5-sonnet-v2@20241022': 'claude-3-5-sonnet-v2@20241022' },
      },
    ]);
    expect(stdout).toContain(
      'channel 5 "deepl" is of kind 38 (DeepL), which the hub cannot serve: a service that translates',
    );
  });

  it('are what the admin API would take as well', async () => {
    await bench.run('import:new-api', '--from', sqlite(NEW_API_SQLITE, cloudsOfNewApi()), '--apply');
    const { channels } = await bench.channels.loadCatalog();
    expect(channels.length).toBeGreaterThan(8);
    for (const { provider, baseUrl, credential, moreCredentials = [], priority, weight } of channels) {
      const input = {
        ...{
          name: 'as-new',
          provider,
          baseUrl,
          priority,
          weight,
          allowPrivateNetwork: false,
          tasksMax: null,
          isEnabled: true,
        },
        credentials: [...(credential === undefined ? [] : [credential]), ...moreCredentials],
      };
      const declared = VENDORS.find(({ id }) => id === provider)!;
      expect(() => checkNewChannel(input, declared)).not.toThrow();
    }
  });
});
