import { SettingsError } from '../config/setting-reader.js';
import { environmentDeclaration } from './environment-declaration.js';

const PROVIDERS = [
  {
    id: 'openai',
    baseUrl: 'https://api.openai.example/v1',
    environment: { apiKey: ['OPENAI_API_KEY'], baseUrl: ['OPENAI_BASE_URL'] },
    defaultModels: ['gpt-4o', 'gpt-4o-mini'],
  },
  {
    id: 'zhipu',
    baseUrl: 'https://zhipu.example',
    environment: { apiKey: ['ZHIPU_API_KEY', 'ZAI_API_KEY'] },
    defaultModels: ['glm'],
  },
  { id: 'ollama', baseUrl: 'http://127.0.0.1:1/v1', environment: { apiKey: ['OLLAMA_API_KEY'] }, defaultModels: [] },
  { id: 'vllm', defaultModels: [] },
  {
    id: 'kling',
    environment: { apiKey: ['KLING_API_KEY'], apiKeyPair: ['KLING_ACCESS_KEY', 'KLING_SECRET_KEY'] as const },
    defaultModels: ['kling-v2-6'],
    checkCredential: (credential: string) => (credential.endsWith(':') ? 'must be ID:SECRET' : undefined),
  },
  {
    id: 'regional',
    baseUrl: 'https://regional.example/regions/1',
    environment: { apiKey: ['REGIONAL_API_KEY'], baseUrl: ['REGIONAL_BASE_URL'] },
    defaultModels: ['regional-1'],
    checkBaseUrl: (url: string) => (url.includes('/regions/') ? undefined : 'must name a region'),
    checkCredential: (credential: string) => (credential.includes(':') ? undefined : 'must be ID:SECRET'),
  },
  {
    id: 'two-words',
    baseUrl: 'https://words.example',
    environment: { apiKey: ['TWO_WORDS_API_KEY'] },
    defaultModels: ['words-1'],
    video: { callback: {} },
  },
];
const GPT_4O = { inputPerMillion: '2.5', cachedInputPerMillion: '1.25', outputPerMillion: '10' };
const declare = (env: Record<string, string>, configured: string[] = []) =>
  environmentDeclaration(env, PROVIDERS, new Set(configured));

describe('environmentDeclaration', () => {
  it('makes nothing of an empty environment', () => {
    expect(declare({ OPENAI_API_KEY: '' }).declaration.channels).toEqual([]);
  });

  it('takes what signs the callbacks of a provider, where it has any', () => {
    const secrets = { TWO_WORDS_CALLBACK_SECRET: 'whsec_1', OPENAI_CALLBACK_SECRET: 'whsec_2' };
    const { channels } = declare({ TWO_WORDS_API_KEY: 'k', OPENAI_API_KEY: 'k', ...secrets }).declaration;
    expect(channels.map(({ name, callbackSecret }) => [name, callbackSecret])).toEqual([
      ['openai', undefined],
      ['two-words', 'whsec_1'],
    ]);
    expect(declare({ TWO_WORDS_API_KEY: 'k' }).declaration.channels[0]?.callbackSecret).toBeUndefined();
  });

  it('makes a channel with the usual models of each key', () => {
    const { channels } = declare({ OPENAI_API_KEY: 'sk-1', ZAI_API_KEY: 'z' }).declaration;
    expect(channels.map((channel) => channel.name)).toEqual(['openai', 'zhipu']);
    expect(channels[0]).toEqual({
      name: 'openai',
      provider: 'openai',
      baseUrl: undefined,
      apiKey: 'sk-1',
      allowPrivateNetwork: false,
      priority: 0,
      weight: 1,
      models: new Map([
        ['gpt-4o', 'gpt-4o'],
        ['gpt-4o-mini', 'gpt-4o-mini'],
      ]),
      costs: new Map([
        ['gpt-4o', GPT_4O],
        ['gpt-4o-mini', expect.anything()],
      ]),
    });
  });

  it('prices the models that the catalogue knows', () => {
    const { suggestedPrices } = declare({ OPENAI_API_KEY: 'sk-1', ZAI_API_KEY: 'z' }).declaration;
    expect([...(suggestedPrices ?? [])]).toEqual([
      ['gpt-4o', GPT_4O],
      ['gpt-4o-mini', expect.anything()],
    ]);
  });

  it('does not claim to know what another address than the usual one asks', () => {
    const { channels, suggestedPrices } = declare({
      OPENAI_API_KEY: 'k',
      OPENAI_BASE_URL: 'https://p.example',
    }).declaration;
    expect(channels[0]?.costs).toBeUndefined();
    expect(suggestedPrices?.get('gpt-4o')).toEqual(GPT_4O);
  });

  it.each([
    ['https://proxy.example/v1/', 'https://proxy.example/v1', false],
    ['http://127.0.0.1:9000/v1', 'http://127.0.0.1:9000/v1', true],
    ['http://[::1]:9000/v1', 'http://[::1]:9000/v1', true],
    ['http://localhost:9000', 'http://localhost:9000', true],
    ['http://intern:9000', 'http://intern:9000', false],
  ])('takes OPENAI_BASE_URL=%s', (url, baseUrl, allowPrivateNetwork) => {
    const [channel] = declare({ OPENAI_API_KEY: 'k', OPENAI_BASE_URL: url }).declaration.channels;
    expect(channel).toMatchObject({ baseUrl, allowPrivateNetwork });
  });

  it('joins a pair of keys with a colon', () => {
    const { channels } = declare({ KLING_ACCESS_KEY: 'ak', KLING_SECRET_KEY: 'sk' }).declaration;
    expect(channels).toMatchObject([{ name: 'kling', apiKey: 'ak:sk' }]);
  });

  it('prefers a single key to a pair', () => {
    const env = { KLING_API_KEY: 'key', KLING_ACCESS_KEY: 'ak', KLING_SECRET_KEY: 'sk' };
    expect(declare(env).declaration.channels).toMatchObject([{ apiKey: 'key' }]);
  });

  it.each([
    ['KLING_ACCESS_KEY', 'KLING_SECRET_KEY'],
    ['KLING_SECRET_KEY', 'KLING_ACCESS_KEY'],
  ])('makes nothing of %s alone, and says so', (set, missing) => {
    const { declaration, notes } = declare({ [set]: 'half-of-a-secret' });
    expect(declaration.channels).toEqual([]);
    expect(notes).toEqual([`${set} is set, but ${missing} is not: the two are one credential.`]);
  });

  it('refuses a base URL that is none, by name', () => {
    expect(() => declare({ OPENAI_API_KEY: 'k', OPENAI_BASE_URL: 'proxy.example' })).toThrow(SettingsError);
    expect(() => declare({ OPENAI_API_KEY: 'k', OPENAI_BASE_URL: 'proxy.example' })).toThrow('OPENAI_BASE_URL must be');
  });

  it.each([
    'https://user@proxy.example',
    'https://:secret-7f3a@proxy.example',
    'https://proxy.example/?secret-7f3a=1',
    'https://proxy.example/v1?',
    'https://proxy.example/#secret-7f3a',
  ])('refuses OPENAI_BASE_URL=%s by name and rule, without its value', (url) => {
    const start = () => declare({ OPENAI_API_KEY: 'k', OPENAI_BASE_URL: url });
    expect(start).toThrow(
      'OPENAI_BASE_URL must have no user, query or fragment; the credential goes into OPENAI_API_KEY',
    );
    expect(start).not.toThrow('secret-7f3a');
  });

  it('refuses a base URL that was copied with the path of an operation', () => {
    const url = 'https://proxy.example/v1/chat/completions';
    expect(() => declare({ OPENAI_API_KEY: 'k', OPENAI_BASE_URL: url })).toThrow(
      'OPENAI_BASE_URL must end before the path of an operation',
    );
  });

  it('says of every variable at once what its vendor, and every header, takes no credential or address for', () => {
    const start = () =>
      declare({
        OPENAI_API_KEY: 'secret-7f3a\u200b',
        OPENAI_BASE_URL: 'https://p.example/v1/chat/completions/',
        REGIONAL_API_KEY: 'secret-7f3a',
        REGIONAL_BASE_URL: 'https://regional.example',
        KLING_ACCESS_KEY: 'ak',
        KLING_SECRET_KEY: ':',
      });
    const rules = [
      /OPENAI_BASE_URL must end before the path of an operation such as \/chat\/completions/,
      /OPENAI_API_KEY must be 1 to \d+ printable ASCII characters/,
      /KLING_ACCESS_KEY and KLING_SECRET_KEY must be ID:SECRET/,
      /REGIONAL_BASE_URL must name a region/,
      /REGIONAL_API_KEY must be ID:SECRET/,
    ];
    for (const rule of rules) expect(start).toThrow(rule);
    expect(start).not.toThrow('secret-7f3a');
    const right = { REGIONAL_API_KEY: 'id:secret', REGIONAL_BASE_URL: 'https://r.example/regions/2' };
    expect(declare(right).declaration.channels).toMatchObject([{ name: 'regional', apiKey: 'id:secret' }]);
    expect(declare({ REGIONAL_API_KEY: 'bad' }, ['regional']).declaration.channels).toEqual([]);
  });

  it('leaves a key to the channels that HUB_CONFIG declares of that provider', () => {
    expect(declare({ OPENAI_API_KEY: 'k' }, ['openai']).declaration.channels).toEqual([]);
  });

  it('says so when a key alone is not enough', () => {
    const { declaration, notes } = declare({ OLLAMA_API_KEY: 'k' });
    expect(declaration.channels).toEqual([]);
    expect(notes).toEqual([expect.stringContaining('OLLAMA_API_KEY is set, but ollama has no usual models')]);
  });
});
