import { checkPrice } from '../pricing/check-price.js';
import { HubConfigError, type KnownProvider } from './hub-config.js';
import { parseHubConfig } from './parse-hub-config.js';

const PROVIDERS: KnownProvider[] = [
  { id: 'openai', baseUrl: 'https://api.openai.example/v1' },
  { id: 'openai-compatible' },
  {
    id: 'regional',
    checkBaseUrl: (url) => (url.includes('/regions/') ? undefined : 'must name a region'),
    checkCredential: (credential) => (credential.includes(':') ? undefined : 'must be ID:SECRET'),
  },
];

function problemsOf(text: string): readonly string[] {
  try {
    parseHubConfig(text, { fileName: 'hub.yaml', env: {}, providers: PROVIDERS, checkPrice });
    return [];
  } catch (error) {
    if (error instanceof HubConfigError) return error.problems;
    throw error;
  }
}

describe('a file that the schema refuses something of', () => {
  it('has mistakes of the schema and of vendors, prices and models named in one go', () => {
    const text = `
channels:
  - id: main
    provider: regional
    baseUrl: https://r.test
    apiKey: alone
    priority: high
    models: { a: }
    prices: { b: { perRequest: "1" } }
  - id: main
    provider: openia
    baseUrl: ftp://r.test
    models: { a: }
  - id: half
    provider: openai-compatible
    weight: 2000000
  - id: other-words
    provider: regional
    base_url: https://r.test/regions/1
    credential: id:secret
    models: { a: }
  - 7
models:
  - id: a
    fallbacks: [a]
  - id: a
    colour: red
groups:
  - id: vip
    multiplier: "2"
  - id: vip
    multiplier: "3"
extra: 1
`;
    expect(problemsOf(text)).toEqual([
      'hub.yaml:5: channels[0].baseUrl must name a region',
      'hub.yaml:6: channels[0].apiKey must be ID:SECRET',
      'hub.yaml:7: channels[0].priority must be an integer',
      'hub.yaml:9: channels[0].prices names `b`, which is no model of this channel; did you mean `a`?',
      'hub.yaml:10: channels[1].id `main` is used twice',
      'hub.yaml:11: unknown provider `openia` in channels[1]; did you mean `openai`?',
      'hub.yaml:12: channels[1].baseUrl must start with http:// or https://',
      'hub.yaml:14: channels[2] needs `models`',
      'hub.yaml:14: channels[2] needs `baseUrl`: openai-compatible has no address of its own',
      'hub.yaml:14: channels[2] needs `apiKey`: openai-compatible answers nobody without one',
      'hub.yaml:16: channels[2].weight must be <= 1000000',
      // Not that this channel lacks both: they are there, in other words.
      'hub.yaml:19: unknown key `base_url` in channels[3]; did you mean `baseUrl`?',
      'hub.yaml:20: unknown key `credential` in channels[3]; it is called `apiKey` here',
      'hub.yaml:22: channels[4] must be a mapping',
      'hub.yaml:25: models[0].fallbacks[0] is the model itself: `a` cannot stand in for it',
      expect.stringContaining('hub.yaml:27: unknown key `colour` in models[1]; known are '),
      'hub.yaml:31: groups[1].id `vip` is used twice',
      'hub.yaml:33: unknown key `extra` in the file; known are channels, models, groups',
    ]);
  });
});
